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

static enum host_path_kind kind_of_windows(struct str path)
{
    bool drive = path.len >= 3 && char_is_alpha(path.ptr[0]) && path.ptr[1] == ':' &&
                 (path.ptr[2] == '\\' || path.ptr[2] == '/');
    struct str rest = drive ? str_skip(path, 3) : STR_NONE;
    if (!drive)
        return HOST_PATH_ORDINARY;
    if (rest.len == 0 || str_eq_fold(str_head(rest, 7), STR("windows")))
        return HOST_PATH_SYSTEM;
    return str_eq_fold(str_head(rest, 5), STR("users")) ? HOST_PATH_HOME : HOST_PATH_ORDINARY;
}

static enum host_path_kind kind_of_absolute(struct str path, bool read_only)
{
    static const char *const harmless[] = {"/etc/localtime", "/etc/timezone", "/usr/share/zoneinfo"};
    static const char *const homes[] = {"/home", "/root", "/Users"};
    static const char *const systems[] = {"/bin",       "/boot",      "/dev",     "/etc",     "/lib",
                                          "/lib32",     "/lib64",     "/proc",    "/run",     "/sbin",
                                          "/sys",       "/usr",       "/var/lib", "/var/log", "/var/run",
                                          "/var/spool", "/var/cache", "/Library", "/System",  "/private"};
    if (split(path).count == 0 || (host_path_below(path, STR("/var")) && split(path).count == 1))
        return HOST_PATH_SYSTEM;
    for (size_t i = 0; read_only && i < sizeof(harmless) / sizeof(harmless[0]); i++)
        if (host_path_below(path, str_z(harmless[i])))
            return HOST_PATH_ORDINARY;
    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
        if (host_path_below(path, str_z(homes[i])))
            return HOST_PATH_HOME;
    for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
        if (host_path_below(path, str_z(systems[i])))
            return HOST_PATH_SYSTEM;
    return HOST_PATH_ORDINARY;
}

enum host_path_kind host_path_kind(struct str path, bool read_only)
{
    bool variable = false;
    struct str known = before_variable(path, &variable);
    if (is_home(path))
        return HOST_PATH_HOME;
    /* "/${A}" and "/var/${A}" may be anything; "/srv/${A}" is below /srv, but for a wilful "..". */
    if (variable && (known.len == 0 || (known.ptr[0] == '/' && split(known).count == 0) || str_eq_z(known, "/var/")))
        return HOST_PATH_OPEN;
    return known.len && known.ptr[0] == '/' ? kind_of_absolute(known, read_only) : kind_of_windows(path);
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
