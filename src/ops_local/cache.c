/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/cache.h"

#include "io/store.h"
#include "op/services.h"
#include "op/text.h"

#define KINDS_MAX   32
#define LABEL_WIDTH 11

struct cache_args {
    bool clear;
};

struct cache_kind {
    struct str name;
    uint64_t files;
    uint64_t size_bytes;
};

struct cache_result {
    struct str dir;
    OP_LIST(struct cache_kind) kinds;
    uint64_t size_bytes;
    bool cleared;
    uint64_t removed_files;
    uint64_t removed_bytes;
};

static const struct op_param params[] = {
    {.name = "clear",
     .type = OP_BOOL,
     .summary = "remove everything; builds that run meanwhile fetch again what they need",
     OP_AT(struct cache_args, clear)},
    {.name = NULL},
};

static const struct op_field kind_fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "what the files are", OP_AT(struct cache_kind, name)},
    {.name = "files", .type = OP_F_U64, .summary = "how many", OP_AT(struct cache_kind, files)},
    {.name = "size_bytes", .type = OP_F_U64, .summary = "on disk", OP_AT(struct cache_kind, size_bytes)},
    {.name = NULL},
};
static const struct op_record kind_record = {"kind", kind_fields, sizeof(struct cache_kind)};

static const struct op_field fields[] = {
    {.name = "dir", .type = OP_F_STR, .summary = "where the cache is", OP_AT(struct cache_result, dir)},
    {.name = "kinds",
     .type = OP_F_OBJECTS,
     .summary = "what is in it, before --clear",
     .record = &kind_record,
     OP_AT(struct cache_result, kinds)},
    {.name = "size_bytes", .type = OP_F_U64, .summary = "in all", OP_AT(struct cache_result, size_bytes)},
    {.name = "cleared", .type = OP_F_BOOL, .summary = "--clear was given", OP_AT(struct cache_result, cleared)},
    {.name = "removed_files", .type = OP_F_U64, .summary = "by --clear", OP_AT(struct cache_result, removed_files)},
    {.name = "removed_bytes", .type = OP_F_U64, .summary = "by --clear", OP_AT(struct cache_result, removed_bytes)},
    {.name = NULL},
};
static const struct op_record result_record = {"cache", fields, sizeof(struct cache_result)};

static int list(struct store *store, struct arena *arena, struct cache_result *result, struct err *err)
{
    struct store_usage usage[KINDS_MAX];
    size_t count = store_usage(store, usage, KINDS_MAX);
    struct cache_kind *kinds = ARENA_ARRAY(arena, count + 1, struct cache_kind);
    if (!kinds)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        kinds[i] = (struct cache_kind){arena_str(arena, str_z(usage[i].kind)), usage[i].files, usage[i].bytes};
        if (!kinds[i].name.ptr)
            return err_nomem(err);
        result->size_bytes += usage[i].bytes;
    }
    result->kinds.ptr = kinds;
    result->kinds.len = count;
    return 0;
}

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *args_any, void *result_any,
               struct err *err)
{
    const struct cache_args *args = args_any;
    struct cache_result *result = result_any;
    int r = op_services_cache_dir(services, &result->dir, err);
    if (r < 0)
        return r;
    struct store *store;
    r = store_open(result->dir.ptr, &store, err);
    if (r < 0)
        return r;
    r = list(store, ctx->arena, result, err);
    if (r == 0 && args->clear) {
        result->cleared = true;
        r = store_clear(store, NULL, &result->removed_files, &result->removed_bytes, err);
    }
    store_free(store);
    return r;
}

static void render(const void *result_any, struct text_out *out)
{
    const struct cache_result *result = result_any;
    text_label(out, "cache", LABEL_WIDTH);
    text_str(out, result->dir);
    text_z(out, "\n");
    if (result->cleared) {
        text_label(out, "removed", LABEL_WIDTH);
        text_count(out, result->removed_files, "file");
        text_z(out, ", ");
        text_size(out, result->removed_bytes);
        text_z(out, "\n");
        return;
    }
    struct text_table table;
    text_table_begin(&table, out, LABEL_WIDTH, "lrr");
    for (size_t i = 0; i < result->kinds.len; i++) {
        text_table_str(&table, result->kinds.ptr[i].name);
        text_table_u64(&table, result->kinds.ptr[i].files);
        text_table_size(&table, result->kinds.ptr[i].size_bytes);
    }
    text_table_end(&table);
    text_label(out, "in all", LABEL_WIDTH);
    text_size(out, result->size_bytes);
    text_z(out, "\n");
}

static const struct op_example examples[] = {
    {"barehull cache", "what is kept, and how much"},
    {"barehull cache --clear", "remove it all"},
    {NULL, NULL},
};

static const char *const see_also[] = {"build", NULL};

const struct operation cache_operation = {
    .name = "cache",
    .group = "Images",
    .summary = "show or clear what is kept on this machine",
    .description = "Builds keep the archive's verified indexes, unpacked packages and finished layers, so that the "
                   "next build is quick and --offline works. Everything in the cache can be made again; it may be "
                   "removed at any time, also while builds run.",
    .params = params,
    .args_size = sizeof(struct cache_args),
    .result = &result_record,
    .effects = OP_READS_FILES | OP_WRITES_FILES,
    .examples = examples,
    .see_also = see_also,
    .run = run,
    .render = render,
};
