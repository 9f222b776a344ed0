/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/host_path.h"

#define COMPONENTS_MAX 64 /* of a path that is followed; a longer one counts by its first ones */

/* The components of a path, with "." and ".." taken out. */
struct components {
    struct str items[COMPONENTS_MAX];
    size_t count;
};

static struct components split(struct str path)
{
    struct components parts = {.count = 0};
    struct str rest = path, item;
    while (parts.count < COMPONENTS_MAX && str_next(&rest, '/', &item)) {
        if (str_eq_z(item, ".."))
            parts.count -= parts.count > 0;
        else if (item.len && !str_eq_z(item, "."))
            parts.items[parts.count++] = item;
    }
    return parts;
}

bool host_path_below(struct str path, struct str directory)
{
    if (!str_starts(path, STR("/")) || !str_starts(directory, STR("/")))
        return false;
    struct components inner = split(path), outer = split(directory);
    bool below = inner.count >= outer.count;
    for (size_t i = 0; below && i < outer.count; i++)
        below = str_eq(inner.items[i], outer.items[i]);
    return below;
}

/* "/etc/${A}/x" -> "/etc/"; the whole path when it has no variable. */
static struct str before_variable(struct str path, bool *ret_variable)
{
    size_t at = str_find_char(path, '$');
    *ret_variable = at < path.len;
    if (!*ret_variable)
        return path;
    struct str head = str_head(path, at);
    size_t slash = str_rfind_char(head, '/');
    return str_head(head, slash < head.len ? slash + 1 : 0);
}

/* "$HOME/x", "${HOME}/x", "${HOME:?}/x", "~", "~/x", "~name/x" */
static bool is_home(struct str path)
{
    static const char *const names[] = {"$HOME", "${HOME", "$USERPROFILE", "${USERPROFILE"};
    bool home = str_starts(path, STR("~"));
    for (size_t i = 0; !home && i < sizeof(names) / sizeof(names[0]); i++) {
        struct str name = str_z(names[i]);
        home = str_starts(path, name) &&
               (path.len == name.len || !(char_is_alnum(path.ptr[name.len]) || path.ptr[name.len] == '_'));
    }
    return home;
}

/* PATH's components behind the first ROOTS are below a home. */
static enum host_path_kind kind_in_home(struct str path, size_t roots)
{
    struct components parts = split(path);
    bool keys = parts.count <= roots;
    for (size_t i = roots; !keys && i < parts.count; i++)
        keys = str_starts(parts.items[i], STR("."));
    return keys ? HOST_PATH_HOME : HOST_PATH_IN_HOME;
}

static enum host_path_kind kind_of_windows(struct str path)
{
    bool drive = path.len >= 3 && char_is_alpha(path.ptr[0]) && path.ptr[1] == ':' &&
                 (path.ptr[2] == '\\' || path.ptr[2] == '/');
    struct str rest = drive ? str_skip(path, 3) : STR_NONE;
    if (!drive)
        return HOST_PATH_ORDINARY;
    if (rest.len == 0 || str_eq_fold(str_head(rest, 7), STR("windows")))
        return HOST_PATH_SYSTEM;
    return str_eq_fold(str_head(rest, 5), STR("users")) ? HOST_PATH_IN_HOME : HOST_PATH_ORDINARY;
}

static bool below_any(struct str path, const char *const *directories)
{
    for (; *directories; directories++)
        if (host_path_below(path, str_z(*directories)))
            return true;
    return false;
}

/* Directories that hold others' data: as a whole they are the system's, one of them is not. */
static bool is_whole(struct str path)
{
    static const char *const wholes[] = {"/",        "/tmp",     "/var",       "/var/tmp",
                                         "/var/lib", "/var/log", "/var/cache", "/var/spool"};
    size_t count = split(path).count;
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++)
        if (host_path_below(path, str_z(wholes[i])) && count == split(str_z(wholes[i])).count)
            return true;
    return false;
}

static bool is_system(struct str path)
{
    static const char *const systems[] = {
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/lib",
        "/lib32",
        "/lib64",
        "/proc",
        "/run",
        "/sbin",
        "/sys",
        "/usr",
        "/var/run",
        "/Library",
        "/System",
        "/private",
        "/var/lib/apt",
        "/var/lib/containerd",
        "/var/lib/containers",
        "/var/lib/docker",
        "/var/lib/dpkg",
        "/var/lib/etcd",
        "/var/lib/kubelet",
        "/var/lib/libvirt",
        "/var/lib/lxc",
        "/var/lib/rancher",
        "/var/lib/rpm",
        "/var/lib/systemd",
        "/var/log/audit",
        "/var/log/containers",
        "/var/log/journal",
        "/var/log/pods",
        "/var/spool/cron",
        NULL,
    };
    return below_any(path, systems);
}

enum host_path_kind host_path_kind(struct str path, bool read_only)
{
    static const char *const harmless[] = {"/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo", NULL};
    bool variable = false;
    struct str known = before_variable(path, &variable);
    if (is_home(path))
        return kind_in_home(path, 1);
    if (variable && known.len == 0)
        return HOST_PATH_OPEN;
    if (known.ptr == NULL || known.ptr[0] != '/')
        return kind_of_windows(path);
    /* "/srv/${A}" is below /srv (but for a wilful ".."), "/var/lib/${A}" may be anybody's. */
    if (is_whole(known))
        return variable ? HOST_PATH_OPEN : HOST_PATH_SYSTEM;
    if (read_only && below_any(path, harmless))
        return HOST_PATH_ORDINARY;
    if (host_path_below(known, STR("/root")))
        return kind_in_home(path, 1);
    if (host_path_below(known, STR("/home")) || host_path_below(known, STR("/Users")))
        return kind_in_home(path, 2);
    return is_system(known) ? HOST_PATH_SYSTEM : HOST_PATH_ORDINARY;
}

/* What stands behind the last separator. */
static struct str file_of(struct str path)
{
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '/' && path.ptr[start - 1] != '\\')
        start--;
    return str_skip(path, start);
}

struct str host_path_engine_socket(struct str path, struct str target)
{
    static const struct {
        const char *file;
        struct str engine;
    } sockets[] = {
        {"docker.sock", STR_INIT("Docker")},      {"docker.raw.sock", STR_INIT("Docker")},
        {"docker_engine", STR_INIT("Docker")},    {"containerd.sock", STR_INIT("containerd")},
        {"podman.sock", STR_INIT("Podman")},      {"crio.sock", STR_INIT("CRI-O")},
        {"dockershim.sock", STR_INIT("Docker")},  {"cri-dockerd.sock", STR_INIT("Docker")},
        {"buildkitd.sock", STR_INIT("BuildKit")}, {"docker-containerd.sock", STR_INIT("containerd")},
    };
    struct str file = file_of(path);
    if (str_has_char(file, '$'))
        file = file_of(target);
    for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++)
        if (str_eq_z(file, sockets[i].file))
            return sockets[i].engine;
    return STR_NONE;
}
