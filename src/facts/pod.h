/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/pod.h - what holds for a group of containers: a Kubernetes pod template, or a Compose service as a group of
 * one.
 *
 * A Compose service says on one level what Kubernetes says on two; its pod holds what is the pod's there (namespaces,
 * sysctls, labels).
 */
#include "facts/workload.h"

enum surface { SURFACE_DOCKERFILE, SURFACE_COMPOSE, SURFACE_KUBERNETES, SURFACE_IMAGE, SURFACES };

struct volume_fact {
    struct str name;
    struct place at;      /* the entry's name */
    struct str type;      /* "emptyDir", "hostPath", ...; "emptyDir" too when no source is written */
    struct place type_at; /* the key of the source */
    bool unknown_type;
    struct fact_text host_path;
    struct fact_text host_path_type;
    struct fact_number size_bytes; /* emptyDir.sizeLimit */
    struct fact_text medium;
    struct fact_bool read_only;
};

struct pod {
    enum surface surface;
    struct str kind;                /* "Deployment", "service" */
    struct str name;                /* of the object; empty when it has none */
    struct str namespace_;          /* of the object */
    struct place at;                /* the object's name, else its kind */
    const struct data_node *object; /* the whole object: annotations for waivers */
    const struct data_node *node;   /* the pod's spec; the service */
    bool windows;                   /* spec.os.name: windows */
    const char *unread;             /* not NULL: why nothing below was read: LIMIT_KUBERNETES_* */

    struct fact_bool host_network, host_pid, host_ipc; /* DEFAULT false */
    struct fact_bool host_uts, host_cgroup;            /* Compose */
    struct fact_bool host_users; /* true: no user namespace. Kubernetes hostUsers DEFAULT true; Compose userns_mode */
    struct fact_list sysctls;
    const struct volume_fact *volumes;
    size_t volume_count;

    /* The pod's own securityContext; ABSENT for Compose. */
    struct fact_bool run_as_non_root;
    struct fact_number run_as_user, run_as_group, fs_group;
    struct fact_list supplemental_groups;
    struct seccomp_fact seccomp, apparmor;
    struct selinux_fact selinux;
    struct fact_bool host_process;
    struct fact_list apparmor_annotations; /* container name and profile (before 1.30) */
    struct fact_list seccomp_annotations;  /* (before 1.27) */

    struct fact_bool automount_token; /* DEFAULT true */
    struct fact_text service_account;
    struct fact_list annotations; /* of the template; Compose: labels */
    struct fact_list labels;
    struct fact_text restart_policy;
    bool serves; /* long-running: not a Job, not a bare init */

    struct key_problem *key_problems;
    size_t key_problem_count;

    const struct workload *const *workloads; /* in the order init, containers, ephemeral */
    size_t workload_count;
};
