/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which Compose files make one project. `docker compose` reads the default file with its override file by itself; any
 * other file is joined by hand, as `-f compose.yaml -f compose.prod.yaml`. A file that has a service with neither an
 * image nor a build can't stand alone: it is judged on top of the default file.
 */
#include "base/limits.h"
#include "base/path.h"
#include "data/yaml.h"
#include "discover/classify.h"
#include "discover/internal.h"
#include "io/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* In the order of preference; families as in `overrides`. */
static const char *const defaults[] = {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"};
static const char *const overrides[] = {"compose.override.yaml", "compose.override.yml", "docker-compose.override.yml",
                                        "docker-compose.override.yaml"};

static bool is_docker_family(struct str name)
{
    return str_starts(name, STR("docker-"));
}

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
static bool is_beside(const struct candidate *candidate, const char *name)
{
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

/* The first of NAMES that lies beside; with FAMILY only of the candidate's family. */
static const char *first_beside(const struct candidate *candidate, const char *const *names, size_t count, bool family)
{
    bool docker = is_docker_family(path_base(candidate->source.shown));
    for (size_t i = 0; i < count; i++)
        if ((!family || is_docker_family(str_z(names[i])) == docker) && is_beside(candidate, names[i]))
            return names[i];
    return NULL;
}

/* A default file of the other family lies beside, to which its override files belong. */
static bool has_other_family(const struct candidate *candidate)
{
    bool docker = is_docker_family(path_base(candidate->source.shown));
    for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
        if (is_docker_family(str_z(defaults[i])) != docker && is_beside(candidate, defaults[i]))
            return true;
    return false;
}

static bool is_one_of(struct str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq_z(name, names[i]))
            return true;
    return false;
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

static bool has_key(const struct data_node *service, struct str key)
{
    return data_get_str(service, key) != NULL;
}

/* Some service has nothing to run: the file wants another below it. A broken file does not tell. */
static bool is_partial(struct str bytes)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *root = NULL;
    const struct yaml_options options = {.schema = YAML_COMPOSE, .list_duplicates = true};
    if (yaml_parse(bytes, &options, &arena, &root, NULL) < 0 || !root || root->kind != DATA_OBJECT)
        return false;
    const struct data_node *services = data_get(root, "services");
    if (!services || services->kind != DATA_OBJECT || has_key(root, STR("include")))
        return false;
    DATA_EACH(service, services)
    {
        bool whole =
            service->kind == DATA_OBJECT && (has_key(service, STR("image")) || has_key(service, STR("build")) ||
                                             has_key(service, STR("extends")) || has_key(service, STR("provider")));
        if (!whole)
            return true;
    }
    return false;
}

int compose_set_add(struct finder *finder, const struct candidate *candidate, struct str bytes, bool whole,
                    bool *ret_added, struct err *err)
{
    struct str name = path_base(candidate->source.shown);
    bool is_default = is_one_of(name, defaults, ARRAY_LEN(defaults));
    bool is_override = is_one_of(name, overrides, ARRAY_LEN(overrides));
    bool compose = classify_name(name) == NAME_COMPOSE;
    const char *main = NULL, *over = NULL;
    struct candidate other;
    int r = 0;
    if (is_default) {
        over = first_beside(candidate, overrides, ARRAY_LEN(overrides), true);
        if (!over && !has_other_family(candidate))
            over = first_beside(candidate, overrides, ARRAY_LEN(overrides), false);
    } else if (is_override || (compose && whole && is_partial(bytes))) {
        main = first_beside(candidate, defaults, ARRAY_LEN(defaults), true);
        if (!main)
            main = first_beside(candidate, defaults, ARRAY_LEN(defaults), false);
    }
    *ret_added = main || over;
    if (main || over) {
        r = sibling(finder, candidate, main ? main : over, &other, err);
        if (r == 0 && is_override && candidate->dir)
            return 0; /* the walk comes to the default file, which brings it */
        return r < 0 ? r : add_pair(finder, main ? &other : candidate, main ? candidate : &other, main != NULL, err);
    }
    return 0;
}
