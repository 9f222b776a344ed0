/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"

#define TYPE_PATH(name) "securityContext." name ".type"

static struct seccomp_fact profile_of(struct kube_reader *reader, const struct kube_scope *scope,
                                      const struct data_node *node, const struct key_table *table, struct str name,
                                      const char *path)
{
    const struct data_node *slots[PROFILE_SLOTS];
    kube_members(reader, node, table, slots);
    const struct kube_scope below = kube_scope_below(reader, scope, node, name);
    const struct fact_text type = kube_text(reader, &below, slots[PROFILE_TYPE], path, STR_NONE);
    struct seccomp_fact profile = {.fact = type.fact, .type = type.value};
    if (slots[PROFILE_LOCALHOST] && slots[PROFILE_LOCALHOST]->kind == DATA_STRING)
        profile.localhost = slots[PROFILE_LOCALHOST]->value;
    return profile;
}

static struct selinux_fact selinux_of(struct kube_reader *reader, const struct kube_scope *scope,
                                      const struct data_node *node)
{
    struct selinux_fact selinux = {.fact = kube_fact(reader, scope, node, "securityContext.seLinuxOptions")};
    if (selinux.fact.state == FACT_ABSENT)
        return selinux;
    if (selinux.fact.state == FACT_KNOWN && node->kind != DATA_OBJECT)
        selinux.fact.state = FACT_INVALID;
    const struct data_node *slots[SELINUX_SLOTS];
    kube_members(reader, node, &key_selinux, slots);
    const struct kube_scope below = kube_scope_below(reader, scope, node, STR("seLinuxOptions"));
    selinux.type = kube_text(reader, &below, slots[SELINUX_TYPE], "securityContext.seLinuxOptions.type", STR_NONE);
    selinux.user = kube_text(reader, &below, slots[SELINUX_USER], "securityContext.seLinuxOptions.user", STR_NONE);
    selinux.role = kube_text(reader, &below, slots[SELINUX_ROLE], "securityContext.seLinuxOptions.role", STR_NONE);
    return selinux;
}

static struct fact_bool host_process_of(struct kube_reader *reader, const struct kube_scope *scope,
                                        const struct data_node *node)
{
    const struct data_node *slots[WINDOWS_SLOTS];
    kube_members(reader, node, &key_windows, slots);
    const struct kube_scope below = kube_scope_below(reader, scope, node, STR("windowsOptions"));
    return kube_bool(reader, &below, slots[WINDOWS_HOST_PROCESS], "securityContext.windowsOptions.hostProcess",
                     KUBE_NO_DEFAULT);
}

void kube_security(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *const *slots,
                   struct kube_security *ret_security)
{
    *ret_security = (struct kube_security){
        .run_as_non_root =
            kube_bool(reader, scope, slots[SECURITY_RUN_AS_NON_ROOT], "securityContext.runAsNonRoot", KUBE_NO_DEFAULT),
        .run_as_user = kube_whole(reader, scope, slots[SECURITY_RUN_AS_USER], "securityContext.runAsUser"),
        .run_as_group = kube_whole(reader, scope, slots[SECURITY_RUN_AS_GROUP], "securityContext.runAsGroup"),
        .seccomp = profile_of(reader, scope, slots[SECURITY_SECCOMP], &key_seccomp, STR("seccompProfile"),
                              TYPE_PATH("seccompProfile")),
        .apparmor = profile_of(reader, scope, slots[SECURITY_APPARMOR], &key_apparmor, STR("appArmorProfile"),
                               TYPE_PATH("appArmorProfile")),
        .selinux = selinux_of(reader, scope, slots[SECURITY_SELINUX]),
        .host_process = host_process_of(reader, scope, slots[SECURITY_WINDOWS]),
    };
}

/* --- the pod's ---------------------------------------------------------------------------------------------- */

static const struct kube_pair_shape sysctl_shape = {&key_sysctl, SYSCTL_NAME,  SYSCTL_NAME,
                                                    "name",      SYSCTL_VALUE, "value"};

void kube_pod_security(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node)
{
    const struct data_node *slots[SECURITY_POD_SLOTS];
    kube_members(reader, node, &key_pod_security, slots);
    const struct kube_scope below = kube_scope_below(reader, scope, node, STR("securityContext"));
    struct kube_security security;
    kube_security(reader, &below, slots, &security);
    struct pod *pod = reader->pod;
    pod->run_as_non_root = security.run_as_non_root;
    pod->run_as_user = security.run_as_user;
    pod->run_as_group = security.run_as_group;
    pod->seccomp = security.seccomp;
    pod->apparmor = security.apparmor;
    pod->selinux = security.selinux;
    pod->host_process = security.host_process;
    pod->fs_group = kube_whole(reader, &below, slots[SECURITY_FS_GROUP], "securityContext.fsGroup");
    pod->supplemental_groups =
        kube_texts(reader, &below, slots[SECURITY_SUPPLEMENTAL_GROUPS], "securityContext.supplementalGroups");
    pod->sysctls = kube_pairs(reader, &below, slots[SECURITY_SYSCTLS], "securityContext.sysctls", &sysctl_shape);
}

/* --- a container's ------------------------------------------------------------------------------------------ */

/* As the kernel's lists have them: without CAP_, in upper case. */
static struct str capability_name(struct kube_reader *reader, struct str text)
{
    if (text.len > 4 && str_eq_fold(str_head(text, 4), STR("CAP_")))
        text = str_skip(text, 4);
    size_t lower = 0;
    while (lower < text.len && !(text.ptr[lower] >= 'a' && text.ptr[lower] <= 'z'))
        lower++;
    if (lower == text.len)
        return text;
    char *upper = arena_z(reader->arena, text);
    if (!upper) {
        reader->nomem = true;
        return text;
    }
    for (size_t i = lower; i < text.len; i++)
        if (upper[i] >= 'a' && upper[i] <= 'z')
            upper[i] = (char)(upper[i] - 'a' + 'A');
    return str_of(upper, text.len);
}

static struct fact_list capabilities_of(struct kube_reader *reader, const struct kube_scope *scope,
                                        const struct data_node *node, const char *path)
{
    struct fact_list list = kube_texts(reader, scope, node, path);
    struct fact_item *items = (struct fact_item *)(uintptr_t)list.items; /* made just now */
    for (size_t i = 0; items && i < list.count; i++)
        items[i].text.value = capability_name(reader, items[i].text.value);
    return list;
}

/* "runtime/default", "localhost/NAME", "unconfined": the annotation of before 1.30 counts above the pod's field. */
static bool apparmor_by_annotation(struct kube_reader *reader, struct str container, struct seccomp_fact *apparmor)
{
    const struct fact_item *item = map_get(&reader->apparmor_annotations, container);
    if (!item || item->value.fact.state == FACT_ABSENT)
        return false;
    struct str profile = item->value.value;
    *apparmor = (struct seccomp_fact){.fact = item->value.fact, .type = profile};
    if (str_eq(profile, STR("runtime/default"))) {
        apparmor->type = STR("RuntimeDefault");
    } else if (str_eq(profile, STR("unconfined"))) {
        apparmor->type = STR("Unconfined");
    } else if (str_starts(profile, STR("localhost/"))) {
        apparmor->type = STR("Localhost");
        apparmor->localhost = str_skip(profile, sizeof("localhost/") - 1);
    }
    return true;
}

static void inherit(struct kube_reader *reader, struct workload *workload)
{
    const struct pod *pod = reader->pod;
    KUBE_INHERIT(&workload->run_as_non_root, &pod->run_as_non_root);
    KUBE_INHERIT(&workload->run_as_user, &pod->run_as_user);
    KUBE_INHERIT(&workload->run_as_group, &pod->run_as_group);
    KUBE_INHERIT(&workload->seccomp, &pod->seccomp);
    if (workload->apparmor.fact.state != FACT_ABSENT ||
        !apparmor_by_annotation(reader, workload->name, &workload->apparmor))
        KUBE_INHERIT(&workload->apparmor, &pod->apparmor);
    KUBE_INHERIT(&workload->selinux, &pod->selinux);
    KUBE_INHERIT(&workload->host_process, &pod->host_process);
}

static void user_of(struct workload *workload)
{
    const struct fact_number *user = &workload->run_as_user;
    workload->user.fact = user->fact;
    if (user->fact.node && user->fact.state != FACT_ABSENT)
        workload->user.value = user->fact.node->value;
}

void kube_container_security(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                             struct workload *workload)
{
    const struct data_node *slots[SECURITY_CONTAINER_SLOTS];
    kube_members(reader, node, &key_container_security, slots);
    const struct kube_scope below = kube_scope_below(reader, scope, node, STR("securityContext"));
    struct kube_security security;
    kube_security(reader, &below, slots, &security);
    workload->run_as_non_root = security.run_as_non_root;
    workload->run_as_user = security.run_as_user;
    workload->run_as_group = security.run_as_group;
    workload->seccomp = security.seccomp;
    workload->apparmor = security.apparmor;
    workload->selinux = security.selinux;
    workload->host_process = security.host_process;
    inherit(reader, workload);
    user_of(workload);
    workload->read_only_root =
        kube_bool(reader, &below, slots[SECURITY_READ_ONLY_ROOT], "securityContext.readOnlyRootFilesystem", KUBE_FALSE);
    workload->privileged =
        kube_bool(reader, &below, slots[SECURITY_PRIVILEGED], "securityContext.privileged", KUBE_FALSE);
    workload->escalation =
        kube_bool(reader, &below, slots[SECURITY_ESCALATION], "securityContext.allowPrivilegeEscalation", KUBE_TRUE);
    workload->proc_mount =
        kube_text(reader, &below, slots[SECURITY_PROC_MOUNT], "securityContext.procMount", STR("Default"));
    const struct data_node *capabilities = slots[SECURITY_CAPABILITIES];
    const struct data_node *lists[CAPABILITIES_SLOTS];
    kube_members(reader, capabilities, &key_capabilities, lists);
    const struct kube_scope inside = kube_scope_below(reader, &below, capabilities, STR("capabilities"));
    workload->drop = capabilities_of(reader, &inside, lists[CAPABILITIES_DROP], "securityContext.capabilities.drop");
    workload->add = capabilities_of(reader, &inside, lists[CAPABILITIES_ADD], "securityContext.capabilities.add");
}
