/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"

static void read_http(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                      struct probe_fact *probe)
{
    const struct data_node *slots[HTTP_SLOTS];
    kube_members(reader, node, &key_http, slots);
    probe->action = PROBE_HTTP;
    probe->path = kube_text(reader, scope, slots[HTTP_PATH], "path", STR("/"));
    probe->port = kube_port(reader, scope, slots[HTTP_PORT], "port");
    probe->scheme = kube_text(reader, scope, slots[HTTP_SCHEME], "scheme", STR("HTTP"));
    probe->host = kube_text(reader, scope, slots[HTTP_HOST], "host", STR_NONE);
}

static void read_tcp(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                     struct probe_fact *probe)
{
    const struct data_node *slots[TCP_SLOTS];
    kube_members(reader, node, &key_tcp, slots);
    probe->action = PROBE_TCP;
    probe->port = kube_port(reader, scope, slots[TCP_PORT], "port");
    probe->host = kube_text(reader, scope, slots[TCP_HOST], "host", STR_NONE);
}

static void read_grpc(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                      struct probe_fact *probe)
{
    const struct data_node *slots[GRPC_SLOTS];
    kube_members(reader, node, &key_grpc, slots);
    probe->action = PROBE_GRPC;
    probe->port = kube_port(reader, scope, slots[GRPC_PORT], "port");
    probe->path = kube_text(reader, scope, slots[GRPC_SERVICE], "service", STR_NONE);
}

static void read_exec(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                      struct probe_fact *probe)
{
    const struct data_node *slots[EXEC_SLOTS];
    kube_members(reader, node, &key_exec, slots);
    probe->action = PROBE_EXEC;
    probe->command = kube_command(reader, scope, slots[EXEC_COMMAND], "command");
}

struct handlers {
    const struct data_node *exec, *http, *tcp, *grpc, *sleep;
};

/* A handler that nobody wrote leaves the probe INVALID: the platform wants exactly one. */
static void read_handler(struct kube_reader *reader, const struct handlers *handlers, struct probe_fact *probe)
{
    const struct data_node *node = handlers->exec ? handlers->exec : handlers->http;
    node = node ? node : handlers->tcp ? handlers->tcp : handlers->grpc ? handlers->grpc : handlers->sleep;
    probe->action = PROBE_UNKNOWN;
    if (data_absent(node)) {
        probe->fact.state = FACT_INVALID;
        return;
    }
    const struct kube_scope scope = {.at = probe->fact.key};
    const struct kube_scope below = kube_scope_below(reader, &scope, node, STR(""));
    struct kube_scope inside = below;
    inside.skip = 0;
    if (node == handlers->exec)
        read_exec(reader, &inside, node, probe);
    else if (node == handlers->http)
        read_http(reader, &inside, node, probe);
    else if (node == handlers->tcp)
        read_tcp(reader, &inside, node, probe);
    else if (node == handlers->grpc)
        read_grpc(reader, &inside, node, probe);
    else
        probe->action = PROBE_SLEEP;
    if (inside.missing != FACT_ABSENT)
        probe->fact.state = inside.missing;
}

/* What no handler reads is absent, at the probe; parts of a probe that is not there are nowhere. */
static void nothing_said(struct probe_fact *probe)
{
    const struct fact absent = {.state = FACT_ABSENT, .at = probe->fact.at, .path = ""};
    probe->command.fact = probe->host.fact = probe->path.fact = probe->port.fact = probe->scheme.fact = absent;
    probe->initial_delay_s.fact = probe->period_s.fact = probe->timeout_s.fact = absent;
    probe->failure_threshold.fact = absent;
}

/* A null handler is none. */
static const struct data_node *said(const struct data_node *node)
{
    return data_absent(node) ? NULL : node;
}

static bool begin(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                  const char *path, struct probe_fact *probe)
{
    probe->fact = kube_fact(reader, scope, node, path);
    if (probe->fact.state == FACT_ABSENT)
        return false;
    nothing_said(probe);
    probe->action = PROBE_UNKNOWN;
    if (probe->fact.state == FACT_KNOWN && node->kind != DATA_OBJECT)
        probe->fact.state = FACT_INVALID;
    return probe->fact.state == FACT_KNOWN;
}

static void read_probe(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                       const char *path, struct probe_fact *probe)
{
    if (!begin(reader, scope, node, path, probe))
        return;
    const struct data_node *slots[PROBE_SLOTS];
    kube_members(reader, node, &key_probe, slots);
    const struct kube_scope inside = {.holder = node, .at = probe->fact.key};
    probe->initial_delay_s = kube_whole_or(reader, &inside, slots[PROBE_INITIAL_DELAY], "initialDelaySeconds", 0);
    probe->period_s = kube_whole_or(reader, &inside, slots[PROBE_PERIOD], "periodSeconds", 10);
    probe->timeout_s = kube_whole_or(reader, &inside, slots[PROBE_TIMEOUT], "timeoutSeconds", 1);
    probe->failure_threshold = kube_whole_or(reader, &inside, slots[PROBE_FAILURES], "failureThreshold", 3);
    const struct handlers handlers = {.exec = said(slots[PROBE_EXEC_ACTION]),
                                      .http = said(slots[PROBE_HTTP_GET]),
                                      .tcp = said(slots[PROBE_TCP_SOCKET]),
                                      .grpc = said(slots[PROBE_GRPC_ACTION])};
    read_handler(reader, &handlers, probe);
}

static void read_hook(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                      const char *path, struct probe_fact *probe)
{
    if (!begin(reader, scope, node, path, probe))
        return;
    const struct data_node *slots[HOOK_SLOTS];
    kube_members(reader, node, &key_hook, slots);
    const struct handlers handlers = {.exec = said(slots[HOOK_EXEC]),
                                      .http = said(slots[HOOK_HTTP_GET]),
                                      .tcp = said(slots[HOOK_TCP_SOCKET]),
                                      .sleep = said(slots[HOOK_SLEEP])};
    read_handler(reader, &handlers, probe);
}

void kube_probes(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *const *slots,
                 struct workload *workload)
{
    read_probe(reader, scope, slots[CONTAINER_STARTUP], "startupProbe", &workload->startup);
    read_probe(reader, scope, slots[CONTAINER_READINESS], "readinessProbe", &workload->readiness);
    read_probe(reader, scope, slots[CONTAINER_LIVENESS], "livenessProbe", &workload->liveness);
    const struct data_node *hooks[LIFECYCLE_SLOTS], *lifecycle = slots[CONTAINER_LIFECYCLE];
    kube_members(reader, lifecycle, &key_lifecycle, hooks);
    const struct kube_scope below = kube_scope_below(reader, scope, lifecycle, STR("lifecycle"));
    read_hook(reader, &below, hooks[LIFECYCLE_POST_START], "lifecycle.postStart", &workload->post_start);
    read_hook(reader, &below, hooks[LIFECYCLE_PRE_STOP], "lifecycle.preStop", &workload->pre_stop);
}
