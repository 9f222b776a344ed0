/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"
#include "rules/servers.h"
#include "rules/undecided.h"

#include "base/num.h"

#define POD(container, volumes)                                                                                        \
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n    - name: web\n"                       \
    "      image: registry.example/web:1.2\n" container volumes
#define SERVICE(lines) "services:\n  web:\n    image: registry.example/web:1.2\n" lines
#define TMP_MOUNT      "      volumeMounts:\n        - name: tmp\n          mountPath: /tmp\n"
#define TMP_VOLUME     "  volumes:\n    - name: tmp\n      emptyDir:\n        sizeLimit: 64Mi\n"
#define READ_ONLY      "      securityContext:\n        readOnlyRootFilesystem: true\n"

#define EMPTY_DIR                                                                                                      \
    {                                                                                                                  \
        "Kubernetes: Volumes, emptyDir", "https://kubernetes.io/docs/concepts/storage/volumes/#emptydir"               \
    }
#define COMPOSE(element)                                                                                               \
    {                                                                                                                  \
        "Compose file reference: " element, "https://docs.docker.com/reference/compose-file/services/#" element        \
    }

/* --- read-only-root ----------------------------------------------------------------------------------------- */

static void read_only_root(struct judge *judge, const struct workload *workload);

const struct rule read_only_root_rule = {
    .id = "read-only-root",
    .severity = SEVERITY_ERROR,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "the container's root file system is read-only",
    .rationale =
        "Whoever breaks into a container wants to leave something behind: a changed program, a module that is loaded "
        "at the next start, a tool from the network. A root that can't be written takes that away, and it shows where "
        "a program keeps state that nobody knew of, which a restart would have lost. Kubernetes knows the key for "
        "containers only: in the securityContext of a pod it is passed over without a word.",
    .remedies =
        {
            [SURFACE_COMPOSE] =
                "Set read_only: true, and give the few directories that the program writes to a tmpfs or a volume.",
            [SURFACE_KUBERNETES] = "Set securityContext.readOnlyRootFilesystem: true in the container, and mount an "
                                   "emptyDir at the few directories that the program writes to.",
        },
    .sources =
        (const struct rule_source[]){
            COMPOSE("read_only"),
            {"Kubernetes: Configure a Security Context for a Pod or Container",
             "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/"},
            {"OWASP: Docker Security Cheat Sheet, set filesystem and volumes to read-only",
             "https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE(""), SERVICE("    read_only: true\n    tmpfs: [\"/tmp:size=64m\"]\n")},
            {SURFACE_KUBERNETES, POD("", ""), POD(READ_ONLY TMP_MOUNT, TMP_VOLUME)},
            {0},
        },
    .workload = read_only_root,
};

static void read_only_root(struct judge *judge, const struct workload *workload)
{
    const struct fact_bool *root = &workload->read_only_root;
    bool compose = workload->kind == WORKLOAD_SERVICE;
    const char *key = compose ? "read_only" : "readOnlyRootFilesystem";
    if (workload->pod->windows || fact_undecided(judge, &root->fact, key))
        return;
    bool written = root->fact.state == FACT_KNOWN || root->fact.state == FACT_INHERITED;
    if (written && root->value)
        return;
    const struct key_problem *missed = written ? NULL : judge_missed(judge, &root->fact);
    if (written)
        judge_fail(judge, root->fact.at, "the root file system is writable: '%s' says so", key);
    else if (missed)
        judge_fail(judge, root->fact.at, "the root file system is writable: '%.*s' is not taken where it stands",
                   STR_ARG(missed->key));
    else
        judge_fail(judge, root->fact.at, "the root file system is writable: '%s' is not set", key);
    judge_expect(judge, compose ? "read_only: true" : "securityContext.readOnlyRootFilesystem: true");
    judge_fact(judge, &root->fact);
}

/* --- writable-paths ----------------------------------------------------------------------------------------- */

static void writable_paths(struct judge *judge, const struct workload *workload);

const struct rule writable_paths_rule = {
    .id = "writable-paths",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "with a read-only root, what is written to is a tmpfs, an emptyDir or a volume",
    .rationale =
        "A read-only root stops a program at its first temporary file: uploads, heap dumps, sockets and files of "
        "process IDs go to /tmp, /run or a cache that belongs to the server. That shows at the first request, not at "
        "the start, and the usual answer is to make the whole root writable again. A tmpfs that only root may write "
        "to stops a server that does not run as root in the same way.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Add the directory to tmpfs with a size, as in tmpfs: [\"/tmp:size=64m\"]. Where root "
                                "would own it, add mode=1777, or uid= and gid= of the user that runs.",
            [SURFACE_KUBERNETES] = "Mount an emptyDir with a sizeLimit at the directory: an entry of volumes and one "
                                   "of the container's volumeMounts.",
        },
    .sources =
        (const struct rule_source[]){
            COMPOSE("tmpfs"),
            EMPTY_DIR,
            {"Docker: tmpfs mounts", "https://docs.docker.com/engine/storage/tmpfs/"},
            {"tmpfs, Linux kernel", "https://docs.kernel.org/filesystems/tmpfs.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    read_only: true\n"),
             SERVICE("    read_only: true\n    tmpfs: [\"/tmp:size=64m\"]\n")},
            {SURFACE_KUBERNETES, POD(READ_ONLY, ""), POD(READ_ONLY TMP_MOUNT, TMP_VOLUME)},
            {0},
        },
    .params =
        (const struct rule_param[]){
            {"paths", RULE_PARAM_STRINGS, "directories that every container has to be able to write to", "[/tmp]"},
            {0},
        },
    .workload = writable_paths,
};

/* Without a '/' at the end; "/var/run" is "/run" in every system image. */
static struct str normal_path(struct str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    bool var_run = str_eq_z(path, "/var/run") || str_starts(path, STR("/var/run/"));
    return var_run ? str_skip(path, 4) : path;
}

static bool is_above(struct str directory, struct str path)
{
    return str_starts(path, directory) && (path.len == directory.len || path.ptr[directory.len] == '/');
}

struct cover {
    const struct mount_fact *mount; /* the nearest mount of the path or above it */
    const struct fact *unknown;     /* a mount that may be one */
};

static struct cover find_cover(const struct workload *workload, struct str wanted)
{
    struct cover cover = {0};
    struct str path = normal_path(wanted);
    size_t longest = 0;
    for (size_t i = 0; i < workload->mount_count; i++) {
        const struct mount_fact *mount = &workload->mounts[i];
        if (mount->target.fact.state == FACT_UNKNOWN)
            cover.unknown = &mount->target.fact;
        if (!fact_said(&mount->target.fact))
            continue;
        struct str target = normal_path(mount->target.value);
        if (target.len > 1 && target.len >= longest && is_above(target, path)) {
            cover.mount = mount;
            longest = target.len;
        }
    }
    return cover;
}

/* A program that goes by TMPDIR leaves /tmp alone. */
static bool moved_away(const struct workload *workload, struct str path)
{
    for (size_t i = 0; str_eq_z(path, "/tmp") && i < workload->env_count; i++) {
        const struct env_fact *env = &workload->env[i];
        if (str_eq_z(env->name, "TMPDIR") && fact_said(&env->value.fact) && !str_eq_z(env->value.value, "/tmp"))
            return find_cover(workload, env->value.value).mount != NULL;
    }
    return false;
}

struct shortage {
    struct buf paths; /* "'/tmp', '/run'" */
    struct str first;
    size_t count;
    const struct fact *unknown;
};

static void judge_path(struct judge *judge, const struct workload *workload, struct str path, struct shortage *shortage)
{
    struct cover cover = find_cover(workload, path);
    if (cover.mount) {
        const struct fact_bool *read_only = &cover.mount->read_only;
        if (fact_said(&read_only->fact) && read_only->value)
            judge_fail(judge, cover.mount->at, "'%.*s' is mounted read-only", STR_ARG(path));
        return;
    }
    if (moved_away(workload, path))
        return;
    if (cover.unknown)
        shortage->unknown = cover.unknown;
    if (shortage->count++ == 0)
        shortage->first = path;
    else
        buf_add_z(&shortage->paths, ", ");
    buf_addf(&shortage->paths, "'%.*s'", STR_ARG(path));
}

static void tell_shortage(struct judge *judge, const struct workload *workload, const struct server *server,
                          const struct shortage *shortage)
{
    const struct fact *root = &workload->read_only_root.fact;
    bool compose = workload->kind == WORKLOAD_SERVICE;
    if (shortage->unknown) {
        judge_unknown(judge, shortage->unknown->at, "whether %s can be written to hangs on this mount",
                      buf_z(&shortage->paths));
        return;
    }
    judge_fail(judge, root->at, "the root is read-only, and nothing can be written to %s", buf_z(&shortage->paths));
    if (compose)
        judge_expect(judge, "tmpfs: [\"%.*s:size=64m\"%s]", STR_ARG(shortage->first),
                     shortage->count > 1 ? ", ..." : "");
    else
        judge_expect(judge, "an emptyDir with a sizeLimit mounted at %s", buf_z(&shortage->paths));
    if (server)
        judge_related(judge, workload->image.fact.at, "%s writes to %s", server->shown, server->writes);
    judge_fact(judge, root);
}

/* --- whether the user may write --- */

static const struct fact_item *find_option(const struct mount_fact *mount, const char *name)
{
    const struct fact_item *found = NULL;
    for (size_t i = 0; i < mount->options.count; i++)
        if (str_eq_z(mount->options.items[i].text.value, name) && fact_said(&mount->options.items[i].value.fact))
            found = &mount->options.items[i];
    return found;
}

#define ANY_GROUP UINT64_MAX /* the image's list of users says which */

/* The user and group that run, when they are known by number. */
static bool running_user(const struct workload *workload, uint64_t *ret_user, uint64_t *ret_group)
{
    const struct fact_number *user = &workload->run_as_user, *group = &workload->run_as_group;
    *ret_group = fact_said(&group->fact) ? (uint64_t)group->value : ANY_GROUP;
    if (fact_said(&user->fact)) {
        *ret_user = (uint64_t)user->value;
        return true;
    }
    return user->fact.state == FACT_ABSENT && fact_said(&workload->image.fact) &&
           num_parse_u64(workload->image_name.user, ret_user);
}

/* "mode=755" is octal; a number in YAML is what YAML makes of it, so that 1777 is not 01777. */
static bool mode_of(const struct fact_item *item, uint64_t *ret_mode)
{
    const struct data_node *node = item->value.fact.node;
    if (node && node->kind == DATA_NUMBER)
        return data_u64(node, ret_mode, NULL) == 0;
    return num_parse_octal(item->value.value, ret_mode);
}

static void judge_mode(struct judge *judge, const struct workload *workload, const struct mount_fact *mount)
{
    const struct fact_item *mode_item = find_option(mount, "mode");
    const struct fact_item *uid_item = find_option(mount, "uid"), *gid_item = find_option(mount, "gid");
    uint64_t mode = 0, user = 0, group = 0, uid = 0, gid = 0;
    if (mount->kind != MOUNT_TMPFS || !mode_item || !mode_of(mode_item, &mode) ||
        !running_user(workload, &user, &group) || user == 0)
        return;
    if ((uid_item && !num_parse_u64(uid_item->value.value, &uid)) ||
        (gid_item && !num_parse_u64(gid_item->value.value, &gid)))
        return;
    bool writable = uid == user    ? mode & 0200
                    : gid == group ? mode & 020
                                   : (mode & 02) || (group == ANY_GROUP && (mode & 020));
    if (writable)
        return;
    judge_fail(judge, mode_item->value.fact.at,
               "user %llu can't write to '%.*s', which belongs to user %llu and has mode %03llo",
               (unsigned long long)user, STR_ARG(mount->target.value), (unsigned long long)uid,
               (unsigned long long)mode);
    judge_expect(judge, "mode=1777, or uid=%llu", (unsigned long long)user);
    judge_remedy(judge,
                 "Give the mount mode=1777 (in YAML's long form: mode: 0o1777), or the user's own uid= and gid=.");
}

static void writable_paths(struct judge *judge, const struct workload *workload)
{
    const struct fact_bool *root = &workload->read_only_root;
    bool service = workload->kind != WORKLOAD_INIT && workload->kind != WORKLOAD_EPHEMERAL;
    for (size_t i = 0; i < workload->mount_count; i++)
        judge_mode(judge, workload, &workload->mounts[i]);
    if (!service || workload->pod->windows || !fact_said(&root->fact) || !root->value)
        return;
    struct shortage shortage = {.paths = BUF_INIT};
    struct rule_strings paths = judge_param_strings(judge, "paths");
    const struct server *server = fact_said(&workload->image.fact) ? server_of(&workload->image_name) : NULL;
    for (size_t i = 0; i < paths.count; i++)
        judge_path(judge, workload, paths.items[i], &shortage);
    struct str rest = str_z(server ? server->writes : ""), path;
    while (str_next_word(&rest, &path))
        judge_path(judge, workload, path, &shortage);
    if (buf_check(&shortage.paths, NULL) != 0)
        judge_nomem(judge);
    else if (shortage.count)
        tell_shortage(judge, workload, server, &shortage);
    buf_done(&shortage.paths);
}

/* --- bounded-tmpfs ------------------------------------------------------------------------------------------ */

static void bounded_tmpfs_pod(struct judge *judge, const struct pod *pod);
static void bounded_tmpfs(struct judge *judge, const struct workload *workload);

const struct rule bounded_tmpfs_rule = {
    .id = "bounded-tmpfs",
    .severity = SEVERITY_WARNING,
    .surfaces = RULE_COMPOSE | RULE_KUBERNETES,
    .profiles = RULE_IN_STANDARD,
    .fix = RULE_FIX_ASKS,
    .summary = "a tmpfs or emptyDir has a size limit, and no programs are run from it",
    .rationale =
        "A tmpfs is memory: without a size it grows to half of the machine's, or until the container is killed for "
        "what it has written to a temporary file. An emptyDir without a sizeLimit takes the node's disk, which evicts "
        "other pods, or with medium Memory its memory. Engines mount a tmpfs with noexec, nosuid and nodev; the "
        "options exec, suid and dev undo that, in the one place that a server can still write to.",
    .remedies =
        {
            [SURFACE_COMPOSE] = "Give it a size (tmpfs: [\"/tmp:size=64m\"], or tmpfs.size in the long form), and "
                                "leave exec, suid and dev out.",
            [SURFACE_KUBERNETES] = "Set a limit on the volume, as in emptyDir: {sizeLimit: 64Mi}.",
        },
    .sources =
        (const struct rule_source[]){
            COMPOSE("tmpfs"),
            COMPOSE("volumes"),
            EMPTY_DIR,
            {"tmpfs, Linux kernel", "https://docs.kernel.org/filesystems/tmpfs.html"},
            {0},
        },
    .examples =
        (const struct rule_example[]){
            {SURFACE_COMPOSE, SERVICE("    tmpfs: [/tmp]\n"), SERVICE("    tmpfs: [\"/tmp:size=64m\"]\n")},
            {SURFACE_KUBERNETES, POD(TMP_MOUNT, "  volumes:\n    - name: tmp\n      emptyDir: {}\n"),
             POD(TMP_MOUNT, TMP_VOLUME)},
            {0},
        },
    .pod = bounded_tmpfs_pod,
    .workload = bounded_tmpfs,
};

static void bounded_tmpfs_pod(struct judge *judge, const struct pod *pod)
{
    for (size_t i = 0; i < pod->volume_count; i++) {
        const struct volume_fact *volume = &pod->volumes[i];
        const struct fact_number *size = &volume->size_bytes;
        bool memory = fact_said(&volume->medium.fact) && str_eq_z(volume->medium.value, "Memory");
        if (!str_eq_z(volume->type, "emptyDir") || fact_undecided(judge, &size->fact, "emptyDir.sizeLimit"))
            continue;
        if (fact_said(&size->fact) && size->value > 0)
            continue;
        if (fact_said(&size->fact))
            judge_fail(judge, size->fact.at, "a sizeLimit of 0 is no limit");
        else
            judge_fail(judge, volume->type_at, "emptyDir '%.*s' %s without a limit", STR_ARG(volume->name),
                       memory ? "takes memory" : "takes the node's disk");
        judge_expect(judge, "emptyDir.sizeLimit");
        judge_fact(judge, &size->fact);
    }
}

static void judge_options(struct judge *judge, const struct mount_fact *mount)
{
    static const char *const undone[] = {"exec", "suid", "dev", NULL};
    for (size_t i = 0; i < mount->options.count; i++) {
        const struct fact_text *option = &mount->options.items[i].text;
        if (!fact_said(&option->fact) || !name_among(option->value, undone))
            continue;
        judge_fail(judge, option->fact.at, "'%.*s' undoes 'no%.*s', which the engine sets", STR_ARG(option->value),
                   STR_ARG(option->value));
        judge_expect(judge, "no%.*s", STR_ARG(option->value));
        judge_remedy(judge, "Take the option out.");
    }
}

/* A share of the machine's memory is a limit, though a wide one. */
static bool is_share(const struct mount_fact *mount)
{
    const struct fact_item *size = find_option(mount, "size");
    return size && str_ends(size->value.value, STR("%"));
}

static void bounded_tmpfs(struct judge *judge, const struct workload *workload)
{
    for (size_t i = 0; workload->kind == WORKLOAD_SERVICE && i < workload->mount_count; i++) {
        const struct mount_fact *mount = &workload->mounts[i];
        const struct fact_number *size = &mount->size_bytes;
        if (mount->kind != MOUNT_TMPFS)
            continue;
        judge_options(judge, mount);
        if (is_share(mount) || fact_undecided(judge, &size->fact, "size") ||
            (fact_said(&size->fact) && size->value > 0))
            continue;
        if (fact_said(&size->fact))
            judge_fail(judge, size->fact.at, "a size of 0 is no limit");
        else
            judge_fail(judge, mount->at, "the tmpfs at '%.*s' has no size limit", STR_ARG(mount->target.value));
        judge_expect(judge, "size=64m, or what the service needs");
        judge_fact(judge, &size->fact);
    }
}
