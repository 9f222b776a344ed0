/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_tree.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/path.h"
#include "base/vec.h"
#include "io/digest.h"
#include "pack/rootfs.h"
#include "pkg/status.h"

void base_tree_done(struct base_tree *base)
{
    tree_free(base->tree);
    mem_free(base->packages);
    mem_free(base->dropped);
    base->tree = NULL;
    base->packages = NULL;
    base->dropped = NULL;
    base->package_count = base->package_cap = base->dropped_count = base->dropped_cap = 0;
}

int base_tree_drop(struct base_tree *base, struct str what, struct str reason, uint64_t bytes, struct err *err)
{
    for (size_t i = 0; i < base->dropped_count; i++)
        if (str_eq(base->dropped[i].what, what)) {
            base->dropped[i].unpacked_bytes += bytes;
            return 0;
        }
    if (!vec_grow((void **)&base->dropped, &base->dropped_count, &base->dropped_cap, sizeof(*base->dropped)))
        return err_nomem(err);
    base->dropped[base->dropped_count - 1] = (struct build_dropped){what, reason, bytes};
    return 0;
}

int base_tree_package(struct base_tree *base, struct str name, struct base_package **ret_package, struct err *err)
{
    for (size_t i = 0; i < base->package_count; i++)
        if (str_eq(base->packages[i].supplied->record.name, name)) {
            *ret_package = &base->packages[i];
            return 0;
        }
    const struct supplied *supplied = supply_get(base->supply, name);
    if (!supplied)
        return err_set(err, ERR_INTERNAL, "the package '%.*s' was not fetched", STR_ARG(name));
    if (!vec_grow((void **)&base->packages, &base->package_count, &base->package_cap, sizeof(*base->packages)))
        return err_nomem(err);
    struct base_package *package = &base->packages[base->package_count - 1];
    package->supplied = supplied;
    *ret_package = package;
    return 0;
}

/* The entry of exactly PATH. */
static const struct tree_node *find_entry(const struct supplied *supplied, struct str path)
{
    for (size_t i = 0; i < supplied->deb.entry_count; i++)
        if (str_eq(supplied->deb.entries[i].path, path))
            return &supplied->deb.entries[i];
    return NULL;
}

/* The file that a hard link leads to. */
static const struct tree_node *linked_file(const struct supplied *supplied, const struct tree_node *entry)
{
    for (int depth = 0; entry && entry->type == TREE_HARDLINK && depth < LIMIT_LINK_DEPTH; depth++)
        entry = find_entry(supplied, entry->target);
    return entry;
}

/* What ships is what was unpacked: a cache that lost bytes (a full disk, a loss of power) must not go unseen. */
static int check_content(const struct base_package *package, const struct tree_node *file, struct err *err)
{
    const struct deb_package *deb = &package->supplied->deb;
    int r = deb_package_check(deb, (size_t)(file - deb->entries), err);
    if (r < 0) {
        err_wrap(err, "the cached package '%.*s' is damaged", STR_ARG(package->supplied->record.name));
        err_hint(err, "run 'barehull cache --clear' and build again");
    }
    return r;
}

/* Puts one entry of PACKAGE, cleaned, and counts it. */
static int put_entry(struct base_tree *base, struct base_package *package, const struct tree_node *entry,
                     struct err *err)
{
    struct tree_node node = *entry;
    node.uid = node.gid = 0;
    node.mtime = 0;
    node.owner = package->supplied->record.name;
    if (node.type == TREE_HARDLINK) {
        struct buf target CLEANUP_BUF = BUF_INIT;
        status_merged_path(&target, entry->target);
        if (tree_get(base->tree, buf_str(&target))) {
            node.target = buf_str(&target);
            node.mode &= 0755U;
            package->files++;
            return buf_check(&target, err) ? -(int)ERR_NOMEM : rootfs_put(base->tree, &node, err);
        }
        const struct tree_node *file = linked_file(package->supplied, entry);
        if (!file || file->type != TREE_FILE)
            return err_set(err, ERR_INVALID, "'%.*s' of the package '%.*s' links to a file that is not there",
                           STR_ARG(entry->path), STR_ARG(package->supplied->record.name));
        node.type = TREE_FILE;
        node.content = file->content;
        node.size_bytes = file->size_bytes;
        node.target = STR_NONE;
    }
    if (node.type == TREE_FILE) {
        int r = check_content(package, linked_file(package->supplied, entry), err);
        if (r < 0)
            return r;
    }
    if (node.type == TREE_SYMLINK)
        node.mode = 0777;
    else
        node.mode &= 0755U;
    struct buf path CLEANUP_BUF = BUF_INIT;
    status_merged_path(&path, entry->path);
    int r = buf_check(&path, err);
    if (r < 0)
        return r;
    if (node.type != TREE_DIR && tree_get(base->tree, buf_str(&path)))
        return 0; /* another package was first: as with diversions, the one that was asked for first wins */
    package->files += node.type != TREE_DIR;
    package->unpacked_bytes += node.type == TREE_FILE ? node.size_bytes : 0;
    return rootfs_put(base->tree, &node, err);
}

static bool is_merged_root_link(struct str path)
{
    return str_eq(path, STR("bin")) || str_eq(path, STR("sbin")) || str_eq(path, STR("lib")) ||
           str_eq(path, STR("lib64")) || str_eq(path, STR("lib32")) || str_eq(path, STR("libx32"));
}

/* Directories are made by the files below them; an empty one stays, unless it is the system's or a maintainer's. */
static bool wanted_entry(struct base_tree *base, const struct tree_node *entry)
{
    if (entry->path.len == 0 || is_merged_root_link(entry->path) || entry->type == TREE_OTHER)
        return false;
    if (entry->type == TREE_DIR && !path_is_below(entry->path, STR("var")) && !path_is_below(entry->path, STR("etc")))
        return false;
    if (trim_keeps(entry->path, base->request->trim, base->gconv))
        return true;
    if (entry->type == TREE_FILE) {
        bool conversion = str_find(entry->path, STR("/gconv/")) < entry->path.len;
        *(conversion ? &base->conversion_bytes : &base->documentation_bytes) += entry->size_bytes;
    }
    return false;
}

static int put_ca_certificates(struct base_tree *base, struct base_package *package, struct err *err)
{
    const struct deb_package *deb = &package->supplied->deb;
    int r = 0;
    for (size_t i = 0; r == 0 && i < deb->entry_count; i++) /* in the bundle nobody could tell a damaged certificate */
        if (deb->entries[i].type == TREE_FILE)
            r = check_content(package, &deb->entries[i], err);
    if (r == 0)
        r = rootfs_put_ca_bundle(base->tree, base->ctx->arena, deb->entries, deb->entry_count, base->authorities, err);
    const struct tree_node *bundle = tree_get(base->tree, STR("etc/ssl/certs/ca-certificates.crt"));
    if (r < 0 || !bundle)
        return r;
    package->files++;
    package->unpacked_bytes += bundle->size_bytes;
    struct tree_node owned = *bundle;
    owned.owner = package->supplied->record.name;
    return tree_put(base->tree, &owned, err);
}

static int keep_entry(struct base_tree *base, struct base_package *package, const struct tree_node *entry,
                      base_tree_keep_fn *keep, void *self, struct err *err)
{
    if (!wanted_entry(base, entry))
        return 0;
    if (keep && entry->type != TREE_DIR) {
        struct buf path CLEANUP_BUF = BUF_INIT;
        status_merged_path(&path, entry->path);
        int r = buf_check(&path, err);
        if (r < 0 || !keep(self, base, buf_str(&path), entry))
            return r;
    }
    return put_entry(base, package, entry, err);
}

int base_tree_put_kept(struct base_tree *base, struct str name, base_tree_keep_fn *keep, void *self, struct err *err)
{
    struct base_package *package;
    int r = base_tree_package(base, name, &package, err);
    if (r < 0)
        return r;
    package->whole = true;
    if (str_eq(name, STR("ca-certificates")))
        return put_ca_certificates(base, package, err);
    const struct deb_package *deb = &package->supplied->deb;
    r = op_check(base->ctx, err);
    for (size_t i = 0; r == 0 && i < deb->entry_count; i++)
        r = keep_entry(base, package, &deb->entries[i], keep, self, err);
    return r;
}

int base_tree_put_whole(struct base_tree *base, struct str name, struct err *err)
{
    return base_tree_put_kept(base, name, NULL, NULL, err);
}

/* Where the link ENTRY leads, as a path of the package; empty when it leaves the root. */
static int link_target(struct arena *arena, const struct tree_node *entry, struct str *ret_path, struct err *err)
{
    struct buf absolute CLEANUP_BUF = BUF_INIT;
    struct buf dir CLEANUP_BUF = BUF_INIT;
    buf_add_char(&dir, '/');
    buf_add_str(&dir, path_dir(entry->path));
    path_normalize(&absolute, buf_str(&dir), entry->target);
    struct str path = arena_str(arena, str_skip(buf_str(&absolute), 1));
    *ret_path = path;
    return path.ptr && !absolute.failed && !dir.failed ? 0 : err_nomem(err);
}

static struct str without_usr(struct str path)
{
    return str_starts(path, STR("usr/")) ? str_skip(path, 4) : path;
}

/* The entry at PATH, or else at its other spelling in a merged root. */
static const struct tree_node *find_merged(const struct supplied *supplied, struct str path)
{
    const struct tree_node *entry = find_entry(supplied, path);
    for (size_t i = 0; !entry && i < supplied->deb.entry_count; i++)
        if (str_eq(without_usr(supplied->deb.entries[i].path), without_usr(path)))
            entry = &supplied->deb.entries[i];
    return entry;
}

const struct tree_node *base_tree_find(const struct base_tree *base, const struct supplied *supplied, struct str path)
{
    struct err ignored = ERR_INIT;
    for (int depth = 0; depth < LIMIT_LINK_DEPTH; depth++) {
        const struct tree_node *entry = find_merged(supplied, path);
        if (!entry || entry->type != TREE_SYMLINK)
            return entry ? linked_file(supplied, entry) : NULL;
        if (link_target(base->ctx->arena, entry, &path, &ignored) < 0)
            return NULL;
    }
    return NULL;
}

int base_tree_put_file(struct base_tree *base, struct str name, struct str path, const struct tree_node **ret_node,
                       struct str *ret_path, struct err *err)
{
    struct base_package *package;
    int r = base_tree_package(base, name, &package, err);
    for (int depth = 0; r == 0 && depth < LIMIT_LINK_DEPTH; depth++) {
        const struct tree_node *entry = find_merged(package->supplied, path);
        if (!entry)
            return err_set(err, ERR_NOT_FOUND, "the package '%.*s' has no '%.*s'", STR_ARG(name), STR_ARG(path));
        r = put_entry(base, package, entry, err);
        if (r < 0)
            return r;
        if (entry->type == TREE_SYMLINK) {
            r = link_target(base->ctx->arena, entry, &path, err);
            continue;
        }
        const struct tree_node *file = linked_file(package->supplied, entry);
        struct buf merged CLEANUP_BUF = BUF_INIT;
        buf_add_char(&merged, '/');
        status_merged_path(&merged, entry->path);
        struct str kept = arena_buf(base->ctx->arena, &merged);
        if (merged.failed || !kept.ptr)
            return err_nomem(err);
        *ret_node = file;
        *ret_path = kept;
        return file && file->type == TREE_FILE
                   ? 0
                   : err_set(err, ERR_NOT_FOUND, "'%.*s' of '%.*s' is no file", STR_ARG(path), STR_ARG(name));
    }
    return r < 0 ? r : err_set(err, ERR_INVALID, "links of the package '%.*s' go round in circles", STR_ARG(name));
}

int base_tree_put_matching(struct base_tree *base, struct str name, struct str pattern, struct err *err)
{
    struct base_package *package;
    int r = base_tree_package(base, name, &package, err);
    if (r < 0)
        return r;
    const struct deb_package *deb = &package->supplied->deb;
    for (size_t i = 0; r == 0 && i < deb->entry_count; i++) {
        struct buf path CLEANUP_BUF = BUF_INIT;
        status_merged_path(&path, deb->entries[i].path);
        r = buf_check(&path, err);
        if (r == 0 && deb->entries[i].type != TREE_DIR && path_glob(pattern, buf_str(&path)))
            r = put_entry(base, package, &deb->entries[i], err);
    }
    return r;
}

static bool ships(void *self, struct str path)
{
    const struct base_tree *base = self;
    const struct tree_node *node = tree_get(base->tree, path);
    return node && (node->type == TREE_FILE || node->type == TREE_HARDLINK);
}

static int put_generated(struct base_tree *base, struct buf *text, struct err *err, const char *format, ...)
    PRINTF_LIKE(4, 5);
static int put_generated(struct base_tree *base, struct buf *text, struct err *err, const char *format, ...)
{
    struct buf path CLEANUP_BUF = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_addv(&path, format, args);
    va_end(args);
    struct str content = arena_buf(base->ctx->arena, text);
    if (path.failed || text->failed || !content.ptr)
        return err_nomem(err);
    struct tree_node node = {
        .path = buf_str(&path), .type = TREE_FILE, .mode = 0644, .content = content, .size_bytes = content.len};
    return rootfs_put(base->tree, &node, err);
}

/* Appends to SUMS what the layer below lists of package NAME beyond LISTED. */
static int add_below(const struct base_tree *base, struct str name, const struct map *listed, struct buf *sums,
                     struct err *err)
{
    struct str rest = base->below_sums;
    struct str line;
    bool own = false;
    while (str_next_line(&rest, &line)) {
        static const struct str head = STR_INIT("PACKAGE ");
        if (str_starts(line, head))
            own = str_eq(str_skip(line, head.len), name);
        else if (own && !map_has(listed, str_skip(line, 34)))
            buf_addf(sums, "%.*s\n", STR_ARG(line));
    }
    return buf_check(sums, err);
}

/*
 * Appends to SUMS what a package's own md5sums leave out, though it ships: configuration files, the bundle of
 * certificates. A scanner that goes by these lists would call them nobody's.
 */
static int add_unlisted(const struct base_tree *base, struct str name, struct buf *sums, struct err *err)
{
    struct map listed CLEANUP_MAP = MAP_INIT;
    struct str rest = arena_str(base->ctx->arena, buf_str(sums));
    struct str line;
    if (!rest.ptr)
        return err_nomem(err);
    while (str_next_line(&rest, &line))
        if (!map_set(&listed, str_skip(line, 34), sums)) /* 32 hex digits, two spaces */
            return err_nomem(err);
    for (size_t i = 0; i < tree_count(base->tree); i++) {
        const struct tree_node *node = tree_at(base->tree, i);
        const struct tree_node *file = tree_link_file(node);
        if (!file || file->type != TREE_FILE || !str_eq(node->owner, name) || map_has(&listed, node->path))
            continue;
        char hex[DIGEST_TEXT_MAX];
        struct digest digest = digest_of(DIGEST_MD5, file->content);
        buf_addf(sums, "%s  %.*s\n", digest_hex(&digest, hex), STR_ARG(node->path));
        if (!map_set(&listed, node->path, sums))
            return err_nomem(err);
    }
    return add_below(base, name, &listed, sums, err);
}

static int put_record(struct base_tree *base, const struct base_package *package, struct err *err)
{
    struct buf record CLEANUP_BUF = BUF_INIT;
    struct buf listed CLEANUP_BUF = BUF_INIT;
    struct buf sums CLEANUP_BUF = BUF_INIT; /* in order again */
    struct status_package status;
    const struct deb_package *deb = &package->supplied->deb;
    int r = status_record(deb->control, &record, &status, err);
    if (r == 0)
        r = status_md5sums(deb->md5sums, true, ships, base, &listed, err);
    if (r == 0)
        r = add_unlisted(base, package->supplied->record.name, &listed, err);
    if (r == 0)
        r = status_md5sums(buf_str(&listed), true, NULL, NULL, &sums, err);
    if (r < 0)
        return err_wrap(err, "the package '%.*s'", STR_ARG(package->supplied->record.name));
    struct str name = status.name;
    r = put_generated(base, &record, err, "var/lib/dpkg/status.d/%.*s", STR_ARG(name));
    if (r == 0)
        r = put_generated(base, &sums, err, "var/lib/dpkg/status.d/%.*s.md5sums", STR_ARG(name));
    return r;
}

/*
 * The copyright file of package I. Its documentation may be a link to another package's directory: then that package
 * joins the books, with its own copyright file. Called for packages that join meanwhile too.
 */
static int put_copyright(struct base_tree *base, size_t i, struct err *err)
{
    const struct supplied *supplied = base->packages[i].supplied;
    struct arena *arena = base->ctx->arena;
    char *dir = arena_printf(arena, "usr/share/doc/%.*s", STR_ARG(supplied->record.name));
    if (!dir)
        return err_nomem(err);
    const struct tree_node *entry = find_entry(supplied, str_z(dir));
    if (!entry || entry->type != TREE_SYMLINK) {
        char *path = arena_printf(arena, "%s/copyright", dir);
        entry = path ? find_entry(supplied, str_z(path)) : NULL;
        if (!path)
            return err_nomem(err);
        if (entry && entry->type == TREE_SYMLINK)
            return put_entry(base, &base->packages[i], entry, err);
        return entry ? put_entry(base, &base->packages[i], entry, err) : 0;
    }
    struct str other;
    int r = put_entry(base, &base->packages[i], entry, err);
    if (r == 0)
        r = link_target(arena, entry, &other, err);
    if (r < 0)
        return r;
    struct str name = path_base(other);
    struct package package;
    struct err ignored = ERR_INIT;
    if (supply_find(base->supply, name, &package, &ignored) < 0)
        return 0;
    struct base_package *joined;
    r = supply_fetch(base->supply, &package, 1, err);
    return r == 0 ? base_tree_package(base, name, &joined, err) : r;
}

void base_tree_recount(struct base_tree *base)
{
    for (size_t i = 0; i < base->package_count; i++) {
        struct base_package *package = &base->packages[i];
        package->files = package->unpacked_bytes = 0;
        for (size_t j = 0; j < tree_count(base->tree); j++) {
            const struct tree_node *node = tree_at(base->tree, j);
            if (node->type == TREE_DIR || !str_eq(node->owner, package->supplied->record.name))
                continue;
            package->files++;
            package->unpacked_bytes += node->type == TREE_FILE ? node->size_bytes : 0;
        }
    }
}

int base_tree_finish(struct base_tree *base, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < base->package_count; i++)
        r = put_copyright(base, i, err);
    for (size_t i = 0; r == 0 && i < base->package_count; i++)
        r = put_record(base, &base->packages[i], err);
    return r;
}

int base_tree_check_bare(const struct base_tree *base, struct err *err)
{
    for (size_t i = 0; i < tree_count(base->tree); i++) {
        const struct tree_node *node = tree_at(base->tree, i);
        if (!rootfs_is_shell(node->path))
            continue;
        err_set(err, ERR_INVALID, "the package '%.*s' brings '/%.*s': no shell and no package manager ships",
                STR_ARG(node->owner), STR_ARG(node->path));
        return err_hint(err, "name a package that does without, or take single files with --include SRC:DST");
    }
    return 0;
}
