/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/kubernetes_keys.h - the keys of the Kubernetes objects that posture is written in (core/v1, API 1.36).
 *
 * A table serves both readers and known-keys: one pass over a mapping finds each member's definition, tells what is no
 * key or of the wrong kind, and lays the members that facts are made of into slots. The first keys of a table are
 * those with slots, in the order of the enum; of these the ones that people write most come first.
 */
#include "base/arena.h"
#include "data/node.h"

enum key_kind {
    KEY_ANY,
    KEY_BOOL,
    KEY_WHOLE,
    KEY_TEXT,
    KEY_WHOLE_OR_TEXT, /* a port: its number or its name */
    KEY_QUANTITY,
    KEY_OBJECT,
    KEY_LIST,       /* of mappings */
    KEY_TEXTS,      /* a list of strings */
    KEY_WHOLES,     /* a list of whole numbers */
    KEY_TEXT_MAP,   /* from any key to a string */
    KEY_QUANTITIES, /* from any key to a quantity */
};

struct key_table;

struct key_def {
    struct str name;
    enum key_kind kind;
    const struct key_table *members; /* OBJECT, LIST: looked into right away, where no reader does it itself */
};

/* A table whose keys are seen at a wrong place now and then. */
struct key_neighbour {
    const struct key_table *table;
    const char *where; /* where keys of that table belong: "in a container's securityContext" */
};

struct key_table {
    const char *object; /* "securityContext of a container" */
    const struct key_def *keys;
    size_t count;
    size_t slots;
    const struct key_neighbour *neighbours; /* ends with a NULL table; may be NULL */
    bool (*open)(struct str key);           /* other keys that are taken, as the first one is; may be NULL */
};

enum {
    METADATA_LABELS,
    METADATA_ANNOTATIONS,
    METADATA_NAME,
    METADATA_GENERATE_NAME,
    METADATA_NAMESPACE,
    METADATA_SLOTS
};
enum {
    POD_CONTAINERS,
    POD_VOLUMES,
    POD_SECURITY,
    POD_INIT_CONTAINERS,
    POD_RESTART_POLICY,
    POD_SERVICE_ACCOUNT_NAME,
    POD_AUTOMOUNT_TOKEN,
    POD_HOST_NETWORK,
    POD_HOST_PID,
    POD_HOST_IPC,
    POD_HOST_USERS,
    POD_OS,
    POD_SERVICE_ACCOUNT,
    POD_RESOURCES,
    POD_EPHEMERAL_CONTAINERS,
    POD_SLOTS
};
enum {
    CONTAINER_NAME,
    CONTAINER_IMAGE,
    CONTAINER_PORTS,
    CONTAINER_ENV,
    CONTAINER_RESOURCES,
    CONTAINER_VOLUME_MOUNTS,
    CONTAINER_SECURITY,
    CONTAINER_ARGS,
    CONTAINER_COMMAND,
    CONTAINER_LIVENESS,
    CONTAINER_READINESS,
    CONTAINER_STARTUP,
    CONTAINER_ENV_FROM,
    CONTAINER_LIFECYCLE,
    CONTAINER_RESTART_POLICY,
    CONTAINER_VOLUME_DEVICES,
    CONTAINER_SLOTS
};
enum {
    SECURITY_RUN_AS_NON_ROOT,
    SECURITY_RUN_AS_USER,
    SECURITY_RUN_AS_GROUP,
    SECURITY_SECCOMP,
    SECURITY_APPARMOR,
    SECURITY_SELINUX,
    SECURITY_WINDOWS,
    SECURITY_COMMON, /* those before are of both levels */
    SECURITY_READ_ONLY_ROOT = SECURITY_COMMON,
    SECURITY_ESCALATION,
    SECURITY_CAPABILITIES,
    SECURITY_PRIVILEGED,
    SECURITY_PROC_MOUNT,
    SECURITY_CONTAINER_SLOTS,
    SECURITY_FS_GROUP = SECURITY_COMMON,
    SECURITY_SUPPLEMENTAL_GROUPS,
    SECURITY_SYSCTLS,
    SECURITY_POD_SLOTS
};
enum { PROFILE_TYPE, PROFILE_LOCALHOST, PROFILE_SLOTS };
enum { SELINUX_TYPE, SELINUX_USER, SELINUX_ROLE, SELINUX_SLOTS };
enum { WINDOWS_HOST_PROCESS, WINDOWS_SLOTS };
enum { CAPABILITIES_DROP, CAPABILITIES_ADD, CAPABILITIES_SLOTS };
enum { SYSCTL_NAME, SYSCTL_VALUE, SYSCTL_SLOTS };
enum { OS_NAME, OS_SLOTS };
enum { RESOURCES_LIMITS, RESOURCES_REQUESTS, RESOURCES_SLOTS };
enum { AMOUNT_MEMORY, AMOUNT_CPU, AMOUNT_EPHEMERAL, AMOUNT_SLOTS };
enum { ENV_NAME, ENV_VALUE, ENV_VALUE_FROM, ENV_SLOTS };
enum { PORT_CONTAINER, PORT_NAME, PORT_PROTOCOL, PORT_HOST, PORT_HOST_IP, PORT_SLOTS };
enum { MOUNT_NAME, MOUNT_PATH, MOUNT_READ_ONLY, MOUNT_PROPAGATION, MOUNT_SLOTS };
enum { DEVICE_NAME, DEVICE_PATH, DEVICE_SLOTS };
enum {
    PROBE_HTTP_GET,
    PROBE_INITIAL_DELAY,
    PROBE_PERIOD,
    PROBE_TIMEOUT,
    PROBE_FAILURES,
    PROBE_EXEC_ACTION,
    PROBE_TCP_SOCKET,
    PROBE_GRPC_ACTION,
    PROBE_SLOTS
};
/* A hook's handler: as of a probe, but for the last. */
enum { HOOK_EXEC, HOOK_HTTP_GET, HOOK_TCP_SOCKET, HOOK_SLEEP, HOOK_SLOTS };
enum { HTTP_PATH, HTTP_PORT, HTTP_SCHEME, HTTP_HOST, HTTP_SLOTS };
enum { TCP_PORT, TCP_HOST, TCP_SLOTS };
enum { GRPC_PORT, GRPC_SERVICE, GRPC_SLOTS };
enum { EXEC_COMMAND, EXEC_SLOTS };
enum { LIFECYCLE_PRE_STOP, LIFECYCLE_POST_START, LIFECYCLE_SLOTS };
enum { VOLUME_NAME, VOLUME_SLOTS };
enum { EMPTY_DIR_MEDIUM, EMPTY_DIR_SIZE, EMPTY_DIR_SLOTS };
enum { HOST_PATH_PATH, HOST_PATH_TYPE, HOST_PATH_SLOTS };

extern const struct key_table key_deployment, key_stateful_set, key_daemon_set, key_replica_set,
    key_replication_controller, key_job, key_cron_job, key_job_template;
extern const struct key_table key_template, key_metadata, key_pod, key_container, key_pod_security,
    key_container_security, key_seccomp, key_apparmor, key_selinux, key_windows, key_capabilities, key_sysctl, key_os,
    key_resources, key_amounts, key_env, key_port, key_mount, key_device, key_probe, key_hook, key_http, key_tcp,
    key_grpc, key_exec, key_lifecycle, key_volume, key_empty_dir, key_host_path;

#define KEY_MAX_SLOTS 16

/* The definition of KEY, or NULL. */
const struct key_def *key_find(const struct key_table *table, struct str key);
