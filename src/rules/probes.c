/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/judge.h"

#define POD(lines)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n"                       \
    "      image: registry.example/web:1.2\n      ports:\n        - containerPort: 8080\n" lines

static void probes_distinguish(struct judge *judge, const struct workload *workload);

const struct rule probes_distinguish_rule = {
    .id = "probes-distinguish",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_NONE,
    .summary = "readiness and liveness are both asked, and are not the same question",
    .rationale =
        "Readiness asks whether requests may come in now, and takes the pod out of its services when not; liveness "
        "asks whether only a restart helps. One question for both kills what is merely busy or waits for a database: "
        "at the third slow answer every replica is restarted at once, and starts cold. The same question is fine where "
        "liveness is patient, so that the pod is out of its services for a while before it is restarted. A long "
        "initial delay in place of a startup probe either kills slow starts or leaves a hung process alone.",
    .remedy = "Let readiness ask what requests need, and liveness only whether the process answers, or give liveness a "
              "larger failureThreshold. Give what starts slowly a startupProbe.",
    .sources =
        (const struct rule_source[]){
            {"Kubernetes: Liveness, Readiness, and Startup Probes",
             "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/"},
            {"Kubernetes: Configure Liveness, Readiness and Startup Probes",
             "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_KUBERNETES,
             POD("      readinessProbe:\n        httpGet: {path: /health, port: 8080}\n"
                 "      livenessProbe:\n        httpGet: {path: /health, port: 8080}\n"),
             POD("      readinessProbe:\n        httpGet: {path: /ready, port: 8080}\n"
                 "      livenessProbe:\n        httpGet: {path: /alive, port: 8080}\n")},
            {0},
        },
    .params =
        (const struct rule_param[]){
            {"slow-start-seconds", RULE_PARAM_NUMBER,
             "an initial delay of liveness beyond this asks for a startup probe", "30"},
            {0},
        },
    .workload = probes_distinguish,
};

static bool there(const struct probe_fact *probe)
{
    return probe->fact.state != FACT_ABSENT;
}

/* Two texts that are the same, or both absent. False when one is not known. */
static bool same_text(const struct fact_text *a, const struct fact_text *b)
{
    if (!fact_said(&a->fact) || !fact_said(&b->fact))
        return a->fact.state == FACT_ABSENT && b->fact.state == FACT_ABSENT;
    return str_eq(a->value, b->value);
}

static bool same_words(const struct fact_command *a, const struct fact_command *b)
{
    if (a->word_count != b->word_count)
        return false;
    for (size_t i = 0; i < a->word_count; i++)
        if (!str_eq(a->words[i].text, b->words[i].text))
            return false;
    return true;
}

/* A port by its name is the number that the container gives the name. */
static struct str port_number(const struct workload *workload, struct str port)
{
    for (size_t i = 0; i < workload->port_count; i++) {
        const struct port_fact *fact = &workload->ports[i];
        if (fact->name.len > 0 && str_eq(fact->name, port) && fact_said(&fact->container.fact) &&
            fact->container.fact.node)
            return fact->container.fact.node->value;
    }
    return port;
}

static bool same_port(const struct workload *workload, const struct fact_text *a, const struct fact_text *b)
{
    return fact_said(&a->fact) && fact_said(&b->fact) &&
           str_eq(port_number(workload, a->value), port_number(workload, b->value));
}

static bool same_question(const struct workload *workload, const struct probe_fact *a, const struct probe_fact *b)
{
    if (a->action != b->action)
        return false;
    switch (a->action) {
    case PROBE_EXEC:
        return same_words(&a->command, &b->command);
    case PROBE_HTTP:
        return same_port(workload, &a->port, &b->port) && same_text(&a->path, &b->path) &&
               same_text(&a->host, &b->host);
    case PROBE_TCP:
        return same_port(workload, &a->port, &b->port) && same_text(&a->host, &b->host);
    case PROBE_GRPC:
        return same_port(workload, &a->port, &b->port) && same_text(&a->path, &b->path);
    case PROBE_NONE:
    case PROBE_SLEEP:
    case PROBE_UNKNOWN:
        return false;
    }
    return false;
}

/* For how long answers may fail until something is done; false when that is not known. */
static bool patience(const struct probe_fact *probe, int64_t *ret_seconds)
{
    if (!fact_said(&probe->period_s.fact) || !fact_said(&probe->failure_threshold.fact))
        return false;
    return !__builtin_mul_overflow(probe->period_s.value, probe->failure_threshold.value, ret_seconds);
}

static void judge_same(struct judge *judge, const struct workload *workload)
{
    const struct probe_fact *readiness = &workload->readiness, *liveness = &workload->liveness;
    if (!same_question(workload, readiness, liveness))
        return;
    int64_t ready = 0, alive = 0;
    if (!patience(readiness, &ready) || !patience(liveness, &alive)) {
        judge_unknown(judge, liveness->fact.key,
                      "liveness asks the same as readiness, and whether it is more patient is not known");
        return;
    }
    if (alive > ready)
        return;
    judge_fail(judge, liveness->fact.key, "liveness asks the same as readiness, and is no more patient");
    judge_expect(judge, "another question, or failureThreshold times periodSeconds above %lld seconds",
                 (long long)ready);
    judge_related(judge, readiness->fact.key, "the same question");
    judge_fact(judge, &liveness->fact);
}

static void judge_start(struct judge *judge, const struct workload *workload)
{
    const struct fact_number *delay = &workload->liveness.initial_delay_s;
    uint64_t slow = judge_param_number(judge, "slow-start-seconds");
    if (there(&workload->startup) || !fact_said(&delay->fact) || delay->value < 0 || (uint64_t)delay->value <= slow)
        return;
    judge_fail(judge, delay->fact.at, "liveness waits %lld seconds in place of a startup probe",
               (long long)delay->value);
    judge_expect(judge, "a startupProbe");
    judge_fact(judge, &workload->startup.fact);
}

static void judge_one_missing(struct judge *judge, const struct probe_fact *missing, const struct probe_fact *other,
                              const char *name, const char *cost)
{
    judge_fail(judge, other->fact.key, "there is no %s next to it: %s", name, cost);
    judge_expect(judge, "a %s", name);
    judge_fact(judge, &missing->fact);
}

static void probes_distinguish(struct judge *judge, const struct workload *workload)
{
    const struct probe_fact *readiness = &workload->readiness, *liveness = &workload->liveness;
    if (workload->kind != WORKLOAD_CONTAINER && workload->kind != WORKLOAD_SIDECAR)
        return;
    bool unknown = readiness->fact.state == FACT_UNKNOWN || liveness->fact.state == FACT_UNKNOWN;
    if (unknown) {
        const struct probe_fact *probe = liveness->fact.state == FACT_UNKNOWN ? liveness : readiness;
        judge_unknown(judge, probe->fact.at, "a probe hangs on a variable that is not known here");
        return;
    }
    /* What takes no requests is ready when it runs; none at all is told by `healthcheck-present`. */
    bool serves = workload->pod->serves && workload->port_count > 0;
    if (there(liveness) && there(readiness))
        judge_same(judge, workload);
    else if (serves && there(liveness))
        judge_one_missing(judge, readiness, liveness, "readinessProbe", "requests come in before it can answer them");
    else if (serves && there(readiness))
        judge_one_missing(judge, liveness, readiness, "livenessProbe", "what hangs is never restarted");
    if (there(liveness))
        judge_start(judge, workload);
}
