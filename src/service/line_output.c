/* SPDX-License-Identifier: Apache-2.0 */
#include "service/line_output.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

enum { WAY_FILE, WAY_SOCKET, WAY_NOWAIT, WAY_ASK };

#define LINGER_MS 500 /* for a client that ended its sending and has yet to read */

void line_output_init(struct line_output *out, int fd, int in_fd, int stop_fd)
{
    struct stat info;
    *out = (struct line_output){.fd = fd, .in_fd = in_fd, .stop_fd = stop_fd, .way = WAY_ASK};
    if (fstat(fd, &info) == 0)
        out->way = S_ISREG(info.st_mode)    ? WAY_FILE
                   : S_ISSOCK(info.st_mode) ? WAY_SOCKET
                   : S_ISFIFO(info.st_mode) ? WAY_NOWAIT
                                            : WAY_ASK;
    pthread_mutex_init(&out->lock, NULL);
    atomic_init(&out->problem, 0);
    atomic_init(&out->closed, false);
}

void line_output_done(struct line_output *out)
{
    pthread_mutex_destroy(&out->lock);
}

/* As much of PARTS as goes without waiting; -1 and EAGAIN when nothing does. */
static ssize_t write_some(struct line_output *out, struct iovec *parts, int count)
{
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = (size_t)count};
    struct pollfd ready = {.fd = out->fd, .events = POLLOUT};
    if (out->way == WAY_FILE)
        return writev(out->fd, parts, count);
    if (out->way == WAY_SOCKET)
        return sendmsg(out->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (out->way == WAY_NOWAIT) {
        ssize_t written = pwritev2(out->fd, parts, count, -1, RWF_NOWAIT);
        if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
            return written;
        out->way = WAY_ASK;
    }
    errno = EAGAIN;
    if (poll(&ready, 1, 0) != 1)
        return -1;
    /* Where there is room, there is some for this much. */
    struct iovec first = {parts->iov_base, parts->iov_len < PIPE_BUF ? parts->iov_len : PIPE_BUF};
    bool both = count == 2 && first.iov_len == parts->iov_len && first.iov_len + parts[1].iov_len <= PIPE_BUF;
    return both ? writev(out->fd, parts, 2) : writev(out->fd, &first, 1);
}

/* False when waiting is over: stopped, or the client lingers too long behind its own end. */
static bool wait_for_room(struct line_output *out, uint64_t *deadline_ns)
{
    struct pollfd waits[] = {
        {.fd = out->fd, .events = POLLOUT},
        {.fd = out->stop_fd, .events = POLLIN},
        {.fd = *deadline_ns ? -1 : out->in_fd, .events = POLLRDHUP},
    };
    int timeout = -1;
    if (*deadline_ns) {
        uint64_t now = clock_monotonic_ns();
        if (now >= *deadline_ns)
            return false;
        timeout = (int)((*deadline_ns - now) / 1000000) + 1;
    }
    if (poll(waits, ARRAY_LEN(waits), timeout) < 0)
        return errno == EINTR;
    if (waits[2].revents & (POLLHUP | POLLRDHUP | POLLERR))
        *deadline_ns = clock_monotonic_ns() + LINGER_MS * 1000000ULL;
    return !(waits[1].revents & POLLIN);
}

static void skip(struct iovec **parts, int *count, size_t written)
{
    while (*count > 0 && written >= (*parts)->iov_len) {
        written -= (*parts)->iov_len;
        (*parts)++;
        (*count)--;
    }
    if (*count > 0) {
        (*parts)->iov_base = (char *)(*parts)->iov_base + written;
        (*parts)->iov_len -= written;
    }
}

static void send_locked(struct line_output *out, struct str line)
{
    static const char end[] = "\n";
    struct iovec room[] = {{(void *)(uintptr_t)line.ptr, line.len}, {(void *)(uintptr_t)end, 1}}, *parts = room;
    int count = ARRAY_LEN(room);
    uint64_t deadline_ns = 0;
    while (count > 0) {
        ssize_t written = write_some(out, parts, count);
        if (written >= 0) {
            skip(&parts, &count, (size_t)written);
        } else if (errno == EAGAIN) {
            if (!wait_for_room(out, &deadline_ns))
                break;
        } else if (errno != EINTR) {
            atomic_store(&out->problem, errno);
            break;
        }
    }
    if (count > 0)
        atomic_store(&out->closed, true);
}

void line_output_send(struct line_output *out, struct str line)
{
    (void)pthread_mutex_lock(&out->lock);
    if (!atomic_load(&out->closed))
        send_locked(out, line);
    (void)pthread_mutex_unlock(&out->lock);
}
