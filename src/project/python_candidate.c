/* SPDX-License-Identifier: Apache-2.0 */
#include "project/python_candidate.h"

#include "base/path.h"
#include "python/dist.h"
#include "python/entry.h"

#include <string.h>

enum level { LEVEL_ROOT, LEVEL_SRC, LEVEL_PACKAGE, LEVEL_ANY, LEVEL_INSTALLED };

/* Names of modules in the order in which they are taken. */
static const char *const names[] = {"main",   "app", "asgi", "wsgi",     "manage",  "application",
                                    "server", "run", "api",  "__main__", "__init__"};
#define ORDER_OTHER  99
#define ORDER_MANAGE 4

static unsigned order_of(struct str stem)
{
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_z(stem, names[i]))
            return i;
    }
    return ORDER_OTHER;
}

static bool has_server(const struct python_app *app, enum python_interface interface)
{
    static const struct {
        struct str name;
        bool asgi, wsgi;
    } servers[] = {
        {STR_INIT("uvicorn"), true, false}, {STR_INIT("hypercorn"), true, false}, {STR_INIT("daphne"), true, false},
        {STR_INIT("granian"), true, true},  {STR_INIT("gunicorn"), false, true},  {STR_INIT("waitress"), false, true},
        {STR_INIT("flask"), false, true},
    };
    bool any = false;
    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        if (!python_has_distribution(app, (struct str_list){0}, servers[i].name))
            continue;
        any = true;
        if (interface == PYTHON_INTERFACE_ASGI ? servers[i].asgi : servers[i].wsgi)
            return true;
    }
    return !any; /* they come from packages */
}

/* The directory of a package named as the project's directory, "my-shop/my_shop". */
static bool is_namesake(const struct python_app *app, struct str dir)
{
    return python_dist_same(path_base(dir), path_base(app->root));
}

static enum python_tier tier_of(const struct python_candidate *candidate, struct str stem)
{
    const struct python_framework *framework = &candidate->framework;
    bool anywhere = candidate->level == LEVEL_ANY;
    bool program = framework->main_guard || framework->runs_server || str_eq_z(stem, "__main__");
    bool object = framework->object.len > 0 && framework->interface != PYTHON_INTERFACE_NONE;
    if (object && framework->interface == PYTHON_INTERFACE_OWN && !str_eq(str_z(framework->framework), STR("Sanic")))
        object = program;
    if (object)
        return anywhere ? PYTHON_TIER_OBJECT_ELSEWHERE : PYTHON_TIER_OBJECT;
    if (str_eq_z(stem, "__init__"))
        return PYTHON_TIER_NONE;
    bool top = candidate->level <= LEVEL_SRC || !str_has_char(candidate->located.path, '/') ||
               str_eq_z(path_dir(candidate->located.path), "src");
    if (program)
        return !anywhere ? PYTHON_TIER_RUN : top ? PYTHON_TIER_RUN_ELSEWHERE : PYTHON_TIER_NONE;
    return top ? PYTHON_TIER_PLAIN : PYTHON_TIER_NONE;
}

static int consider(struct python_candidates *candidates, const struct python_located *located, unsigned level,
                    unsigned order, struct err *err)
{
    const struct python_app *app = candidates->app;
    struct python_candidate candidate = {.level = level, .order = order, .located = *located};
    struct python_framework *framework = &candidate.framework;
    struct str base = path_base(located->path);
    int result = op_check(candidates->ctx, err);
    if (result == 0)
        result = python_look(app, located, STR_NONE, candidates->ctx->arena, framework, err);
    if (result < 0)
        return result;
    candidate.tier = tier_of(&candidate, str_head(base, base.len - 3));
    if (candidate.tier == PYTHON_TIER_NONE)
        return 0;
    bool django = framework->framework && str_eq_z(STR("Django"), framework->framework);
    if (django && framework->interface == PYTHON_INTERFACE_ASGI && order < ORDER_MANAGE)
        candidate.order = ORDER_MANAGE; /* behind wsgi: Django makes both, and its own code is synchronous */
    candidate.unserved =
        (framework->interface == PYTHON_INTERFACE_ASGI || framework->interface == PYTHON_INTERFACE_WSGI) &&
        !has_server(app, framework->interface);
    candidate.foreign = !is_namesake(app, path_dir(located->path));
    return VEC_PUSH(&candidates->list, candidate) ? 0 : err_nomem(err);
}

/* Django's manage.py names the settings, beside which the application lies. */
static int consider_django(struct python_candidates *candidates, const struct python_located *manage, struct err *err)
{
    static const char *const modules[] = {"wsgi", "asgi"};
    struct arena *arena = candidates->ctx->arena;
    struct python_framework framework;
    int result = python_look(candidates->app, manage, STR_NONE, arena, &framework, err);
    struct str package = framework.settings_module;
    while (result == 0 && package.len > 0) {
        size_t dot = str_rfind_char(package, '.');
        package = dot < package.len ? str_head(package, dot) : STR_NONE;
        for (unsigned i = 0; package.len > 0 && result == 0 && i < ARRAY_LEN(modules); i++) {
            struct python_located located = {0};
            bool found = false;
            char *module = arena_printf(arena, "%.*s.%s", STR_ARG(package), modules[i]);
            if (!module)
                return err_nomem(err);
            result = python_locate(candidates->app, manage->root, str_z(module), arena, &found, &located, err);
            if (result == 0 && found && located.file && located.file->content.ptr)
                result = consider(candidates, &located, LEVEL_ROOT, ORDER_MANAGE + i, err);
        }
    }
    return result;
}

/* LEVEL_ANY when FILE lies in no conventional place. */
static unsigned level_of(const struct python_app *app, struct str path, unsigned order)
{
    struct str dir = path_dir(path), up = path_dir(dir);
    if (order == ORDER_OTHER)
        return LEVEL_ANY;
    if (dir.len == 0)
        return LEVEL_ROOT;
    if (str_eq_z(dir, "src"))
        return LEVEL_SRC;
    (void)app;
    if (up.len == 0 || str_eq_z(up, "src"))
        return LEVEL_PACKAGE;
    return LEVEL_ANY;
}

static int consider_project(struct python_candidates *candidates, struct err *err)
{
    const struct python_app *app = candidates->app;
    for (size_t i = 0; i < app->files.len; i++) {
        const struct project_file *file = &app->files.ptr[i];
        struct python_located located;
        bool source = file->type == TREE_FILE && file->content.ptr && !file->dropped &&
                      str_ends(file->path, STR(".py")) && file->content.len <= LIMIT_PYTHON_SOURCE_BYTES;
        if (!source || python_is_aside(file->path))
            continue;
        struct str base = path_base(file->path);
        unsigned order = order_of(str_head(base, base.len - 3));
        int result = python_place(app, file, candidates->ctx->arena, &located, err);
        if (result == 0 && order == ORDER_MANAGE)
            result = consider_django(candidates, &located, err);
        if (result == 0)
            result = consider(candidates, &located, level_of(app, file->path, order), order, err);
        if (result < 0)
            return result;
    }
    return 0;
}

/* The content of NAME in the metadata of DISTRIBUTION; empty when it isn't there. */
static int metadata_of(const struct python_app *app, const struct python_distribution *distribution, const char *name,
                       struct str *ret_text, struct err *err)
{
    CLEANUP_BUF struct buf path = BUF_INIT;
    struct str site = app->environment.site_packages;
    buf_addf(&path, "%.*s%s%.*s/%s", STR_ARG(site), site.len ? "/" : "", STR_ARG(distribution->directory), name);
    if (path.failed)
        return err_nomem(err);
    const struct project_files *files = &app->environment.files;
    size_t at = python_files_from(files, buf_str(&path));
    bool found = at < files->len && str_eq(files->ptr[at].path, buf_str(&path));
    *ret_text = found ? files->ptr[at].content : STR_NONE;
    return 0;
}

/* It was installed from a directory, or has the name of the project's. */
static int is_own(const struct python_app *app, const struct python_distribution *distribution, struct arena *arena,
                  bool *ret_own, struct err *err)
{
    struct python_direct_url url = {0};
    struct str text;
    *ret_own = python_dist_same(distribution->normalized, path_base(app->root));
    int result = metadata_of(app, distribution, "direct_url.json", &text, err);
    if (result == 0 && text.len > 0 && python_direct_url_read(text, arena, &url, NULL) == 0)
        *ret_own |= !url.editable && url.is_directory;
    return result;
}

static int consider_module(struct python_candidates *candidates, struct str top, struct err *err)
{
    struct arena *arena = candidates->ctx->arena;
    for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
        struct python_located located = {0};
        bool found = false, init = str_eq_z(STR("__init__"), names[i]);
        char *module = init ? arena_z(arena, top) : arena_printf(arena, "%.*s.%s", STR_ARG(top), names[i]);
        if (!module)
            return err_nomem(err);
        int result = python_locate(candidates->app, STR_NONE, str_z(module), arena, &found, &located, err);
        if (result == 0 && found && located.installed && located.file && located.file->content.ptr)
            result = consider(candidates, &located, LEVEL_INSTALLED, i, err);
        if (result < 0)
            return result;
    }
    return 0;
}

static int consider_console(struct python_candidates *candidates, const struct python_distribution *distribution,
                            struct err *err)
{
    struct arena *arena = candidates->ctx->arena;
    struct python_entry *entries = NULL;
    size_t count = 0;
    struct str text, last = STR_NONE;
    int result = metadata_of(candidates->app, distribution, "entry_points.txt", &text, err);
    if (result == 0 && text.len > 0)
        result = python_entries_read(text, arena, &entries, &count, err);
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct python_candidate candidate = {.tier = PYTHON_TIER_CONSOLE, .level = LEVEL_INSTALLED};
        bool found = false;
        if (!entries[i].valid || entries[i].attr.len == 0 || !str_eq_z(entries[i].group, "console_scripts"))
            continue;
        result = python_locate(candidates->app, STR_NONE, entries[i].module, arena, &found, &candidate.located, err);
        if (result < 0 || !found)
            continue;
        struct str top = python_module_top(entries[i].module);
        if (!str_eq(top, last))
            result = consider_module(candidates, top, err);
        last = top;
        candidate.console = entries[i].attr;
        candidate.foreign = !python_dist_same(entries[i].name, distribution->normalized);
        if (result == 0 && !VEC_PUSH(&candidates->list, candidate))
            result = err_nomem(err);
    }
    return result;
}

int python_candidates_find(struct python_candidates *candidates, struct err *err)
{
    const struct python_app *app = candidates->app;
    int result = consider_project(candidates, err);
    for (size_t i = 0; result == 0 && i < app->distribution_count; i++) {
        bool own = false;
        if (app->distributions[i].dropped)
            continue;
        result = is_own(app, &app->distributions[i], candidates->ctx->arena, &own, err);
        if (result == 0 && own)
            result = consider_console(candidates, &app->distributions[i], err);
    }
    return result;
}

/* Before the names of files: <0, 0, >0. */
static int compare(const struct python_candidate *a, const struct python_candidate *b)
{
    if (a->tier != b->tier)
        return a->tier < b->tier ? -1 : 1;
    if (a->unserved != b->unserved)
        return a->unserved ? 1 : -1;
    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    if (a->framework.factory != b->framework.factory && a->level == LEVEL_ANY)
        return a->framework.factory ? 1 : -1;
    bool same_dir = !a->console.len && str_eq(path_dir(a->located.path), path_dir(b->located.path));
    if (a->foreign != b->foreign && !same_dir)
        return a->foreign ? 1 : -1;
    bool ordered = same_dir || a->level == LEVEL_ROOT;
    if (ordered && a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return 0;
}

const struct python_candidate *python_candidates_choose(const struct python_candidates *candidates,
                                                        const struct python_candidate **ret_rival)
{
    const struct python_candidate *best = NULL;
    *ret_rival = NULL;
    for (size_t i = 0; i < candidates->list.len; i++) {
        const struct python_candidate *one = &candidates->list.ptr[i];
        if (!best || compare(one, best) < 0)
            best = one;
    }
    for (size_t i = 0; i < candidates->list.len; i++) {
        const struct python_candidate *one = &candidates->list.ptr[i];
        if (one == best || compare(one, best) != 0)
            continue;
        bool same = str_eq(one->located.module, best->located.module) && str_eq(one->console, best->console);
        if (!same && !*ret_rival)
            *ret_rival = one;
    }
    return best;
}

void python_candidate_tell(const struct python_candidate *candidate, struct buf *out)
{
    const struct python_framework *framework = &candidate->framework;
    const char *name = framework->framework;
    const char *kind = name ? name : framework->interface == PYTHON_INTERFACE_ASGI ? "ASGI" : "WSGI";
    const char *article = strchr("AEIOaeio", kind[0]) ? "an" : "a";
    switch (candidate->tier) {
    case PYTHON_TIER_OBJECT:
    case PYTHON_TIER_OBJECT_ELSEWHERE:
        if (framework->factory)
            buf_addf(out, "has a function that makes %s %s application", article, kind);
        else
            buf_addf(out, "makes %s %s application", article, kind);
        break;
    case PYTHON_TIER_RUN:
    case PYTHON_TIER_RUN_ELSEWHERE:
        buf_add_z(out, framework->runs_server ? "runs a server" : "is a program");
        break;
    case PYTHON_TIER_CONSOLE:
        buf_addf(out, "has the console script's function '%.*s'", STR_ARG(candidate->console));
        break;
    case PYTHON_TIER_PLAIN:
    case PYTHON_TIER_NONE:
        buf_add_z(out, "is where programs usually begin");
        break;
    }
}
