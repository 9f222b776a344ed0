/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_python.h"

#include "base/map.h"
#include "base/path.h"
#include "pack/base_runtime.h"
#include "python/abi.h"
#include "python/dist.h"

#define DIST_PACKAGES "usr/lib/python3/dist-packages"

static const char *why_dropped(struct str path)
{
    static const char *const sources[] = {".h", ".hpp", ".c", ".cpp", ".pyx", ".pxd", ".pxi", ".f", ".f90"};
    if (!path_is_below(path, STR(DIST_PACKAGES)))
        return NULL;
    struct str inside = str_skip(path, sizeof(DIST_PACKAGES));
    struct str dir = path_dir(inside);
    if (str_find(inside, STR("/tests/")) < inside.len)
        return "tests of Python packages";
    if (str_eq(path_base(dir), STR("__pycache__")) || str_ends(path, STR(".pyc")))
        return "bytecode of another build";
    for (size_t i = 0; i < ARRAY_LEN(sources); i++)
        if (str_ends(inside, str_z(sources[i])))
            return "headers and sources of extension modules";
    return NULL;
}

bool base_python_keep(void *self, struct base_tree *base, struct str path, const struct tree_node *entry)
{
    struct base_python_keep *keep = self;
    if (keep->rest_only)
        return base_runtime_excludes(keep->runtime, path);
    const char *why = keep->runtime && keep->slim ? why_dropped(path) : NULL;
    if (!why)
        return true;
    if (keep->result == 0 && entry->type == TREE_FILE)
        keep->result = base_tree_drop(base, str_z(why), STR("nothing runs them"), entry->size_bytes, keep->err);
    return false;
}

/* --- record ------------------------------------------------------------------------------------------------------ */

struct names {
    struct arena *arena;
    struct map seen;
};

static int note(struct names *names, struct str name, struct err *err)
{
    if (name.len == 0 || map_has(&names->seen, name))
        return 0;
    struct str kept = arena_str(names->arena, name);
    return kept.ptr && map_set(&names->seen, kept, names) ? 0 : err_nomem(err);
}

static int settle(const struct names *names, struct str **ret_names, size_t *ret_count, struct err *err)
{
    size_t count = names->seen.len;
    struct str *sorted = ARENA_ARRAY(names->arena, count + 1, struct str);
    if (!sorted)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        sorted[i] = names->seen.entries[i].key;
    str_sort(sorted, count);
    *ret_names = sorted;
    *ret_count = count;
    return 0;
}

/* The top-level module that the file INSIDE dist-packages is, or is part of; empty: none. */
static struct str module_of(struct str inside)
{
    struct python_ext ext = python_ext_parse(inside);
    bool source = str_ends(inside, STR(".py"));
    if (!source && (ext.kind == PYTHON_EXT_NONE || ext.kind == PYTHON_EXT_WINDOWS))
        return STR_NONE;
    size_t slash = str_find_char(inside, '/');
    struct str top = slash < inside.len ? str_head(inside, slash)
                     : source           ? str_head(inside, inside.len - 3)
                                        : ext.module;
    return str_has_char(top, '.') || str_has_char(top, '-') ? STR_NONE : top;
}

/* "Django-3.2.25.egg-info/PKG-INFO" is of "django". */
static int note_distribution(struct names *names, struct str inside, struct err *err)
{
    struct str dir = str_head(inside, str_find_char(inside, '/'));
    struct str name, version;
    struct buf normalized CLEANUP_BUF = BUF_INIT;
    if (!python_dist_directory(dir, &name, &version))
        return 0;
    python_dist_normalize(name, &normalized);
    int r = buf_check(&normalized, err);
    return r == 0 ? note(names, buf_str(&normalized), err) : r;
}

int base_python_record(struct arena *arena, const struct tree *tree, struct base_record *record, struct err *err)
{
    struct names modules = {.arena = arena}, distributions = {.arena = arena};
    struct str *module_names = NULL, *distribution_names = NULL;
    size_t module_count = 0, distribution_count = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        if (node->type == TREE_DIR || !str_starts(node->path, STR(DIST_PACKAGES "/")))
            continue;
        struct str inside = str_skip(node->path, sizeof(DIST_PACKAGES));
        r = note(&modules, module_of(inside), err);
        if (r == 0)
            r = note_distribution(&distributions, inside, err);
    }
    if (r == 0)
        r = settle(&modules, &module_names, &module_count, err);
    if (r == 0)
        r = settle(&distributions, &distribution_names, &distribution_count, err);
    map_done(&modules.seen);
    map_done(&distributions.seen);
    if (r < 0)
        return r;
    record->modules = (struct data_strs){module_names, module_count};
    record->distributions = (struct data_strs){distribution_names, distribution_count};
    return 0;
}
