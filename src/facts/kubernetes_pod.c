/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"

#include <string.h>

#define APPARMOR_ANNOTATION "container.apparmor.security.beta.kubernetes.io/"
#define SECCOMP_CONTAINER   "container.seccomp.security.alpha.kubernetes.io/"
#define SECCOMP_POD         "seccomp.security.alpha.kubernetes.io/pod"

/* --- annotations -------------------------------------------------------------------------------------------- */

/* The container that an annotation of this PREFIX is about; the whole pod is nobody's name. */
static bool container_of(struct str key, struct str prefix, struct str whole_pod, struct str *ret_container)
{
    if (whole_pod.ptr && str_eq(key, whole_pod)) {
        *ret_container = STR("");
        return true;
    }
    if (!str_starts(key, prefix))
        return false;
    *ret_container = str_skip(key, prefix.len);
    return true;
}

static struct fact_list annotated(struct kube_reader *reader, const struct fact_list *annotations, struct str prefix,
                                  struct str whole_pod)
{
    struct fact_list list = {.fact = annotations->fact};
    list.fact.state = FACT_ABSENT;
    struct str container = STR_NONE;
    size_t count = 0;
    for (size_t i = 0; i < annotations->count; i++)
        count += container_of(annotations->items[i].text.value, prefix, whole_pod, &container);
    struct fact_item *items = count ? ARENA_ARRAY(reader->arena, count, struct fact_item) : NULL;
    if (count && !items)
        reader->nomem = true;
    if (!items)
        return list;
    for (size_t i = 0; i < annotations->count; i++) {
        if (!container_of(annotations->items[i].text.value, prefix, whole_pod, &container))
            continue;
        items[list.count] = annotations->items[i];
        items[list.count++].text.value = container;
    }
    list.fact.state = FACT_KNOWN;
    list.items = items;
    return list;
}

static void read_metadata(struct kube_reader *reader, const struct data_node *node)
{
    const struct data_node *slots[METADATA_SLOTS];
    kube_members(reader, node, &key_metadata, slots);
    struct pod *pod = reader->pod;
    const struct kube_scope scope = {.holder = node && node->kind == DATA_OBJECT ? node : NULL, .at = pod->at};
    pod->labels = kube_map(reader, &scope, slots[METADATA_LABELS], "labels");
    pod->annotations = kube_map(reader, &scope, slots[METADATA_ANNOTATIONS], "annotations");
    pod->seccomp_annotations = annotated(reader, &pod->annotations, STR(SECCOMP_CONTAINER), STR(SECCOMP_POD));
    pod->apparmor_annotations = annotated(reader, &pod->annotations, STR(APPARMOR_ANNOTATION), STR_NONE);
    for (size_t i = 0; i < pod->apparmor_annotations.count; i++) {
        const struct fact_item *item = &pod->apparmor_annotations.items[i];
        if (!map_set(&reader->apparmor_annotations, item->text.value, (void *)(uintptr_t)item))
            reader->nomem = true;
    }
}

/* --- the spec ----------------------------------------------------------------------------------------------- */

static bool is_windows(struct kube_reader *reader, const struct data_node *os)
{
    const struct data_node *slots[OS_SLOTS];
    kube_members(reader, os, &key_os, slots);
    return slots[OS_NAME] && slots[OS_NAME]->kind == DATA_STRING && str_eq_z(slots[OS_NAME]->value, "windows");
}

static struct fact_text service_account_of(struct kube_reader *reader, const struct kube_scope *scope,
                                           const struct data_node *const *slots)
{
    struct fact_text name =
        kube_text(reader, scope, slots[POD_SERVICE_ACCOUNT_NAME], "serviceAccountName", STR("default"));
    if (name.fact.state != FACT_DEFAULT || data_absent(slots[POD_SERVICE_ACCOUNT]))
        return name;
    return kube_text(reader, scope, slots[POD_SERVICE_ACCOUNT], "serviceAccount", STR("default")); /* the old name */
}

static void read_pod_level(struct kube_reader *reader, const struct kube_scope *scope,
                           const struct data_node *const *slots)
{
    struct pod *pod = reader->pod;
    pod->windows = is_windows(reader, slots[POD_OS]);
    pod->host_network = kube_bool(reader, scope, slots[POD_HOST_NETWORK], "hostNetwork", KUBE_FALSE);
    pod->host_pid = kube_bool(reader, scope, slots[POD_HOST_PID], "hostPID", KUBE_FALSE);
    pod->host_ipc = kube_bool(reader, scope, slots[POD_HOST_IPC], "hostIPC", KUBE_FALSE);
    pod->host_users = kube_bool(reader, scope, slots[POD_HOST_USERS], "hostUsers", KUBE_TRUE);
    pod->host_uts.fact = pod->host_cgroup.fact = kube_fact(reader, scope, NULL, "");
    pod->automount_token =
        kube_bool(reader, scope, slots[POD_AUTOMOUNT_TOKEN], "automountServiceAccountToken", KUBE_TRUE);
    pod->service_account = service_account_of(reader, scope, slots);
    pod->restart_policy = kube_text(reader, scope, slots[POD_RESTART_POLICY], "restartPolicy", STR("Always"));
    /* A controller of things that end is known by its kind already. */
    pod->serves =
        pod->serves && !(fact_said(&pod->restart_policy.fact) && !str_eq_z(pod->restart_policy.value, "Always"));
    kube_pod_security(reader, scope, slots[POD_SECURITY]);
    kube_pod_resources(reader, scope, slots[POD_RESOURCES]);
}

static void read_workloads(struct kube_reader *reader, const struct data_node *const *slots)
{
    static const struct {
        size_t slot;
        enum workload_kind kind;
    } lists[] = {{POD_INIT_CONTAINERS, WORKLOAD_INIT},
                 {POD_CONTAINERS, WORKLOAD_CONTAINER},
                 {POD_EPHEMERAL_CONTAINERS, WORKLOAD_EPHEMERAL}};
    size_t room = 1, count = 0;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        room += kube_count(slots[lists[i].slot]);
    const struct workload **workloads = ARENA_ARRAY(reader->arena, room, const struct workload *);
    if (!workloads) {
        reader->nomem = true;
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        kube_containers(reader, slots[lists[i].slot], lists[i].kind, workloads, &count);
    reader->pod->workloads = workloads;
    reader->pod->workload_count = count;
}

static void keep_problems(struct kube_reader *reader)
{
    size_t count = reader->problems.len;
    if (count == 0)
        return;
    struct key_problem *problems = ARENA_ARRAY(reader->arena, count, struct key_problem);
    if (!problems) {
        reader->nomem = true;
        return;
    }
    memcpy(problems, reader->problems.ptr, count * sizeof(*problems));
    reader->pod->key_problems = problems;
    reader->pod->key_problem_count = count;
}

void kube_pod(struct kube_reader *reader, const struct data_node *metadata, const struct data_node *spec,
              const struct data_node *claims)
{
    const struct data_node *slots[POD_SLOTS];
    kube_members(reader, spec, &key_pod, slots);
    const struct kube_scope scope = {.holder = spec, .at = reader->pod->at};
    reader->pod->node = spec;
    read_metadata(reader, metadata);
    read_pod_level(reader, &scope, slots);
    kube_volumes(reader, slots[POD_VOLUMES], claims);
    read_workloads(reader, slots);
    keep_problems(reader);
}
