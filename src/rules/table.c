/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"

/* A new rule: its descriptor in its family's file, its name in families.h, and a line here. */
const struct rule *const rules[] = {
    &valid_syntax_rule,
    &not_rendered_rule,
    &valid_waivers_rule,
    &exec_form_rule,
    &no_shell_syntax_rule,
    &no_secrets_rule,
    &read_only_root_rule,
    &writable_paths_rule,
    &bounded_tmpfs_rule,
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
    &resource_limits_rule,
    &loopback_ports_rule,
    NULL,
};
