/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/families.h - the rules by family: one file each, in the order of the table (rules/table.c).
 */
#include "rules/rule.h"

/* document.c: the checked texts themselves; check/ tells their findings. */
extern const struct rule valid_syntax_rule;
extern const struct rule not_rendered_rule;
extern const struct rule valid_waivers_rule;

/* privileges.c */
extern const struct rule drop_capabilities_rule;
extern const struct rule no_privilege_escalation_rule;
extern const struct rule no_privileged_rule;

/* seccomp.c */
extern const struct rule seccomp_default_rule;

/* confinement.c: AppArmor and SELinux */
extern const struct rule apparmor_default_rule;
extern const struct rule selinux_default_rule;

/* host.c: namespaces, ports and processes of the machine */
extern const struct rule no_host_namespaces_rule;
extern const struct rule no_host_port_rule;
extern const struct rule no_host_process_rule;
extern const struct rule no_probe_host_rule;

/* volumes.c */
extern const struct rule no_host_path_rule;
extern const struct rule no_engine_socket_rule;
extern const struct rule restricted_volumes_rule;

/* kernel.c */
extern const struct rule no_unsafe_sysctls_rule;
extern const struct rule no_unmasked_proc_rule;

/* start.c: how a command line reaches its program */
extern const struct rule exec_form_rule;
extern const struct rule no_shell_syntax_rule;

/* resolve.c */
extern const struct rule entrypoint_resolves_rule;

/* fit.c: what builder stages made against the image it is copied into */
extern const struct rule libc_matches_rule;
extern const struct rule interpreter_matches_rule;

/* health.c */
extern const struct rule healthcheck_runs_rule;
extern const struct rule healthcheck_present_rule;

/* secrets.c */
extern const struct rule no_secrets_rule;

/* filesystem.c */
extern const struct rule read_only_root_rule;
extern const struct rule writable_paths_rule;
extern const struct rule bounded_tmpfs_rule;

/* resources.c */
extern const struct rule resource_limits_rule;

/* ports.c */
extern const struct rule loopback_ports_rule;
/* image_base.c: what the image is made from */
extern const struct rule distroless_final_stage_rule;
extern const struct rule no_debug_variant_rule;
extern const struct rule pinned_image_rule;

/* stages.c: what gets into the stage that ships */
extern const struct rule multi_stage_build_rule;
extern const struct rule copy_artifacts_only_rule;
extern const struct rule no_shell_rule;
extern const struct rule no_package_manager_rule;

/* downloads.c */
extern const struct rule verified_downloads_rule;

/* labels.c */
extern const struct rule image_labels_rule;

/* user.c */
extern const struct rule non_root_user_rule;
extern const struct rule numeric_user_rule;

/* service.c, probes.c, cors.c: how a server meets its platform and its callers */
extern const struct rule no_token_mount_rule;
extern const struct rule scrape_annotations_rule;
extern const struct rule probes_distinguish_rule;
extern const struct rule no_wildcard_cors_rule;

/* keys.c */
extern const struct rule known_keys_rule;
