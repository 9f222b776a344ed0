/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#define POD(lines)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n" lines "  containers:\n    - name: web\n"              \
    "      image: registry.example/web:1.2\n"
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

static void seccomp_pod(struct judge *judge, const struct pod *pod);
static void seccomp_workload(struct judge *judge, const struct workload *workload);

const struct rule seccomp_default_rule = {
    .id = "seccomp-default",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "the runtime's seccomp profile, or one of the workload's own, filters system calls",
    .rationale =
        "Linux has some four hundred system calls; a server uses a few dozen. The profile that runtimes bring closes "
        "those that hardly any program needs and that many kernel holes were reached through (keyctl, bpf, "
        "userfaultfd, unshare). Docker and Podman apply it when nothing is said. Kubernetes does not: without a "
        "profile a pod runs Unconfined, unless each node's kubelet was told otherwise. The baseline profile forbids "
        "saying Unconfined; restricted asks for a profile since 1.19, of pods that run on Linux since 1.25.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Take seccomp=unconfined out of security_opt. Where a program needs a call that the "
                                "profile closes, write one that opens that call alone (seccomp=FILE).",
            [SURFACE_KUBERNETES] =
                "Set seccompProfile.type: RuntimeDefault once in the pod's securityContext. Where a program needs a "
                "call that it closes, write a profile that opens that call alone (type: Localhost).",
        },
    .sources =
        (const struct rule_source[]){
            {"Kubernetes: Pod Security Standards",
             "https://kubernetes.io/docs/concepts/security/pod-security-standards/"},
            {"Kubernetes: Restrict a Container's Syscalls with seccomp",
             "https://kubernetes.io/docs/tutorials/security/seccomp/"},
            {"Docker: Seccomp security profiles", "https://docs.docker.com/engine/security/seccomp/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    security_opt:\n      - seccomp=unconfined\n"),
             SERVICE("    security_opt:\n      - seccomp=./seccomp.json\n")},
            {SURFACE_KUBERNETES, POD(""), POD("  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n")},
            {0},
        },
    .pod = seccomp_pod,
    .workload = seccomp_workload,
};

#define EXPECTED "seccompProfile.type: RuntimeDefault (or Localhost)"

static bool confines(const struct seccomp_fact *seccomp)
{
    return str_eq_z(seccomp->type, "RuntimeDefault") || str_eq_z(seccomp->type, "Localhost");
}

static bool written(const struct fact *fact)
{
    return (fact->state != FACT_ABSENT && fact->state != FACT_DEFAULT) || profile_without_type(fact, "seccompProfile");
}

/* Before 1.19 the standards looked at the annotations only, and no profile asked for one. */
static bool by_annotation(const struct judge *judge)
{
    return !judge_by_standard(judge) && !judge_pss_since(judge, 19);
}

static bool asks_for_profile(const struct judge *judge)
{
    return judge_by_standard(judge) || (judge_restricted(judge) && judge_pss_since(judge, 19));
}

static bool exempt_on_windows(const struct judge *judge, const struct pod *pod)
{
    return pod->windows && (judge_by_standard(judge) || (judge_restricted(judge) && judge_pss_since(judge, 25)));
}

static void judge_profile(struct judge *judge, const struct seccomp_fact *seccomp, bool compose)
{
    if (fact_undecided(judge, &seccomp->fact, "seccomp profile") || confines(seccomp))
        return;
    if (seccomp->type.len == 0)
        judge_fail(judge, seccomp->fact.at, "the seccomp profile has no type");
    else if (str_eq_fold(seccomp->type, STR("Unconfined")))
        judge_fail(judge, seccomp->fact.at, "system calls are not filtered: the seccomp profile is 'Unconfined'");
    else
        judge_fail(judge, seccomp->fact.at, "there is no seccomp profile '%.*s'", STR_ARG(seccomp->type));
    judge_expect(judge, compose ? "the engine's own profile (nothing said), or seccomp=FILE" : EXPECTED);
    judge_fact(judge, &seccomp->fact);
}

static bool annotation_confines(struct str value)
{
    return str_eq_z(value, "runtime/default") || str_eq_z(value, "docker/default") ||
           str_starts(value, STR("localhost/"));
}

/* The annotation is the whole pod's (item without a name), or of a container that there is. */
static bool annotation_counts(const struct pod *pod, struct str container)
{
    if (container.len == 0)
        return true;
    for (size_t i = 0; i < pod->workload_count; i++)
        if (str_eq(pod->workloads[i]->name, container))
            return true;
    return false;
}

static void judge_annotations(struct judge *judge, const struct pod *pod)
{
    for (size_t i = 0; i < pod->seccomp_annotations.count; i++) {
        const struct fact_item *item = &pod->seccomp_annotations.items[i];
        if (!annotation_counts(pod, item->text.value) || fact_undecided(judge, &item->value.fact, "annotation") ||
            annotation_confines(item->value.value))
            continue;
        judge_fail(judge, item->value.fact.at, "system calls are not filtered: the annotation says '%.*s'",
                   STR_ARG(item->value.value));
        judge_expect(judge, "runtime/default, or localhost/FILE");
    }
}

/* Does WORKLOAD have to be given a profile? A privileged one takes none: that is `no-privileged`. */
static bool lacks_profile(const struct judge *judge, const struct workload *workload)
{
    bool privileged = fact_said(&workload->privileged.fact) && workload->privileged.value;
    return !written(&workload->seccomp.fact) && !(judge_by_standard(judge) && privileged);
}

static void judge_missing(struct judge *judge, const struct pod *pod, const struct fact *fact)
{
    if (judge_by_standard(judge) && pod->seccomp_annotations.count)
        judge_fail(judge, fact->at, "no seccomp profile is set: its annotation is not read since Kubernetes 1.27");
    else
        judge_fail(judge, fact->at, "no seccomp profile is set: system calls are not filtered");
    judge_expect(judge, "securityContext." EXPECTED);
    judge_fact(judge, fact);
}

/* The pod's own profile; and one finding for all containers when none of them has one. */
static void seccomp_pod(struct judge *judge, const struct pod *pod)
{
    if (pod->surface != SURFACE_KUBERNETES || exempt_on_windows(judge, pod))
        return;
    if (by_annotation(judge)) {
        judge_annotations(judge, pod);
        return;
    }
    if (written(&pod->seccomp.fact)) {
        judge_profile(judge, &pod->seccomp, false);
        return;
    }
    size_t lacking = 0;
    for (size_t i = 0; i < pod->workload_count; i++)
        lacking += lacks_profile(judge, pod->workloads[i]);
    if (lacking && lacking == pod->workload_count && asks_for_profile(judge))
        judge_missing(judge, pod, &pod->seccomp.fact);
}

static void seccomp_workload(struct judge *judge, const struct workload *workload)
{
    const struct pod *pod = workload->pod;
    if (by_annotation(judge) || exempt_on_windows(judge, pod))
        return;
    if (written(&workload->seccomp.fact)) {
        if (fact_own(workload, &workload->seccomp.fact, &pod->seccomp.fact))
            judge_profile(judge, &workload->seccomp, workload->kind == WORKLOAD_SERVICE);
        return;
    }
    if (pod->surface != SURFACE_KUBERNETES || !asks_for_profile(judge) || written(&pod->seccomp.fact))
        return;
    bool all = true;
    for (size_t i = 0; i < pod->workload_count; i++)
        all = all && lacks_profile(judge, pod->workloads[i]);
    if (!all && lacks_profile(judge, workload))
        judge_missing(judge, pod, &workload->seccomp.fact);
}
