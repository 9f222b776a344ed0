/* SPDX-License-Identifier: Apache-2.0 */
#include "project/python_entry.h"

#include "base/path.h"
#include "base/suggest.h"
#include "project/python_candidate.h"
#include "python/stdlib.h"

#define REMEDY "name it with --module, for instance --module %.*s%s"

/* What servers make of an object that nothing in the sources explains: by what is installed. */
static enum python_interface guess_interface(const struct python_app *app)
{
    static const struct {
        struct str name;
        enum python_interface interface;
    } signs[] = {
        {STR_INIT("fastapi"), PYTHON_INTERFACE_ASGI},  {STR_INIT("starlette"), PYTHON_INTERFACE_ASGI},
        {STR_INIT("quart"), PYTHON_INTERFACE_ASGI},    {STR_INIT("litestar"), PYTHON_INTERFACE_ASGI},
        {STR_INIT("flask"), PYTHON_INTERFACE_WSGI},    {STR_INIT("django"), PYTHON_INTERFACE_WSGI},
        {STR_INIT("bottle"), PYTHON_INTERFACE_WSGI},   {STR_INIT("pyramid"), PYTHON_INTERFACE_WSGI},
        {STR_INIT("uvicorn"), PYTHON_INTERFACE_ASGI},  {STR_INIT("hypercorn"), PYTHON_INTERFACE_ASGI},
        {STR_INIT("daphne"), PYTHON_INTERFACE_ASGI},   {STR_INIT("gunicorn"), PYTHON_INTERFACE_WSGI},
        {STR_INIT("waitress"), PYTHON_INTERFACE_WSGI},
    };
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        if (python_has_distribution(app, (struct str_list){0}, signs[i].name))
            return signs[i].interface;
    }
    return PYTHON_INTERFACE_NONE;
}

static void set_located(struct python_app_entry *entry, const struct python_located *located)
{
    entry->module = located->module;
    entry->path = located->path;
    entry->root = located->root;
    entry->installed = located->installed;
}

/* "python -m pkg" runs pkg/__main__.py; a name with a dot in it can be run by its path alone. */
static int set_program(struct python_app_entry *entry, const struct python_located *located, struct arena *arena,
                       struct err *err)
{
    static const struct str tail = STR_INIT(".__main__");
    struct str stem = path_base(located->path);
    size_t depth = 0, dots = 0;
    for (size_t i = 0; i < located->path.len; i++)
        depth += located->path.ptr[i] == '/' ? 1 : 0;
    for (size_t i = 0; i < located->root.len; i++)
        depth -= located->root.ptr[i] == '/' ? 1 : 0;
    depth -= located->root.len > 0 ? 1 : 0;
    for (size_t i = 0; i < located->module.len; i++)
        dots += located->module.ptr[i] == '.' ? 1 : 0;
    (void)arena;
    (void)err;
    if (!located->installed && located->file && !located->package && (dots != depth || str_eq_z(stem, "__main__.py")))
        entry->script = dots != depth || !str_has_char(located->module, '.');
    if (str_ends(entry->module, tail) && entry->object.len == 0 && entry->framework.object.len == 0)
        entry->module.len -= tail.len;
    return 0;
}

/* Says in `chosen` "PATH WHY". */
static int set_chosen(struct python_app_entry *entry, struct str path, const char *why, struct arena *arena,
                      struct err *err)
{
    char *text = arena_printf(arena, "%.*s %s", STR_ARG(path), why);
    if (!text)
        return err_nomem(err);
    entry->chosen = str_z(text);
    return 0;
}

static int check_entry(const struct python_app *app, const struct python_located *located, struct arena *arena,
                       struct err *err)
{
    return located->file && located->file->content.ptr ? python_check_syntax(app, located->file, arena, err) : 0;
}

/* The module of the project that TYPED may mean. */
static struct str near_module(const struct python_app *app, struct str typed, struct arena *arena)
{
    struct suggest suggest = suggest_begin(typed);
    for (size_t i = 0; i < app->files.len; i++) {
        const struct project_file *file = &app->files.ptr[i];
        if (file->type != TREE_FILE || file->dropped || !str_ends(file->path, STR(".py")))
            continue;
        char *module = arena_z(arena, str_head(file->path, file->path.len - 3));
        if (!module)
            break;
        for (char *c = module; *c; c++)
            *c = *c == '/' ? '.' : *c;
        struct str name = str_z(module);
        if (str_ends(name, STR(".__init__")))
            name.len -= 9;
        suggest_offer(&suggest, name);
        if (str_starts(name, STR("src.")))
            suggest_offer(&suggest, str_skip(name, 4));
    }
    return suggest.best;
}

static int no_module(const struct python_app *app, struct str typed, struct str module, struct arena *arena,
                     struct err *err)
{
    struct str near = near_module(app, module, arena);
    err_set(err, ERR_USAGE, "--module '%.*s': neither the project nor its environment has it", STR_ARG(typed));
    if (near.len > 0)
        return err_hint(err, "did you mean '%.*s'?", STR_ARG(near));
    return err_hint(err, "give the dotted name from the project's directory (pkg.main:app), or a file (pkg/main.py)");
}

static int locate_spec(const struct python_app *app, const struct python_spec *spec, struct str root,
                       struct arena *arena, bool *ret_found, struct python_located *ret, struct err *err)
{
    struct python_located located = {0};
    bool found = false;
    int result = 0;
    if (spec->path.len > 0) {
        size_t at = python_files_from(&app->files, spec->path);
        const struct project_file *file = at < app->files.len ? &app->files.ptr[at] : NULL;
        found = file && str_eq(file->path, spec->path) && file->type == TREE_FILE && file->content.ptr;
        if (found)
            result = python_place(app, file, arena, &located, err);
    } else {
        result = python_locate(app, root, spec->module, arena, &found, &located, err);
    }
    if (result < 0)
        return result;
    *ret_found = found;
    *ret = located;
    return 0;
}

/* A package without an object is run: its __main__ is what counts. */
static int package_main(const struct python_app *app, struct python_located *located, struct arena *arena,
                        struct err *err)
{
    struct python_located main = {0};
    bool found = false;
    char *module = arena_printf(arena, "%.*s.__main__", STR_ARG(located->module));
    if (!module)
        return err_nomem(err);
    int result = python_locate(app, located->root, str_z(module), arena, &found, &main, err);
    if (result == 0 && found && main.file)
        *located = main;
    return result;
}

/* True when SOURCE has NAME as a word, or may have it from elsewhere. */
static bool has_word(const struct python_app *app, struct str source, struct str name)
{
    struct python_lexer lexer;
    struct python_token token;
    bool star = false;
    (void)app;
    if (python_lexer_init(&lexer, source, NULL) < 0)
        return true;
    while (python_lexer_next(&lexer, &token) > PYTHON_END) {
        struct str text = python_token_text(&lexer, &token);
        if (token.kind == PYTHON_NAME && (str_eq(text, name) || str_eq_z(text, "__getattr__")))
            return true;
        if (star && token.op == '*')
            return true;
        star = token.kind == PYTHON_NAME && str_eq_z(text, "import");
    }
    return token.kind == PYTHON_ERROR;
}

/* Fills ENTRY with what SPEC names at LOCATED. */
static int take_spec(const struct python_app *app, const struct python_spec *spec, struct python_located *located,
                     struct arena *arena, struct python_app_entry *entry, struct err *err)
{
    int result = 0;
    if (located->package && spec->object.len == 0)
        result = package_main(app, located, arena, err);
    set_located(entry, located);
    entry->object = spec->object;
    entry->factory = spec->called;
    if (result < 0 || !located->file || !located->file->content.ptr)
        return result;
    result = check_entry(app, located, arena, err);
    struct str first = python_module_top(spec->object);
    if (result == 0)
        result = python_look(app, located, first, arena, &entry->framework, err);
    if (result < 0)
        return result;
    struct python_framework *framework = &entry->framework;
    if (spec->object.len == 0)
        return set_program(entry, located, arena, err);
    if (!has_word(app, located->file->content, first)) {
        err_set(err, ERR_USAGE, "'%.*s' has no '%.*s'", STR_ARG(located->path), STR_ARG(first));
        struct python_framework other;
        if (python_look(app, located, STR_NONE, arena, &other, NULL) == 0 && other.object.len > 0)
            err_hint(err, "it has '%.*s': give --module %.*s:%.*s", STR_ARG(other.object), STR_ARG(located->module),
                     STR_ARG(other.object));
        return -ERR_USAGE;
    }
    framework->factory = spec->called || (framework->factory && framework->object.len > 0);
    entry->factory = framework->factory;
    framework->object = spec->object;
    if (framework->interface == PYTHON_INTERFACE_NONE)
        framework->interface = guess_interface(app);
    return 0;
}

static int from_request(const struct op_ctx *ctx, struct str typed, struct python_app *app,
                        struct python_app_entry *entry, struct err *err)
{
    struct python_spec spec;
    struct python_located located;
    struct python_stdlib_module standard;
    bool found = false;
    if (!python_spec_read(typed, &spec)) {
        err_set(err, ERR_USAGE, "--module '%.*s' names no module", STR_ARG(typed));
        return err_hint(err, "forms are pkg.main, pkg.main:app, pkg.main:create_app() and pkg/main.py");
    }
    int result = locate_spec(app, &spec, STR_NONE, ctx->arena, &found, &located, err);
    if (result < 0)
        return result;
    entry->chosen = STR("--module names it");
    if (found)
        return take_spec(app, &spec, &located, ctx->arena, entry, err);
    struct str top = python_module_top(spec.module);
    bool elsewhere = spec.module.len > 0 && (python_stdlib_find(top, python_app_version(app), &standard) ||
                                             app->environment.kind == PYTHON_ENVIRONMENT_NONE);
    struct python_located parent;
    result = spec.module.len > 0 ? python_locate(app, STR_NONE, top, ctx->arena, &found, &parent, err) : 0;
    if (result < 0)
        return result;
    if (!elsewhere || found || near_module(app, spec.module, ctx->arena).len > 0)
        return no_module(app, typed, spec.module.len ? spec.module : spec.path, ctx->arena, err);
    entry->module = arena_str(ctx->arena, spec.module);
    if (!entry->module.ptr)
        return err_nomem(err);
    entry->object = spec.object;
    entry->factory = spec.called;
    entry->framework.object = spec.object;
    entry->framework.factory = spec.called;
    entry->framework.interface = spec.object.len ? guess_interface(app) : PYTHON_INTERFACE_NONE;
    return 0;
}

/* The directory that an option of the server puts on the path: gunicorn's --chdir, uvicorn's --app-dir. */
static struct str procfile_root(const struct python_procfile *line)
{
    static const char *const options[] = {"--chdir", "--app-dir", "--pythonpath"};
    for (size_t i = 0; i < line->count; i++) {
        for (size_t k = 0; k < ARRAY_LEN(options); k++) {
            struct str option = str_z(options[k]), word = line->words[i];
            struct str value = STR_NONE;
            if (str_eq(word, option) && i + 1 < line->count)
                value = line->words[i + 1];
            else if (str_starts(word, option) && word.len > option.len && word.ptr[option.len] == '=')
                value = str_skip(word, option.len + 1);
            while (str_ends(value, STR("/")))
                value.len--;
            if (value.len > 0 && path_is_clean_relative(value))
                return value;
        }
    }
    return STR_NONE;
}

/* Which word names the application: behind a server one that is a module of the project. */
static int from_procfile_words(struct python_app *app, const struct python_procfile *line, struct arena *arena,
                               struct python_app_entry *entry, bool *ret_found, struct err *err)
{
    static const char *const servers[] = {"gunicorn", "uvicorn", "hypercorn", "daphne", "waitress-serve", "granian"};
    struct str program = path_base(line->words[0]);
    bool python = str_eq_z(program, "python") || str_eq_z(program, "python3");
    size_t i = 1;
    if (python) {
        while (i < line->count && str_eq_z(line->words[i], "-u"))
            i++;
        if (i + 1 < line->count && str_eq_z(line->words[i], "-m")) {
            program = line->words[i + 1];
            i += 1;
        }
    }
    bool server = false, gunicorn = str_eq_z(program, "gunicorn");
    for (size_t k = 0; k < ARRAY_LEN(servers); k++)
        server |= str_eq_z(program, servers[k]);
    if (!python && !server)
        return 0;
    i += python && server ? 1 : 0;
    struct str root = procfile_root(line);
    for (; i < line->count; i++) {
        struct python_spec spec;
        struct python_located located = {0};
        bool found = false;
        struct str word = line->words[i];
        if (str_starts(word, STR("-")) || !python_spec_read(word, &spec))
            continue;
        int result = locate_spec(app, &spec, root, arena, &found, &located, err);
        if (result < 0)
            return result;
        if (server && spec.object.len == 0) {
            if (!gunicorn)
                continue;
            spec.object = STR("application");
        }
        if (!found || located.installed || !located.file || !located.file->content.ptr) {
            if (python && !server)
                return 0; /* the first word is the program, whatever it is */
            continue;
        }
        *ret_found = true;
        entry->server = server ? str_eq_z(program, "waitress-serve") ? STR("waitress") : program : STR_NONE;
        return take_spec(app, &spec, &located, arena, entry, err);
    }
    return 0;
}

static int from_procfile(const struct op_ctx *ctx, struct python_app *app, struct python_app_entry *entry,
                         bool *ret_found, struct err *err)
{
    struct python_procfile line;
    size_t at = python_files_from(&app->files, STR("Procfile"));
    const struct project_file *file = at < app->files.len ? &app->files.ptr[at] : NULL;
    *ret_found = false;
    if (!file || !str_eq_z(file->path, "Procfile") || !file->content.ptr || !python_procfile_read(file->content, &line))
        return 0;
    entry->chosen = STR("the web line of the Procfile names it");
    int result = from_procfile_words(app, &line, ctx->arena, entry, ret_found, err);
    if (result == -ERR_USAGE || (result == 0 && !*ret_found)) { /* it names what is not there: no hint then */
        *ret_found = false;
        *entry = (struct python_app_entry){0};
        return 0;
    }
    return result;
}

/* "build script.py" */
static int from_script(const struct op_ctx *ctx, const struct project_file *file, struct python_app *app,
                       struct python_app_entry *entry, struct err *err)
{
    struct python_located located;
    int result = python_check_syntax(app, file, ctx->arena, err);
    if (result == 0)
        result = python_place(app, file, ctx->arena, &located, err);
    if (result == 0)
        result = python_look(app, &located, STR_NONE, ctx->arena, &entry->framework, err);
    if (result < 0)
        return result;
    set_located(entry, &located);
    const struct python_framework *framework = &entry->framework;
    bool object = framework->object.len > 0 && framework->interface != PYTHON_INTERFACE_NONE &&
                  framework->interface != PYTHON_INTERFACE_OWN;
    entry->factory = framework->factory;
    entry->script = !object || framework->runs_server || str_has_char(located.module, '.');
    entry->chosen = STR("it is the file that was given");
    return 0;
}

static int take_candidate(const struct op_ctx *ctx, const struct python_candidate *candidate, struct python_app *app,
                          struct python_app_entry *entry, struct err *err)
{
    CLEANUP_BUF struct buf why = BUF_INIT;
    int result = check_entry(app, &candidate->located, ctx->arena, err);
    if (result < 0)
        return result;
    set_located(entry, &candidate->located);
    entry->framework = candidate->framework;
    entry->factory = candidate->framework.factory;
    if (candidate->tier == PYTHON_TIER_CONSOLE) {
        entry->object = candidate->console;
        entry->console = true;
    } else if (candidate->tier != PYTHON_TIER_OBJECT && candidate->tier != PYTHON_TIER_OBJECT_ELSEWHERE) {
        result = set_program(entry, &candidate->located, ctx->arena, err);
    }
    python_candidate_tell(candidate, &why);
    if (result == 0)
        result = buf_check(&why, err);
    return result < 0 ? result : set_chosen(entry, candidate->located.path, buf_z(&why), ctx->arena, err);
}

/* What --module would be for CANDIDATE. */
static void tell_spec(const struct python_candidate *candidate, struct buf *out)
{
    const struct python_framework *framework = &candidate->framework;
    buf_add_str(out, candidate->located.module);
    if (candidate->tier == PYTHON_TIER_OBJECT || candidate->tier == PYTHON_TIER_OBJECT_ELSEWHERE)
        buf_addf(out, ":%.*s%s", STR_ARG(framework->object), framework->factory ? "()" : "");
}

#define RIVALS_TOLD 5

/* "'PATH' WHY" of BEST, RIVAL and what else is as good, up to RIVALS_TOLD. */
static void tell_candidates(const struct python_candidates *candidates, const struct python_candidate *best,
                            const struct python_candidate *rival, struct buf *out)
{
    const struct python_candidate *told[RIVALS_TOLD] = {best, rival};
    size_t count = 2, more = 0;
    for (size_t i = 0; i < candidates->list.len; i++) {
        const struct python_candidate *one = &candidates->list.ptr[i];
        if (one == best || one == rival || one->tier != best->tier || one->level != best->level)
            continue;
        if (count < RIVALS_TOLD)
            told[count++] = one;
        else
            more++;
    }
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s'%.*s' ", i ? ", " : "", STR_ARG(told[i]->located.path));
        python_candidate_tell(told[i], out);
    }
    if (more > 0)
        buf_addf(out, ", and %zu more", more);
}

static int tell_rivals(const struct python_candidates *candidates, const struct python_candidate *best,
                       const struct python_candidate *rival, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT, spec = BUF_INIT;
    tell_candidates(candidates, best, rival, &text);
    tell_spec(best, &spec);
    if (buf_check(&text, err) < 0 || buf_check(&spec, err) < 0)
        return -ERR_NOMEM;
    err_set(err, ERR_USAGE, "several modules may be the application's start: %s", buf_z(&text));
    return err_hint(err, REMEDY, STR_ARG(buf_str(&spec)), "");
}

static int tell_none(const struct python_app *app, struct err *err)
{
    for (size_t i = 0; i < app->files.len; i++) {
        const struct project_file *file = &app->files.ptr[i];
        if (!file->dropped && str_ends(file->path, STR(".py")) && !python_is_aside(file->path)) {
            err_set(err, ERR_USAGE,
                    "no module is the application's start: none makes an application object (app), is run as a "
                    "program, or is called main, app, asgi, wsgi, manage, application, server, run or api");
            return err_hint(err, REMEDY ", or give --entrypoint", STR_ARG(STR("pkg.main:app")), "");
        }
    }
    err_set(err, ERR_USAGE, "'%.*s' has no Python module of its own", STR_ARG(app->root));
    return err_hint(err, "name an installed one with --module, or give --entrypoint");
}

static int from_candidates(const struct op_ctx *ctx, struct python_app *app, struct python_app_entry *entry,
                           struct err *err)
{
    struct python_candidates candidates = {.ctx = ctx, .app = app};
    const struct python_candidate *rival = NULL;
    int result = python_candidates_find(&candidates, err);
    const struct python_candidate *best = result == 0 ? python_candidates_choose(&candidates, &rival) : NULL;
    if (result == 0 && !best)
        result = tell_none(app, err);
    else if (result == 0 && rival)
        result = tell_rivals(&candidates, best, rival, err);
    else if (result == 0)
        result = take_candidate(ctx, best, app, entry, err);
    VEC_DONE(&candidates.list);
    return result;
}

static const struct project_file *given_script(const struct python_request *request, const struct python_app *app)
{
    struct str base = path_base(request->app);
    size_t at = python_files_from(&app->files, base);
    const struct project_file *file = at < app->files.len ? &app->files.ptr[at] : NULL;
    return file && str_eq(file->path, base) && file->type == TREE_FILE && file->content.ptr ? file : NULL;
}

/* Where modules are imported from when nothing says which one is started. */
static struct str usual_root(const struct python_app *app)
{
    size_t at = python_files_from(&app->files, STR("src/"));
    bool has = at < app->files.len && str_starts(app->files.ptr[at].path, STR("src/"));
    at = python_files_from(&app->files, STR("src/__init__.py"));
    bool package = at < app->files.len && str_eq_z(app->files.ptr[at].path, "src/__init__.py");
    return has && !package ? STR("src") : STR("");
}

int python_find_entry(const struct op_ctx *ctx, const struct python_request *request, struct python_app *app,
                      struct err *err)
{
    struct python_app_entry entry = {0};
    const struct project_file *script = given_script(request, app);
    bool found = false;
    int result = 0;
    if (request->module.len > 0) {
        result = from_request(ctx, request->module, app, &entry, err);
    } else if (request->has_entrypoint) {
        entry.root = usual_root(app);
        entry.chosen = STR("--entrypoint was given");
    } else if (script) {
        result = from_script(ctx, script, app, &entry, err);
    } else {
        result = from_procfile(ctx, app, &entry, &found, err);
        if (result == 0 && !found)
            result = from_candidates(ctx, app, &entry, err);
    }
    if (result < 0)
        return result;
    app->entry = entry;
    return 0;
}
