/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#define POD(security)                                                                                                  \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  securityContext:\n" security                          \
    "  containers:\n    - name: web\n      image: registry.example/web:1.2\n"
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

#define STANDARDS                                                                                                      \
    {                                                                                                                  \
        "Kubernetes: Pod Security Standards", "https://kubernetes.io/docs/concepts/security/pod-security-standards/"   \
    }
#define SECURITY_OPT                                                                                                   \
    {                                                                                                                  \
        "Compose file reference: security_opt",                                                                        \
            "https://docs.docker.com/reference/compose-file/services/#security_opt"                                    \
    }

/* --- apparmor-default --------------------------------------------------------------------------------------- */

static void apparmor_pod(struct judge *judge, const struct pod *pod);
static void apparmor_workload(struct judge *judge, const struct workload *workload);

const struct rule apparmor_default_rule = {
    .id = "apparmor-default",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "the runtime's AppArmor profile is not taken away",
    .rationale =
        "Where the machine's kernel has AppArmor, runtimes put each container under a profile that keeps it from "
        "writing to /proc and /sys, from mounting, and from tracing processes outside. Nobody has to ask for it; "
        "Unconfined takes it away, and with it the last thing between root in the container and the kernel's "
        "controls. The baseline profile judges the annotation and, in every version's judgement since clusters of "
        "1.30, the field appArmorProfile.",
    .remedies =
        {
            [SURFACE_COMPOSE] =
                "Take the option out, or name a profile that the machine has loaded: security_opt: [apparmor=NAME].",
            [SURFACE_KUBERNETES] = "Take the line out, or set appArmorProfile.type: RuntimeDefault; Localhost names a "
                                   "profile that the node has loaded.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Kubernetes: Restrict a Container's Access to Resources with AppArmor",
             "https://kubernetes.io/docs/tutorials/security/apparmor/"},
            {"Docker: AppArmor security profiles", "https://docs.docker.com/engine/security/apparmor/"},
            SECURITY_OPT,
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    security_opt:\n      - apparmor=unconfined\n"),
             SERVICE("    security_opt:\n      - apparmor=web-server\n")},
            {SURFACE_KUBERNETES, POD("    appArmorProfile:\n      type: Unconfined\n"),
             POD("    appArmorProfile:\n      type: RuntimeDefault\n")},
            {0},
        },
    .pod = apparmor_pod,
    .workload = apparmor_workload,
};

static void judge_apparmor(struct judge *judge, const struct seccomp_fact *apparmor, bool compose)
{
    bool empty = profile_without_type(&apparmor->fact, "appArmorProfile");
    if ((apparmor->fact.state == FACT_ABSENT && !empty) || fact_undecided(judge, &apparmor->fact, "AppArmor profile") ||
        str_eq_z(apparmor->type, "RuntimeDefault") || str_eq_z(apparmor->type, "Localhost"))
        return;
    if (str_eq_fold(apparmor->type, STR("Unconfined")))
        judge_fail(judge, apparmor->fact.at, "AppArmor does not confine the container: its profile is 'Unconfined'");
    else if (apparmor->type.len == 0)
        judge_fail(judge, apparmor->fact.at, "the AppArmor profile has no type");
    else
        judge_fail(judge, apparmor->fact.at, "there is no kind of AppArmor profile '%.*s'", STR_ARG(apparmor->type));
    judge_expect(judge, compose ? "the engine's own profile (nothing said), or apparmor=NAME"
                                : "appArmorProfile.type: RuntimeDefault (or Localhost), or nothing");
    judge_fact(judge, &apparmor->fact);
}

static void apparmor_pod(struct judge *judge, const struct pod *pod)
{
    if (pod->surface != SURFACE_KUBERNETES)
        return;
    judge_apparmor(judge, &pod->apparmor, false);
    for (size_t i = 0; i < pod->apparmor_annotations.count; i++) {
        const struct fact_item *item = &pod->apparmor_annotations.items[i];
        struct str value = item->value.value;
        if (fact_undecided(judge, &item->value.fact, "annotation") || value.len == 0 ||
            str_eq_z(value, "runtime/default") || str_starts(value, STR("localhost/")))
            continue;
        judge_fail(judge, item->value.fact.at, "AppArmor does not confine the container: its annotation says '%.*s'",
                   STR_ARG(value));
        judge_expect(judge, "runtime/default, localhost/NAME, or nothing");
    }
}

/* A container's fact may come from its annotation, which is told with the pod. */
static bool from_annotation(const struct workload *workload)
{
    const struct fact_list *annotations = &workload->pod->apparmor_annotations;
    for (size_t i = 0; i < annotations->count; i++)
        if (annotations->items[i].value.fact.node &&
            annotations->items[i].value.fact.node == workload->apparmor.fact.node)
            return true;
    return false;
}

static void apparmor_workload(struct judge *judge, const struct workload *workload)
{
    if (fact_own(workload, &workload->apparmor.fact, &workload->pod->apparmor.fact) && !from_annotation(workload))
        judge_apparmor(judge, &workload->apparmor, workload->kind == WORKLOAD_SERVICE);
}

/* --- selinux-default ---------------------------------------------------------------------------------------- */

static void selinux_pod(struct judge *judge, const struct pod *pod);
static void selinux_workload(struct judge *judge, const struct workload *workload);

const struct rule selinux_default_rule = {
    .id = "selinux-default",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "SELinux labels stay those that are made for containers",
    .rationale =
        "On machines with SELinux a container runs as the type container_t, which may touch what is labelled for "
        "containers and nothing else of the machine. Another type is another set of permissions: spc_t or "
        "unconfined_t have all of them. A user or a role of one's own widens it in the same way. A level is fine: it "
        "only keeps containers from each other. The baseline profile allows the types container_t, container_init_t, "
        "container_kvm_t and, since 1.31, container_engine_t, and neither user nor role.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Take the label option out. For data of the machine that the container has to read, "
                                "label the data with the z or Z option of the volume.",
            [SURFACE_KUBERNETES] =
                "Take type, user and role out of seLinuxOptions: the runtime gives container_t and a level of its own.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            SECURITY_OPT,
            {"container_selinux(8)", "https://www.mankier.com/8/container_selinux"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    security_opt:\n      - label=disable\n"),
             SERVICE("    security_opt:\n      - label=level:s0:c100,c200\n")},
            {SURFACE_KUBERNETES, POD("    seLinuxOptions:\n      type: spc_t\n"),
             POD("    seLinuxOptions:\n      level: \"s0:c100,c200\"\n")},
            {0},
        },
    .pod = selinux_pod,
    .workload = selinux_workload,
};

static bool type_allowed(const struct judge *judge, struct str type)
{
    static const char *const types[] = {"", "container_t", "container_init_t", "container_kvm_t", NULL};
    return name_among(type, types) ||
           (str_eq_z(type, "container_engine_t") && (judge_by_standard(judge) || judge_pss_since(judge, 31)));
}

static void judge_selinux_name(struct judge *judge, const struct fact_text *name, const char *what)
{
    if (fact_undecided(judge, &name->fact, what) || !fact_said(&name->fact) || name->value.len == 0)
        return;
    judge_fail(judge, name->fact.at, "the container gets a SELinux %s of its own: '%.*s'", what, STR_ARG(name->value));
    judge_expect(judge, "no %s", what);
    judge_fact(judge, &name->fact);
}

static void judge_selinux(struct judge *judge, const struct selinux_fact *selinux)
{
    if (selinux->fact.state == FACT_ABSENT || fact_undecided(judge, &selinux->fact, "SELinux options"))
        return;
    const struct fact_text *type = &selinux->type;
    if (!fact_undecided(judge, &type->fact, "SELinux type") && fact_said(&type->fact) &&
        !type_allowed(judge, type->value)) {
        if (str_eq_z(type->value, "disable"))
            judge_fail(judge, type->fact.at, "SELinux does not confine the container: labels are disabled");
        else
            judge_fail(judge, type->fact.at, "SELinux type '%.*s' is not one for containers", STR_ARG(type->value));
        judge_expect(judge, "container_t, which is the default");
        judge_fact(judge, &type->fact);
    }
    judge_selinux_name(judge, &selinux->user, "user");
    judge_selinux_name(judge, &selinux->role, "role");
}

static void selinux_pod(struct judge *judge, const struct pod *pod)
{
    if (pod->surface == SURFACE_KUBERNETES)
        judge_selinux(judge, &pod->selinux);
}

static void selinux_workload(struct judge *judge, const struct workload *workload)
{
    if (fact_own(workload, &workload->selinux.fact, &workload->pod->selinux.fact))
        judge_selinux(judge, &workload->selinux);
}
