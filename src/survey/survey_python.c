/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a Python project says of itself (pyproject.toml, setup.cfg, requirements*.txt, uv.lock), and the module of its
 * application object. Distributions are what is required: nothing has to be installed.
 */
#include "survey/choose.h"

#include "base/path.h"
#include "data/toml.h"
#include "python/dist.h"
#include "python/framework.h"

#define PYTHON_VERSION 0x030d /* grammar that sources are read with */

struct python_project {
    struct surveying *surveying;
    VEC(struct str) distributions; /* normalized */
    VEC(struct str) scripts;       /* at the top, with `if __name__ == "__main__":` and no framework that is known */
    bool has_project;              /* [project] in pyproject.toml */
};

static int add_distribution(struct python_project *project, struct str requirement, struct err *err)
{
    CLEANUP_BUF struct buf name = BUF_INIT;
    requirement = str_trim(requirement);
    size_t len = 0;
    while (len < requirement.len &&
           (char_is_alnum(requirement.ptr[len]) || str_has_char(STR("-_."), requirement.ptr[len])))
        len++;
    if (len == 0 || requirement.ptr[0] == '-')
        return 0;
    python_dist_normalize(str_head(requirement, len), &name);
    struct str kept = arena_buf(project->surveying->ctx->arena, &name);
    if (!kept.ptr || !VEC_PUSH(&project->distributions, kept))
        return err_nomem(err);
    /* "uvicorn[standard]" is one; "fastapi[standard]" brings uvicorn */
    if (str_eq_z(kept, "fastapi") && str_find(requirement, STR("[standard]")) < requirement.len &&
        !VEC_PUSH(&project->distributions, STR("uvicorn")))
        return err_nomem(err);
    return 0;
}

/* ">=3.11,<4", "~=3.12", "^3.10": the version that is named first. */
static int say_version(struct python_project *project, struct str wanted, struct str path, uint32_t line,
                       struct err *err)
{
    size_t at = 0;
    while (at < wanted.len && !char_is_digit(wanted.ptr[at]))
        at++;
    bool upper = at > 0 && (wanted.ptr[at - 1] == '<' || wanted.ptr[0] == '<' || wanted.ptr[0] == '!');
    struct str version = str_skip(wanted, at);
    size_t len = 0;
    unsigned dots = 0;
    while (len < version.len && (char_is_digit(version.ptr[len]) || (version.ptr[len] == '.' && ++dots < 2)))
        len++;
    version = str_head(version, len);
    if (upper || !str_starts(version, STR("3.")) || version.len < 3 || version.len > 4)
        return 0;
    return survey_say(project->surveying, &project->surveying->survey->language_version, version, path, line,
                      "the project asks for it", err);
}

static int say_name(struct python_project *project, struct str name, struct str path, uint32_t line, struct err *err)
{
    struct str label;
    int r = survey_label(project->surveying, name, &label, err);
    if (r < 0 || label.len == 0)
        return r;
    return survey_say(project->surveying, &project->surveying->survey->name, label, path, line, "the project's name",
                      err);
}

static struct str text_of(const struct data_node *node)
{
    return node && node->kind == DATA_STRING ? node->value : STR("");
}

static int read_pyproject(struct python_project *project, struct err *err)
{
    struct surveying *surveying = project->surveying;
    struct str text, path = STR("pyproject.toml");
    bool ok = false;
    struct err inner = ERR_INIT;
    const struct data_node *root = NULL;
    int r = survey_has(surveying, path.ptr) ? survey_text_z(surveying, path.ptr, &text, &ok, err) : 0;
    if (r < 0 || !ok)
        return r;
    r = toml_parse(text, surveying->ctx->arena, &root, &inner);
    if (r == -ERR_NOMEM)
        return err_nomem(err);
    if (r < 0) {
        op_warn(surveying->ctx, "'pyproject.toml' is left out: %s", inner.message);
        return 0;
    }
    const struct data_node *own = data_get(root, "project");
    const struct data_node *poetry = data_get(data_get(root, "tool"), "poetry");
    project->has_project = own != NULL;
    const struct data_node *about = own ? own : poetry;
    const struct data_node *name = data_get(about, "name"), *version = data_get(about, "version");
    const struct data_node *wanted =
        own ? data_get(own, "requires-python") : data_get(data_get(poetry, "dependencies"), "python");
    if (text_of(name).len > 0)
        r = say_name(project, text_of(name), path, toml_line(text, name), err);
    if (r == 0 && text_of(version).len > 0)
        r = survey_say(surveying, &surveying->survey->version, text_of(version), path, toml_line(text, version),
                       "the project's version", err);
    if (r == 0 && text_of(wanted).len > 0)
        r = say_version(project, text_of(wanted), path, toml_line(text, wanted), err);
    DATA_EACH(item, data_get(own, "dependencies"))
    if (r == 0)
        r = add_distribution(project, text_of(item), err);
    DATA_EACH(member, data_get(poetry, "dependencies"))
    if (r == 0)
        r = add_distribution(project, member->key, err);
    return r;
}

/* requirements.txt, and what it includes by -r in the same directory. */
static int read_requirements(struct python_project *project, const char *path, unsigned depth, struct err *err)
{
    struct surveying *surveying = project->surveying;
    struct str text, line;
    bool ok = false;
    int r = survey_has(surveying, path) ? survey_text_z(surveying, path, &text, &ok, err) : 0;
    while (r == 0 && ok && str_next_line(&text, &line)) {
        line = str_trim(str_head(line, str_find_char(line, '#')));
        struct str word, included;
        struct str rest = line;
        if (str_starts(line, STR("-r")) && depth < 4 && str_next_word(&rest, &word)) {
            included = word.len > 2 ? str_skip(word, 2) : str_trim(rest);
            struct str dir = path_dir(str_z(path));
            const char *whole =
                arena_printf(surveying->ctx->arena, "%.*s%s%.*s", STR_ARG(dir), dir.len ? "/" : "", STR_ARG(included));
            if (!whole)
                return err_nomem(err);
            r = read_requirements(project, whole, depth + 1, err);
            continue;
        }
        r = add_distribution(project, line, err);
    }
    return r;
}

/* [metadata] name, [options] install_requires; ini, of which that much is read. */
static int read_setup_cfg(struct python_project *project, struct err *err)
{
    struct surveying *surveying = project->surveying;
    struct str text, line, section = STR("");
    bool ok = false, listed = false;
    int r = survey_has(surveying, "setup.cfg") ? survey_text_z(surveying, "setup.cfg", &text, &ok, err) : 0;
    for (uint32_t number = 1; r == 0 && ok && str_next_line(&text, &line); number++) {
        if (str_starts(line, STR("["))) {
            section = str_trim(line);
            continue;
        }
        bool indented = line.len > 0 && char_is_space(line.ptr[0]);
        size_t equals = str_find_char(line, '=');
        struct str key = str_trim(str_head(line, equals)), value = str_trim(str_skip(line, equals + 1));
        if (indented && listed)
            r = add_distribution(project, line, err);
        if (indented)
            continue;
        listed = str_eq_z(section, "[options]") && str_eq_z(key, "install_requires");
        if (listed)
            r = add_distribution(project, value, err);
        else if (str_eq_z(section, "[metadata]") && str_eq_z(key, "name") && !surveying->survey->name.value.len)
            r = say_name(project, value, STR("setup.cfg"), number, err);
        else if (str_eq_z(section, "[options]") && str_eq_z(key, "python_requires") &&
                 !surveying->survey->language_version.value.len)
            r = say_version(project, value, STR("setup.cfg"), number, err);
    }
    return r;
}

/* "src/shop/main.py" is module "shop.main"; "src" is a place, unless it is a package itself. */
static int module_of(struct surveying *surveying, struct str path, struct str *ret_module, struct err *err)
{
    CLEANUP_BUF struct buf module = BUF_INIT;
    if (str_starts(path, STR("src/")) && !survey_has(surveying, "src/__init__.py"))
        path = str_skip(path, 4);
    path = str_head(path, path.len - 3);
    if (str_ends(path, STR("/__init__")) || str_ends(path, STR("/__main__"))) /* which `python -m` runs */
        path = path_dir(path);
    for (size_t i = 0; i < path.len; i++)
        buf_add_char(&module, path.ptr[i] == '/' ? '.' : path.ptr[i]);
    *ret_module = arena_buf(surveying->ctx->arena, &module);
    return ret_module->ptr ? 0 : err_nomem(err);
}

/* How likely the object of this file is what is served: by its name, by how deep it lies. */
static int score_of(struct surveying *surveying, struct str path, const struct python_framework *framework)
{
    static const char *const names[] = {"asgi.py",   "wsgi.py", "main.py",     "app.py",      "application.py",
                                        "server.py", "api.py",  "__main__.py", "__init__.py", "run.py"};
    int score = framework->object.len > 0 ? 200 : 0, depth = 0;
    struct str name = path_base(path), dir = path_dir(path);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i]))
            score += 40 - (framework->object.len > 0 && i >= 2 ? (int)i : 0);
    for (size_t i = 0; i < path.len; i++)
        depth += path.ptr[i] == '/';
    if (str_starts(path, STR("src/")))
        depth--;
    if (dir.len > 0 && str_eq(path_base(dir), surveying->survey->name.value))
        score += 5;
    /* Django's asgi.py and wsgi.py are both there by template; without an ASGI server wsgi is meant */
    if (framework->framework && framework->factory)
        score -= 15;
    return score - 3 * depth;
}

struct python_best {
    struct python_framework framework;
    struct str path, module;
    int score;
    bool found;
};

static bool has_distribution(const struct python_project *project, const char *name)
{
    for (size_t i = 0; i < project->distributions.len; i++)
        if (str_eq_z(project->distributions.ptr[i], name))
            return true;
    return false;
}

static bool serves_asgi(const struct python_project *project)
{
    return has_distribution(project, "uvicorn") || has_distribution(project, "daphne") ||
           has_distribution(project, "hypercorn");
}

/* The best module, and the values of those that are as good. */
static int find_application(struct python_project *project, struct python_best *best, struct err *err)
{
    struct surveying *surveying = project->surveying;
    CLEANUP_BUF struct buf text = BUF_INIT;
    VEC(struct str) rivals = {0};
    int r = 0;
    for (size_t i = 0; i < surveying->files.len && r == 0; i++) {
        struct str path = surveying->files.ptr[i].path;
        bool ok = false;
        if (surveying->files.ptr[i].aside || !str_ends(path, STR(".py")) || path.len < 4 ||
            str_eq_z(path_base(path), "setup.py"))
            continue;
        r = op_check(surveying->ctx, err);
        if (r == 0)
            r = survey_text(surveying, path, &text, &ok, err);
        if (r < 0 || !ok)
            continue;
        struct str kept = arena_str(surveying->ctx->arena, buf_str(&text));
        if (!kept.ptr)
            r = err_nomem(err);
        struct python_framework framework = {0};
        struct err inner = ERR_INIT;
        if (r == 0 &&
            python_framework_detect(kept, STR(""), PYTHON_VERSION, surveying->ctx->arena, &framework, &inner) < 0) {
            if (inner.code == ERR_NOMEM)
                r = err_nomem(err);
            continue;
        }
        bool main = str_ends(path, STR("/__main__.py")); /* a package that says how it is run */
        bool runs = main || (framework.framework && (framework.runs_server || framework.main_guard));
        bool django = framework.framework && str_eq_z(str_z(framework.framework), "Django");
        if (r == 0 && framework.main_guard && !str_has_char(path, '/') && !VEC_PUSH(&project->scripts, path))
            r = err_nomem(err);
        if (r < 0 || (framework.object.len == 0 && !runs) || (django && framework.object.len == 0))
            continue;
        int score = score_of(surveying, path, &framework);
        if (django && framework.interface == (serves_asgi(project) ? PYTHON_INTERFACE_ASGI : PYTHON_INTERFACE_WSGI))
            score += 10;
        struct str module;
        r = module_of(surveying, path, &module, err);
        if (r == 0 && best->found && score == best->score && !VEC_PUSH(&rivals, module))
            r = err_nomem(err);
        if (r == 0 && (!best->found || score > best->score)) {
            rivals.len = 0;
            *best = (struct python_best){framework, path, module, score, true};
        }
    }
    if (r == 0)
        r = survey_rivals(surveying, &surveying->survey->module, rivals.ptr, rivals.len, err);
    VEC_DONE(&rivals);
    return r;
}

/* What each server and framework listens at when nobody says. */
static const char *own_port(const char *server, const char *framework)
{
    static const struct {
        const char *name, *port;
    } ports[] = {{"uvicorn", "8000"}, {"gunicorn", "8000"}, {"hypercorn", "8000"}, {"daphne", "8000"},
                 {"granian", "8000"}, {"waitress", "8080"}, {"flask", "5000"},     {"Django", "8000"},
                 {"aiohttp", "8080"}, {"Sanic", "8000"},    {"sanic", "8000"},     {"FastAPI", "8000"}};
    for (size_t i = 0; i < ARRAY_LEN(ports); i++)
        if ((server && str_eq_z(str_z(server), ports[i].name)) ||
            (!server && framework && str_eq_z(str_z(framework), ports[i].name)))
            return ports[i].port;
    return NULL;
}

static int say_application(struct python_project *project, const struct python_best *best, struct err *err)
{
    struct surveying *surveying = project->surveying;
    struct survey *survey = surveying->survey;
    const struct python_framework *framework = &best->framework;
    struct python_start start = {0};
    struct str_list rivals = survey->module.rivals;
    CLEANUP_BUF struct buf module = BUF_INIT;
    buf_add_str(&module, best->module);
    if (framework->object.len > 0)
        buf_addf(&module, ":%.*s%s", STR_ARG(framework->object), framework->factory ? "()" : "");
    int r = buf_check(&module, err);
    if (r == 0)
        r = survey_say(surveying, &survey->module, buf_str(&module), best->path, 0,
                       framework->object.len ? "makes the application" : "runs the server", err);
    survey->module.rivals = rivals;
    if (r == 0 && framework->framework)
        r = hint_add(surveying, HINT_FRAMEWORK, HINT_SAID, str_z(framework->framework), best->path, 0,
                     "it is made with it", err);
    if (r == 0)
        r = python_framework_start(framework, best->module, project->distributions.ptr, project->distributions.len,
                                   STR(""), 8000, surveying->ctx->arena, &start, NULL) == -ERR_NOMEM
                ? err_nomem(err)
                : 0;
    if (r == 0 && start.server && framework->object.len > 0)
        r = survey_say(surveying, &survey->server, str_z(start.server), best->path, 0, "the project requires it", err);
    if (r == 0 && framework->reads_port && !start.server)
        r = hint_add(surveying, HINT_PORT_VARIABLE, HINT_OWN, STR("PORT"), best->path, 0, "it reads it", err);
    const char *port = own_port(start.server, framework->framework);
    if (r == 0 && port)
        r = hint_add(surveying, HINT_PORT, HINT_OWN, str_z(port), best->path, 0, "the server's own default", err);
    return r < 0 || !port ? r
                          : hint_add(surveying, HINT_LISTENS, HINT_OWN, str_z(port), best->path, 0, "it serves", err);
}

/* A package that `python -m` runs, where nothing makes an application: the one that lies highest. */
static int find_package(struct python_project *project, struct err *err)
{
    struct surveying *surveying = project->surveying;
    struct survey *survey = surveying->survey;
    VEC(struct str) rivals = {0};
    size_t depth = SIZE_MAX;
    int r = 0;
    for (size_t i = 0; i < surveying->files.len && r == 0; i++) {
        struct str path = surveying->files.ptr[i].path, module;
        if (surveying->files.ptr[i].aside || !str_eq_z(path_base(path), "__main__.py") || !str_has_char(path, '/'))
            continue;
        r = module_of(surveying, path, &module, err);
        module = str_head(module, module.len - STR(".__main__").len);
        size_t deep = 0;
        for (size_t k = 0; k < module.len; k++)
            deep += module.ptr[k] == '.';
        if (r < 0 || deep > depth)
            continue;
        if (deep < depth) {
            rivals.len = 0;
            depth = deep;
            r = survey_say(surveying, &survey->module, module, path, 0, "python -m runs it", err);
        } else if (!VEC_PUSH(&rivals, module)) {
            r = err_nomem(err);
        }
    }
    if (r == 0 && rivals.len > 0)
        r = survey_rivals(surveying, &survey->module, rivals.ptr, rivals.len, err);
    VEC_DONE(&rivals);
    return r;
}

/* A script at the top that says what it does when it is started, where there is nothing better. */
static int find_script(struct python_project *project, struct err *err)
{
    struct survey_answer *module = &project->surveying->survey->module;
    struct str first = STR_NONE;
    int r = 0;
    if (module->value.len > 0 || project->scripts.len == 0)
        return 0;
    for (size_t i = 0; i < project->scripts.len && r == 0; i++) {
        struct str path = project->scripts.ptr[i];
        r = module_of(project->surveying, path, &project->scripts.ptr[i], err);
        if (first.len == 0 || str_eq_z(path, "main.py") || (str_eq_z(path, "app.py") && !str_eq_z(first, "main.py")))
            first = path;
    }
    struct str name = str_head(first, first.len - 3);
    if (r == 0)
        r = survey_say(project->surveying, module, name, first, 0, "is a script to be started", err);
    size_t rivals = 0;
    for (size_t i = 0; i < project->scripts.len; i++)
        if (!str_eq(project->scripts.ptr[i], name))
            project->scripts.ptr[rivals++] = project->scripts.ptr[i];
    return r == 0 && rivals > 0 ? survey_rivals(project->surveying, module, project->scripts.ptr, rivals, err) : r;
}

static int say_build(struct python_project *project, struct err *err)
{
    struct surveying *surveying = project->surveying;
    struct survey *survey = surveying->survey;
    const char *path = survey_has(surveying, "uv.lock")            ? "uv.lock"
                       : project->has_project                      ? "pyproject.toml"
                       : survey_has(surveying, "requirements.txt") ? "requirements.txt"
                       : survey_has(surveying, "pyproject.toml")   ? "pyproject.toml"
                                                                   : NULL;
    if (!path)
        return 0;
    bool requirements = str_eq_z(str_z(path), "requirements.txt");
    survey->build = requirements ? INIT_BUILD_REQUIREMENTS : INIT_BUILD_UV;
    return survey_say(surveying, &survey->built_by, requirements ? STR("requirements") : STR("uv"), str_z(path), 0,
                      requirements ? "what it requires" : "the project's description", err);
}

static bool is_python(const struct surveying *surveying)
{
    static const char *const names[] = {"pyproject.toml", "requirements.txt", "setup.py", "setup.cfg",
                                        "Pipfile",        "manage.py",        "uv.lock"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (survey_has(surveying, names[i]))
            return true;
    for (size_t i = 0; i < surveying->files.len; i++)
        if (str_ends(surveying->files.ptr[i].path, STR(".py")) && !str_has_char(surveying->files.ptr[i].path, '/'))
            return true;
    return false;
}

int survey_python(struct surveying *surveying, bool *ret_is, struct err *err)
{
    struct survey *survey = surveying->survey;
    struct python_project project = {.surveying = surveying};
    struct python_best best = {0};
    *ret_is = is_python(surveying);
    if (!*ret_is)
        return 0;
    survey->language = INIT_PYTHON;
    survey->noun = STR("a Python project");
    int r = read_pyproject(&project, err);
    if (r == 0)
        r = read_requirements(&project, "requirements.txt", 0, err);
    if (r == 0)
        r = read_setup_cfg(&project, err);
    if (r == 0)
        r = say_build(&project, err);
    if (r == 0)
        r = find_application(&project, &best, err);
    if (r == 0 && best.found)
        r = say_application(&project, &best, err);
    else if (r == 0)
        r = find_package(&project, err);
    if (r == 0)
        r = find_script(&project, err);
    VEC_DONE(&project.distributions);
    VEC_DONE(&project.scripts);
    return r == 0 ? survey_scan(surveying, TOKEN_PYTHON, err) : r;
}
