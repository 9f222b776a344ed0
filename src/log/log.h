/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * log/log.h - what a service tells its operator: one event a line, as JSON or as text, on one file descriptor.
 *
 *     struct log_event event;
 *     log_begin(&event, log, LOG_INFO, "listening");
 *     log_str(&event, "address", address);
 *     log_u64(&event, "port", 8080);
 *     log_end(&event);
 *
 * A line is written by one system call of at most LOG_EVENT_BYTES, so that lines of several threads never mix; a longer
 * one loses the ends of its texts (each beyond LOG_TEXT_BYTES) and says so ("cut"). Values of others (paths, user
 * agents) are escaped, in both formats: line ends, control characters, what changes the direction of writing, bytes
 * that are no UTF-8. No value can begin a line. A pipe, socket or terminal that is full loses lines, never time of the
 * service: lines that could not be written are counted and told by the next one that could ("lost").
 * Threads: any, at the same time.
 *
 * JSON: {"time":"2026-11-21T23:20:00.123Z","level":"info","event":"listening",...}. Text: the same as
 * `2026-11-21T23:20:00.123Z info listening address=127.0.0.1 port=8080`, values quoted where they need it.
 */
#include "base/buf.h"

#include <pthread.h>
#include <stdatomic.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF, LOG_LEVELS };
enum log_format { LOG_JSON, LOG_TEXT };

struct log {
    int fd;               /* the caller's; its flags stay as they are, for others may hold it too */
    enum log_level level; /* the least that is written */
    enum log_format format;
    atomic_int way; /* log.c: how not to wait for it */
    pthread_mutex_t lock;
    atomic_uint_fast64_t lost;
    atomic_bool torn; /* the last line was written in part: the next one begins behind a line end */
};

void log_init(struct log *log, int fd, enum log_level level, enum log_format format);

static inline bool log_is_on(const struct log *log, enum log_level level)
{
    return log && level >= log->level;
}

/* What a pipe takes whole or not at all (PIPE_BUF); and what one value of it may take, escaped. */
enum { LOG_EVENT_BYTES = 4096, LOG_TEXT_BYTES = 1024 };

/* On the caller's stack; no allocation. */
struct log_event {
    struct log *log; /* NULL: not written, the calls do nothing */
    size_t len;
    bool cut;
    char bytes[LOG_EVENT_BYTES];
};

/* EVENT_NAME: our own stable word ("request", "draining"). LOG may be NULL. */
void log_begin(struct log_event *event, struct log *log, enum log_level level, const char *event_name);
void log_str(struct log_event *event, const char *key, struct str value);
void log_z(struct log_event *event, const char *key, const char *value);
void log_u64(struct log_event *event, const char *key, uint64_t value);
void log_bool(struct log_event *event, const char *key, bool value);
/* Nanoseconds as milliseconds with three digits behind the point. */
void log_ms(struct log_event *event, const char *key, uint64_t ns);
void log_end(struct log_event *event);

/* "debug", "info", "warning", "error", "off". */
const char *log_level_name(enum log_level level);
