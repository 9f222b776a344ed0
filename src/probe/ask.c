/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/ask.h"

#include "probe/sys.h"

#include <errno.h>

bool ask_wait(int fd, short events, uint64_t deadline_ns)
{
    for (;;) {
        uint64_t now = sys_now_ns();
        long ready = sys_poll(fd, events, now < deadline_ns ? deadline_ns - now : 0);
        if (ready > 0)
            return true;
        if (ready != -EINTR)
            return false;
    }
}

static void end(struct answer *answer, long error)
{
    answer->error = (int)-error;
    if (error == -ETIMEDOUT)
        answer->end = ASK_TIMED_OUT;
    else
        answer->end = error == -ECONNREFUSED || error == -ENOENT ? ASK_REFUSED : ASK_FAILED;
}

/* A Unix socket with a full queue says EAGAIN and gives nothing to wait for (connect(2)). */
static long connect_queued(int fd, const struct address *address, uint64_t deadline_ns)
{
    for (;;) {
        long error = sys_connect(fd, &address->any, address->len);
        uint64_t now = sys_now_ns();
        if (error != -EAGAIN && error != -EINTR)
            return error;
        if (now >= deadline_ns)
            return -ETIMEDOUT;
        uint64_t retry = now + PROBE_RETRY_MS * UINT64_C(1000000);
        ask_wait(-1, 0, retry < deadline_ns ? retry : deadline_ns);
    }
}

/* A connected socket, or a negative errno; -ETIMEDOUT at the deadline. */
static long connect_to(const struct address *address, uint64_t deadline_ns)
{
    long fd = sys_socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return fd;
    long error = connect_queued((int)fd, address, deadline_ns);
    if (error == -EINPROGRESS)
        error = ask_wait((int)fd, POLLOUT, deadline_ns) ? sys_socket_error((int)fd) : -ETIMEDOUT;
    if (error < 0)
        sys_close((int)fd);
    return error < 0 ? error : fd;
}

static void write_request(const struct target *target, struct line *request)
{
    line_add(request, TEXT("GET "));
    line_add(request, target->path.at[0] == '?' ? TEXT("/") : TEXT(""));
    line_add(request, target->path);
    line_add(request, TEXT(" HTTP/1.1\r\nHost: "));
    line_add(request, target_host(target));
    line_add(request, TEXT("\r\nUser-Agent: barehull-healthcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n"));
}

/* False at the deadline. A peer that takes no more may have answered already (a 503 of a full server): read then. */
static bool send_request(int fd, struct text rest, uint64_t deadline_ns)
{
    while (rest.len > 0) {
        long sent = sys_send(fd, rest.at, rest.len);
        if (sent > 0)
            rest = text_behind(rest, (size_t)sent);
        else if (sent == -EAGAIN && !ask_wait(fd, POLLOUT, deadline_ns))
            return false;
        else if (sent != -EAGAIN && sent != -EINTR)
            return true;
    }
    return true;
}

static bool read_answer(int fd, uint64_t deadline_ns, struct response *response)
{
    char bytes[PROBE_READ_BYTES];
    while (response->state == RESPONSE_MORE) {
        if (!ask_wait(fd, POLLIN, deadline_ns))
            return false;
        long got = sys_read(fd, bytes, sizeof bytes);
        if (got > 0)
            response_feed(response, bytes, (size_t)got);
        else if (got != -EAGAIN && got != -EINTR)
            response_close(response, got < 0);
    }
    return true;
}

void ask(const struct target *target, uint64_t deadline_ns, struct answer *ret_answer)
{
    struct line request;
    long fd = -ECONNREFUSED;
    *ret_answer = (struct answer){.stage = ASK_CONNECTING};
    response_init(&ret_answer->response);
    for (unsigned i = 0; i < target->count && fd == -ECONNREFUSED; i++) {
        long next = connect_to(&target->addresses[i], deadline_ns);
        /* A machine without IPv6 has nothing at ::1 either: what 127.0.0.1 said stands. */
        fd = i > 0 && next < 0 && next != -ETIMEDOUT ? fd : next;
    }
    if (fd < 0) {
        end(ret_answer, fd);
        return;
    }
    request.len = 0;
    request.cut = false;
    write_request(target, &request);
    ret_answer->stage = ASK_SENDING;
    bool done = send_request((int)fd, line_text(&request), deadline_ns);
    if (done) {
        ret_answer->stage = ASK_READING;
        done = read_answer((int)fd, deadline_ns, &ret_answer->response);
    }
    ret_answer->end = done ? ASK_ANSWERED : ASK_TIMED_OUT;
    sys_close((int)fd);
}
