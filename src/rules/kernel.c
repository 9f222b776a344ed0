/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/undecided.h"

#define POD(lines)                                                                                                     \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n" lines "  containers:\n    - name: web\n"              \
    "      image: registry.example/web:1.2\n"
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines

#define STANDARDS                                                                                                      \
    {                                                                                                                  \
        "Kubernetes: Pod Security Standards", "https://kubernetes.io/docs/concepts/security/pod-security-standards/"   \
    }

/* --- no-unsafe-sysctls -------------------------------------------------------------------------------------- */

static void no_unsafe_sysctls(struct judge *judge, const struct pod *pod);

const struct rule no_unsafe_sysctls_rule = {
    .id = "no-unsafe-sysctls",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .summary = "only kernel parameters that touch nobody else are set",
    .rationale =
        "A sysctl is a switch of the kernel, and all containers of a machine share the kernel. Some are kept apart by "
        "namespace and can't harm a neighbour; others change the machine as a whole, take memory that no limit counts, "
        "or switch a defence off. Kubernetes keeps a list of safe ones, grown with versions (1.27, 1.29, 1.32); the "
        "kubelet refuses others unless the node was opened for them, so that such a pod does not even start on an "
        "ordinary node. In Compose, where a service has its namespaces for itself, each parameter that a namespace "
        "holds is taken as safe.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Take the parameter out of sysctls, or set what is meant in the program. What the "
                                "whole machine needs belongs to the machine's own configuration.",
            [SURFACE_KUBERNETES] = "Take the parameter out of securityContext.sysctls, or set what is meant in the "
                                   "program. What the whole node needs belongs to the node's own configuration.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Kubernetes: Using sysctls in a Cluster",
             "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/"},
            {"Compose file reference: sysctls", "https://docs.docker.com/reference/compose-file/services/#sysctls"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    sysctls:\n      vm.max_map_count: 262144\n"),
             SERVICE("    sysctls:\n      net.core.somaxconn: 1024\n")},
            {SURFACE_KUBERNETES,
             POD("  securityContext:\n    sysctls:\n      - name: kernel.msgmax\n        value: \"65536\"\n"),
             POD("  securityContext:\n    sysctls:\n      - name: net.ipv4.tcp_syncookies\n        value: \"1\"\n")},
            {0},
        },
    .params =
        (const struct rule_param[]){
            {"allowed", RULE_PARAM_STRINGS, "parameters that may be set besides ('net.core.*' for all below)", "[]"},
            {0},
        },
    .pod = no_unsafe_sysctls,
};

/* What Pod Security admission takes, and since which minor version. */
static const struct safe_sysctl {
    const char *name;
    unsigned since;
} safe_sysctls[] = {
    {"kernel.shm_rmid_forced", 0},
    {"net.ipv4.ip_local_port_range", 0},
    {"net.ipv4.tcp_syncookies", 0},
    {"net.ipv4.ping_group_range", 0},
    {"net.ipv4.ip_unprivileged_port_start", 0},
    {"net.ipv4.ip_local_reserved_ports", 27},
    {"net.ipv4.tcp_keepalive_time", 29},
    {"net.ipv4.tcp_fin_timeout", 29},
    {"net.ipv4.tcp_keepalive_intvl", 29},
    {"net.ipv4.tcp_keepalive_probes", 29},
    {"net.ipv4.tcp_rmem", 32},
    {"net.ipv4.tcp_wmem", 32},
    {"net.ipv4.tcp_slow_start_after_idle", 37},
    {"net.ipv4.tcp_notsent_lowat", 37},
};

/* Those outside of "net." and "fs.mqueue." that a container has for itself. */
static const char *const namespaced_sysctls[] = {
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
    "kernel.shm_rmid_forced",
    "kernel.domainname",
    "kernel.hostname",
    NULL,
};

/* sysctl(8) and the kubelet take "net/ipv4/tcp_rmem" too; the profiles compare what is WRITTEN. */
static bool name_is(struct str written, struct str name, bool slashes)
{
    bool same = written.len == name.len;
    for (size_t i = 0; same && i < name.len; i++)
        same = written.ptr[i] == name.ptr[i] || (slashes && written.ptr[i] == '/' && name.ptr[i] == '.');
    return same;
}

static bool safe_on_kubernetes(const struct judge *judge, struct str name)
{
    for (size_t i = 0; i < sizeof(safe_sysctls) / sizeof(safe_sysctls[0]); i++)
        if (name_is(name, str_z(safe_sysctls[i].name), judge_by_standard(judge)))
            return judge_standard(judge)->kubernetes_minor >= safe_sysctls[i].since;
    return false;
}

/* Held by a namespace that a service of Compose has for itself. */
static bool namespaced(struct str name)
{
    bool found = name_is(str_head(name, 4), STR("net."), true) || name_is(str_head(name, 10), STR("fs.mqueue."), true);
    for (const char *const *item = namespaced_sysctls; !found && *item; item++)
        found = name_is(name, str_z(*item), true);
    return found;
}

/* "net.core.*" allows what is below. */
static bool allowed_by(struct rule_strings allowed, struct str name)
{
    bool found = false;
    for (size_t i = 0; !found && i < allowed.count; i++) {
        struct str item = allowed.items[i];
        bool below = str_ends(item, STR(".*"));
        item = below ? str_head(item, item.len - 1) : item;
        found = name_is(below ? str_head(name, item.len) : name, item, true);
    }
    return found;
}

static void judge_sysctl(struct judge *judge, const struct pod *pod, const struct fact_text *sysctl,
                         struct rule_strings allowed)
{
    bool compose = pod->surface == SURFACE_COMPOSE && judge_by_standard(judge);
    struct str name = sysctl->value;
    if (judge_by_standard(judge) && allowed_by(allowed, name))
        return;
    if (!compose) {
        if (safe_on_kubernetes(judge, name))
            return;
        judge_fail(judge, sysctl->fact.at, "kernel parameter '%.*s' is not among the safe ones", STR_ARG(name));
        judge_expect(judge, "a parameter of the Pod Security Standards' list, or none");
        return;
    }
    if (namespaced(name))
        return;
    judge_fail(judge, sysctl->fact.at, "kernel parameter '%.*s' is the whole machine's, not the container's",
               STR_ARG(name));
    judge_expect(judge, "a parameter that a namespace holds (net.*, fs.mqueue.*, kernel.shm*), or none");
}

static void no_unsafe_sysctls(struct judge *judge, const struct pod *pod)
{
    if (fact_undecided(judge, &pod->sysctls.fact, "sysctls"))
        return;
    struct rule_strings allowed = judge_param_strings(judge, "allowed");
    for (size_t i = 0; i < pod->sysctls.count; i++) {
        const struct fact_text *sysctl = &pod->sysctls.items[i].text;
        if (!fact_undecided(judge, &sysctl->fact, "name of a kernel parameter"))
            judge_sysctl(judge, pod, sysctl, allowed);
    }
}

/* --- no-unmasked-proc --------------------------------------------------------------------------------------- */

static void no_unmasked_proc(struct judge *judge, const struct workload *workload);

const struct rule no_unmasked_proc_rule = {
    .id = "no-unmasked-proc",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .fix = RULE_FIX_ASKS,
    .summary = "the dangerous parts of /proc and /sys stay hidden from the container",
    .rationale =
        "Runtimes hide /proc/kcore, /proc/keys, /sys/firmware and others, and make /proc/sys and /proc/sysrq-trigger "
        "read-only, because these files are the machine's and no namespace holds them: they show its memory and "
        "switch it off. 'Unmasked' and 'systempaths=unconfined' lay them open. It is meant for containers that start "
        "containers. The baseline profile allows it since 1.35 for pods in a user namespace (hostUsers: false); "
        "restricted never does.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Take systempaths=unconfined out of security_opt. What starts containers runs in an "
                                "engine of its own, with a waiver that says so.",
            [SURFACE_KUBERNETES] = "Take procMount out, or set procMount: Default. What starts containers runs in a "
                                   "user namespace (hostUsers: false), with a waiver that says so.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Kubernetes: User Namespaces", "https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/"},
            {"Docker: docker container run, security options",
             "https://docs.docker.com/reference/cli/docker/container/run/#security-opt"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    security_opt:\n      - systempaths=unconfined\n"),
             SERVICE("    security_opt:\n      - no-new-privileges:true\n")},
            {SURFACE_KUBERNETES, POD("  hostUsers: false\n") "      securityContext:\n        procMount: Unmasked\n",
             POD("  hostUsers: false\n") "      securityContext:\n        procMount: Default\n"},
            {0},
        },
    .workload = no_unmasked_proc,
};

/* Baseline since 1.35: a pod in a user namespace may. *RET_UNKNOWN: whether it is in one can't be told. */
static bool relaxed(const struct judge *judge, const struct pod *pod, bool *ret_unknown)
{
    if (judge_by_standard(judge) || judge_restricted(judge) || !judge_pss_since(judge, 35))
        return false;
    *ret_unknown = pod->host_users.fact.state == FACT_UNKNOWN;
    return pod->host_users.fact.state == FACT_KNOWN && !pod->host_users.value;
}

static void no_unmasked_proc(struct judge *judge, const struct workload *workload)
{
    const struct fact_text *mount = &workload->proc_mount;
    bool unknown = false;
    if (relaxed(judge, workload->pod, &unknown))
        return;
    if (!fact_undecided(judge, &mount->fact, "procMount") && fact_said(&mount->fact) &&
        !str_eq_z(mount->value, "Default")) {
        if (unknown) {
            judge_unknown(judge, mount->fact.at, "'hostUsers' hangs on a variable that is not known here");
            return;
        }
        judge_fail(judge, mount->fact.at, "/proc is laid open: procMount is '%.*s'", STR_ARG(mount->value));
        judge_expect(judge, "procMount: Default, or nothing");
        judge_fact(judge, &mount->fact);
    }
    const struct fact_list *unmasked = &workload->unmasked;
    if (fact_undecided(judge, &unmasked->fact, "security_opt") || unmasked->count == 0)
        return;
    judge_fail(judge, unmasked->fact.at, "/proc and /sys are laid open");
    judge_expect(judge, "no systempaths option");
    judge_fact(judge, &unmasked->fact);
}
