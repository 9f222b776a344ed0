/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * config/service.h - the configuration of `barehull serve`: all of it from the environment, all of it checked before a
 * socket opens.
 *
 * service_vars is the one table: names, types, defaults, bounds, meaning, an example. From it come the loader, the
 * messages, `serve --check-config`, the log line of the effective configuration, and docs/configuration.md.
 * Every problem is told at once: the variable, what is wrong with it, an example that is right. A wrong value never
 * becomes a default; an empty one counts as unset. Variables that begin with BAREHULL_ and are none of barehull's are
 * warned of, with a did-you-mean (BAREHULL_PORT: 'PORT'); those that Kubernetes makes for a Service of the name
 * 'barehull' (BAREHULL_SERVICE_HOST, BAREHULL_PORT=tcp://...) are passed over.
 *
 * In HTTP mode ALLOWED_ORIGINS has to be there: origins split by commas (scheme://host[:port], lower case, no path), or
 * "none" for a service that no browser page may call, or "*", which needs ALLOW_CORS_WILDCARD_DEV=true and a HOST on
 * loopback. ALLOWED_HOSTS: names (and name:port) that a Host field may hold besides the addresses and loopback names
 * that the service is bound to; "*" turns the check off (behind a proxy that does it).
 */
#include "base/arena.h"
#include "base/err.h"
#include "config/env.h"

enum service_var_type {
    SERVICE_TEXT,
    SERVICE_BOOL,     /* true, false, 1, 0 */
    SERVICE_HOST,     /* an IPv4 or IPv6 address, localhost, or unix:/path */
    SERVICE_PORT,     /* 1 to 65535; 0 where min allows: any free one */
    SERVICE_DURATION, /* "500ms", "10s", "2m", "1h"; kept in ms */
    SERVICE_SIZE,     /* "64K", "10M"; kept in bytes */
    SERVICE_INTEGER,
    SERVICE_CHOICE, /* one of `choices` */
    SERVICE_ORIGINS,
    SERVICE_HOSTS,
};

struct service_var {
    const char *name;
    enum service_var_type type;
    const char *default_text;   /* as it would be written; NULL: none */
    const char *summary;        /* one line, no full stop */
    const char *details;        /* paragraphs for the documentation, split by "\n\n", or NULL */
    const char *example;        /* for messages and documentation */
    const char *const *choices; /* ends with NULL */
    uint64_t min, max;          /* numbers, in the kept unit */
    bool http_only;             /* passed over (not checked) with --stdio */
    size_t offset, size;        /* of the field in struct service_config */
};

/* In the order of the documentation; ends with a NULL name. */
extern const struct service_var service_vars[];

struct service_hosts {
    const struct str *ptr; /* lower case, in the order given */
    size_t len;
};

struct service_config {
    /* Where */
    struct str host;       /* HOST: 127.0.0.1 */
    uint64_t port;         /* PORT: 8080 */
    uint64_t metrics_port; /* METRICS_PORT: 0 is on the same listener */
    /* Who */
    struct service_hosts origins; /* ALLOWED_ORIGINS */
    bool any_origin;              /* "*" */
    bool wildcard_dev;            /* ALLOW_CORS_WILDCARD_DEV */
    struct service_hosts hosts;   /* ALLOWED_HOSTS */
    bool any_host;                /* "*" */
    /* What is told */
    uint64_t log_level;  /* LOG_LEVEL: index into its choices, which are those of log/log.h: debug, info ... */
    uint64_t log_format; /* LOG_FORMAT: json, text */
    bool access_log;     /* BAREHULL_ACCESS_LOG: true */
    /* How long, in ms */
    uint64_t header_timeout_ms;  /* BAREHULL_HEADER_TIMEOUT: 10s, from the first byte of a head to its end */
    uint64_t body_timeout_ms;    /* BAREHULL_BODY_TIMEOUT: 30s, from the head's end to the body's */
    uint64_t idle_timeout_ms;    /* BAREHULL_IDLE_TIMEOUT: 75s between requests */
    uint64_t write_timeout_ms;   /* BAREHULL_WRITE_TIMEOUT: 30s for a peer to take an answer (a stream: each piece) */
    uint64_t request_timeout_ms; /* BAREHULL_REQUEST_TIMEOUT: 30s for an operation */
    uint64_t keepalive_ms;       /* BAREHULL_SSE_KEEPALIVE: 15s */
    uint64_t drain_delay_ms;     /* BAREHULL_DRAIN_DELAY: 0s between "not ready" and the end of listening */
    uint64_t drain_timeout_ms;   /* BAREHULL_DRAIN_TIMEOUT: 20s */
    /* How much */
    uint64_t head_bytes;   /* BAREHULL_MAX_HEADER: 16K */
    uint64_t body_bytes;   /* BAREHULL_MAX_BODY: 10M */
    uint64_t memory_bytes; /* BAREHULL_MAX_MEMORY: 256M of bodies and answers in all; beyond it: 503 */
    uint64_t connections;  /* BAREHULL_MAX_CONNECTIONS: 10240 */
    uint64_t streams;      /* BAREHULL_MAX_STREAMS: 256 open event streams */
    uint64_t queue;        /* BAREHULL_MAX_QUEUE: 256 requests that wait for a worker */
    uint64_t loops;        /* BAREHULL_LOOPS: 0 is one for each processor */
    uint64_t workers;      /* BAREHULL_WORKERS: 0 is one for each processor */
    uint64_t set;          /* bit i: service_vars[i] stood in the environment (service_config_is_set) */
};

enum service_mode { SERVICE_HTTP, SERVICE_STDIO };

/* One thing that is wrong, or odd. */
struct service_problem {
    struct str variable, message, example; /* example may be empty */
    bool warning;                          /* the service starts nevertheless */
};

struct service_problems {
    const struct service_problem *ptr;
    size_t len;
    size_t errors; /* of them */
};

/*
 * Reads the environment through GET (NULL: the process's) and NAMES (NULL: the process's environ; "NAME=value", until
 * NULL), for unknown names. Over stdio LOG_LEVEL is "warning" unless it is set: clients show what stands on standard
 * error. Everything lives in ARENA. What is wrong is in *ret_problems, in the table's order, and does not fail here;
 * the configuration is whole and usable when there are no errors. Errors: ERR_NOMEM.
 */
int service_config_load(enum service_mode mode, config_getter *get, const char *const *names, struct arena *arena,
                        struct service_config *ret_config, struct service_problems *ret_problems, struct err *err);

/* Appends the effective value of VAR as it would be written: "10s", "10M", "a, b"; nothing when there is none. */
void service_config_format(const struct service_config *config, const struct service_var *var, struct buf *out);

/* Appends a number of VAR's type, as a bound. */
void service_config_format_number(const struct service_var *var, uint64_t number, struct buf *out);

/* VAR is one of service_vars. */
bool service_config_is_set(const struct service_config *config, const struct service_var *var);

/* HOST can be reached from this machine alone: a loopback address or name, or a socket in the file system. */
bool service_host_is_loopback(struct str host);
static inline bool service_host_is_unix(struct str host)
{
    return str_starts(host, STR("unix:"));
}
