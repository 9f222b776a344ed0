/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base.h"

#include "base/limits.h"
#include "io/file.h"
#include "io/store.h"
#include "pack/base_closure.h"
#include "pack/base_tree.h"
#include "pack/rootfs.h"

#include <stdlib.h>
#include <string.h>

/* Changes whenever the same packages would make other layers: old ones are then never found. */
#define BASE_FORMAT "barehull-base 4"

/* One layer of the base with its record, while it is found or made. */
struct part {
    const char *role;
    char key[DIGEST_TEXT_MAX];
    struct base_record record;
    struct layer layer;
    bool has_layer;
};

struct making {
    const struct op_ctx *ctx;
    struct store *store;
    struct pool *pool;
    struct supply *supply;
    const struct base_request *request;
};

void base_done(struct base *base)
{
    for (size_t i = 0; i < base->layer_count; i++)
        layer_done(&base->layers[i]);
    base->layer_count = 0;
}

/* What decides any part's content: the archive, the architecture, trimming, how layers are packed. */
static void add_common_key(const struct making *making, const char *role, struct buf *text)
{
    const struct base_request *request = making->request;
    buf_addf(text, BASE_FORMAT "\n%s\n%.*s\n%.*s\n%d %d %d\n", role, STR_ARG(supply_identity(making->supply)),
             STR_ARG(elf_machine_info(request->machine)->debian), (int)request->trim, (int)request->compression,
             request->level);
}

static void add_libraries_key(const struct making *making, struct buf *text)
{
    const struct base_request *request = making->request;
    buf_addf(text, "%s\n%d %d %d\n", request->flavour->name, request->gconv, request->utf8_locale, request->dynamic);
    for (size_t i = 0; i < request->external_count; i++) {
        const struct base_external *external = &request->externals[i];
        buf_addf(text, "library %.*s", STR_ARG(external->name));
        for (size_t j = 0; j < external->candidates.len; j++)
            buf_addf(text, " %.*s", STR_ARG(external->candidates.ptr[j]));
        buf_add_char(text, '\n');
    }
    for (size_t i = 0; i < request->packages.len; i++)
        buf_addf(text, "package %.*s\n", STR_ARG(request->packages.ptr[i]));
}

static int part_init(const struct making *making, const char *role, bool libraries, struct part *part, struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    add_common_key(making, role, &text);
    if (libraries)
        add_libraries_key(making, &text);
    struct digest digest = digest_of(DIGEST_SHA256, buf_str(&text));
    *part = (struct part){.role = role};
    digest_hex(&digest, part->key);
    return buf_check(&text, err);
}

/* Finds the finished part; false when anything is missing or damaged. */
static bool part_find(const struct making *making, struct part *part)
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
    struct build_dropped *dropped = ARENA_ARRAY(arena, 2, struct build_dropped);
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
    record->dropped = dropped;
    record->dropped_count = count;
    return 0;
}

/* Makes PART's layer of TREE, and its record; keeps both. A tree that holds nothing makes no layer. */
static int part_finish(const struct making *making, struct base_tree *tree, struct part *part, struct err *err)
{
    const struct base_request *request = making->request;
    struct arena *arena = making->ctx->arena;
    int r = base_tree_finish(tree, err);
    if (r == 0)
        r = base_tree_check_bare(tree, err);
    if (r == 0)
        r = record_packages(arena, tree, &part->record, err);
    if (r == 0)
        r = record_paths(arena, tree, &part->record, err);
    if (r == 0)
        r = record_dropped(arena, tree, &part->record, err);
    if (r == 0 && tree_count(tree->tree) > 1) {
        r = layer_make(making->ctx, making->store, making->pool, request->compression, request->level, tree->tree,
                       &part->layer, err);
        if (r < 0)
            return r;
        part->has_layer = true;
        char hex[DIGEST_TEXT_MAX];
        char *key = arena_printf(arena, "%s.%s.%d", digest_hex(&part->layer.diff_id, hex),
                                 compression_name(request->compression), request->level);
        part->record.layer_key = str_z(key);
        r = key ? layer_save(making->store, key, &part->layer, err) : err_nomem(err);
    }
    struct buf text CLEANUP_BUF = BUF_INIT;
    if (r == 0)
        r = base_record_write(&text, &part->record, err);
    return r == 0 ? store_put(making->store, "base", part->key, buf_str(&text), err) : r;
}

static int make_common(const struct making *making, struct part *part, struct err *err)
{
    size_t count = 0;
    struct package packages[16];
    int r = 0;
    for (const char *const *name = flavour_common_packages(); r == 0 && *name && count < ARRAY_LEN(packages); name++)
        r = supply_find(making->supply, str_z(*name), &packages[count++], err);
    if (r == 0)
        r = supply_fetch(making->supply, packages, count, err);
    struct base_tree tree = {.ctx = making->ctx, .supply = making->supply, .request = making->request};
    if (r == 0)
        r = tree_new(making->ctx->arena, &tree.tree, err);
    if (r == 0)
        r = rootfs_put_skeleton(tree.tree, making->ctx->arena, making->request->machine, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = base_tree_put_whole(&tree, packages[i].name, err);
    if (r == 0)
        r = part_finish(making, &tree, part, err);
    base_tree_done(&tree);
    return r;
}

/* True when the common part has PACKAGE in that very version already. */
static int is_common(const struct making *making, const struct package *package, bool *ret_common, struct err *err)
{
    *ret_common = false;
    for (const char *const *name = flavour_common_packages(); *name; name++) {
        struct package common;
        if (!str_eq_z(package->name, *name))
            continue;
        int r = supply_find(making->supply, package->name, &common, err);
        *ret_common = r == 0 && str_eq(common.version, package->version);
        return r;
    }
    return 0;
}

/* The names of whole packages: the flavour's, and those asked for with what they depend on. */
static int whole_packages(const struct making *making, struct resolution *ret_resolution, struct err *err)
{
    const struct base_request *request = making->request;
    size_t flavour_count = 0;
    while (request->flavour->packages[flavour_count])
        flavour_count++;
    struct resolution resolved = {0};
    int r = 0;
    if (request->packages.len)
        r = supply_resolve(making->supply, request->packages.ptr, request->packages.len, &resolved, err);
    if (r < 0)
        return r;
    struct resolved_package *all =
        ARENA_ARRAY(making->ctx->arena, flavour_count + resolved.count + 1, struct resolved_package);
    if (!all)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < flavour_count; i++) {
        const char *name = flavour_package_in_suite(request->flavour->packages[i], supply_suite(making->supply));
        r = name ? supply_find(making->supply, str_z(name), &all[count++].package, err) : 0;
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < resolved.count; i++) {
        bool common;
        r = is_common(making, &resolved.packages[i].package, &common, err);
        if (r < 0)
            return r;
        if (!common)
            all[count++] = resolved.packages[i];
    }
    *ret_resolution = (struct resolution){all, count};
    return 0;
}

/* Adds the packages that the externals come from, with their dependencies, so that one round fetches nearly all. */
static int external_packages(const struct making *making, struct package *packages, size_t *count, struct err *err)
{
    const struct base_request *request = making->request;
    struct str *names = ARENA_ARRAY(making->ctx->arena, request->external_count + 2, struct str);
    if (!names)
        return err_nomem(err);
    size_t named = 0;
    for (size_t i = 0; i < request->external_count; i++) {
        struct str package;
        int r = base_closure_locate(making->ctx, making->supply, &request->externals[i], &package, NULL, err);
        if (r < 0)
            return r;
        bool known = false;
        for (size_t j = 0; j < named; j++)
            known |= str_eq(names[j], package);
        if (!known)
            names[named++] = package;
    }
    if (request->dynamic)
        names[named++] = STR("libgcc-s1");
    if (named == 0)
        return 0;
    struct resolution resolved;
    int r = supply_resolve(making->supply, names, named, &resolved, err);
    for (size_t i = 0; r == 0 && i < resolved.count && *count < LIMIT_CLOSURE_OBJECTS; i++)
        packages[(*count)++] = resolved.packages[i].package;
    return r;
}

/* Everything that the libraries part takes, in one round; the common part's packages too when COMMON. */
static int fetch_all(const struct making *making, const struct resolution *whole, bool common, struct err *err)
{
    struct package *packages =
        ARENA_ARRAY(making->ctx->arena, whole->count + LIMIT_CLOSURE_OBJECTS + 16, struct package);
    if (!packages)
        return err_nomem(err);
    size_t count = 0;
    int r = 0;
    for (const char *const *name = flavour_common_packages(); common && r == 0 && *name; name++)
        r = supply_find(making->supply, str_z(*name), &packages[count++], err);
    for (size_t i = 0; r == 0 && i < whole->count; i++)
        packages[count++] = whole->packages[i].package;
    if (r == 0)
        r = external_packages(making, packages, &count, err);
    if (r == 0 && making->request->utf8_locale)
        r = supply_find(making->supply, STR("libc-bin"), &packages[count++], err);
    return r == 0 ? supply_fetch(making->supply, packages, count, err) : r;
}

static int make_libraries(const struct making *making, bool common, struct part *part, struct err *err)
{
    struct resolution whole = {0};
    int r = whole_packages(making, &whole, err);
    if (r == 0)
        r = fetch_all(making, &whole, common, err);
    struct base_tree tree = {
        .ctx = making->ctx, .supply = making->supply, .request = making->request, .gconv = making->request->gconv};
    if (r == 0)
        r = tree_new(making->ctx->arena, &tree.tree, err);
    for (size_t i = 0; r == 0 && i < whole.count; i++)
        r = base_tree_put_whole(&tree, whole.packages[i].package.name, err);
    if (r == 0)
        r = base_closure_run(&tree, &part->record.libraries, &part->record.library_count, err);
    if (r == 0 && making->request->utf8_locale)
        r = base_tree_put_matching(&tree, STR("libc-bin"), STR("usr/lib/locale/C.utf8/**"), err);
    if (r == 0)
        r = part_finish(making, &tree, part, err);
    base_tree_done(&tree);
    return r;
}

static void *join(struct arena *arena, const void *a, size_t a_count, const void *b, size_t b_count, size_t size)
{
    char *joined = arena_array(arena, a_count + b_count + 1, size);
    if (joined && a_count)
        memcpy(joined, a, a_count * size);
    if (joined && b_count)
        memcpy(joined + a_count * size, b, b_count * size);
    return joined;
}

/* Puts both parts together; takes their layers. */
static int assemble(struct arena *arena, struct part *common, struct part *libraries, struct base *base,
                    struct err *err)
{
    const struct base_record *a = &common->record;
    const struct base_record *b = &libraries->record;
    struct base_record *record = &base->record;
    struct build_package *packages =
        join(arena, a->packages, a->package_count, b->packages, b->package_count, sizeof(*packages));
    struct build_dropped *dropped =
        join(arena, a->dropped, a->dropped_count, b->dropped, b->dropped_count, sizeof(*dropped));
    struct str *paths = join(arena, a->paths.items, a->paths.count, b->paths.items, b->paths.count, sizeof(*paths));
    if (!packages || !dropped || !paths)
        return err_nomem(err);
    size_t dropped_count = 0;
    for (size_t i = 0; i < a->dropped_count + b->dropped_count; i++) { /* the same kind of both: one line */
        size_t at = 0;
        while (at < dropped_count && !str_eq(dropped[at].what, dropped[i].what))
            at++;
        if (at == dropped_count)
            dropped[dropped_count++] = dropped[i];
        else
            dropped[at].unpacked_bytes += dropped[i].unpacked_bytes;
    }
    *record = *b;
    record->packages = packages;
    record->package_count = a->package_count + b->package_count;
    qsort(packages, record->package_count, sizeof(*packages), compare_packages);
    record->dropped = dropped;
    record->dropped_count = dropped_count;
    record->paths = (struct data_strs){paths, a->paths.count + b->paths.count};
    struct part *parts[] = {common, libraries};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i]->has_layer) {
            base->roles[base->layer_count] = str_z(parts[i]->role);
            base->layers[base->layer_count++] = parts[i]->layer;
            parts[i]->has_layer = false;
        }
    return 0;
}

int base_make(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct supply *supply,
              const struct base_request *request, struct base *ret_base, struct err *err)
{
    struct making making = {.ctx = ctx, .store = store, .pool = pool, .supply = supply, .request = request};
    struct base base = {0};
    struct part common = {0}, libraries = {0};
    int r = part_init(&making, "common", false, &common, err);
    if (r == 0)
        r = part_init(&making, "libraries", true, &libraries, err);
    if (r == 0) {
        bool has_common = part_find(&making, &common);
        if (!part_find(&making, &libraries))
            r = make_libraries(&making, !has_common, &libraries, err);
        if (r == 0 && !has_common)
            r = make_common(&making, &common, err);
    }
    if (r == 0)
        r = assemble(ctx->arena, &common, &libraries, &base, err);
    if (common.has_layer)
        layer_done(&common.layer);
    if (libraries.has_layer)
        layer_done(&libraries.layer);
    if (r == 0)
        *ret_base = base;
    return r;
}
