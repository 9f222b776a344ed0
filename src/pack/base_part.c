/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_part.h"

#include "base/path.h"
#include "io/file.h"
#include "io/store.h"
#include "pack/base_python.h"

#include <stdlib.h>
#include <string.h>

/* Changes whenever the same packages would make other layers: old ones are then never found. */
#define BASE_FORMAT "barehull-base 8"

#define STATUS_DIR "var/lib/dpkg/status.d/"

int base_part_init(const struct base_making *making, const char *role, struct str key, struct base_part *ret_part,
                   struct err *err)
{
    const struct base_request *request = making->request;
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_addf(&text, BASE_FORMAT "\n%s\n%.*s\n%.*s\n%d %d %d\n", role, STR_ARG(supply_identity(making->supply)),
             STR_ARG(elf_machine_info(request->machine)->debian), (int)request->trim, (int)request->compression,
             request->level);
    buf_add_str(&text, key);
    struct digest digest = digest_of(DIGEST_SHA256, buf_str(&text));
    *ret_part = (struct base_part){.role = role};
    digest_hex(&digest, ret_part->key);
    return buf_check(&text, err);
}

bool base_part_find(const struct base_making *making, struct base_part *part)
{
    struct str text;
    if (!store_map(making->store, "base", part->key, &text))
        return false;
    struct err ignored = ERR_INIT;
    bool found = base_record_read(making->ctx->arena, text, &part->record, &ignored) == 0;
    file_unmap(text);
    if (!found || part->record.layer_key.len == 0)
        return found;
    const char *key = arena_z(making->ctx->arena, part->record.layer_key);
    part->has_layer = key && layer_load(making->store, key, making->request->compression, &part->layer);
    return part->has_layer;
}

void base_part_done(struct base_part *part)
{
    if (part->has_layer)
        layer_done(&part->layer);
    part->has_layer = false;
}

static int compare_packages(const void *a, const void *b)
{
    return str_cmp(((const struct build_package *)a)->name, ((const struct build_package *)b)->name);
}

/* The packages that TREE's files come from. Texts are copied: the supply goes before the record. */
static int record_packages(struct arena *arena, const struct base_tree *tree, struct base_record *record,
                           struct err *err)
{
    struct build_package *packages = ARENA_ARRAY(arena, tree->package_count + 1, struct build_package);
    if (!packages)
        return err_nomem(err);
    for (size_t i = 0; i < tree->package_count; i++) {
        const struct base_package *package = &tree->packages[i];
        const struct package *from = &package->supplied->record;
        packages[i] = (struct build_package){.name = arena_str(arena, from->name),
                                             .version = arena_str(arena, from->version),
                                             .architecture = arena_str(arena, from->architecture),
                                             .whole = package->whole,
                                             .files = package->files,
                                             .unpacked_bytes = package->unpacked_bytes};
        if (!packages[i].name.ptr || !packages[i].version.ptr || !packages[i].architecture.ptr)
            return err_nomem(err);
    }
    if (tree->package_count)
        qsort(packages, tree->package_count, sizeof(*packages), compare_packages);
    record->packages = packages;
    record->package_count = tree->package_count;
    return 0;
}

/* The programs in TREE, which an entrypoint may name; in order, since the tree is. */
static int record_paths(struct arena *arena, const struct base_tree *tree, struct base_record *record, struct err *err)
{
    size_t count = 0;
    struct str *paths = ARENA_ARRAY(arena, tree_count(tree->tree) + 1, struct str);
    if (!paths)
        return err_nomem(err);
    for (size_t i = 0; i < tree_count(tree->tree); i++) {
        const struct tree_node *node = tree_at(tree->tree, i);
        const struct tree_node *file = tree_lookup(tree->tree, node->path); /* redis-server is a link */
        bool program = node->type != TREE_DIR && file && file->type == TREE_FILE && (file->mode & 0111U) &&
                       str_find(node->path, STR(".so")) == node->path.len;
        char *path = program ? arena_printf(arena, "/%.*s", STR_ARG(node->path)) : NULL;
        if (program && !path)
            return err_nomem(err);
        if (program)
            paths[count++] = str_z(path);
    }
    record->paths = (struct data_strs){paths, count};
    return 0;
}

static int record_dropped(struct arena *arena, const struct base_tree *tree, struct base_record *record,
                          struct err *err)
{
    struct build_dropped *dropped = ARENA_ARRAY(arena, tree->dropped_count + 2, struct build_dropped);
    if (!dropped)
        return err_nomem(err);
    size_t count = 0;
    if (tree->documentation_bytes)
        dropped[count++] = (struct build_dropped){
            STR("what only a full system reads"),
            STR("manuals, translations, documentation, init scripts and the like"), tree->documentation_bytes};
    if (tree->conversion_bytes)
        dropped[count++] = (struct build_dropped){STR("gconv modules"), STR("nothing converts character sets"),
                                                  tree->conversion_bytes};
    for (size_t i = 0; i < tree->dropped_count; i++)
        dropped[count++] = tree->dropped[i];
    record->dropped = dropped;
    record->dropped_count = count;
    return 0;
}

static int fill_record(const struct base_making *making, const struct base_tree *tree, struct base_part *part,
                       struct err *err)
{
    struct arena *arena = making->ctx->arena;
    int r = record_packages(arena, tree, &part->record, err);
    if (r == 0)
        r = record_paths(arena, tree, &part->record, err);
    if (r == 0)
        r = record_dropped(arena, tree, &part->record, err);
    return r == 0 ? base_python_record(arena, tree->tree, &part->record, err) : r;
}

static int make_layer(const struct base_making *making, const struct base_tree *tree, struct base_part *part,
                      struct err *err)
{
    const struct base_request *request = making->request;
    int r = layer_make(making->ctx, making->store, making->pool, request->compression, request->level, tree->tree,
                       &part->layer, err);
    if (r < 0)
        return r;
    part->has_layer = true;
    char hex[DIGEST_TEXT_MAX];
    char *key = arena_printf(making->ctx->arena, "%s.%s.%d", digest_hex(&part->layer.diff_id, hex),
                             compression_name(request->compression), request->level);
    part->record.layer_key = str_z(key);
    return key ? layer_save(making->store, key, &part->layer, err) : err_nomem(err);
}

static int sums_key(const struct base_part *part, struct buf *key, struct err *err)
{
    buf_addf(key, "%s.sums", part->key);
    buf_add_char(key, '\0');
    return buf_check(key, err);
}

static int keep_sums(const struct base_making *making, const struct base_tree *tree, const struct base_part *part,
                     struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct buf key CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < tree_count(tree->tree); i++) {
        const struct tree_node *node = tree_at(tree->tree, i);
        struct str name = path_base(node->path);
        if (!str_starts(node->path, STR(STATUS_DIR)) || !str_ends(name, STR(".md5sums")))
            continue;
        name.len -= strlen(".md5sums");
        buf_addf(&text, "PACKAGE %.*s\n", STR_ARG(name));
        buf_add_str(&text, node->content);
    }
    int r = buf_check(&text, err);
    if (r == 0)
        r = sums_key(part, &key, err);
    return r == 0 ? store_put(making->store, "base", buf_str(&key).ptr, buf_str(&text), err) : r;
}

bool base_part_sums(const struct base_making *making, const struct base_part *part, struct str *ret_sums)
{
    struct buf key CLEANUP_BUF = BUF_INIT;
    struct err ignored = ERR_INIT;
    struct str mapped;
    if (sums_key(part, &key, &ignored) < 0 || !store_map(making->store, "base", buf_str(&key).ptr, &mapped))
        return false;
    *ret_sums = arena_str(making->ctx->arena, mapped);
    file_unmap(mapped);
    return ret_sums->ptr != NULL;
}

int base_part_finish(const struct base_making *making, struct base_tree *tree, struct base_part *part, struct err *err)
{
    int r = base_tree_finish(tree, err);
    if (r == 0)
        r = base_tree_check_bare(tree, err);
    if (r == 0)
        r = fill_record(making, tree, part, err);
    if (r == 0 && tree_count(tree->tree) > 1)
        r = make_layer(making, tree, part, err);
    if (r == 0 && tree->keeps_sums)
        r = keep_sums(making, tree, part, err);
    struct buf text CLEANUP_BUF = BUF_INIT;
    if (r == 0)
        r = base_record_write(&text, &part->record, err);
    part->passing = tree->passing;
    if (r < 0 || part->passing)
        return r;
    return store_put(making->store, "base", part->key, buf_str(&text), err);
}

/* --- all parts together ------------------------------------------------------------------------------------- */

struct sums {
    size_t packages, libraries, dropped, modules, distributions, paths;
};

static void append(void *to, size_t *count, const void *from, size_t from_count, size_t size)
{
    if (from_count)
        memcpy((char *)to + *count * size, from, from_count * size);
    *count += from_count;
}

/* Two parts may have files of one package. */
static size_t merge_packages(struct build_package *packages, size_t count)
{
    size_t kept = 0;
    if (count)
        qsort(packages, count, sizeof(*packages), compare_packages);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !str_eq(packages[kept - 1].name, packages[i].name)) {
            packages[kept++] = packages[i];
            continue;
        }
        packages[kept - 1].whole |= packages[i].whole;
        packages[kept - 1].files += packages[i].files;
        packages[kept - 1].unpacked_bytes += packages[i].unpacked_bytes;
    }
    return kept;
}

/* The same kind of several parts: one line. */
static size_t merge_dropped(struct build_dropped *dropped, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        while (at < kept && !str_eq(dropped[at].what, dropped[i].what))
            at++;
        if (at == kept)
            dropped[kept++] = dropped[i];
        else
            dropped[at].unpacked_bytes += dropped[i].unpacked_bytes;
    }
    return kept;
}

static int assemble_records(struct arena *arena, struct base_part *const *parts, size_t count,
                            struct base_record *record, struct err *err)
{
    struct sums max = {0}, n = {0};
    for (size_t i = 0; i < count; i++) {
        const struct base_record *part = &parts[i]->record;
        max.packages += part->package_count;
        max.libraries += part->library_count;
        max.dropped += part->dropped_count;
        max.modules += part->modules.count;
        max.distributions += part->distributions.count;
        max.paths += part->paths.count;
    }
    struct build_package *packages = ARENA_ARRAY(arena, max.packages + 1, struct build_package);
    struct base_library *libraries = ARENA_ARRAY(arena, max.libraries + 1, struct base_library);
    struct build_dropped *dropped = ARENA_ARRAY(arena, max.dropped + 1, struct build_dropped);
    struct str *modules = ARENA_ARRAY(arena, max.modules + 1, struct str);
    struct str *distributions = ARENA_ARRAY(arena, max.distributions + 1, struct str);
    struct str *paths = ARENA_ARRAY(arena, max.paths + 1, struct str);
    if (!packages || !libraries || !dropped || !modules || !distributions || !paths)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        const struct base_record *part = &parts[i]->record;
        append(packages, &n.packages, part->packages, part->package_count, sizeof(*packages));
        append(libraries, &n.libraries, part->libraries, part->library_count, sizeof(*libraries));
        append(dropped, &n.dropped, part->dropped, part->dropped_count, sizeof(*dropped));
        append(modules, &n.modules, part->modules.items, part->modules.count, sizeof(*modules));
        append(distributions, &n.distributions, part->distributions.items, part->distributions.count,
               sizeof(*distributions));
        append(paths, &n.paths, part->paths.items, part->paths.count, sizeof(*paths));
    }
    *record = (struct base_record){.packages = packages,
                                   .package_count = merge_packages(packages, n.packages),
                                   .libraries = libraries,
                                   .library_count = n.libraries,
                                   .dropped = dropped,
                                   .dropped_count = merge_dropped(dropped, n.dropped),
                                   .modules = {modules, str_sort_unique(modules, n.modules)},
                                   .distributions = {distributions, str_sort_unique(distributions, n.distributions)},
                                   .paths = {paths, str_sort_unique(paths, n.paths)}};
    return 0;
}

int base_parts_assemble(struct arena *arena, struct base_part *const *parts, size_t count, struct base *base,
                        struct err *err)
{
    int r = assemble_records(arena, parts, count, &base->record, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (parts[i]->has_layer) {
            base->roles[base->layer_count] = str_z(parts[i]->role);
            base->layers[base->layer_count++] = parts[i]->layer;
            parts[i]->has_layer = false;
        }
    return r;
}
