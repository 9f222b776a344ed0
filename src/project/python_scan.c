/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/vec.h"
#include "project/python_entry.h"
#include "project/python_glance.h"
#include "python/mentions.h"
#include "python/pth.h"
#include "python/stdlib.h"

#include <pthread.h>

#define BATCH_BYTES (1U << 20) /* of sources that one job reads */
#define TOLD_MAX    5          /* sources that can't be read are told one by one, up to this */

/* What all batches have found by now: it saves reading most sources token by token. A set, so their order is nothing.
 */
struct known {
    pthread_rwlock_t lock;
    struct map modules;
    struct arena arena;
};

/* One batch of sources, read by one thread; what else it found lives in its own arena until it is gathered. */
struct batch {
    struct pool_job job;
    struct known *known;
    const struct op_ctx *ctx;
    const struct project_files *files;
    size_t first, end;
    unsigned version;
    bool own;                    /* the project's: problems and needs are of interest */
    struct arena arena, scratch; /* of the batch; of one source */
    bool finds_libraries;
    VEC(struct python_need) needs;
    VEC(const struct project_file *) broken; /* own sources with a problem */
    int result;
    struct err err;
};

static bool is_source(const struct project_file *file)
{
    return file->type == TREE_FILE && !file->dropped && !file->scanned && file->content.ptr &&
           str_ends(file->path, STR(".py"));
}

static bool note(struct known *known, struct str top)
{
    if (top.len == 0 || map_has(&known->modules, top))
        return true;
    top = arena_str(&known->arena, top);
    return top.ptr && map_set(&known->modules, top, known);
}

/* The names that IMPORTS says may run. */
static bool note_imports(struct known *known, const struct python_imports *imports)
{
    bool noted = true;
    pthread_rwlock_wrlock(&known->lock);
    for (uint32_t i = 0; noted && i < imports->count; i++) {
        const struct python_import *one = &imports->items[i];
        if (python_import_mentions(one))
            noted = note(known, python_module_top(one->module));
    }
    pthread_rwlock_unlock(&known->lock);
    return noted;
}

static bool is_worth_reading(struct known *known, struct str source)
{
    pthread_rwlock_rdlock(&known->lock);
    bool worth = python_glance(source, &known->modules);
    pthread_rwlock_unlock(&known->lock);
    return worth;
}

static bool is_required(const struct python_import *one)
{
    const unsigned excused = PYTHON_IMPORT_OPTIONAL | PYTHON_IMPORT_FALLBACK | PYTHON_IMPORT_CONDITIONAL |
                             PYTHON_IMPORT_TYPE_CHECKING | PYTHON_IMPORT_NEVER | PYTHON_IMPORT_DYNAMIC;
    return one->level == 0 && one->module.len > 0 && !(one->context & excused);
}

static int read_source(struct batch *batch, const struct project_file *file)
{
    struct python_imports imports;
    bool recipe = batch->own && str_eq_z(file->path, "setup.py"); /* it is not run where the application is */
    /* cffi's own code always could look for libraries */
    bool finds = python_may_look_for_libraries(file->content) && !str_ends(path_dir(file->path), STR("cffi"));
    if (!batch->own && !finds && !is_worth_reading(batch->known, file->content))
        return 0;
    arena_reset(&batch->scratch);
    int result = python_imports_scan(file->content, batch->version, &batch->scratch, &imports, &batch->err);
    if (result == -ERR_LIMIT) /* a generated table, larger than what anybody writes */
        return 0;
    if (result < 0)
        return err_wrap(&batch->err, "'%.*s'", STR_ARG(file->path));
    if (!recipe && !note_imports(batch->known, &imports))
        return err_nomem(&batch->err);
    for (uint32_t i = 0; batch->own && i < imports.count; i++) {
        const struct python_import *one = &imports.items[i];
        if (!is_required(one) || python_is_aside(file->path))
            continue;
        struct str module = arena_str(&batch->arena, one->module);
        struct python_need need = {.module = module, .path = file->path, .line = one->place.line};
        if (!module.ptr || !VEC_PUSH(&batch->needs, need))
            return err_nomem(&batch->err);
    }
    batch->finds_libraries |= finds && python_looks_for_libraries(file->content, &imports);
    if (batch->own && imports.problem.message && !VEC_PUSH(&batch->broken, file))
        return err_nomem(&batch->err);
    return 0;
}

static int read_extension(struct batch *batch, const struct project_file *file)
{
    struct str base = path_base(file->path), name;
    bool noted = true;
    if (python_ext_parse(base).kind == PYTHON_EXT_NONE || str_starts(base, STR("lib")))
        return 0;
    for (size_t i = 0; noted && (name = python_extension_name(i)).len > 0; i++) {
        if (!python_extension_mentions(file->content, name))
            continue;
        pthread_rwlock_wrlock(&batch->known->lock);
        noted = note(batch->known, name);
        pthread_rwlock_unlock(&batch->known->lock);
    }
    return noted ? 0 : err_nomem(&batch->err);
}

static void run_batch(struct pool_job *job)
{
    struct batch *batch = (struct batch *)job;
    for (size_t i = batch->first; i < batch->end && batch->result == 0; i++) {
        const struct project_file *file = &batch->files->ptr[i];
        if (is_source(file))
            batch->result = read_source(batch, file);
        else if (file->is_elf && file->content.ptr && !file->dropped && !file->scanned)
            batch->result = read_extension(batch, file);
        if (batch->result == 0)
            batch->result = op_check(batch->ctx, &batch->err);
    }
}

static void batch_done(struct batch *batch)
{
    arena_done(&batch->arena);
    arena_done(&batch->scratch);
    VEC_DONE(&batch->needs);
    VEC_DONE(&batch->broken);
}

/* All of a scan. Batches are made first, then run, then gathered in their order, so that threads change nothing. */
struct scan {
    const struct op_ctx *ctx;
    struct python_app *app;
    VEC(struct batch *) batches;
    struct known known;
    struct map own;
};

static struct batch *add_batch(struct scan *scan, const struct project_files *files, size_t first, bool own)
{
    struct batch *batch = ARENA_NEW(scan->ctx->arena, struct batch);
    if (!batch || !VEC_PUSH(&scan->batches, batch))
        return NULL;
    batch->job.run = run_batch;
    batch->ctx = scan->ctx;
    batch->known = &scan->known;
    batch->files = files;
    batch->first = first;
    batch->own = own;
    batch->version = python_app_version(scan->app);
    batch->arena = batch->scratch = ARENA_INIT;
    batch->err = ERR_INIT;
    return batch;
}

static int make_batches(struct scan *scan, const struct project_files *files, bool own, struct err *err)
{
    uint64_t bytes = 0;
    struct batch *batch = NULL;
    for (size_t i = 0; i < files->len; i++) {
        if (!batch || bytes > BATCH_BYTES) {
            batch = add_batch(scan, files, i, own);
            bytes = 0;
        }
        if (!batch)
            return err_nomem(err);
        batch->end = i + 1;
        bytes += is_source(&files->ptr[i]) ? files->ptr[i].content.len : 0;
    }
    return 0;
}

static int run_batches(struct scan *scan, struct err *err)
{
    CLEANUP_POOL struct pool *pool = NULL;
    size_t count = scan->batches.len;
    int result = count > 2 ? pool_new(0, &pool, err) : 0;
    if (result < 0)
        return result;
    for (size_t i = 0; i < count; i++) {
        if (pool)
            pool_submit(pool, &scan->batches.ptr[i]->job);
        else
            run_batch(&scan->batches.ptr[i]->job);
    }
    for (size_t i = 0; pool && i < count; i++)
        pool_wait_job(pool, &scan->batches.ptr[i]->job);
    for (size_t i = 0; i < count; i++) {
        if (scan->batches.ptr[i]->result == 0)
            continue;
        if (err)
            *err = scan->batches.ptr[i]->err;
        return scan->batches.ptr[i]->result;
    }
    return 0;
}

static int sorted_names(const struct map *map, struct arena *arena, struct str_list *ret_names, struct err *err)
{
    struct str *names = ARENA_ARRAY(arena, map->len, struct str);
    if (!names)
        return err_nomem(err);
    for (size_t i = 0; i < map->len; i++) {
        names[i] = arena_str(arena, map->entries[i].key);
        if (!names[i].ptr)
            return err_nomem(err);
    }
    str_sort(names, map->len);
    *ret_names = (struct str_list){names, map->len};
    return 0;
}

/* The top-level module that a file at PATH, below a directory of sys.path, is part of; empty: none. */
static struct str top_of(struct str path)
{
    struct python_ext ext = python_ext_parse(path);
    bool source = str_ends(path, STR(".py"));
    size_t slash = str_find_char(path, '/');
    struct str top = STR_NONE;
    if (!source && (ext.kind == PYTHON_EXT_NONE || ext.kind == PYTHON_EXT_WINDOWS))
        return STR_NONE;
    if (slash < path.len)
        top = str_head(path, slash);
    else
        top = source ? str_head(path, path.len - 3) : ext.module;
    return str_has_char(top, '.') || str_has_char(top, '-') ? STR_NONE : top;
}

static int add_tops(struct scan *scan, const struct project_files *files, struct str root, struct err *err)
{
    CLEANUP_BUF struct buf prefix = BUF_INIT;
    buf_add_str(&prefix, root);
    buf_add_z(&prefix, root.len ? "/" : "");
    if (prefix.failed)
        return err_nomem(err);
    for (size_t i = python_files_from(files, buf_str(&prefix)); i < files->len; i++) {
        const struct project_file *file = &files->ptr[i];
        if (!str_starts(file->path, buf_str(&prefix)))
            break;
        struct str top =
            file->type == TREE_FILE && !file->dropped ? top_of(str_skip(file->path, prefix.len)) : STR_NONE;
        if (top.len > 0 && !map_has(&scan->own, top) && !map_set(&scan->own, top, scan))
            return err_nomem(err);
    }
    return 0;
}

/* Directories that .pth files of site-packages add to sys.path, when they lie in it. */
static int add_pth(struct scan *scan, const struct project_file *file, struct str site, struct err *err)
{
    struct arena *arena = scan->ctx->arena;
    struct python_pth_line *lines;
    size_t count;
    int result = python_pth_read(file->content, arena, &lines, &count, err);
    for (size_t i = 0; result == 0 && i < count; i++) {
        CLEANUP_BUF struct buf path = BUF_INIT;
        if (lines[i].kind != PYTHON_PTH_PATH || !path_normalize(&path, site, lines[i].text) ||
            str_starts(buf_str(&path), STR("/")))
            continue;
        result = add_tops(scan, &scan->app->environment.files, buf_str(&path), err);
    }
    return result;
}

static int find_own(struct scan *scan, struct err *err)
{
    const struct python_app *app = scan->app;
    const struct python_environment *environment = &app->environment;
    int result = add_tops(scan, &app->files, STR_NONE, err);
    if (result == 0)
        result = add_tops(scan, &app->files, STR("src"), err);
    if (result == 0 && app->entry.root.len > 0)
        result = add_tops(scan, &app->files, app->entry.root, err);
    if (result == 0)
        result = add_tops(scan, &environment->files, environment->site_packages, err);
    for (size_t i = 0; result == 0 && i < environment->files.len; i++) {
        const struct project_file *file = &environment->files.ptr[i];
        bool pth = str_ends(file->path, STR(".pth")) && file->content.ptr && !file->dropped &&
                   str_eq(path_dir(file->path), environment->site_packages);
        if (pth)
            result = add_pth(scan, file, environment->site_packages, err);
    }
    return result;
}

/* A module that neither the standard library nor the application has. */
static bool is_missing(const struct scan *scan, struct str module)
{
    struct python_stdlib_module standard;
    struct str top = python_module_top(module);
    unsigned version = python_app_version(scan->app);
    if (map_has(&scan->own, top) || str_eq_z(top, "__main__"))
        return false;
    if (version)
        return !python_stdlib_find(top, version, &standard) || standard.origin == PYTHON_STDLIB_ELSEWHERE;
    return !python_stdlib_find(top, PYTHON_STDLIB_OLD, &standard) &&
           !python_stdlib_find(top, PYTHON_STDLIB_NEW, &standard);
}

/* Adds NEED to those of the application, once for each module. */
static int add_need(struct scan *scan, struct map *seen, const struct python_need *need, struct python_need *needs,
                    size_t *count, struct err *err)
{
    if (map_has(seen, need->module) || !is_missing(scan, need->module))
        return 0;
    struct python_need kept = *need;
    kept.module = arena_str(scan->ctx->arena, need->module);
    if (!kept.module.ptr || !map_set(seen, kept.module, scan))
        return err_nomem(err);
    needs[(*count)++] = kept;
    return 0;
}

/* What an earlier scan found is asked again: the application may have more now. */
static int gather_needs(struct scan *scan, struct err *err)
{
    CLEANUP_MAP struct map seen = MAP_INIT;
    struct python_app *app = scan->app;
    size_t count = app->need_count;
    for (size_t i = 0; i < scan->batches.len; i++)
        count += scan->batches.ptr[i]->needs.len;
    struct python_need *needs = ARENA_ARRAY(scan->ctx->arena, count, struct python_need);
    if (!needs)
        return err_nomem(err);
    count = 0;
    int result = 0;
    for (size_t i = 0; result == 0 && i < app->need_count; i++)
        result = add_need(scan, &seen, &app->needs[i], needs, &count, err);
    for (size_t i = 0; i < scan->batches.len; i++)
        for (size_t k = 0; result == 0 && k < scan->batches.ptr[i]->needs.len; k++)
            result = add_need(scan, &seen, &scan->batches.ptr[i]->needs.ptr[k], needs, &count, err);
    if (result < 0)
        return result;
    app->needs = needs;
    app->need_count = count;
    return 0;
}

static void mark_scanned(struct project_files *files)
{
    for (size_t i = 0; i < files->len; i++)
        files->ptr[i].scanned |= !files->ptr[i].dropped;
}

static int gather(struct scan *scan, struct err *err)
{
    struct python_app *app = scan->app;
    for (size_t i = 0; i < scan->batches.len; i++)
        app->finds_libraries |= scan->batches.ptr[i]->finds_libraries;
    int result = sorted_names(&scan->known.modules, scan->ctx->arena, &app->mentions, err);
    if (result == 0)
        result = find_own(scan, err);
    if (result == 0)
        result = sorted_names(&scan->own, scan->ctx->arena, &app->own_modules, err);
    mark_scanned(&app->files);
    mark_scanned(&app->environment.files);
    return result < 0 ? result : gather_needs(scan, err);
}

/* Sources of the project that no interpreter of this kind reads; the entry module's are an error already. */
static int warn_broken(struct scan *scan, struct err *err)
{
    size_t told = 0, more = 0;
    for (size_t i = 0; i < scan->batches.len; i++) {
        const struct batch *batch = scan->batches.ptr[i];
        for (size_t k = 0; k < batch->broken.len; k++) {
            const struct project_file *file = batch->broken.ptr[k];
            struct err problem = ERR_INIT;
            if (python_is_aside(file->path))
                continue;
            if (told == TOLD_MAX) {
                more++;
                continue;
            }
            int result = python_check_syntax(scan->app, file, scan->ctx->arena, &problem);
            if (result == -ERR_NOMEM)
                return err_nomem(err);
            op_warn(scan->ctx, "%s", problem.message);
            told++;
        }
    }
    if (more > 0)
        op_warn(scan->ctx, "%zu more modules of the project have a syntax error", more);
    return 0;
}

/* What an earlier scan found. */
static int recall(struct scan *scan, struct err *err)
{
    for (size_t i = 0; i < scan->app->mentions.len; i++)
        if (!map_set(&scan->known.modules, scan->app->mentions.ptr[i], scan))
            return err_nomem(err);
    return 0;
}

int python_scan(const struct op_ctx *ctx, struct python_app *app, struct err *err)
{
    struct scan scan = {.ctx = ctx, .app = app, .known = {.lock = PTHREAD_RWLOCK_INITIALIZER, .arena = ARENA_INIT}};
    int result = recall(&scan, err);
    if (result == 0)
        result = make_batches(&scan, &app->files, true, err);
    if (result == 0)
        result = make_batches(&scan, &app->environment.files, false, err);
    if (result == 0)
        result = run_batches(&scan, err);
    if (result == 0)
        result = gather(&scan, err);
    if (result == 0)
        result = warn_broken(&scan, err);
    for (size_t i = 0; i < scan.batches.len; i++)
        batch_done(scan.batches.ptr[i]);
    VEC_DONE(&scan.batches);
    map_done(&scan.known.modules);
    arena_done(&scan.known.arena);
    map_done(&scan.own);
    pthread_rwlock_destroy(&scan.known.lock);
    return result;
}
