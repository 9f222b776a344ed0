/* SPDX-License-Identifier: Apache-2.0 */
#include "config/service.h"

#include "base/limits.h"
#include "config/service_values.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIELD(field) ((struct service_config *)0)->field
#define AT(field)    .offset = offsetof(struct service_config, field), .size = sizeof(FIELD(field))
#define MS_OF_SECOND 1000ULL
#define MS_OF_MINUTE (60 * MS_OF_SECOND)
#define MS_OF_HOUR   (60 * MS_OF_MINUTE)
#define DEADLINE_MIN 10 /* ms: shorter ones cut honest peers on a busy machine */

static const char *const levels[] = {"debug", "info", "warning", "error", "off", NULL};
static const char *const formats[] = {"json", "text", NULL};
enum { LEVEL_WARNING = 2 };

/* Deadlines and numbers: what all of them have. */
#define DURATION(variable, field, text, least, most)                                                                   \
    .name = (variable), .type = SERVICE_DURATION, .default_text = (text), .example = (text), .min = (least),           \
    .max = (most), .http_only = true, AT(field)
#define SIZE(variable, field, text, least, most)                                                                       \
    .name = (variable), .type = SERVICE_SIZE, .default_text = (text), .example = (text), .min = (least),               \
    .max = (most), .http_only = true, AT(field)
#define COUNT(variable, field, text, least, most)                                                                      \
    .name = (variable), .type = SERVICE_INTEGER, .default_text = (text), .example = (text), .min = (least),            \
    .max = (most), .http_only = true, AT(field)

const struct service_var service_vars[] = {
    {.name = "HOST",
     .type = SERVICE_HOST,
     .default_text = "127.0.0.1",
     .summary = "address to listen at: IPv4, IPv6, localhost, or unix:/path for a socket in the file system",
     .details = "Loopback unless something else is asked for: 0.0.0.0 or :: in a container whose port is published. "
                "'localhost' listens at 127.0.0.1 and ::1. Names are not looked up. The health probe reads HOST and "
                "PORT too, and so finds the service without being told.",
     .example = "0.0.0.0",
     .http_only = true,
     AT(host)},
    {.name = "PORT",
     .type = SERVICE_PORT,
     .default_text = "8080",
     .summary = "port to listen at",
     .details = "0 takes any free one, which the event 'listening' tells. A socket in the file system has none.",
     .example = "8080",
     .max = UINT16_MAX,
     .http_only = true,
     AT(port)},
    {.name = "METRICS_PORT",
     .type = SERVICE_PORT,
     .default_text = "0",
     .summary = "port of a second listener for /metrics and health; 0: they are at PORT",
     .details = "With a listener of its own, /metrics is not to be found at PORT any more: what is published there "
                "stays closed to the outside. Health answers at both.",
     .example = "9090",
     .max = UINT16_MAX,
     .http_only = true,
     AT(metrics_port)},
    {.name = "ALLOWED_ORIGINS",
     .type = SERVICE_ORIGINS,
     .summary = "web pages that may call the service, by their origins, split by commas; or none",
     .details =
         "Has to be set: whether web pages may call a service is a decision that nobody should make by "
         "leaving it out. An origin is scheme://host, with the port where it is not the scheme's own, in "
         "lower case, without a path: as browsers send it. Pages of the service's own origin need no entry.\n\n"
         "none: no page of another origin. Clients that are no browsers send no Origin and are not concerned.\n\n"
         "*: every page. For development: it needs ALLOW_CORS_WILDCARD_DEV=true and a HOST on loopback.",
     .example = "https://app.example.com,http://localhost:3000",
     .http_only = true,
     AT(origins)},
    {.name = "ALLOW_CORS_WILDCARD_DEV",
     .type = SERVICE_BOOL,
     .default_text = "false",
     .summary = "true lets ALLOWED_ORIGINS be *, on a developer's machine",
     .example = "true",
     .http_only = true,
     AT(wildcard_dev)},
    {.name = "ALLOWED_HOSTS",
     .type = SERVICE_HOSTS,
     .summary = "names that requests may ask for in Host, split by commas, with or without a port; or *",
     .details = "A web page can make a name of its own point at this machine (DNS rebinding); what is asked for under "
                "a name that is not known is refused. Loopback names and addresses need no entry. Behind a proxy, "
                "name what the proxy sends.\n\n"
                "*: every name, for a proxy that looks at it itself.",
     .example = "mcp.example.com,barehull:8080",
     .http_only = true,
     AT(hosts)},
    {.name = "LOG_LEVEL",
     .type = SERVICE_CHOICE,
     .default_text = "info",
     .summary = "the least that is logged: debug, info, warning, error, off",
     .details = "With --stdio it is warning unless set: clients show what a server writes to standard error.",
     .example = "info",
     .choices = levels,
     AT(log_level)},
    {.name = "LOG_FORMAT",
     .type = SERVICE_CHOICE,
     .default_text = "json",
     .summary = "one event a line, as json or as text",
     .example = "json",
     .choices = formats,
     AT(log_format)},
    {.name = "BAREHULL_ACCESS_LOG",
     .type = SERVICE_BOOL,
     .default_text = "true",
     .summary = "false logs no requests but those that failed for the server's own reasons",
     .example = "false",
     .http_only = true,
     AT(access_log)},
    {DURATION("BAREHULL_HEADER_TIMEOUT", header_timeout_ms, "10s", DEADLINE_MIN, 10 * MS_OF_MINUTE),
     .summary = "time for the head of a request, from its first byte to its end",
     .details = "This and the next ones are deadlines: they count from the beginning, and a byte now and then does "
                "not put them off."},
    {DURATION("BAREHULL_BODY_TIMEOUT", body_timeout_ms, "30s", DEADLINE_MIN, MS_OF_HOUR),
     .summary = "time for the body of a request, from the end of its head"},
    {DURATION("BAREHULL_IDLE_TIMEOUT", idle_timeout_ms, "75s", DEADLINE_MIN, MS_OF_HOUR),
     .summary = "time between two requests on a connection",
     .details = "Longer than a load balancer's own, or it sends requests into connections that are being closed."},
    {DURATION("BAREHULL_WRITE_TIMEOUT", write_timeout_ms, "30s", DEADLINE_MIN, MS_OF_HOUR),
     .summary = "time for a peer to take an answer, or a piece of a stream"},
    {DURATION("BAREHULL_REQUEST_TIMEOUT", request_timeout_ms, "30s", DEADLINE_MIN, MS_OF_HOUR),
     .summary = "time for an operation, waiting for a worker included",
     .details = "Over HTTP. Operations over stdio take the time that they need; clients call them off."},
    {DURATION("BAREHULL_SSE_KEEPALIVE", keepalive_ms, "15s", 100, 10 * MS_OF_MINUTE),
     .summary = "time between signs of life in an event stream that has nothing to say"},
    {DURATION("BAREHULL_DRAIN_DELAY", drain_delay_ms, "0s", 0, 10 * MS_OF_MINUTE),
     .summary = "time between \"not ready\" and the end of listening, when the service is asked to stop",
     .details = "Time for load balancers to notice. Kubernetes: some seconds, fewer than "
                "terminationGracePeriodSeconds less BAREHULL_DRAIN_TIMEOUT."},
    {DURATION("BAREHULL_DRAIN_TIMEOUT", drain_timeout_ms, "20s", 0, MS_OF_HOUR),
     .summary = "time for what is in work to end, once listening has ended",
     .details = "What is left then is called off. A second signal does so at once."},
    {SIZE("BAREHULL_MAX_HEADER", head_bytes, "16K", 4000, LIMIT_HTTP_HEAD_BYTES),
     .summary = "bytes of a request's head"},
    {SIZE("BAREHULL_MAX_BODY", body_bytes, "10M", 1000, 1ULL << 28), .summary = "bytes of a request's body",
     .details = "K, M and G are powers of 1000; Ki, Mi and Gi of 1024."},
    {SIZE("BAREHULL_MAX_MEMORY", memory_bytes, "256M", 1000000, 1ULL << 40),
     .summary = "bytes of bodies and answers of all requests together; beyond it requests are refused with 503"},
    {COUNT("BAREHULL_MAX_CONNECTIONS", connections, "10240", 1, 1000000), .summary = "connections at the same time",
     .details = "Beyond it the one that was idle for longest is closed; when none is idle, the new one gets 503. Each "
                "takes a file descriptor: the limit of those (ulimit -n) is raised as far as it may be, and a warning "
                "tells when that is not enough."},
    {COUNT("BAREHULL_MAX_STREAMS", streams, "256", 1, 100000), .summary = "event streams at the same time"},
    {COUNT("BAREHULL_MAX_QUEUE", queue, "256", 1, 100000),
     .summary = "requests that wait for a worker; beyond it they are refused with 503"},
    {COUNT("BAREHULL_LOOPS", loops, "0", 0, 256),
     .summary = "threads that do input and output; 0: one for each processor"},
    {.name = "BAREHULL_WORKERS",
     .type = SERVICE_INTEGER,
     .default_text = "0",
     .summary = "threads that run operations; 0: one for each processor",
     .example = "4",
     .max = 1024,
     AT(workers)},
    {.name = NULL},
};

static uint64_t bit_of(const struct service_var *var)
{
    return 1ULL << (var - service_vars);
}
_Static_assert(ARRAY_LEN(service_vars) <= 65, "service_config.set has a bit for each");

bool service_config_is_set(const struct service_config *config, const struct service_var *var)
{
    return config->set & bit_of(var);
}

/* Through a function of our own type, so that tests can give another. */
static const char *process_get(const char *name)
{
    return getenv(name);
}

/* The table's own texts are right: tests read each. */
static void read_default(struct service_loading *loading, const struct service_var *var)
{
    if (var->default_text)
        service_read_value(loading, var, str_z(var->default_text));
}

static void read_var(struct service_loading *loading, const struct service_var *var, config_getter *get)
{
    const char *text = get(var->name);
    read_default(loading, var);
    if (!text || !*text)
        return;
    loading->config->set |= bit_of(var);
    service_read_value(loading, var, str_z(text));
}

static const struct service_var *var_of(const char *name)
{
    const struct service_var *var = service_vars;
    while (var->name && strcmp(var->name, name) != 0)
        var++;
    return var;
}

static bool has_problem(const struct service_loading *loading, const char *name)
{
    for (size_t i = 0; i < loading->problems.len; i++) {
        if (!loading->problems.ptr[i].warning && str_eq_z(loading->problems.ptr[i].variable, name))
            return true;
    }
    return false;
}

static void check_origins(struct service_loading *loading)
{
    const struct service_config *config = loading->config;
    const struct service_var *var = var_of("ALLOWED_ORIGINS");
    if (!service_config_is_set(config, var)) {
        service_wrong(loading, var, "is not set: name the web pages that may call this service, or say 'none'");
    } else if (config->any_origin && !config->wildcard_dev && !has_problem(loading, "ALLOW_CORS_WILDCARD_DEV")) {
        service_wrong(loading, var,
                      "'*' lets every web page in: that needs ALLOW_CORS_WILDCARD_DEV=true, and is for "
                      "development only");
    } else if (config->any_origin && !has_problem(loading, "HOST") && !service_host_is_loopback(config->host)) {
        service_wrong(loading, var, "'*' lets every web page in: that is for a HOST on loopback, which '%s' is not",
                      service_shown(loading, config->host));
    } else if (config->any_origin && config->wildcard_dev) {
        service_tell(loading, var->name, NULL, true,
                     "'*' lets every web page that is open on this machine call the service: for development only");
    } else if (config->wildcard_dev && !has_problem(loading, var->name)) {
        service_tell(loading, "ALLOW_CORS_WILDCARD_DEV", NULL, true, "changes nothing: ALLOWED_ORIGINS is not '*'");
    }
}

static void check_ports(struct service_loading *loading)
{
    const struct service_config *config = loading->config;
    const struct service_var *var = var_of("METRICS_PORT");
    if (config->metrics_port == 0 || has_problem(loading, "HOST") || has_problem(loading, "PORT"))
        return;
    if (service_host_is_unix(config->host))
        service_wrong(loading, var, "a HOST that is a socket has no ports; /metrics answers there");
    else if (config->metrics_port == config->port)
        service_wrong(loading, var, "'%u' is PORT's already", (unsigned)config->port);
}

static void check_sizes(struct service_loading *loading)
{
    const struct service_config *config = loading->config;
    const struct service_var *body = var_of("BAREHULL_MAX_BODY"), *memory = var_of("BAREHULL_MAX_MEMORY");
    if (config->memory_bytes >= config->body_bytes || has_problem(loading, body->name) ||
        has_problem(loading, memory->name))
        return;
    CLEANUP_BUF struct buf text = BUF_INIT;
    service_config_format_number(memory, config->memory_bytes, &text);
    buf_add_z(&text, " is less than one body may have: BAREHULL_MAX_BODY is ");
    service_config_format_number(body, config->body_bytes, &text);
    loading->failed = loading->failed || text.failed;
    service_wrong(loading, memory, "%s", buf_z(&text));
}

static void check_hosts(struct service_loading *loading)
{
    if (loading->config->any_host)
        service_tell(loading, "ALLOWED_HOSTS", NULL, true,
                     "'*' answers to every name: only what stands in front of the service holds DNS rebinding back");
}

/* Problems in the order of the table, those of one variable in the order in which they were found. */
static void sort_problems(struct service_loading *loading)
{
    struct service_problem *items = loading->problems.ptr;
    for (size_t i = 1; i < loading->problems.len; i++) {
        struct service_problem moving = items[i];
        size_t at = i;
        for (; at > 0 && var_of(moving.variable.ptr) < var_of(items[at - 1].variable.ptr); at--)
            items[at] = items[at - 1];
        items[at] = moving;
    }
}

static int give_problems(struct service_loading *loading, struct service_problems *ret_problems, struct err *err)
{
    size_t count = loading->problems.len;
    struct service_problem *items = ARENA_ARRAY(loading->arena, count + 1, struct service_problem);
    if (loading->failed || !items)
        return err_nomem(err);
    struct service_problems problems = {.ptr = items, .len = count};
    for (size_t i = 0; i < count; i++) {
        items[i] = loading->problems.ptr[i];
        problems.errors += !items[i].warning;
    }
    *ret_problems = problems;
    return 0;
}

int service_config_load(enum service_mode mode, config_getter *get, const char *const *names, struct arena *arena,
                        struct service_config *ret_config, struct service_problems *ret_problems, struct err *err)
{
    struct service_config config = {0};
    struct service_loading loading = {.arena = arena, .config = &config};
    for (const struct service_var *var = service_vars; var->name; var++) {
        if (mode == SERVICE_HTTP || !var->http_only)
            read_var(&loading, var, get ? get : process_get);
        else
            read_default(&loading, var);
    }
    if (mode == SERVICE_HTTP) {
        check_origins(&loading);
        check_ports(&loading);
        check_sizes(&loading);
        check_hosts(&loading);
    } else if (!service_config_is_set(&config, var_of("LOG_LEVEL"))) {
        config.log_level = LEVEL_WARNING;
    }
    sort_problems(&loading);
    service_tell_unknown(&loading, names ? names : (const char *const *)environ);
    int rc = give_problems(&loading, ret_problems, err);
    VEC_DONE(&loading.problems);
    if (!rc)
        *ret_config = config;
    return rc;
}
