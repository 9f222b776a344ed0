/* SPDX-License-Identifier: Apache-2.0 */
/* Compose files that make one project (classify/compose_set.h): the inputs that follow. */
#include "classify/compose_set.h"

#include "base/path.h"
#include "discover/internal.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct walk_name *)a)->name, ((const struct walk_name *)b)->name);
}

/* The directory part of PATH, with its slash. */
static struct str folder_of(struct str path)
{
    size_t slash = str_rfind_char(path, '/');
    return slash == path.len ? str_head(path, 0) : str_head(path, slash + 1);
}

/* A file NAME lies beside the candidate, and is not passed over where a walk looks. */
static bool is_beside(void *self, const char *name)
{
    const struct candidate *candidate = self;
    if (candidate->dir) {
        const struct walk_name key = {.name = name};
        const struct walk_name *found =
            bsearch(&key, candidate->dir->names, candidate->dir->count, sizeof(key), by_name);
        return found && !found->is_dir;
    }
    char path[4096];
    struct str folder = folder_of(str_z(candidate->source.path));
    struct stat st;
    if (folder.len + strlen(name) >= sizeof(path))
        return false;
    memcpy(path, folder.ptr, folder.len);
    memcpy(path + folder.len, name, strlen(name) + 1);
    return sys_stat(candidate->source.dirfd, path, &st, 0) == 0 && S_ISREG(st.st_mode);
}

/* The candidate itself under another NAME of its directory. The texts live in the arena of the inputs. */
static int sibling(struct finder *finder, const struct candidate *candidate, const char *name,
                   struct candidate *ret_sibling, struct err *err)
{
    struct arena *arena = &finder->discover->arena;
    struct str *texts[] = {&ret_sibling->source.shown, &ret_sibling->policy, &ret_sibling->absolute};
    *ret_sibling = *candidate;
    ret_sibling->source.path = arena_printf(arena, "%.*s%s", STR_ARG(folder_of(str_z(candidate->source.path))), name);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *text = arena_printf(arena, "%.*s%s", STR_ARG(folder_of(*texts[i])), name);
        if (!text)
            return err_nomem(err);
        *texts[i] = str_z(text);
    }
    return ret_sibling->source.path ? 0 : err_nomem(err);
}

/* MAIN with OVER on top; CONTEXT: the project is there for OVER's sake. */
static int add_pair(struct finder *finder, const struct candidate *main, const struct candidate *over, bool context,
                    struct err *err)
{
    struct check_input input;
    struct check_input *above = ARENA_NEW(&finder->discover->arena, struct check_input);
    int r = above ? finder_input(finder, main, SURFACE_COMPOSE, &input, err) : err_nomem(err);
    if (r == 0)
        r = finder_input(finder, over, SURFACE_COMPOSE, above, err);
    if (r < 0)
        return r;
    ((struct source_file *)input.self)->follower = above->self;
    input.overrides = above;
    input.override_count = 1;
    input.context = context;
    return finder_add(finder, &input, err);
}

int compose_set_add(struct finder *finder, const struct candidate *candidate, struct str bytes, bool whole,
                    bool *ret_added, struct err *err)
{
    struct candidate asked = *candidate, other;
    const struct compose_folder folder = {is_beside, &asked};
    struct compose_set set = compose_set_of(path_base(candidate->source.shown), bytes, whole, &folder);
    *ret_added = set.main || set.over;
    if (!*ret_added)
        return 0;
    int r = sibling(finder, candidate, set.main ? set.main : set.over, &other, err);
    if (r == 0 && set.is_override && candidate->dir)
        return 0; /* the walk comes to the default file, which brings it */
    if (r < 0)
        return r;
    return add_pair(finder, set.main ? &other : candidate, set.main ? candidate : &other, set.main != NULL, err);
}
