/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#define POD(security)                                                                                                  \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n"                       \
    "      image: registry.example/web:1.2\n      securityContext:\n" security
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

#define STANDARDS                                                                                                      \
    {                                                                                                                  \
        "Kubernetes: Pod Security Standards", "https://kubernetes.io/docs/concepts/security/pod-security-standards/"   \
    }
#define CONTEXTS                                                                                                       \
    {                                                                                                                  \
        "Kubernetes: Configure a Security Context for a Pod or Container",                                             \
            "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"                               \
    }
#define COMPOSE(element)                                                                                               \
    {                                                                                                                  \
        "Compose file reference: " element, "https://docs.docker.com/reference/compose-file/services/#" element        \
    }

/* --- drop-capabilities -------------------------------------------------------------------------------------- */

static void drop_capabilities(struct judge *judge, const struct workload *workload);

const struct rule drop_capabilities_rule = {
    .id = "drop-capabilities",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "all capabilities are dropped, and none but NET_BIND_SERVICE is given back",
    .rationale =
        "A container that says nothing starts with about fourteen capabilities: it may change the owner of any file, "
        "become any user, write raw packets and make device nodes. Hardly any server needs one of them, and each is a "
        "tool for whoever breaks into it. Dropping a list of names leaves what the list forgot and what later kernels "
        "add; dropping ALL does not. Capabilities such as SYS_ADMIN, SYS_PTRACE, NET_ADMIN or DAC_READ_SEARCH are "
        "known ways out of a container. The profiles of the Pod Security Standards ask less (baseline: nothing beyond "
        "the usual set is added) or the same (restricted, since 1.22).",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Set cap_drop: [ALL]. With cap_add give back NET_BIND_SERVICE alone, and better let "
                                "the program listen above port 1023.",
            [SURFACE_KUBERNETES] = "Set securityContext.capabilities.drop: [ALL] in the container. Add "
                                   "NET_BIND_SERVICE alone, and better let the program listen above port 1023.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            CONTEXTS,
            COMPOSE("cap_drop"),
            {"capabilities(7)", "https://man7.org/linux/man-pages/man7/capabilities.7.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    cap_drop: [NET_RAW]\n"), SERVICE("    cap_drop: [ALL]\n")},
            {SURFACE_KUBERNETES, POD("        capabilities:\n          drop: [ALL]\n          add: [NET_ADMIN]\n"),
             POD("        capabilities:\n          drop: [ALL]\n")},
            {0},
        },
    .params =
        (const struct rule_param[]){
            {"allowed", RULE_PARAM_STRINGS, "capabilities that may be given back", "[NET_BIND_SERVICE]"},
            {0},
        },
    .workload = drop_capabilities,
};

/* What the Pod Security Standards let the baseline profile add: what runtimes give anyway, but NET_RAW. */
static const char *const baseline_capabilities[] = {
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",       "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT", NULL,
};

/* Restricted since 1.22, and our own standard: ALL has to be dropped. */
static bool asks_for_drop(const struct judge *judge)
{
    return judge_by_standard(judge) || (judge_restricted(judge) && judge_pss_since(judge, 22));
}

/* A pod that says it runs on Windows has no capabilities; the profiles know that since 1.25. */
static bool exempt_on_windows(const struct judge *judge, const struct pod *pod)
{
    return pod->windows && (judge_by_standard(judge) || (judge_restricted(judge) && judge_pss_since(judge, 25)));
}

/*
 * The name to compare. The profiles compare what is written, so that "all" and "CAP_CHOWN" are not the names they
 * know; runtimes do not care about case, and facts are without the prefix.
 */
static struct str capability_name(const struct judge *judge, const struct workload *workload,
                                  const struct fact_item *item)
{
    bool as_written = !judge_by_standard(judge) && workload->kind != WORKLOAD_SERVICE && item->text.fact.node;
    return as_written ? item->text.fact.node->value : item->text.value;
}

static bool may_add(struct judge *judge, struct str name, struct rule_strings allowed)
{
    if (!judge_by_standard(judge))
        return asks_for_drop(judge) ? str_eq_z(name, "NET_BIND_SERVICE") : name_among(name, baseline_capabilities);
    for (size_t i = 0; i < allowed.count; i++)
        if (str_eq_fold(name, allowed.items[i]))
            return true;
    return false;
}

static void judge_added(struct judge *judge, const struct workload *workload)
{
    const struct fact_list *add = &workload->add;
    struct rule_strings allowed = judge_param_strings(judge, "allowed");
    if (fact_undecided(judge, &add->fact, workload->kind == WORKLOAD_SERVICE ? "cap_add" : "capabilities.add"))
        return;
    for (size_t i = 0; i < add->count; i++) {
        const struct fact_item *item = &add->items[i];
        if (fact_undecided(judge, &item->text.fact, "an added capability"))
            continue;
        struct str name = capability_name(judge, workload, item);
        if (may_add(judge, name, allowed))
            continue;
        if (str_eq_fold(name, STR("ALL")))
            judge_fail(judge, item->text.fact.at, "every capability is added");
        else
            judge_fail(judge, item->text.fact.at, "capability '%.*s' is added", STR_ARG(name));
        if (!asks_for_drop(judge))
            judge_expect(judge, "nothing beyond the set that runtimes give, without NET_RAW");
        else if (judge_by_standard(judge) && allowed.count == 0)
            judge_expect(judge, "no capability is added");
        else
            judge_expect(judge, "nothing but %.*s",
                         STR_ARG(judge_by_standard(judge) ? allowed.items[0] : STR("NET_BIND_SERVICE")));
        judge_fact(judge, &add->fact);
    }
}

static void judge_dropped(struct judge *judge, const struct workload *workload)
{
    const struct fact_list *drop = &workload->drop;
    bool compose = workload->kind == WORKLOAD_SERVICE;
    const char *key = compose ? "cap_drop" : "capabilities.drop";
    if (fact_undecided(judge, &drop->fact, key))
        return;
    const struct fact *unknown = NULL;
    for (size_t i = 0; i < drop->count; i++) {
        const struct fact_item *item = &drop->items[i];
        if (item->text.fact.state == FACT_UNKNOWN)
            unknown = &item->text.fact;
        else if (str_eq_z(capability_name(judge, workload, item), "ALL") ||
                 (judge_by_standard(judge) && str_eq_fold(item->text.value, STR("ALL"))))
            return;
    }
    if (unknown) {
        judge_unknown(judge, unknown->at, "a dropped capability hangs on a variable that is not known here");
        return;
    }
    if (drop->count)
        judge_fail(judge, drop->fact.at, "only some capabilities are dropped, and the runtime's others stay");
    else
        judge_fail(judge, drop->fact.at, "no capability is dropped, and the runtime's usual ones stay");
    judge_expect(judge, compose ? "cap_drop: [ALL]" : "securityContext.capabilities.drop: [ALL]");
    judge_fact(judge, &drop->fact);
}

static bool is_privileged(const struct workload *workload)
{
    return fact_said(&workload->privileged.fact) && workload->privileged.value;
}

static void drop_capabilities(struct judge *judge, const struct workload *workload)
{
    if (exempt_on_windows(judge, workload->pod))
        return;
    /* A privileged container has all of them whatever is dropped: that is `no-privileged`. */
    if (asks_for_drop(judge) && !(judge_by_standard(judge) && is_privileged(workload)))
        judge_dropped(judge, workload);
    judge_added(judge, workload);
}

/* --- no-privilege-escalation -------------------------------------------------------------------------------- */

static void no_privilege_escalation(struct judge *judge, const struct workload *workload);

const struct rule no_privilege_escalation_rule = {
    .id = "no-privilege-escalation",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_SAFE,
    .summary = "no process may gain more privileges than the one that started it",
    .rationale =
        "Without the kernel's no_new_privs flag a program with the setuid bit, or with file capabilities, makes root "
        "of an ordinary user: the step from a hole in a server to root in its container. The flag is inherited by "
        "every child and can't be taken back. It is off unless it is asked for, on both platforms; a server that "
        "starts as the user it runs as never notices it. The restricted profile asks for it since 1.8, of pods that "
        "run on Linux since 1.25.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Set security_opt: [no-new-privileges:true].",
            [SURFACE_KUBERNETES] = "Set securityContext.allowPrivilegeEscalation: false in each container, init "
                                   "containers too; a pod has no such key.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            CONTEXTS,
            COMPOSE("security_opt"),
            {"No New Privileges Flag, Linux kernel", "https://docs.kernel.org/userspace-api/no_new_privs.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE(""), SERVICE("    security_opt:\n      - no-new-privileges:true\n")},
            {SURFACE_KUBERNETES, POD("        readOnlyRootFilesystem: true\n"),
             POD("        allowPrivilegeEscalation: false\n")},
            {0},
        },
    .workload = no_privilege_escalation,
};

static void no_privilege_escalation(struct judge *judge, const struct workload *workload)
{
    const struct fact_bool *escalation = &workload->escalation;
    bool compose = workload->kind == WORKLOAD_SERVICE;
    bool standard = judge_by_standard(judge);
    if (!standard && !judge_pss_since(judge, 8))
        return;
    if (workload->pod->windows && (standard || judge_pss_since(judge, 25)))
        return;
    /* Privileged rules the flag out: Kubernetes refuses the two together. */
    if (standard && is_privileged(workload))
        return;
    if (fact_undecided(judge, &escalation->fact, compose ? "no-new-privileges" : "allowPrivilegeEscalation"))
        return;
    bool written = escalation->fact.state == FACT_KNOWN || escalation->fact.state == FACT_INHERITED;
    if (written && !escalation->value)
        return;
    if (written)
        judge_fail(judge, escalation->fact.at, "processes may gain privileges: '%s' says so",
                   compose ? "no-new-privileges" : "allowPrivilegeEscalation");
    else
        judge_fail(judge, escalation->fact.at, "processes may gain privileges: '%s' is not set",
                   compose ? "no-new-privileges" : "allowPrivilegeEscalation");
    judge_expect(judge, compose ? "security_opt: [no-new-privileges:true]"
                                : "securityContext.allowPrivilegeEscalation: false");
    judge_fact(judge, &escalation->fact);
}

/* --- no-privileged ------------------------------------------------------------------------------------------ */

static void no_privileged(struct judge *judge, const struct workload *workload);

const struct rule no_privileged_rule = {
    .id = "no-privileged",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "no container is privileged",
    .rationale =
        "A privileged container has every capability, every device of the machine, and neither seccomp nor AppArmor: "
        "mounting the machine's disk or loading a kernel module is one command away. It is root on the machine, not "
        "in a container. It also undoes what else the workload says about its confinement, which is why our own "
        "standard tells only this of a privileged container, and the rest once it is gone.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Take privileged out. Give the one device that is needed under devices, or the one "
                                "capability under cap_add with a waiver that says why.",
            [SURFACE_KUBERNETES] = "Take privileged out. Add the one capability that is needed, with a waiver that "
                                   "says why; devices come from a device plugin.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            CONTEXTS,
            COMPOSE("privileged"),
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    privileged: true\n"), SERVICE("    devices:\n      - /dev/ttyUSB0\n")},
            {SURFACE_KUBERNETES, POD("        privileged: true\n"), POD("        privileged: false\n")},
            {0},
        },
    .workload = no_privileged,
};

static void no_privileged(struct judge *judge, const struct workload *workload)
{
    const struct fact *fact = &workload->privileged.fact;
    if (fact_undecided(judge, fact, "privileged") || !is_privileged(workload))
        return;
    judge_fail(judge, fact->at, "the container is privileged: nothing keeps it from the machine it runs on");
    judge_expect(judge, "privileged: false, or nothing");
    judge_fact(judge, fact);
}
