/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_http.c - the life of the service over HTTP: starting, ready, draining, gone.
 */
#include "base/clock.h"
#include "service/route.h"
#include "service/service.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { RETRY_AFTER_S = 1, LISTENERS = 2 };
#define OTHER_FILES 64 /* besides connections: standard streams, epolls, listeners, /proc for the metrics */

static struct server_options options_of(struct service *service, struct server_listener listeners[LISTENERS])
{
    const struct service_config *config = service->config;
    struct http_limits limits = http_limits_default;
    limits.head_bytes = (uint32_t)config->head_bytes;
    limits.body_bytes =
        UINT64_MAX; /* each route bounds its own: what is too much is refused by a route that is known */
    if (limits.line_bytes > limits.head_bytes)
        limits.line_bytes = limits.head_bytes;
    if (limits.field_bytes > limits.head_bytes)
        limits.field_bytes = limits.head_bytes;
    listeners[0] = (struct server_listener){config->host, (uint16_t)config->port, SERVICE_DOOR_MAIN};
    listeners[1] = (struct server_listener){config->host, (uint16_t)config->metrics_port, SERVICE_DOOR_METRICS};
    return (struct server_options){
        .listeners = listeners,
        .listener_count = config->metrics_port > 0 ? 2 : 1,
        .loops = (unsigned)config->loops,
        .workers = (unsigned)config->workers,
        .limits = limits,
        .header_timeout_ms = (uint32_t)config->header_timeout_ms,
        .body_timeout_ms = (uint32_t)config->body_timeout_ms,
        .idle_timeout_ms = (uint32_t)config->idle_timeout_ms,
        .write_timeout_ms = (uint32_t)config->write_timeout_ms,
        .request_timeout_ms = (uint32_t)config->request_timeout_ms,
        .keepalive_ms = (uint32_t)config->keepalive_ms,
        .connections = (uint32_t)config->connections,
        .queue = (uint32_t)config->queue,
        .streams = (uint32_t)config->streams,
        .memory_bytes = config->memory_bytes,
        .retry_after_s = RETRY_AFTER_S,
        .log = &service->log,
    };
}

/* --- what the operator is told -------------------------------------------------------------------------------- */

static void log_problems(struct service *service)
{
    const struct service_problems *problems = service->options->problems;
    for (size_t i = 0; problems && i < problems->len; i++) {
        struct log_event event;
        log_begin(&event, &service->log, LOG_WARNING, "configuration-warning");
        log_str(&event, "variable", problems->ptr[i].variable);
        log_str(&event, "message", problems->ptr[i].message);
        log_end(&event);
    }
}

static void log_config(struct service *service)
{
    struct log_event event;
    CLEANUP_BUF struct buf value = BUF_INIT;
    log_begin(&event, &service->log, LOG_INFO, "configuration");
    log_str(&event, "version", service->options->version);
    for (const struct service_var *var = service_vars; var->name; var++) {
        buf_reset(&value);
        service_config_format(service->config, var, &value);
        log_str(&event, var->name, buf_str(&value));
    }
    log_end(&event);
}

static void log_listening(struct service *service, const struct server *server, const struct server_options *options)
{
    for (size_t i = 0; i < options->listener_count; i++) {
        const struct server_listener *listener = &options->listeners[i];
        struct log_event event;
        log_begin(&event, &service->log, LOG_INFO, "listening");
        log_str(&event, "address", listener->host);
        if (!service_host_is_unix(listener->host))
            log_u64(&event, "port", server_port(server, i));
        log_z(&event, "serves", listener->tag == SERVICE_DOOR_METRICS ? "metrics" : "all");
        log_end(&event);
    }
}

static void log_step(struct service *service, const char *name, const char *key, uint64_t ms)
{
    struct log_event event;
    log_begin(&event, &service->log, LOG_INFO, name);
    log_ms(&event, key, ms * 1000000U);
    log_end(&event);
}

static void log_stopped(struct service *service, bool clean)
{
    struct log_event event;
    log_begin(&event, &service->log, clean ? LOG_INFO : LOG_WARNING, "stopped");
    log_bool(&event, "clean", clean);
    log_end(&event);
}

/* Each connection takes a descriptor: as many as may be had, and a word when that is not enough. */
static void raise_file_limit(struct service *service)
{
    struct rlimit limit;
    uint64_t wanted = service->config->connections + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    struct rlimit raised = {.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
    if (limit.rlim_cur >= wanted)
        return;
    struct log_event event;
    log_begin(&event, &service->log, LOG_WARNING, "few-files");
    log_z(&event, "message", "fewer file descriptors than BAREHULL_MAX_CONNECTIONS asks for: raise 'ulimit -n'");
    log_u64(&event, "limit", limit.rlim_cur);
    log_u64(&event, "wanted", wanted);
    log_end(&event);
}

/* --- stopping ------------------------------------------------------------------------------------------------- */

/* One signal, or what a test's pipe holds. */
static void take_stop(int stop_fd)
{
    char bytes[sizeof(struct signalfd_siginfo)];
    ssize_t got;
    do
        got = read(stop_fd, bytes, sizeof(bytes));
    while (got < 0 && errno == EINTR);
}

/* True when STOP_FD became readable within TIMEOUT_MS (-1: for ever), or OTHER_FD did. */
static bool wait_for(int stop_fd, int other_fd, int timeout_ms, bool *ret_other)
{
    struct pollfd waits[] = {{.fd = stop_fd, .events = POLLIN}, {.fd = other_fd, .events = POLLIN}};
    int ready;
    do
        ready = poll(waits, ARRAY_LEN(waits), timeout_ms);
    while (ready < 0 && errno == EINTR);
    if (ret_other)
        *ret_other = waits[1].revents;
    return waits[0].revents;
}

/* Watches for the second stop while server_wait waits. */
struct watch {
    struct server *server;
    int stop_fd, end_fd;
};

static void *watch_main(void *argument)
{
    const struct watch *watch = argument;
    bool over = false;
    if (wait_for(watch->stop_fd, watch->end_fd, -1, &over) && !over)
        server_drain(watch->server, clock_monotonic_ns());
    return NULL;
}

static bool wait_for_server(struct server *server, int stop_fd)
{
    struct watch watch = {server, stop_fd, eventfd(0, EFD_CLOEXEC)};
    pthread_t thread;
    bool watched = watch.end_fd >= 0 && pthread_create(&thread, NULL, watch_main, &watch) == 0;
    bool clean = server_wait(server);
    uint64_t one = 1;
    if (watched) {
        if (write(watch.end_fd, &one, sizeof(one)) == (ssize_t)sizeof(one))
            (void)pthread_join(thread, NULL);
    }
    if (watch.end_fd >= 0)
        (void)close(watch.end_fd);
    return clean;
}

static bool drain(struct service *service, struct server *server, int stop_fd)
{
    const struct service_config *config = service->config;
    uint64_t left_ms = config->drain_timeout_ms;
    take_stop(stop_fd);
    atomic_store(&service->state, SERVICE_DRAINING);
    log_step(service, "not-ready", "delay_ms", config->drain_delay_ms);
    if (config->drain_delay_ms > 0 && wait_for(stop_fd, -1, (int)config->drain_delay_ms, NULL))
        left_ms = 0;
    log_step(service, "draining", "timeout_ms", left_ms);
    server_drain(server, clock_monotonic_ns() + left_ms * 1000000U);
    return wait_for_server(server, stop_fd);
}

int service_run_http(struct service *service, int stop_fd, bool *ret_clean, struct err *err)
{
    struct server_listener listeners[LISTENERS];
    struct server_options options = options_of(service, listeners);
    struct server_application application = service_application(service);
    struct server *server = NULL;
    log_problems(service);
    raise_file_limit(service);
    log_config(service);
    int rc = server_start(&options, &application, &server, err);
    if (rc)
        return rc;
    service_routes_set_server(service->routes, server);
    atomic_store(&service->state, SERVICE_READY);
    log_listening(service, server, &options);
    (void)wait_for(stop_fd, -1, -1, NULL);
    *ret_clean = drain(service, server, stop_fd);
    service_routes_set_server(service->routes, NULL);
    server_free(server);
    log_stopped(service, *ret_clean);
    return 0;
}
