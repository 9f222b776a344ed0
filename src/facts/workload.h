/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/workload.h - what a platform is told of one container: a Compose service, or a container of a pod.
 *
 * Facts are the effective ones: a container's own value is KNOWN, one that holds from the pod's securityContext is
 * INHERITED, the platform's default is DEFAULT. The pod's own values are in struct pod (facts/pod.h).
 */
#include "facts/command.h"
#include "facts/image_name.h"
#include "facts/image_override.h"

struct pod;

enum workload_kind {
    WORKLOAD_SERVICE,   /* Compose */
    WORKLOAD_CONTAINER, /* Kubernetes */
    WORKLOAD_INIT,
    WORKLOAD_SIDECAR, /* an init container with restartPolicy: Always */
    WORKLOAD_EPHEMERAL,
};

struct env_fact {
    struct str name;
    struct place name_at;
    struct fact_text value; /* ABSENT: given at run time (Compose: a bare name; valueFrom: see below) */
    bool from_elsewhere;    /* valueFrom: secretKeyRef, configMapKeyRef, fieldRef ... */
};

struct port_fact {
    struct place at;              /* the entry */
    struct fact_number container; /* port */
    struct fact_number host;      /* port on the node or machine; ABSENT: none, or any (Compose: see published) */
    struct fact_text host_ip;
    struct str name;
    struct str protocol; /* "tcp" unless said */
    bool published;      /* Compose: reachable from outside, even when the host port is chosen freely */
    bool range;          /* stands for several; the numbers are the first ones */
};

enum mount_kind {
    MOUNT_TMPFS,     /* Compose tmpfs, emptyDir with medium: Memory */
    MOUNT_EMPTY_DIR, /* on the node's disk */
    MOUNT_VOLUME,    /* named or anonymous volume, claim */
    MOUNT_BIND,      /* a path of the machine: Compose bind, hostPath */
    MOUNT_CONFIG,    /* configMap, secret, downwardAPI, projected; Compose configs and secrets */
    MOUNT_OTHER,
    MOUNT_UNKNOWN, /* hangs on a variable, or names a volume that is not there */
};

struct mount_fact {
    struct place at; /* the entry */
    enum mount_kind kind;
    struct fact_text target;       /* path in the container */
    struct fact_text source;       /* path of the machine, or the volume's name */
    struct fact_bool read_only;    /* DEFAULT false */
    struct fact_number size_bytes; /* tmpfs, emptyDir: the limit */
    struct fact_list options;      /* tmpfs: "noexec", "mode=1777" ...; size is in it too */
    struct fact_text propagation;
    const struct volume_fact *volume; /* Kubernetes: of the pod; NULL when the name is not found */
};

enum probe_action {
    PROBE_NONE, /* Compose and Dockerfile: NONE, disable: true */
    PROBE_EXEC,
    PROBE_HTTP,
    PROBE_TCP,
    PROBE_GRPC,
    PROBE_SLEEP, /* lifecycle hooks */
    PROBE_UNKNOWN,
};

struct probe_fact {
    struct fact fact; /* ABSENT: not there */
    enum probe_action action;
    struct fact_command command; /* EXEC */
    struct fact_text host;       /* HTTP, TCP: said */
    struct fact_text path;       /* HTTP */
    struct fact_text port;       /* number or name, as text */
    struct fact_text scheme;
    struct fact_number initial_delay_s, period_s, timeout_s, failure_threshold;
};

struct selinux_fact {
    struct fact fact;
    struct fact_text type, user, role;
};

struct seccomp_fact { /* also for AppArmor */
    struct fact fact; /* `at`: what says the profile */
    struct str type;  /* "RuntimeDefault", "Localhost", "Unconfined", or another as written */
    struct str localhost;
};

/* A key of a posture object that the platform passes over or refuses. */
struct key_problem {
    enum { KEY_UNKNOWN, KEY_MISPLACED, KEY_WRONG_TYPE, KEY_DUPLICATE } kind;
    struct place at; /* the key; KEY_WRONG_TYPE: the value */
    struct str key;
    const char *object;     /* "securityContext of a container" */
    const char *suggestion; /* the key that is meant, or NULL */
    const char *expected;   /* WRONG_TYPE: "a boolean"; MISPLACED: where it belongs, "in ..."; else NULL */
};

struct workload {
    enum workload_kind kind;
    const struct pod *pod;
    size_t index; /* among pod->workloads */
    struct str name;
    struct place at;              /* the name: where findings about what is missing point */
    const struct data_node *node; /* the mapping as a whole */

    struct fact_text image;       /* INHERITED: a kustomization makes this of what is written at its place */
    struct image_name image_name; /* when the image counts */
    const struct image_override *image_override; /* which had the last word on it; or NULL */
    struct fact_bool built;                      /* Compose: has `build` */
    struct fact_text build_context, build_file, build_target;

    struct fact_command entrypoint; /* Compose entrypoint, Kubernetes command */
    struct fact_command command;    /* Compose command, Kubernetes args */

    struct fact_text user;          /* Compose user: "65532:65532"; Kubernetes: runAsUser as text */
    struct fact_number run_as_user; /* numeric ID; INVALID for a name (Compose) */
    struct fact_number run_as_group;
    struct fact_bool run_as_non_root; /* Kubernetes */

    struct fact_bool read_only_root; /* DEFAULT false */
    struct fact_bool privileged;     /* DEFAULT false */
    struct fact_bool escalation;     /* allowPrivilegeEscalation, !no-new-privileges; DEFAULT true */
    struct fact_list drop, add;      /* capabilities, upper case, without "CAP_" */
    struct seccomp_fact seccomp;
    struct seccomp_fact apparmor;
    struct selinux_fact selinux;
    struct fact_text proc_mount;
    struct fact_bool host_process; /* windowsOptions.hostProcess */
    struct fact_list unmasked;     /* Compose: systempaths=unconfined and the like */
    struct fact_list devices;      /* Compose devices, volumeDevices */

    /* Limits, and what is only set aside (Kubernetes requests). Compose: 0 is no limit. */
    struct fact_number memory_bytes, memory_reservation_bytes;
    struct fact_number cpu_milli, cpu_reservation_milli;
    struct fact_number pids;                                         /* 0 and less: no limit */
    struct fact_number ephemeral_bytes, ephemeral_reservation_bytes; /* Kubernetes */
    struct fact_number shm_bytes;

    const struct env_fact *env;
    size_t env_count;
    bool env_open; /* envFrom, env_file: more variables than are seen */
    const struct port_fact *ports;
    size_t port_count;
    const struct mount_fact *mounts;
    size_t mount_count;
    struct probe_fact health; /* Compose */
    struct probe_fact startup, readiness, liveness;
    struct probe_fact post_start, pre_stop;
};
