/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/path.h"
#include "elf/file.h"
#include "pack/base_closure.h"

struct prefetch {
    struct base_tree *base;
    struct str *names; /* of packages */
    size_t count, cap;
};

static bool is_known(const struct prefetch *prefetch, struct str name)
{
    for (size_t i = 0; i < prefetch->count; i++)
        if (str_eq(prefetch->names[i], name))
            return true;
    return false;
}

/* Several packages may have a name, some files of the tree lie where only their own loader looks: no failure here. */
static void note_needed(struct prefetch *prefetch, struct str name)
{
    struct base_tree *base = prefetch->base;
    struct err ignored = ERR_INIT;
    struct str package, path, elsewhere;
    if (prefetch->count == prefetch->cap || base_closure_below(base->below, name) ||
        supply_find_library(base->supply, path_base(name), (struct elf_paths){0}, &package, &path, &elsewhere,
                            &ignored) < 0)
        return;
    if (package.len && !supply_get(base->supply, package) && !is_known(prefetch, package))
        prefetch->names[prefetch->count++] = package;
}

static void note_file(struct prefetch *prefetch, const struct tree_node *node)
{
    struct elf_file file;
    struct err ignored = ERR_INIT;
    if (node->type != TREE_FILE || !elf_is_elf(node->content) ||
        elf_read(node->content, prefetch->base->ctx->arena, &file, &ignored) < 0)
        return;
    for (size_t i = 0; i < file.needed_count; i++)
        note_needed(prefetch, file.needed[i]);
    if (file.interpreter.len)
        note_needed(prefetch, file.interpreter);
}

int base_closure_prefetch(struct base_tree *base, struct err *err)
{
    struct prefetch prefetch = {.base = base, .cap = LIMIT_CLOSURE_OBJECTS};
    struct arena *arena = base->ctx->arena;
    prefetch.names = ARENA_ARRAY(arena, prefetch.cap, struct str);
    if (!prefetch.names)
        return err_nomem(err);
    for (size_t i = 0; i < tree_count(base->tree); i++)
        note_file(&prefetch, tree_at(base->tree, i));
    struct resolution resolved;
    if (prefetch.count == 0)
        return 0;
    int r = supply_resolve(base->supply, prefetch.names, prefetch.count, &resolved, err);
    struct package *packages = r == 0 ? ARENA_ARRAY(arena, resolved.count + 1, struct package) : NULL;
    if (r == 0 && !packages)
        return err_nomem(err);
    for (size_t i = 0; r == 0 && i < resolved.count; i++)
        packages[i] = resolved.packages[i].package;
    return r == 0 ? supply_fetch(base->supply, packages, resolved.count, err) : r;
}
