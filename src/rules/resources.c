/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#define POD(lines)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n"                       \
    "      image: registry.example/web:1.2\n" lines
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

static void resource_limits(struct judge *judge, const struct workload *workload);

const struct rule resource_limits_rule = {
    .id = "resource-limits",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "memory and CPU are limited, and processes or ephemeral storage too",
    .rationale =
        "A container without limits takes what the machine has: a leak, a burst of requests or a miner ends in the "
        "kernel killing other processes, or in a node that evicts its neighbours. A reservation (Kubernetes: a "
        "request) is what the scheduler sets aside; it holds nobody back. In Compose null and 0 mean without limit, "
        "and so does 0 in a manifest. Without a limit of processes a fork bomb in one container stops the whole "
        "machine; without one of ephemeral storage a log fills the node's disk.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Set deploy.resources.limits with memory, cpus and pids (or mem_limit, cpus and "
                                "pids_limit). Measure first, then leave some room above the highest use.",
            [SURFACE_KUBERNETES] = "Set resources.limits with memory, cpu and ephemeral-storage in each container, "
                                   "init containers too. Measure first, then leave some room above the highest use.",
        },
    .sources =
        (const struct rule_source[]){
            {"Compose Deploy Specification: resources",
             "https://docs.docker.com/reference/compose-file/deploy/#resources"},
            {"Docker: Resource constraints", "https://docs.docker.com/engine/containers/resource_constraints/"},
            {"Kubernetes: Resource Management for Pods and Containers",
             "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"},
            {"Kubernetes: Process ID Limits And Reservations",
             "https://kubernetes.io/docs/concepts/policy/pid-limiting/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    deploy:\n      resources:\n        reservations:\n          memory: 64m\n"),
             SERVICE("    deploy:\n      resources:\n        limits:\n          memory: 128m\n"
                     "          cpus: \"0.5\"\n          pids: 100\n")},
            {SURFACE_KUBERNETES, POD("      resources:\n        requests:\n          memory: 64Mi\n"),
             POD("      resources:\n        limits:\n          memory: 128Mi\n          cpu: 500m\n"
                 "          ephemeral-storage: 1Gi\n")},
            {0},
        },
    .params =
        (const struct rule_param[]){
            {"require", RULE_PARAM_STRINGS, "what has to be limited", "[memory, cpu, pids, ephemeral-storage]"},
            {0},
        },
    .workload = resource_limits,
};

struct resource {
    const char *param; /* its name in the parameter */
    const char *shown; /* in messages */
    const struct fact_number *limit;
    const struct fact_number *reserved; /* or NULL */
    const char *expected;
    enum severity severity;
    bool required;
};

static bool is_among(const struct rule_strings *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (str_eq_z(all->items[i], name))
            return true;
    return false;
}

static bool is_set(const struct resource *resource)
{
    return fact_said(&resource->limit->fact) && resource->limit->value > 0;
}

static bool is_zero(const struct fact_number *limit)
{
    return fact_said(&limit->fact) && limit->value <= 0;
}

static bool is_missing(const struct fact_number *limit)
{
    return limit->fact.state == FACT_ABSENT;
}

static bool only_reserved(const struct resource *resource)
{
    const struct fact_number *reserved = resource->reserved;
    return reserved && fact_said(&reserved->fact) && reserved->fact.state != FACT_DEFAULT && reserved->value > 0;
}

static void judge_resource(struct judge *judge, const struct resource *resource, const char *reservation)
{
    const struct fact_number *limit = resource->limit;
    if (!resource->required || fact_undecided(judge, &limit->fact, limit->fact.path))
        return;
    if (is_zero(limit))
        judge_fail_as(judge, resource->severity, limit->fact.at, "a limit of %s for %s is no limit",
                      judge_shown(judge, limit->fact.at), resource->shown);
    else if (!is_missing(limit))
        return;
    else if (only_reserved(resource))
        judge_fail_as(judge, resource->severity, resource->reserved->fact.at, "%s is not limited: a %s is no limit",
                      resource->shown, reservation);
    else
        judge_fail_as(judge, resource->severity, limit->fact.at, "%s is not limited", resource->shown);
    judge_expect(judge, "%s", resource->expected);
    judge_fact(judge, &limit->fact);
}

/* Nothing at all is said of both: that is one omission. */
static bool judge_both(struct judge *judge, const struct resource *memory, const struct resource *cpu, bool compose)
{
    if (!is_missing(memory->limit) || !is_missing(cpu->limit) || only_reserved(memory) || only_reserved(cpu) ||
        !memory->required || !cpu->required)
        return false;
    judge_fail(judge, memory->limit->fact.at, "neither memory nor CPU is limited");
    judge_expect(judge,
                 compose ? "deploy.resources.limits with memory and cpus" : "resources.limits with memory and cpu");
    judge_fact(judge, &memory->limit->fact);
    return true;
}

static void resource_limits(struct judge *judge, const struct workload *workload)
{
    if (workload->kind == WORKLOAD_EPHEMERAL) /* may have none */
        return;
    bool compose = workload->kind == WORKLOAD_SERVICE;
    const char *reservation = compose ? "reservation" : "request";
    struct resource memory = {
        .param = "memory",
        .shown = "memory",
        .limit = &workload->memory_bytes,
        .reserved = &workload->memory_reservation_bytes,
        .expected = compose ? "deploy.resources.limits.memory or mem_limit" : "resources.limits.memory",
        .severity = SEVERITY_ERROR,
    };
    struct resource cpu = {
        .param = "cpu",
        .shown = "CPU",
        .limit = &workload->cpu_milli,
        .reserved = &workload->cpu_reservation_milli,
        .expected = compose ? "deploy.resources.limits.cpus or cpus" : "resources.limits.cpu",
        .severity = SEVERITY_ERROR,
    };
    struct resource pids = {
        .param = "pids",
        .shown = "the number of processes",
        .limit = &workload->pids,
        .expected = "deploy.resources.limits.pids or pids_limit",
        .severity = SEVERITY_WARNING,
    };
    struct resource storage = {
        .param = "ephemeral-storage",
        .shown = "ephemeral storage",
        .limit = &workload->ephemeral_bytes,
        .reserved = &workload->ephemeral_reservation_bytes,
        .expected = "resources.limits.ephemeral-storage",
        .severity = SEVERITY_WARNING,
    };
    struct resource *third = compose ? &pids : &storage, *all[] = {&memory, &cpu, third};
    if (is_set(&memory) && is_set(&cpu) && is_set(third))
        return;
    struct rule_strings required = judge_param_strings(judge, "require");
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        all[i]->required = is_among(&required, all[i]->param);
    if (!judge_both(judge, &memory, &cpu, compose)) {
        judge_resource(judge, &memory, reservation);
        judge_resource(judge, &cpu, reservation);
    }
    judge_resource(judge, third, reservation);
}
