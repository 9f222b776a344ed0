/* SPDX-License-Identifier: Apache-2.0 */
#include "log/log.h"

#include "base/clock.h"
#include "log/quote.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/*
 * How a line is written without waiting and without O_NONBLOCK, which would belong to everybody who holds the same
 * pipe: sockets have a flag for it, pipes too where the kernel is new enough; else it is asked first, by one thread at
 * a time, whether there is room.
 */
enum way { WAY_FILE, WAY_SOCKET, WAY_NOWAIT, WAY_ASK };

enum {
    HEAD_BYTES = 1,  /* for a line end before a line, behind one that was torn */
    TAIL_BYTES = 48, /* for: ,"lost":18446744073709551615,"cut":true}\n */
};

static const char *const level_names[LOG_LEVELS] = {"debug", "info", "warning", "error", "off"};

const char *log_level_name(enum log_level level)
{
    return level < LOG_LEVELS ? level_names[level] : level_names[LOG_OFF];
}

void log_init(struct log *log, int fd, enum log_level level, enum log_format format)
{
    struct stat info;
    enum way way = WAY_ASK;
    if (fstat(fd, &info) == 0)
        way = S_ISREG(info.st_mode)    ? WAY_FILE
              : S_ISSOCK(info.st_mode) ? WAY_SOCKET
              : S_ISFIFO(info.st_mode) ? WAY_NOWAIT
                                       : WAY_ASK;
    *log = (struct log){.fd = fd, .level = level, .format = format, .lock = PTHREAD_MUTEX_INITIALIZER};
    atomic_init(&log->way, (int)way);
    atomic_init(&log->lost, 0);
    atomic_init(&log->torn, false);
}

static ssize_t write_when_ready(struct log *log, const char *bytes, size_t len)
{
    struct pollfd ready = {.fd = log->fd, .events = POLLOUT};
    (void)pthread_mutex_lock(&log->lock);
    ssize_t written = poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) ? write(log->fd, bytes, len) : -1;
    (void)pthread_mutex_unlock(&log->lock);
    return written;
}

static ssize_t write_nowait(struct log *log, const char *bytes, size_t len)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = len};
    ssize_t written = pwritev2(log->fd, &part, 1, -1, RWF_NOWAIT);
    if (written >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
        return written;
    atomic_store_explicit(&log->way, WAY_ASK, memory_order_relaxed);
    return write_when_ready(log, bytes, len);
}

static ssize_t write_line(struct log *log, const char *bytes, size_t len)
{
    switch ((enum way)atomic_load_explicit(&log->way, memory_order_relaxed)) {
    case WAY_FILE:
        return write(log->fd, bytes, len);
    case WAY_SOCKET:
        return send(log->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    case WAY_NOWAIT:
        return write_nowait(log, bytes, len);
    case WAY_ASK:
        break;
    }
    return write_when_ready(log, bytes, len);
}

static void add(struct log_event *event, const char *bytes, size_t len)
{
    memcpy(event->bytes + event->len, bytes, len);
    event->len += len;
}

static size_t room(const struct log_event *event)
{
    return LOG_EVENT_BYTES - TAIL_BYTES - event->len;
}

static size_t put_number(char *end, uint64_t value)
{
    size_t len = 0;
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
        len++;
    } while (value > 0);
    return len;
}

/* ,"KEY": or a blank and KEY=; the caller saw to the room. */
static void add_key(struct log_event *event, const char *key)
{
    bool json = event->log->format == LOG_JSON;
    add(event, json ? ",\"" : " ", json ? 2 : 1);
    add(event, key, strlen(key));
    add(event, json ? "\":" : "=", json ? 2 : 1);
}

/* False when the value would be the one too many. */
static bool begin_value(struct log_event *event, const char *key, size_t value_len)
{
    if (!event->log)
        return false;
    if (strlen(key) + 4 + value_len > room(event)) {
        event->cut = true;
        return false;
    }
    add_key(event, key);
    return true;
}

static void add_raw(struct log_event *event, const char *key, const char *value, size_t len)
{
    if (begin_value(event, key, len))
        add(event, value, len);
}

void log_begin(struct log_event *event, struct log *log, enum log_level level, const char *event_name)
{
    event->log = log_is_on(log, level) ? log : NULL;
    event->len = HEAD_BYTES;
    event->cut = false;
    if (!event->log)
        return;
    bool json = log->format == LOG_JSON;
    char time[CLOCK_RFC3339_MS_BYTES];
    clock_write_rfc3339_ms(time, clock_unix_ms());
    const char *parts[] = {json ? "{\"time\":\"" : "",
                           NULL,
                           json ? "\",\"level\":\"" : " ",
                           log_level_name(level),
                           json ? "\",\"event\":\"" : " ",
                           event_name,
                           json ? "\"" : ""};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        add(event, parts[i] ? parts[i] : time, parts[i] ? strlen(parts[i]) : sizeof(time));
}

void log_str(struct log_event *event, const char *key, struct str value)
{
    bool cut = false;
    if (!begin_value(event, key, 2))
        return;
    bool bare = event->log->format == LOG_TEXT && log_is_bare(value);
    size_t limit = room(event) - 2;
    if (!bare)
        add(event, "\"", 1);
    event->len += log_quote(event->bytes + event->len, limit < LOG_TEXT_BYTES ? limit : LOG_TEXT_BYTES, value, &cut);
    if (!bare)
        add(event, "\"", 1);
    event->cut = event->cut || cut;
}

void log_z(struct log_event *event, const char *key, const char *value)
{
    log_str(event, key, str_z(value));
}

void log_u64(struct log_event *event, const char *key, uint64_t value)
{
    char digits[20];
    size_t len = put_number(digits + sizeof(digits), value);
    add_raw(event, key, digits + sizeof(digits) - len, len);
}

void log_bool(struct log_event *event, const char *key, bool value)
{
    add_raw(event, key, value ? "true" : "false", value ? 4 : 5);
}

void log_ms(struct log_event *event, const char *key, uint64_t ns)
{
    char text[24];
    char *end = text + sizeof(text);
    uint64_t us = ns / 1000;
    for (int i = 0; i < 3; i++, us /= 10)
        *--end = (char)('0' + us % 10);
    *--end = '.';
    size_t len = put_number(end, us);
    add_raw(event, key, end - len, len + 4);
}

/* What has its place in the tail; fits always. */
static void add_tail(struct log_event *event, uint64_t lost)
{
    char digits[20];
    size_t len = put_number(digits + sizeof(digits), lost);
    if (lost > 0) {
        add_key(event, "lost");
        add(event, digits + sizeof(digits) - len, len);
    }
    if (event->cut) {
        add_key(event, "cut");
        add(event, "true", 4);
    }
    add(event, event->log->format == LOG_JSON ? "}\n" : "\n", event->log->format == LOG_JSON ? 2 : 1);
}

void log_end(struct log_event *event)
{
    struct log *log = event->log;
    if (!log)
        return;
    uint64_t lost = 0;
    if (atomic_load_explicit(&log->lost, memory_order_relaxed) > 0)
        lost = atomic_exchange_explicit(&log->lost, 0, memory_order_relaxed);
    add_tail(event, lost);
    bool torn = atomic_load_explicit(&log->torn, memory_order_relaxed) &&
                atomic_exchange_explicit(&log->torn, false, memory_order_relaxed);
    event->bytes[0] = '\n';
    const char *line = event->bytes + (torn ? 0 : HEAD_BYTES);
    size_t len = (size_t)(event->bytes + event->len - line);
    ssize_t written = write_line(log, line, len);
    event->log = NULL;
    if (written == (ssize_t)len)
        return;
    (void)atomic_fetch_add_explicit(&log->lost, lost + 1, memory_order_relaxed);
    if (torn || (written > 0 && line[written - 1] != '\n'))
        atomic_store_explicit(&log->torn, true, memory_order_relaxed);
}
