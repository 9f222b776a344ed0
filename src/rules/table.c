/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"

/* A new rule: its descriptor in its family's file, its name in families.h, and a line here. */
const struct rule *const rules[] = {
    &valid_syntax_rule,
    &not_rendered_rule,
    &valid_waivers_rule,
    &drop_capabilities_rule,
    &no_privilege_escalation_rule,
    &seccomp_default_rule,
    &apparmor_default_rule,
    &selinux_default_rule,
    &no_privileged_rule,
    &no_host_namespaces_rule,
    &no_host_path_rule,
    &no_host_port_rule,
    &no_engine_socket_rule,
    &no_unsafe_sysctls_rule,
    &no_unmasked_proc_rule,
    &no_host_process_rule,
    &no_probe_host_rule,
    &restricted_volumes_rule,
    NULL,
};

const struct rule *rule_find(struct str id)
{
    for (size_t i = 0; rules[i]; i++)
        if (str_eq_z(id, rules[i]->id))
            return rules[i];
    return NULL;
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"off", "note", "warning", "error"};
    return names[severity];
}

const char *profile_name(enum profile profile)
{
    static const char *const names[PROFILES] = {"standard", "pss-baseline", "pss-restricted"};
    return names[profile];
}

const char *surface_name(enum surface surface)
{
    static const char *const names[SURFACES] = {"dockerfile", "compose", "kubernetes", "image"};
    return names[surface];
}
