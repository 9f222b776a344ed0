/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#include "base/num.h"

#include <string.h>

#define POD(metadata, spec, container)                                                                                 \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n" metadata "spec:\n" spec                                      \
    "  containers:\n    - name: web\n      image: registry.example/web:1.2\n" container
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

/* --- no-token-mount ----------------------------------------------------------------------------------------- */

static void no_token_mount(struct judge *judge, const struct pod *pod);

const struct rule no_token_mount_rule = {
    .id = "no-token-mount",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "a pod that does not talk to the API server carries no token for it",
    .rationale =
        "Unless told otherwise the kubelet mounts a token of the pod's service account into every container. Whoever "
        "reads a file there, through a path traversal or a log viewer, speaks to the API server as that account. Most "
        "servers never use it. A pod that names a service account of its own is taken to use it; the namespace's "
        "account 'default' is shared by everything that says nothing, so that rights given to it reach further than "
        "was meant.",
    .remedy = "Set automountServiceAccountToken: false in the pod's spec. A program that does use the API gets a "
              "service account of its own (serviceAccountName) with the rights that it needs.",
    .sources =
        (const struct rule_source[]){
            {"Kubernetes: opt out of API credential automounting",
             "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"
             "#opt-out-of-api-credential-automounting"},
            {"Kubernetes: Service Accounts", "https://kubernetes.io/docs/concepts/security/service-accounts/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_KUBERNETES, POD("", "", ""), POD("", "  automountServiceAccountToken: false\n", "")},
            {0},
        },
    .pod = no_token_mount,
};

static void no_token_mount(struct judge *judge, const struct pod *pod)
{
    const struct fact_bool *mount = &pod->automount_token;
    const struct fact_text *account = &pod->service_account;
    if (fact_undecided(judge, &mount->fact, "automountServiceAccountToken") || !mount->value)
        return;
    if (fact_undecided(judge, &account->fact, "serviceAccountName"))
        return;
    if (account->value.len > 0 && !str_eq_z(account->value, "default"))
        return;
    if (mount->fact.state == FACT_DEFAULT)
        judge_fail(judge, mount->fact.at, "the token of the service account 'default' is mounted into each container");
    else
        judge_fail(judge, mount->fact.at,
                   "the token of the service account 'default', which everything shares, is mounted on purpose");
    judge_expect(judge, "automountServiceAccountToken: false");
    judge_fact(judge, &mount->fact);
}

/* --- scrape-annotations ------------------------------------------------------------------------------------- */

static void scrape_annotations(struct judge *judge, const struct pod *pod);

const struct rule scrape_annotations_rule = {
    .id = "scrape-annotations",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "a server says where Prometheus finds its metrics, on a port that it declares",
    .rationale =
        "The usual configuration of Prometheus finds its targets by annotations of the pod (labels of the service in "
        "Compose): prometheus.io/scrape switches it on, prometheus.io/port says where, prometheus.io/path what to ask "
        "for when it is not /metrics. A server without them is not watched, and nobody notices; with a port that no "
        "container declares, the target is down for ever. prometheus.io/scrape: \"false\" says that this is meant. "
        "Servers whose ports are those of databases and queues are left alone.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Add the labels prometheus.io/scrape: \"true\" and prometheus.io/port: \"PORT\", in "
                                "quotes: they are strings. Where other means find the targets, switch this rule off.",
            [SURFACE_KUBERNETES] = "Add prometheus.io/scrape: \"true\" and prometheus.io/port: \"PORT\" to the "
                                   "annotations of the pod template, in quotes: they are strings. Where a "
                                   "ServiceMonitor finds the targets, switch this rule off.",
        },
    .sources =
        (const struct rule_source[]){
            {"Prometheus: kubernetes_sd_config and the example with annotations",
             "https://github.com/prometheus/prometheus/blob/main/documentation/examples/prometheus-kubernetes.yml"},
            {"Prometheus: docker_sd_config",
             "https://prometheus.io/docs/prometheus/latest/configuration/configuration/#docker_sd_config"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    ports: [\"127.0.0.1:8080:8080\"]\n"),
             SERVICE("    ports: [\"127.0.0.1:8080:8080\"]\n    labels:\n      prometheus.io/scrape: \"true\"\n"
                     "      prometheus.io/port: \"8080\"\n")},
            {SURFACE_KUBERNETES, POD("", "", "      ports:\n        - containerPort: 8080\n"),
             POD("  annotations:\n    prometheus.io/scrape: \"true\"\n    prometheus.io/port: \"8080\"\n", "",
                 "      ports:\n        - containerPort: 8080\n")},
            {0},
        },
    .pod = scrape_annotations,
};

static bool among(const uint16_t *ports, size_t count, int64_t port)
{
    for (size_t i = 0; i < count; i++)
        if (ports[i] == port)
            return true;
    return false;
}

/* Ports whose servers speak something else than HTTP. */
static bool speaks_other(int64_t port)
{
    static const uint16_t ports[] = {21,   22,   25,    53,    110,   111,   143,   389,   465,   587,   636,
                                     873,  993,  995,   1433,  1521,  1883,  2049,  2181,  2379,  2380,  2888,
                                     3306, 3888, 4222,  4369,  5432,  5671,  5672,  5701,  6379,  6380,  6432,
                                     6443, 7000, 7001,  7077,  7199,  8883,  9042,  9092,  9093,  9160,  9300,
                                     9418, 9999, 11211, 25672, 26257, 26379, 27017, 27018, 28015, 29015, 33060};
    return among(ports, ARRAY_LEN(ports), port);
}

/* Ports that servers of the others open for HTTP next to their own. */
static bool speaks_http(int64_t port)
{
    static const uint16_t ports[] = {80, 443, 3000, 4000, 5000, 9080, 9090, 9091, 9100, 9200, 9443, 15672, 15692};
    return (port >= 8000 && port < 9000 && port != 8883) || among(ports, ARRAY_LEN(ports), port);
}

struct served {
    bool http;    /* a port that speaks HTTP */
    bool other;   /* a port that speaks something else */
    bool maybe;   /* a port that may speak HTTP */
    bool unknown; /* a port hangs on a variable, or stands for several */
    bool found;   /* PORT is among them */
};

static bool runs_on(const struct workload *workload)
{
    return workload->kind != WORKLOAD_INIT && workload->kind != WORKLOAD_EPHEMERAL;
}

static void look_at_port(const struct port_fact *fact, int64_t port, struct served *served)
{
    if (!str_eq_z(fact->protocol, "tcp"))
        return;
    if (!fact_said(&fact->container.fact) || fact->range) {
        served->unknown = true;
        served->maybe |= fact->range;
        return;
    }
    bool other = speaks_other(fact->container.value);
    served->http |= speaks_http(fact->container.value);
    served->other |= other;
    served->maybe |= !other;
    served->found |= fact->container.value == port;
}

static struct served ports_of(const struct pod *pod, int64_t port)
{
    struct served served = {0};
    for (size_t i = 0; i < pod->workload_count; i++)
        for (size_t j = 0; runs_on(pod->workloads[i]) && j < pod->workloads[i]->port_count; j++)
            look_at_port(&pod->workloads[i]->ports[j], port, &served);
    return served;
}

static const struct fact_item *annotation(const struct pod *pod, const char *name)
{
    for (size_t i = 0; i < pod->annotations.count; i++)
        if (str_eq_z(pod->annotations.items[i].text.value, name))
            return &pod->annotations.items[i];
    return NULL;
}

static const char *noun(const struct pod *pod)
{
    return pod->surface == SURFACE_COMPOSE ? "label" : "annotation";
}

static void judge_scrape_port(struct judge *judge, const struct pod *pod, const struct fact_item *scrape)
{
    const struct fact_item *port = annotation(pod, "prometheus.io/port");
    if (!port) {
        judge_fail(judge, scrape->text.fact.at, "the %s 'prometheus.io/port' is missing", noun(pod));
        judge_expect(judge, "prometheus.io/port: \"PORT\"");
        return;
    }
    uint64_t number = 0;
    if (fact_undecided(judge, &port->value.fact, "prometheus.io/port"))
        return;
    if (!num_parse_u64(port->value.value, &number) || number == 0 || number > UINT16_MAX) {
        judge_fail(judge, port->value.fact.at, "'prometheus.io/port' is no port");
        judge_expect(judge, "a number from 1 to 65535");
        return;
    }
    struct served served = ports_of(pod, (int64_t)number);
    if (served.found)
        return;
    if (served.unknown)
        judge_unknown(judge, port->value.fact.at, "whether port %u is declared hangs on a variable or a range",
                      (unsigned)number);
    else
        judge_fail(judge, port->value.fact.at, "port %u is not among the ports that are declared", (unsigned)number);
    judge_expect(judge, "a port from 'ports'%s", pod->surface == SURFACE_COMPOSE ? " or 'expose'" : "");
}

static void scrape_annotations(struct judge *judge, const struct pod *pod)
{
    if (!pod->serves || fact_undecided(judge, &pod->annotations.fact, "annotations"))
        return;
    const struct fact_item *scrape = annotation(pod, "prometheus.io/scrape");
    if (!scrape) {
        struct served served = ports_of(pod, 0);
        if (!served.http && (served.other || !served.maybe))
            return;
        judge_fail(judge, pod->at, "no %s says where Prometheus finds the metrics", noun(pod));
        judge_expect(judge, "the %ss prometheus.io/scrape: \"true\" and prometheus.io/port", noun(pod));
        judge_fact(judge, &pod->annotations.fact);
        return;
    }
    if (fact_undecided(judge, &scrape->value.fact, "prometheus.io/scrape") || str_eq_z(scrape->value.value, "false"))
        return;
    if (!str_eq_z(scrape->value.value, "true")) {
        judge_fail(judge, scrape->value.fact.at, "'prometheus.io/scrape' is neither \"true\" nor \"false\"");
        judge_expect(judge, "\"true\"");
        return;
    }
    judge_scrape_port(judge, pod, scrape);
    const struct fact_item *path = annotation(pod, "prometheus.io/path");
    if (path && fact_said(&path->value.fact) && !str_starts(path->value.value, STR("/"))) {
        judge_fail(judge, path->value.fact.at, "'prometheus.io/path' does not start with '/'");
        judge_expect(judge, "/metrics");
    }
}
