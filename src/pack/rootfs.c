/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/rootfs.h"

#include "base/path.h"
#include "pack/authorities.h"
#include "pkg/status.h"

#include <stdlib.h>

/* Directories whose mode or owner is not 0755 root:root, or that exist though no package ships them. */
static const struct {
    const char *path;
    uint32_t mode;
    uint32_t uid;
    uint32_t gid;
} directories[] = {
    {"boot", 0755, 0, 0},
    {"dev", 0755, 0, 0},
    {"etc", 0755, 0, 0},
    {"etc/ssl", 0755, 0, 0},
    {"etc/ssl/certs", 0755, 0, 0},
    {"home", 0755, 0, 0},
    {"home/nonroot", 0775, USER_NONROOT_ID, 0},
    {"proc", 0755, 0, 0},
    {"root", 0700, 0, 0},
    {"run", 0755, 0, 0},
    {"sys", 0755, 0, 0},
    {"tmp", 01777, 0, 0},
    {"usr", 0755, 0, 0},
    {"usr/bin", 0755, 0, 0},
    {"usr/lib", 0755, 0, 0},
    {"usr/sbin", 0755, 0, 0},
    {"var", 0755, 0, 0},
    {"var/cache", 0755, 0, 0},
    {"var/lib", 0755, 0, 0},
    {"var/lib/dpkg", 0755, 0, 0},
    {"var/lib/dpkg/status.d", 0755, 0, 0},
    {"var/tmp", 01777, 0, 0},
};

static const char nsswitch[] = "# Name service: files, then DNS (nsswitch.conf(5)).\n"
                               "passwd:    files\n"
                               "group:     files\n"
                               "shadow:    files\n"
                               "hosts:     files dns\n"
                               "networks:  files\n"
                               "protocols: files\n"
                               "services:  files\n"
                               "ethers:    files\n"
                               "rpc:       files\n";

static int put_known_directory(struct tree *tree, size_t i, struct err *err)
{
    struct tree_node node = {.path = str_z(directories[i].path),
                             .type = TREE_DIR,
                             .mode = directories[i].mode,
                             .uid = directories[i].uid,
                             .gid = directories[i].gid};
    return tree_put(tree, &node, err);
}

static int put_text(struct tree *tree, struct arena *arena, struct str path, struct buf *text, struct err *err)
{
    struct str copy = arena_buf(arena, text);
    if (text->failed || !copy.ptr)
        return err_nomem(err);
    return tree_put_file(tree, path, 0644, copy, err);
}

static int put_accounts(struct tree *tree, struct arena *arena, const struct image_user *user, struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    user_write_passwd(&text, user);
    int r = put_text(tree, arena, STR("etc/passwd"), &text, err);
    if (r < 0)
        return r;
    buf_reset(&text);
    user_write_group(&text, user);
    return put_text(tree, arena, STR("etc/group"), &text, err);
}

int rootfs_put_skeleton(struct tree *tree, struct arena *arena, enum elf_machine machine, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(directories); i++)
        r = put_known_directory(tree, i, err);
    static const char *const links[][2] = {{"bin", "usr/bin"}, {"lib", "usr/lib"}, {"sbin", "usr/sbin"}};
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(links); i++)
        r = tree_put_link(tree, str_z(links[i][0]), str_z(links[i][1]), err);
    if (r == 0 && str_starts(elf_machine_info(machine)->loader, STR("/lib64/"))) {
        r = tree_put_dir(tree, STR("usr/lib64"), 0755, err);
        if (r == 0)
            r = tree_put_link(tree, STR("lib64"), STR("usr/lib64"), err);
    }
    static const struct image_user usual = {.uid = USER_NONROOT_ID, .gid = USER_NONROOT_ID};
    if (r == 0)
        r = put_accounts(tree, arena, &usual, err);
    if (r == 0)
        r = tree_put_file(tree, STR("etc/nsswitch.conf"), 0644, str_z(nsswitch), err);
    return r;
}

/* Puts the known directories that stand above PATH. */
static int put_parents(struct tree *tree, struct str path, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(directories); i++) {
        struct str dir = str_z(directories[i].path);
        if (!path_is_below(path, dir) || str_eq(path, dir) || tree_get(tree, dir))
            continue;
        int r = put_known_directory(tree, i, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What the skeleton has as a directory, and every program needs as one. */
static bool is_skeleton_directory(struct str path)
{
    for (size_t i = 0; i < ARRAY_LEN(directories); i++)
        if (str_eq(path, str_z(directories[i].path)))
            return true;
    return str_eq(path, STR("usr/lib64"));
}

/* The link "lib -> usr/lib" itself, as a directory tree of a whole root has it. */
static bool is_merged_link(const struct tree_node *node, struct str merged)
{
    struct str target = node->target;
    if (target.len > 0 && target.ptr[0] == '/')
        target = str_skip(target, 1);
    return node->type == TREE_SYMLINK && !str_eq(node->path, merged) && str_eq(target, merged);
}

int rootfs_put(struct tree *tree, const struct tree_node *node, struct err *err)
{
    struct buf path CLEANUP_BUF = BUF_INIT;
    status_merged_path(&path, node->path);
    int r = buf_check(&path, err);
    if (r < 0 || is_merged_link(node, buf_str(&path)))
        return r;
    if (node->type != TREE_DIR && is_skeleton_directory(buf_str(&path))) {
        err_set(err, ERR_USAGE, "'/%.*s' is a directory in every image, and can't be a file", STR_ARG(node->path));
        return err_hint(err, "give a place below it, for instance /%.*s/NAME", STR_ARG(node->path));
    }
    r = put_parents(tree, buf_str(&path), err);
    if (r < 0)
        return r;
    struct tree_node moved = *node;
    moved.path = buf_str(&path);
    if (moved.type == TREE_DIR) /* a directory that the skeleton knows keeps its mode */
        for (size_t i = 0; i < ARRAY_LEN(directories); i++)
            if (str_eq(moved.path, str_z(directories[i].path)))
                return put_known_directory(tree, i, err);
    return tree_put(tree, &moved, err);
}

bool rootfs_is_shell(struct str path)
{
    static const char *const names[] = {"sh",   "bash",    "dash",     "ash",  "zsh",     "ksh",
                                        "mksh", "csh",     "tcsh",     "fish", "rbash",   "busybox",
                                        "apt",  "apt-get", "aptitude", "dpkg", "dpkg-deb"};
    struct str dir = path_dir(path);
    if (!str_eq(dir, STR("usr/bin")) && !str_eq(dir, STR("usr/sbin")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(path_base(path), names[i]))
            return true;
    return false;
}

int rootfs_put_user(struct tree *tree, struct arena *arena, const struct image_user *user, struct err *err)
{
    if (!user_is_extra(user))
        return 0;
    if (tree_get(tree, STR("etc/passwd")) || tree_get(tree, STR("etc/group"))) {
        err_set(err, ERR_USAGE, "the account '%.*s' and an included file both write /etc/passwd and /etc/group",
                STR_ARG(user->name));
        return err_hint(err, "give --user UID:GID without a name, or leave the included file out");
    }
    int r = put_parents(tree, STR("etc/passwd"), err);
    if (r == 0)
        r = put_accounts(tree, arena, user, err);
    struct buf home CLEANUP_BUF = BUF_INIT;
    user_write_home(&home, user);
    if (r == 0)
        r = buf_check(&home, err);
    if (r == 0)
        r = put_parents(tree, buf_str(&home), err);
    struct tree_node node = {.path = buf_str(&home), .type = TREE_DIR, .mode = 0775, .uid = user->uid, .gid = 0};
    return r == 0 ? tree_put(tree, &node, err) : r;
}

static int compare_paths(const void *a, const void *b)
{
    const struct tree_node *const *x = a;
    const struct tree_node *const *y = b;
    return str_cmp((*x)->path, (*y)->path);
}

int rootfs_put_ca_bundle(struct tree *tree, struct arena *arena, const struct tree_node *entries, size_t count,
                         struct str extra, struct err *err)
{
    const struct tree_node **certificates = ARENA_ARRAY(arena, count ? count : 1, const struct tree_node *);
    if (!certificates)
        return err_nomem(err);
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        if (entries[i].type == TREE_FILE && path_is_below(entries[i].path, STR("usr/share/ca-certificates")) &&
            str_ends(entries[i].path, STR(".crt")))
            certificates[found++] = &entries[i];
    if (found == 0)
        return err_set(err, ERR_INVALID, "the package 'ca-certificates' holds no certificates");
    qsort(certificates, found, sizeof(*certificates), compare_paths);
    struct buf bundle CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < found; i++) {
        struct str pem = certificates[i]->content;
        buf_add_str(&bundle, pem);
        if (pem.len && pem.ptr[pem.len - 1] != '\n')
            buf_add_char(&bundle, '\n');
    }
    struct buf missing CLEANUP_BUF = BUF_INIT;
    int r = authorities_add_missing(buf_str(&bundle), extra, &missing, err);
    buf_add_str(&bundle, buf_str(&missing));
    if (r == 0)
        r = put_text(tree, arena, STR("etc/ssl/certs/ca-certificates.crt"), &bundle, err);
    if (r == 0)
        r = tree_put_dir(tree, STR("usr/lib/ssl"), 0755, err);
    if (r == 0)
        r = tree_put_link(tree, STR("usr/lib/ssl/cert.pem"), STR("/etc/ssl/certs/ca-certificates.crt"), err);
    if (r == 0)
        r = tree_put_link(tree, STR("usr/lib/ssl/certs"), STR("/etc/ssl/certs"), err);
    return r;
}
