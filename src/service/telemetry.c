/* SPDX-License-Identifier: Apache-2.0 */
#include "service/telemetry.h"

#include "base/alloc.h"
#include "metrics/process.h"
#include "service/telemetry_families.h"

/*
 * Requests repeat: the series of the latest kinds are remembered by the addresses of their texts, which are static, so
 * that counting one costs no hashing of its labels. Entries are made once and never changed. Whoever finds one compares
 * the texts as well: an address may be used again.
 */
enum { RECENT_SLOTS = 256, RECENT_PROBES = 4, RECENT_TEXTS = 3 };

struct recent_key {
    struct str texts[RECENT_TEXTS];
    uint64_t number;
};

struct recent {
    const char *addresses[RECENT_TEXTS];
    uint64_t number;
    struct metric *metric;
};

struct recent_table {
    struct recent *_Atomic slots[RECENT_SLOTS];
};

struct service_telemetry {
    struct metrics *metrics, *server;
    struct metric *in_flight[2];
    struct recent_table http, mcp;
};

static uint64_t recent_hash(const struct recent_key *key)
{
    uint64_t hash = key->number;
    for (size_t i = 0; i < RECENT_TEXTS; i++)
        hash = (hash ^ (uintptr_t)key->texts[i].ptr) * 0x9E3779B97F4A7C15ULL;
    return hash >> 32;
}

/* The texts are the first labels of the series, in their order. */
static bool recent_is(const struct recent *recent, const struct recent_key *key, size_t texts)
{
    if (recent->number != key->number)
        return false;
    for (size_t i = 0; i < texts; i++)
        if (recent->addresses[i] != key->texts[i].ptr || !str_eq(metric_label(recent->metric, i), key->texts[i]))
            return false;
    return true;
}

static struct metric *recent_get(struct recent_table *table, const struct recent_key *key, size_t texts)
{
    uint64_t hash = recent_hash(key);
    for (unsigned i = 0; i < RECENT_PROBES; i++) {
        struct recent *recent = atomic_load_explicit(&table->slots[(hash + i) % RECENT_SLOTS], memory_order_acquire);
        if (!recent)
            return NULL;
        if (recent_is(recent, key, texts))
            return recent->metric;
    }
    return NULL;
}

/* Where there is no room, or no memory, the series is looked up each time. */
static void recent_put(struct recent_table *table, const struct recent_key *key, struct metric *metric)
{
    uint64_t hash = recent_hash(key);
    for (unsigned i = 0; i < RECENT_PROBES; i++) {
        struct recent *_Atomic *slot = &table->slots[(hash + i) % RECENT_SLOTS];
        struct recent *free_slot = NULL;
        if (atomic_load_explicit(slot, memory_order_relaxed))
            continue;
        struct recent *made = mem_alloc(sizeof(*made));
        if (!made)
            return;
        *made = (struct recent){.number = key->number, .metric = metric};
        for (size_t text = 0; text < RECENT_TEXTS; text++)
            made->addresses[text] = key->texts[text].ptr;
        if (!atomic_compare_exchange_strong_explicit(slot, &free_slot, made, memory_order_release,
                                                     memory_order_relaxed))
            mem_free(made);
        return;
    }
}

static void recent_done(struct recent_table *table)
{
    for (size_t i = 0; i < RECENT_SLOTS; i++)
        mem_free(atomic_load_explicit(&table->slots[i], memory_order_relaxed));
}

/* OpenTelemetry's values of network.transport: what carries the bytes. */
static struct str transport_name(enum mcp_transport transport)
{
    return transport == MCP_HTTP ? STR("tcp") : STR("pipe");
}

int service_telemetry_new(struct str version, struct service_telemetry **ret_telemetry, struct err *err)
{
    struct service_telemetry *telemetry = mem_calloc(1, sizeof(*telemetry));
    if (!telemetry)
        return err_nomem(err);
    int result = metrics_new(service_telemetry_families, &telemetry->metrics, err);
    if (result == 0)
        result = metrics_new(service_telemetry_server_families, &telemetry->server, err);
    if (result < 0) {
        service_telemetry_free(telemetry);
        return result;
    }
    for (size_t i = 0; i < ARRAY_LEN(telemetry->in_flight); i++) {
        struct str transport = transport_name((enum mcp_transport)i);
        telemetry->in_flight[i] = metrics_series(telemetry->metrics, TELEMETRY_IN_FLIGHT, &transport);
    }
    metric_set(metrics_series(telemetry->metrics, TELEMETRY_BUILD, &version), 1);
    *ret_telemetry = telemetry;
    return 0;
}

void service_telemetry_free(struct service_telemetry *telemetry)
{
    if (!telemetry)
        return;
    recent_done(&telemetry->http);
    recent_done(&telemetry->mcp);
    metrics_free(telemetry->metrics);
    metrics_free(telemetry->server);
    mem_free(telemetry);
}

static struct str method_name(enum http_method method)
{
    switch (method) {
#define X(name)                                                                                                        \
    case HTTP_METHOD_##name:                                                                                           \
        return STR(#name);
        HTTP_METHOD_TABLE(X)
#undef X
    case HTTP_METHOD_OTHER:
        break;
    }
    return STR("other");
}

static struct metric *http_series(struct service_telemetry *telemetry, struct str method, struct str route,
                                  unsigned status)
{
    char digits[3] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10), (char)('0' + status % 10)};
    struct str code = status == 0                    ? STR("none")
                      : status < 100 || status > 599 ? STR("other")
                                                     : str_of(digits, sizeof(digits));
    return metrics_series(telemetry->metrics, TELEMETRY_HTTP, (struct str[]){method, route, code});
}

void service_telemetry_http(struct service_telemetry *telemetry, enum http_method method, struct str route,
                            unsigned status, uint64_t duration_ns)
{
    enum { TEXTS = 2 }; /* the status is the number */
    const struct recent_key key = {.texts = {method_name(method), route}, .number = status};
    struct metric *metric = recent_get(&telemetry->http, &key, TEXTS);
    if (!metric) {
        metric = http_series(telemetry, key.texts[0], route, status);
        recent_put(&telemetry->http, &key, metric);
    }
    metric_observe(metric, duration_ns);
}

void service_telemetry_mcp(void *self, const struct mcp_event *event)
{
    struct service_telemetry *telemetry = self;
    const struct recent_key key = {.texts = {event->method, event->tool, event->error},
                                   .number = (uint64_t)event->version << 1 | (event->transport == MCP_HTTP)};
    struct metric *metric = recent_get(&telemetry->mcp, &key, RECENT_TEXTS);
    if (!metric) {
        metric = metrics_series(telemetry->metrics, TELEMETRY_MCP,
                                (struct str[]){event->method, event->tool, event->error,
                                               transport_name(event->transport), mcp_version_text(event->version)});
        recent_put(&telemetry->mcp, &key, metric);
    }
    metric_observe(metric, event->duration_ns);
}

void service_telemetry_findings(struct service_telemetry *telemetry, const struct report *report)
{
    static const struct str verdicts[] = {
        [REPORT_FAILS] = STR_INIT("fails"),
        [REPORT_UNKNOWN] = STR_INIT("unknown"),
        [REPORT_WAIVED] = STR_INIT("waived"),
    };
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct report_finding *finding = &report->findings[i];
        metric_add(metrics_series(telemetry->metrics, TELEMETRY_FINDINGS,
                                  (struct str[]){str_z(finding->rule->id), str_z(severity_name(finding->severity)),
                                                 verdicts[finding->verdict]}),
                   1);
    }
}

void service_telemetry_in_flight(struct service_telemetry *telemetry, enum mcp_transport transport, int change)
{
    metric_change(telemetry->in_flight[transport == MCP_HTTP ? MCP_HTTP : MCP_STDIO], change);
}

static void set_counts(struct metrics *metrics, const struct server_counts *counts)
{
    const uint64_t values[] = {
        [TELEMETRY_CONNECTIONS] = counts->connections, [TELEMETRY_IDLE] = counts->idle,
        [TELEMETRY_ACCEPTED] = counts->accepted,       [TELEMETRY_REFUSED] = counts->refused,
        [TELEMETRY_STREAMS] = counts->streams,         [TELEMETRY_QUEUED] = counts->queued,
        [TELEMETRY_WORKING] = counts->working,         [TELEMETRY_MEMORY] = counts->memory_bytes,
    };
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        metric_set(metrics_series(metrics, i, NULL), (int64_t)values[i]);
}

void service_telemetry_write(struct service_telemetry *telemetry, const struct server *server, struct buf *out)
{
    metrics_write(telemetry->metrics, out);
    if (server) {
        struct server_counts counts = server_counts(server);
        set_counts(telemetry->server, &counts);
        metrics_write(telemetry->server, out);
    }
    metrics_write_process(out);
}
