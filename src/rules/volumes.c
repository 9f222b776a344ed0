/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/host_path.h"
#include "rules/undecided.h"

#define POD(volume)                                                                                                    \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  volumes:\n    - name: data\n" volume                  \
    "  containers:\n    - name: web\n      image: registry.example/web:1.2\n      volumeMounts:\n"                     \
    "        - name: data\n          mountPath: /data\n"
#define SERVICE(mount)                                                                                                 \
    "services:\n  web:\n    image: registry.example/web:1.2\n    volumes:\n      - " mount "\nvolumes:\n  data: {}\n"

#define STANDARDS                                                                                                      \
    {                                                                                                                  \
        "Kubernetes: Pod Security Standards", "https://kubernetes.io/docs/concepts/security/pod-security-standards/"   \
    }
#define VOLUMES                                                                                                        \
    {                                                                                                                  \
        "Kubernetes: Volumes", "https://kubernetes.io/docs/concepts/storage/volumes/"                                  \
    }
#define COMPOSE_VOLUMES                                                                                                \
    {                                                                                                                  \
        "Compose file reference: volumes", "https://docs.docker.com/reference/compose-file/services/#volumes"          \
    }

/* --- no-host-path ------------------------------------------------------------------------------------------- */

static void host_path_pod(struct judge *judge, const struct pod *pod);
static void host_path_workload(struct judge *judge, const struct workload *workload);

const struct rule no_host_path_rule = {
    .id = "no-host-path",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_BASELINE | RULE_IN_RESTRICTED,
    .summary = "no path of the machine is mounted",
    .rationale =
        "Through a path of the machine a container reads other workloads' secrets and the machine's keys, and with "
        "write access it plants a program that the machine runs as root. Read-only helps half: symbolic links and "
        "sockets work all the same. On Kubernetes it also ties the pod to a node whose disk looks as expected, and "
        "both profiles forbid it. In Compose, files of the project are bound by relative paths and are no harm; the "
        "error there is a directory of the system, of root or of a person's home (/etc, /proc, /sys, /dev, /run, "
        "/usr, /var/lib/docker, ~/.ssh); another directory of a home is a warning. The read-only /etc/localtime and "
        "/etc/timezone are let through.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Use a named volume for data, and configs or secrets for files; what is bound lies "
                                "beside the project, by a relative path. An agent that watches the machine gets a "
                                "waiver, with the reason, and read-only mounts.",
            [SURFACE_KUBERNETES] =
                "Use a PersistentVolumeClaim for data, a ConfigMap or Secret for files, an emptyDir for room to work. "
                "An agent that watches the machine gets a waiver, with the reason, and read-only mounts.",
        },
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            {"Kubernetes: Volumes, hostPath", "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath"},
            COMPOSE_VOLUMES,
            {"Docker: Bind mounts", "https://docs.docker.com/engine/storage/bind-mounts/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("/etc:/host/etc:ro"), SERVICE("./web.conf:/etc/web.conf:ro")},
            {SURFACE_KUBERNETES, POD("      hostPath:\n        path: /var/lib/data\n"),
             POD("      persistentVolumeClaim:\n        claimName: data\n")},
            {0},
        },
    .params =
        (const struct rule_param[]){
            {"allowed", RULE_PARAM_STRINGS, "absolute paths that may be mounted, with all below them", "[]"},
            {0},
        },
    .pod = host_path_pod,
    .workload = host_path_workload,
};

static bool path_allowed(struct judge *judge, struct str path)
{
    if (!judge_by_standard(judge))
        return false;
    struct rule_strings allowed = judge_param_strings(judge, "allowed");
    for (size_t i = 0; i < allowed.count; i++)
        if (host_path_below(path, allowed.items[i]))
            return true;
    return false;
}

/* Our own standard tells of an engine's socket by its own rule; the profiles know only the path. */
static bool is_told_as_socket(const struct judge *judge, struct str path, struct str target)
{
    return judge_by_standard(judge) && host_path_engine_socket(path, target).len;
}

static void host_path_pod(struct judge *judge, const struct pod *pod)
{
    for (size_t i = 0; pod->surface == SURFACE_KUBERNETES && i < pod->volume_count; i++) {
        const struct volume_fact *volume = &pod->volumes[i];
        const struct fact_text *path = &volume->host_path;
        if (!str_eq_z(volume->type, "hostPath"))
            continue;
        bool said = fact_said(&path->fact);
        if (is_told_as_socket(judge, path->value, STR_NONE) || (said && path_allowed(judge, path->value)))
            continue;
        if (said)
            judge_fail(judge, path->fact.at, "volume '%.*s' is the path '%.*s' of the node", STR_ARG(volume->name),
                       STR_ARG(path->value));
        else
            judge_fail(judge, volume->type_at, "volume '%.*s' is a path of the node", STR_ARG(volume->name));
        judge_expect(judge, "no hostPath volume");
    }
}

static void host_path_workload(struct judge *judge, const struct workload *workload)
{
    for (size_t i = 0; workload->kind == WORKLOAD_SERVICE && i < workload->mount_count; i++) {
        const struct mount_fact *mount = &workload->mounts[i];
        const struct fact_text *source = &mount->source;
        bool said = fact_said(&source->fact);
        if ((mount->kind != MOUNT_BIND && mount->kind != MOUNT_UNKNOWN) ||
            (!said && source->fact.state != FACT_UNKNOWN) || (said && path_allowed(judge, source->value)) ||
            is_told_as_socket(judge, source->value, mount->target.value))
            continue;
        bool read_only = fact_said(&mount->read_only.fact) && mount->read_only.value;
        switch (host_path_kind(source->value, read_only)) {
        case HOST_PATH_SYSTEM:
            judge_fail(judge, source->fact.at, "'%.*s' of the machine is mounted%s", STR_ARG(source->value),
                       read_only ? "" : ", writable");
            break;
        case HOST_PATH_HOME:
            judge_fail(judge, source->fact.at, "'%.*s' is mounted: a person's files and keys", STR_ARG(source->value));
            break;
        case HOST_PATH_IN_HOME:
            judge_fail_as(judge, SEVERITY_WARNING, source->fact.at,
                          "'%.*s' is mounted, which is in a person's home and on no other machine",
                          STR_ARG(source->value));
            break;
        case HOST_PATH_OPEN:
            judge_unknown(judge, source->fact.at, "which path is mounted hangs on a variable that is not known here");
            continue;
        case HOST_PATH_ORDINARY:
            continue;
        }
        judge_expect(judge, "a named volume, or a file of the project by its relative path");
        judge_fact(judge, &source->fact);
    }
}

/* --- no-engine-socket --------------------------------------------------------------------------------------- */

static void engine_socket_pod(struct judge *judge, const struct pod *pod);
static void engine_socket_workload(struct judge *judge, const struct workload *workload);

const struct rule no_engine_socket_rule = {
    .id = "no-engine-socket",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .summary = "the container engine's socket is not mounted",
    .rationale =
        "Whoever can talk to the engine's socket can start a privileged container with the machine's disk in it: the "
        "socket is root on the machine. ':ro' changes nothing, since it keeps the file from being replaced, not the "
        "connection from being used. What asks for it is mostly a reverse proxy that reads labels, a tool that "
        "restarts others, or a build job; each of them then is the way to everything on the machine.",
    .remedy = "Take the socket out: configure a proxy by file, and build images without an engine (BuildKit rootless, "
              "Buildah). An agent that only reads gets a filtering proxy in between.",
    .sources =
        (const struct rule_source[]){
            {"Docker: Protect the Docker daemon socket", "https://docs.docker.com/engine/security/protect-access/"},
            {"Docker: Docker daemon attack surface",
             "https://docs.docker.com/engine/security/#docker-daemon-attack-surface"},
            {"OWASP: Docker Security Cheat Sheet",
             "https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("/var/run/docker.sock:/var/run/docker.sock:ro"), SERVICE("data:/data")},
            {SURFACE_KUBERNETES, POD("      hostPath:\n        path: /run/containerd/containerd.sock\n"),
             POD("      emptyDir:\n        sizeLimit: 64Mi\n")},
            {0},
        },
    .pod = engine_socket_pod,
    .workload = engine_socket_workload,
};

static void tell_socket(struct judge *judge, const struct fact *fact, struct str engine)
{
    judge_fail(judge, fact->at, "the socket of %.*s is mounted: who talks to it is root on the machine",
               STR_ARG(engine));
    judge_expect(judge, "no engine socket");
    judge_fact(judge, fact);
}

static void engine_socket_pod(struct judge *judge, const struct pod *pod)
{
    for (size_t i = 0; pod->surface == SURFACE_KUBERNETES && i < pod->volume_count; i++) {
        const struct fact_text *path = &pod->volumes[i].host_path;
        struct str engine = host_path_engine_socket(path->value, STR_NONE);
        if (str_eq_z(pod->volumes[i].type, "hostPath") && engine.len)
            tell_socket(judge, &path->fact, engine);
    }
}

static void engine_socket_workload(struct judge *judge, const struct workload *workload)
{
    for (size_t i = 0; workload->kind == WORKLOAD_SERVICE && i < workload->mount_count; i++) {
        const struct mount_fact *mount = &workload->mounts[i];
        if (mount->kind != MOUNT_BIND && mount->kind != MOUNT_UNKNOWN && mount->kind != MOUNT_OTHER)
            continue;
        struct str engine = host_path_engine_socket(mount->source.value, mount->target.value);
        if (engine.len)
            tell_socket(judge, &mount->source.fact, engine);
    }
}

/* --- restricted-volumes ------------------------------------------------------------------------------------- */

static void restricted_volumes(struct judge *judge, const struct pod *pod);

const struct rule restricted_volumes_rule = {
    .id = "restricted-volumes",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD | RULE_IN_RESTRICTED,
    .summary = "volumes are of the core types, storage comes by a claim",
    .rationale =
        "A volume that names a server or a disk itself (nfs, iscsi, rbd, azureFile, gitRepo) mounts whatever its "
        "author writes, with the node's access, past the administrator who hands out PersistentVolumes, and most of "
        "these types are deprecated or gone. A claim (persistentVolumeClaim, ephemeral) or a CSI driver leaves the "
        "choice with the cluster, and the manifest runs on another one too. The restricted profile takes configMap, "
        "csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected and secret. A hostPath is "
        "told by `no-host-path`. In our own standard this is a warning, but for gitRepo, which runs Git on the node.",
    .remedy =
        "Put a PersistentVolume and a claim between the pod and the storage. Instead of gitRepo, clone in an init "
        "container into an emptyDir.",
    .sources =
        (const struct rule_source[]){
            STANDARDS,
            VOLUMES,
            {"Kubernetes: Persistent Volumes", "https://kubernetes.io/docs/concepts/storage/persistent-volumes/"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_KUBERNETES, POD("      nfs:\n        server: files.example\n        path: /data\n"),
             POD("      persistentVolumeClaim:\n        claimName: data\n")},
            {0},
        },
    .pod = restricted_volumes,
};

static void restricted_volumes(struct judge *judge, const struct pod *pod)
{
    static const char *const taken[] = {
        "configMap", "csi",    "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim",
        "projected", "secret", "hostPath",    NULL,
    };
    for (size_t i = 0; i < pod->volume_count; i++) {
        const struct volume_fact *volume = &pod->volumes[i];
        if (volume->unknown_type) {
            judge_unknown(judge, volume->type_at, "volume '%.*s' is of a type that is not known",
                          STR_ARG(volume->name));
            continue;
        }
        if (name_among(volume->type, taken))
            continue;
        bool weighs_less = judge_by_standard(judge) && !str_eq_z(volume->type, "gitRepo");
        judge_fail_as(judge, weighs_less ? SEVERITY_WARNING : SEVERITY_ERROR, volume->type_at,
                      "volume '%.*s' is of type '%.*s'", STR_ARG(volume->name), STR_ARG(volume->type));
        judge_expect(judge, "a persistentVolumeClaim, or another core type");
    }
}
