/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packages.c - the packages that an image records, and the files that are theirs.
 *
 * distroless: var/lib/dpkg/status.d/NAME (a control paragraph) and NAME.md5sums. A full Debian: var/lib/dpkg/status
 * (paragraphs) and var/lib/dpkg/info/NAME[:ARCH].list (absolute paths, a line each).
 */
#include "base/path.h"
#include "base/vec.h"
#include "image/internal.h"
#include "pkg/deb822.h"

#include <stdlib.h>

#define STATUS_DIR "var/lib/dpkg/status.d"
#define INFO_DIR   "var/lib/dpkg/info"

typedef VEC(struct image_package) package_vec;

static bool take_paragraph(const struct deb822_paragraph *paragraph, struct image_package *ret_package)
{
    struct str status = deb822_get(paragraph, STR("Status"));
    *ret_package = (struct image_package){.name = deb822_get(paragraph, STR("Package")),
                                          .version = deb822_get(paragraph, STR("Version")),
                                          .architecture = deb822_get(paragraph, STR("Architecture")),
                                          .source = deb822_get(paragraph, STR("Source"))};
    bool installed = status.len == 0 || str_ends(status, STR(" installed"));
    return installed && ret_package->name.len && ret_package->version.len;
}

static int take_text(struct str text, package_vec *packages, struct err *err)
{
    struct deb822_paragraph paragraph;
    struct err ignored = ERR_INIT;
    while (deb822_next(&text, DEB822_PLAIN, &paragraph, &ignored) == 0 && paragraph.len > 0) {
        struct image_package package;
        if (take_paragraph(&paragraph, &package) && !VEC_PUSH(packages, package))
            return err_nomem(err);
    }
    return 0;
}

static int take_all(struct image_contents *contents, package_vec *packages, struct err *err)
{
    for (size_t i = 0; i < tree_count(contents->tree); i++) {
        const struct tree_node *node = tree_at(contents->tree, i);
        struct str text;
        bool record = str_eq(node->path, STR("var/lib/dpkg/status")) ||
                      (str_eq(path_dir(node->path), STR(STATUS_DIR)) && !str_ends(node->path, STR(".md5sums")));
        if (!record || !image_contents_bytes(contents, node, &text))
            continue;
        int r = take_text(text, packages, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int compare_packages(const void *a, const void *b)
{
    return str_cmp(((const struct image_package *)a)->name, ((const struct image_package *)b)->name);
}

/* Gives the node that PATH leads to (in a merged root its real place) to PACKAGE, unless it has an owner. */
static int own(struct image_contents *contents, struct image_package *package, struct str path, struct err *err)
{
    const struct tree_node *node = tree_get(contents->tree, path);
    if (!node) {
        const struct tree_node *dir = tree_lookup(contents->tree, path_dir(path));
        char *real =
            dir ? arena_printf(contents->arena, "%.*s/%.*s", STR_ARG(dir->path), STR_ARG(path_base(path))) : NULL;
        node = real ? tree_get(contents->tree, str_z(real)) : NULL;
    }
    if (!node || node->type == TREE_DIR || map_has(&contents->owners, node->path))
        return 0;
    package->files++;
    package->unpacked_bytes += node->type == TREE_FILE ? node->size_bytes : 0;
    return map_set(&contents->owners, node->path, package) ? 0 : err_nomem(err);
}

/* LINES of "md5  path" (MD5SUMS) or of "/path". */
static int own_lines(struct image_contents *contents, struct image_package *package, struct str lines, bool md5sums,
                     struct err *err)
{
    struct str line;
    while (str_next_line(&lines, &line)) {
        struct str path = line;
        if (md5sums) {
            struct str sum;
            if (!str_next_word(&path, &sum))
                continue;
            path = str_trim(path);
        }
        while (path.len && (path.ptr[0] == '/' || (path.ptr[0] == '.' && path.len > 1 && path.ptr[1] == '/')))
            path = str_skip(path, 1);
        if (!path_is_clean_relative(path))
            continue;
        int r = own(contents, package, path, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int own_record(struct image_contents *contents, struct image_package *package, const char *path, bool md5sums,
                      struct err *err)
{
    struct str text;
    if (!path)
        return err_nomem(err);
    if (!image_contents_bytes(contents, tree_lookup(contents->tree, str_z(path)), &text))
        return 0;
    return own_lines(contents, package, text, md5sums, err);
}

static int own_files(struct image_contents *contents, struct image_package *package, struct err *err)
{
    struct arena *arena = contents->arena;
    struct str name = package->name;
    int r = own_record(contents, package, arena_printf(arena, STATUS_DIR "/%.*s.md5sums", STR_ARG(name)), true, err);
    if (r == 0)
        r = own_record(contents, package, arena_printf(arena, INFO_DIR "/%.*s.list", STR_ARG(name)), false, err);
    if (r == 0)
        r = own_record(contents, package,
                       arena_printf(arena, INFO_DIR "/%.*s:%.*s.list", STR_ARG(name), STR_ARG(package->architecture)),
                       false, err);
    return r;
}

int image_packages_read(struct image_contents *contents, struct err *err)
{
    package_vec found = {0};
    int r = take_all(contents, &found, err);
    struct image_package *packages = r == 0 ? ARENA_ARRAY(contents->arena, found.len + 1, struct image_package) : NULL;
    if (r == 0 && !packages)
        r = err_nomem(err);
    for (size_t i = 0; r == 0 && i < found.len; i++)
        packages[i] = found.ptr[i];
    size_t count = found.len;
    VEC_DONE(&found);
    if (r < 0)
        return r;
    qsort(packages, count, sizeof(*packages), compare_packages);
    contents->packages = packages;
    contents->package_count = count;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = own_files(contents, &packages[i], err);
    return r;
}
