/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base.h"

#include "base/limits.h"
#include "base/vec.h"
#include "io/file.h"
#include "io/store.h"
#include "pack/base_closure.h"
#include "pack/base_tree.h"
#include "pack/rootfs.h"

#include <stdlib.h>
#include <string.h>

/* Changes whenever the same packages would make other layers: old ones are then never found. */
#define BASE_FORMAT "barehull-base 1"

/* One layer while it is made. */
struct making {
    const struct op_ctx *ctx;
    struct store *store;
    struct pool *pool;
    struct supply *supply;
    const struct base_request *request;
    struct base *base;
    VEC(struct base_layer_ref)
    layers;
    VEC(struct build_package)
    packages;
    VEC(struct base_library)
    libraries;
    VEC(struct str)
    paths;
    uint64_t documentation_bytes;
    uint64_t conversion_bytes;
};

void base_done(struct base *base)
{
    for (size_t i = 0; i < base->layer_count; i++)
        layer_done(&base->layers[i]);
    base->layer_count = 0;
}

/* The key of a base: a digest over everything that decides what it holds. */
static int base_key(const struct supply *supply, const struct base_request *request, char out[static DIGEST_TEXT_MAX],
                    struct err *err)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_addf(&text, BASE_FORMAT "\n%.*s\n%.*s\n%s\n%d %d %d %d %d %d\n", STR_ARG(supply_identity(supply)),
             STR_ARG(elf_machine_info(request->machine)->debian), request->flavour->name, (int)request->trim,
             request->gconv, request->utf8_locale, request->dynamic, (int)request->compression, request->level);
    for (size_t i = 0; i < request->external_count; i++) {
        const struct base_external *external = &request->externals[i];
        buf_addf(&text, "library %.*s", STR_ARG(external->name));
        for (size_t j = 0; j < external->candidates.len; j++)
            buf_addf(&text, " %.*s", STR_ARG(external->candidates.ptr[j]));
        buf_add_char(&text, '\n');
    }
    for (size_t i = 0; i < request->packages.count; i++)
        buf_addf(&text, "package %.*s\n", STR_ARG(request->packages.items[i]));
    int r = buf_check(&text, err);
    struct digest digest = digest_of(DIGEST_SHA256, buf_str(&text));
    digest_hex(&digest, out);
    return r;
}

/* Finds the finished base; false when anything is missing. */
static bool find_base(const struct making *making, const char *key)
{
    struct str text;
    if (!store_map(making->store, "base", key, &text))
        return false;
    struct base *base = making->base;
    struct err ignored = ERR_INIT;
    bool found = base_record_read(making->ctx->arena, text, &base->record, &ignored) == 0 &&
                 base->record.layer_count <= BASE_LAYERS_MAX;
    file_unmap(text);
    for (size_t i = 0; found && i < base->record.layer_count; i++) {
        found =
            layer_load(making->store, base->record.layers[i].key.ptr, making->request->compression, &base->layers[i]);
        base->layer_count += found;
    }
    if (!found)
        base_done(base);
    base->cached = found;
    return found;
}

/* Enters what TREE's packages ship into the books of the whole base. */
static int keep_books(struct making *making, struct base_tree *tree, struct err *err)
{
    for (size_t i = 0; i < tree->package_count; i++) {
        const struct base_package *package = &tree->packages[i];
        const struct package *record = &package->supplied->record; /* views of the supply, which goes first */
        struct build_package entry = {.name = arena_str(making->ctx->arena, record->name),
                                      .version = arena_str(making->ctx->arena, record->version),
                                      .architecture = arena_str(making->ctx->arena, record->architecture),
                                      .whole = package->whole,
                                      .files = package->files,
                                      .unpacked_bytes = package->unpacked_bytes};
        if (!entry.name.ptr || !entry.version.ptr || !entry.architecture.ptr || !VEC_PUSH(&making->packages, entry))
            return err_nomem(err);
    }
    for (size_t i = 0; i < tree_count(tree->tree); i++) {
        const struct tree_node *node = tree_at(tree->tree, i);
        bool executable = node->type == TREE_FILE && (node->mode & 0111U) && str_starts(node->path, STR("usr/")) &&
                          !str_starts(node->path, STR("usr/lib/")) && !str_starts(node->path, STR("usr/share/"));
        char *path = executable ? arena_printf(making->ctx->arena, "/%.*s", STR_ARG(node->path)) : NULL;
        if (executable && (!path || !VEC_PUSH(&making->paths, str_z(path))))
            return err_nomem(err);
    }
    making->documentation_bytes += tree->documentation_bytes;
    making->conversion_bytes += tree->conversion_bytes;
    return 0;
}

/* Makes the layer of TREE, or finds it: its key says what it was made of. */
static int finish_layer(struct making *making, const char *role, struct base_tree *tree, struct err *err)
{
    const struct base_request *request = making->request;
    struct layer *layer = &making->base->layers[making->base->layer_count];
    int r = layer_make(making->ctx, making->store, making->pool, request->compression, request->level, tree->tree,
                       layer, err);
    if (r < 0)
        return r;
    making->base->layer_count++;
    char hex[DIGEST_TEXT_MAX];
    char *key = arena_printf(making->ctx->arena, "%s.%s.%d", digest_hex(&layer->diff_id, hex),
                             compression_name(request->compression), request->level);
    struct base_layer_ref ref = {str_z(role), str_z(key)};
    if (!key || !VEC_PUSH(&making->layers, ref))
        return err_nomem(err);
    r = layer_save(making->store, key, layer, err);
    return r == 0 ? keep_books(making, tree, err) : r;
}

static int make_common(struct making *making, struct err *err)
{
    struct base_tree tree = {.ctx = making->ctx, .supply = making->supply, .request = making->request};
    int r = tree_new(making->ctx->arena, &tree.tree, err);
    if (r == 0)
        r = rootfs_put_skeleton(tree.tree, making->ctx->arena, making->request->machine, err);
    for (const char *const *name = flavour_common_packages(); r == 0 && *name; name++)
        r = base_tree_put_whole(&tree, str_z(*name), err);
    if (r == 0)
        r = base_tree_finish(&tree, err);
    if (r == 0)
        r = base_tree_check_bare(&tree, err);
    if (r == 0)
        r = finish_layer(making, "common", &tree, err);
    base_tree_done(&tree);
    return r;
}

/* The names of whole packages: the flavour's, and those asked for with what they depend on. */
static int whole_packages(struct making *making, struct resolution *ret_resolution, struct err *err)
{
    const struct base_request *request = making->request;
    size_t flavour_count = 0;
    while (request->flavour->packages[flavour_count])
        flavour_count++;
    struct resolution resolved = {0};
    int r = 0;
    if (request->packages.count)
        r = supply_resolve(making->supply, request->packages.items, request->packages.count, &resolved, err);
    if (r < 0)
        return r;
    struct resolved_package *all =
        ARENA_ARRAY(making->ctx->arena, flavour_count + resolved.count + 1, struct resolved_package);
    if (!all)
        return err_nomem(err);
    size_t count = 0;
    for (; count < flavour_count; count++) {
        const char *name = flavour_package_in_suite(request->flavour->packages[count], supply_suite(making->supply));
        r = supply_find(making->supply, str_z(name), &all[count].package, err);
        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < resolved.count; i++)
        all[count++] = resolved.packages[i];
    *ret_resolution = (struct resolution){all, count};
    return 0;
}

/* Adds the packages that the externals come from, with their dependencies, so that one round fetches nearly all. */
static int external_packages(struct making *making, struct package *packages, size_t *count, struct err *err)
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

static int fetch_all(struct making *making, const struct resolution *whole, struct err *err)
{
    struct package *packages =
        ARENA_ARRAY(making->ctx->arena, whole->count + LIMIT_CLOSURE_OBJECTS + 8, struct package);
    if (!packages)
        return err_nomem(err);
    size_t count = 0;
    int r = 0;
    for (const char *const *name = flavour_common_packages(); r == 0 && *name; name++)
        r = supply_find(making->supply, str_z(*name), &packages[count++], err);
    for (size_t i = 0; r == 0 && i < whole->count; i++)
        packages[count++] = whole->packages[i].package;
    if (r == 0)
        r = external_packages(making, packages, &count, err);
    if (r == 0 && making->request->utf8_locale)
        r = supply_find(making->supply, STR("libc-bin"), &packages[count++], err);
    return r == 0 ? supply_fetch(making->supply, packages, count, err) : r;
}

static int make_libraries(struct making *making, const struct resolution *whole, struct err *err)
{
    struct base_tree tree = {
        .ctx = making->ctx, .supply = making->supply, .request = making->request, .gconv = making->request->gconv};
    int r = tree_new(making->ctx->arena, &tree.tree, err);
    for (size_t i = 0; r == 0 && i < whole->count; i++)
        r = base_tree_put_whole(&tree, whole->packages[i].package.name, err);
    const struct base_library *libraries = NULL;
    size_t count = 0;
    if (r == 0)
        r = base_closure_run(&tree, &libraries, &count, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        if (!VEC_PUSH(&making->libraries, libraries[i]))
            r = err_nomem(err);
    if (r == 0 && making->request->utf8_locale)
        r = base_tree_put_matching(&tree, STR("libc-bin"), STR("usr/lib/locale/C.utf8/**"), err);
    if (r == 0)
        r = base_tree_finish(&tree, err);
    if (r == 0)
        r = base_tree_check_bare(&tree, err);
    if (r == 0 && tree_count(tree.tree) > 0)
        r = finish_layer(making, "libraries", &tree, err);
    base_tree_done(&tree);
    return r;
}

static int compare_packages(const void *a, const void *b)
{
    return str_cmp(((const struct build_package *)a)->name, ((const struct build_package *)b)->name);
}

static int compare_strs(const void *a, const void *b)
{
    return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void *keep(struct arena *arena, const void *items, size_t count, size_t size)
{
    void *kept = arena_array(arena, count + 1, size);
    if (kept && count)
        memcpy(kept, items, count * size);
    return kept;
}

/* Moves the books into the record, whose memory is the arena's. */
static int make_record(struct making *making, struct err *err)
{
    struct arena *arena = making->ctx->arena;
    struct base_record *record = &making->base->record;
    struct build_dropped *dropped = ARENA_ARRAY(arena, 2, struct build_dropped);
    size_t dropped_count = 0;
    if (dropped && making->documentation_bytes)
        dropped[dropped_count++] =
            (struct build_dropped){STR("manuals, documentation and translations"),
                                   STR("nothing reads them at run time"), making->documentation_bytes};
    if (dropped && making->conversion_bytes)
        dropped[dropped_count++] = (struct build_dropped){STR("gconv modules"), STR("nothing converts character sets"),
                                                          making->conversion_bytes};
    if (making->packages.len)
        qsort(making->packages.ptr, making->packages.len, sizeof(*making->packages.ptr), compare_packages);
    if (making->paths.len)
        qsort(making->paths.ptr, making->paths.len, sizeof(*making->paths.ptr), compare_strs);
    *record = (struct base_record){
        .layers = keep(arena, making->layers.ptr, making->layers.len, sizeof(*making->layers.ptr)),
        .layer_count = making->layers.len,
        .packages = keep(arena, making->packages.ptr, making->packages.len, sizeof(*making->packages.ptr)),
        .package_count = making->packages.len,
        .libraries = keep(arena, making->libraries.ptr, making->libraries.len, sizeof(*making->libraries.ptr)),
        .library_count = making->libraries.len,
        .dropped = dropped,
        .dropped_count = dropped_count,
        .paths = {keep(arena, making->paths.ptr, making->paths.len, sizeof(*making->paths.ptr)), making->paths.len},
    };
    bool complete = record->layers && record->packages && record->libraries && dropped && record->paths.items;
    return complete ? 0 : err_nomem(err);
}

static int make_all(struct making *making, const char *key, struct err *err)
{
    struct resolution whole = {0};
    int r = whole_packages(making, &whole, err);
    if (r == 0)
        r = fetch_all(making, &whole, err);
    if (r == 0)
        r = make_common(making, err);
    if (r == 0)
        r = make_libraries(making, &whole, err);
    if (r == 0)
        r = make_record(making, err);
    if (r < 0)
        return r;
    struct buf text CLEANUP_BUF = BUF_INIT;
    r = base_record_write(&text, &making->base->record, err);
    return r == 0 ? store_put(making->store, "base", key, buf_str(&text), err) : r;
}

int base_make(const struct op_ctx *ctx, struct store *store, struct pool *pool, struct supply *supply,
              const struct base_request *request, struct base *ret_base, struct err *err)
{
    struct base base = {0};
    struct making making = {
        .ctx = ctx, .store = store, .pool = pool, .supply = supply, .request = request, .base = &base};
    char key[DIGEST_TEXT_MAX];
    int r = base_key(supply, request, key, err);
    if (r == 0 && !find_base(&making, key))
        r = make_all(&making, key, err);
    VEC_DONE(&making.layers);
    VEC_DONE(&making.packages);
    VEC_DONE(&making.libraries);
    VEC_DONE(&making.paths);
    if (r < 0) {
        base_done(&base);
        return r;
    }
    *ret_base = base;
    return 0;
}
