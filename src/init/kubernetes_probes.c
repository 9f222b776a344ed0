/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

/* When a probe is asked, and how often it may fail. */
struct timing {
    unsigned period_s, failures;
};

enum { TIMEOUT_S = 3 /* the probe's own is 2 s, and then it tells why */ };

static bool is_same(const struct init_probe *a, const struct init_probe *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!str_eq(a->command[i], b->command[i]))
            return false;
    return a->count > 0 || str_eq(a->http_path, b->http_path);
}

static bool is_asked(const struct init_plan *plan, const struct init_probe *probe)
{
    return probe->count > 0 || probe->http_path.len > 0 || plan->serves;
}

static void write_probe(const struct init_plan *plan, const char *key, const struct init_probe *probe,
                        struct timing timing, struct yaml_writer *yaml)
{
    yaml_open(yaml, key);
    if (probe->count > 0) {
        yaml_open(yaml, "exec");
        yaml_flow(yaml, "command", probe->command, probe->count);
        yaml_close(yaml);
    } else if (probe->http_path.len > 0) {
        yaml_open(yaml, "httpGet");
        yaml_str(yaml, "path", probe->http_path);
        yaml_z(yaml, "port", "http");
        yaml_close(yaml);
    } else {
        yaml_open(yaml, "tcpSocket");
        yaml_z(yaml, "port", "http");
        yaml_close(yaml);
    }
    yaml_u64(yaml, "periodSeconds", timing.period_s);
    yaml_u64(yaml, "timeoutSeconds", TIMEOUT_S);
    yaml_u64(yaml, "failureThreshold", timing.failures);
    yaml_close(yaml);
    (void)plan;
}

void kubernetes_probes(const struct init_plan *plan, struct yaml_writer *yaml)
{
    const struct init_probe *ready = &plan->ready, *live = &plan->live;
    bool same = is_same(ready, live), slow = deploy_starts_slowly(plan);
    if (!is_asked(plan, ready) && !is_asked(plan, live))
        return;
    if (ready->count == 0 && ready->http_path.len == 0)
        yaml_comment(yaml, "No path is known that tells its health; that it takes connections is the least.");
    if (is_asked(plan, &plan->startup))
        write_probe(plan, "startupProbe", &plan->startup, (struct timing){slow ? 2 : 1, slow ? 60 : 30}, yaml);
    if (is_asked(plan, ready))
        write_probe(plan, "readinessProbe", ready, (struct timing){5, 2}, yaml);
    if (same)
        yaml_comment(yaml, "The same question with more patience: it gets no requests for 50 s before it is "
                           "restarted.");
    if (is_asked(plan, live))
        write_probe(plan, "livenessProbe", live, same ? (struct timing){10, 6} : (struct timing){10, 3}, yaml);
}
