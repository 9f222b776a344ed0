/* SPDX-License-Identifier: Apache-2.0 */
/* What is started, with what arguments and variables. */
#include "base/limits.h"
#include "base/path.h"
#include "init/plan_check.h"
#include "python/framework.h"
#include "rules/cors.h"
#include "rules/secret_value.h"
#include "rules/shell_syntax.h"

#define PYTHON STR("/app/.venv/bin/python")

/* --- the program ------------------------------------------------------------------------------------------- */

static int plan_program(const struct init_options *options, struct arena *arena, struct init_plan *plan,
                        struct err *err)
{
    struct str program = options->program;
    plan->program = program.len > 0 ? program : plan->language == INIT_GO ? STR(".") : plan->name;
    int r = 0;
    if (plan->language == INIT_PYTHON || plan->language == INIT_IMAGE) {
        if (program.len > 0)
            return init_refuse(err, "program", program, "is for programs that are compiled: %s",
                               plan->language == INIT_PYTHON ? "say module" : "say entrypoint");
        plan->program = STR_NONE;
        plan->installed = plan->language == INIT_PYTHON ? PYTHON : STR_NONE;
        return 0;
    }
    if (plan->language == INIT_GO && !str_eq_z(program, ".") && program.len > 0) {
        r = init_check_relative("program", str_skip(program, str_starts(program, STR("./")) ? 2 : 0), err);
        /* The go command takes what has no "./" for a package of the standard library. */
        if (r == 0 && !str_starts(program, STR("./")))
            return init_refuse(err, "program", program, "is no package of the module: say './%.*s'", STR_ARG(program));
    } else if (plan->language == INIT_RUST) {
        if (!init_made_of(plan->program, "-_") || plan->program.ptr[0] == '-' || plan->program.len > 64)
            return init_refuse(err, "program", program,
                               "is no name of a binary: say letters, digits, '-' and '_', as in Cargo.toml");
    } else if (plan->language != INIT_GO) {
        r = init_check_relative("program", plan->program, err);
    }
    if (r < 0)
        return r;
    const char *installed = arena_printf(arena, "/app/%.*s", STR_ARG(plan->name));
    if (!installed)
        return err_nomem(err);
    plan->installed = str_z(installed);
    if (str_eq_z(plan->name, "healthcheck"))
        return init_refuse(err, "name", plan->name, "is the probe's: say another one");
    return 0;
}

/* --- words of a command ------------------------------------------------------------------------------------ */

static int check_words(const char *option, struct str_list words, struct err *err)
{
    int r = init_check_list(option, words, LIMIT_INIT_LIST, err);
    for (size_t i = 0; r == 0 && i < words.len; i++)
        r = init_check_text(option, words.ptr[i], err);
    if (r == 0 && words.len > 0 && words.ptr[0].len == 0)
        return init_refuse(err, option, words.ptr[0], "is an empty first word: say what is started");
    return r;
}

/* Nobody expands what only a shell would; Compose and Kubernetes have a "$" of their own, too. */
static int check_for_shell(const char *option, const struct str *entrypoint, size_t entrypoint_count,
                           const struct str *args, size_t arg_count, struct arena *arena, struct err *err)
{
    size_t count = entrypoint_count + arg_count;
    struct command_word *words = ARENA_ARRAY(arena, count + 1, struct command_word);
    if (!words)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        words[i].text = i < entrypoint_count ? entrypoint[i] : args[i - entrypoint_count];
        if (str_has_char(words[i].text, '$'))
            return init_refuse(err, option, words[i].text,
                               "has a '$', and there is no shell that puts something in: say the value itself");
    }
    struct fact_command start = {
        .fact = {.state = FACT_KNOWN}, .form = COMMAND_EXEC, .words = words, .word_count = count};
    struct fact_command none = {.fact = {.state = FACT_ABSENT}};
    struct shell_syntax_line line;
    int r = shell_syntax_join(SURFACE_DOCKERFILE, &start, &none, arena, &line, err);
    if (r < 0)
        return r;
    if (line.text < line.count || command_script_of(words, count) < count)
        return err_set(err, ERR_USAGE, "%s starts a shell, and the image has none: say the program itself", option);
    for (size_t i = 0; i < line.count; i++) {
        struct str piece;
        if (shell_syntax_of(&line, i, &piece) != SHELL_SYNTAX_NONE)
            return init_refuse(err, option, line.words[i].text,
                               "means something to a shell, and there is none: say the words as the program gets them");
    }
    return 0;
}

/* --- Python ------------------------------------------------------------------------------------------------ */

static bool is_dotted_name(struct str text)
{
    struct str rest = text, part;
    bool fits = text.len > 0 && text.len <= LIMIT_INIT_PATH_BYTES;
    while (fits && str_next(&rest, '.', &part))
        fits = part.len > 0 && !char_is_digit(part.ptr[0]) && init_made_of(part, "_");
    return fits;
}

static const struct {
    const char *name;
    enum python_interface interface;
    const char *framework;
} servers[] = {
    {"uvicorn", PYTHON_INTERFACE_ASGI, NULL},  {"hypercorn", PYTHON_INTERFACE_ASGI, NULL},
    {"granian", PYTHON_INTERFACE_ASGI, NULL},  {"daphne", PYTHON_INTERFACE_ASGI, NULL},
    {"gunicorn", PYTHON_INTERFACE_WSGI, NULL}, {"waitress", PYTHON_INTERFACE_WSGI, NULL},
    {"flask", PYTHON_INTERFACE_WSGI, "Flask"}, {"sanic", PYTHON_INTERFACE_OWN, "Sanic"},
};

static int find_server(struct str name, struct python_framework *framework, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        if (!str_eq_z(name, servers[i].name))
            continue;
        framework->interface = servers[i].interface;
        framework->framework = servers[i].framework;
        return 0;
    }
    if (str_eq_z(name, "django"))
        return init_refuse(err, "server", name,
                           "has a server for development only: say gunicorn, and the project's wsgi:application");
    return init_refuse(err, "server", name,
                       "is not known: say uvicorn, hypercorn, granian, daphne, gunicorn, waitress, flask or sanic, or "
                       "leave it out and the module is run");
}

static int plan_python(const struct init_options *options, struct arena *arena, struct init_plan *plan,
                       struct python_start *start, struct err *err)
{
    size_t colon = str_find_char(options->module, ':');
    struct str module = str_head(options->module, colon), object = str_skip(options->module, colon + 1);
    if (options->module.len == 0 && options->entrypoint.len > 0)
        return 0;
    if (options->module.len == 0)
        return err_set(err, ERR_USAGE, "module is missing: say which one is served or run, like 'shop.main:app'");
    if (!is_dotted_name(module) || (colon < options->module.len && !is_dotted_name(object)))
        return init_refuse(err, "module", options->module, "is no module: say 'shop.main' or 'shop.main:app'");
    struct python_framework framework = {.object = object};
    if (options->server.len > 0) {
        int r = find_server(options->server, &framework, err);
        if (r < 0)
            return r;
        if (!plan->serves)
            return err_set(err, ERR_USAGE, "server is given, and no port: say which one it listens at");
        if (object.len == 0)
            framework.object = STR("app");
    } else if (object.len > 0) {
        return init_refuse(err, "module", options->module, "names an object, and no server serves it: say server");
    }
    return python_framework_start(&framework, module, &options->server, options->server.len > 0, options->server,
                                  plan->port, arena, start, err);
}

/* --- variables --------------------------------------------------------------------------------------------- */

static int check_env(struct str text, struct err *err)
{
    size_t equals = str_find_char(text, '=');
    struct str name = str_head(text, equals), value = str_skip(text, equals + 1);
    if (equals == text.len)
        return init_refuse(err, "env", text, "has no value: say NAME=VALUE");
    int r = init_check_variable("env", name, err);
    if (r == 0)
        r = init_check_text("env", text, err);
    if (r < 0)
        return r;
    struct secret_shape shape;
    if ((secret_name(name) && secret_value(value)) || secret_shape_find(value, 0, &shape))
        return err_set(err, ERR_USAGE,
                       "env holds a secret, '%.*s', for everybody who reads these files: say secret %.*s=SECRET",
                       STR_ARG(name), STR_ARG(name));
    if (cors_lets_everyone(name, value))
        return init_refuse(err, "env", text, "lets every site in: say the origins");
    return 0;
}

struct variables {
    struct str *ptr;
    size_t len;
    const struct init_options *options;
    struct arena *arena;
};

/* Of ours, unless the options say something else. */
static bool add_variable(struct variables *variables, const char *name, const char *value)
{
    for (size_t i = 0; i < variables->options->env.len; i++) {
        struct str own = variables->options->env.ptr[i];
        if (str_eq_z(str_head(own, str_find_char(own, '=')), name))
            return true;
    }
    for (size_t i = 0; i < variables->options->secrets.len; i++) {
        struct str own = variables->options->secrets.ptr[i];
        if (str_eq_z(str_head(own, str_find_char(own, '=')), name))
            return true;
    }
    const char *text = arena_printf(variables->arena, "%s=%s", name, value);
    variables->ptr[variables->len++] = str_z(text);
    return text != NULL;
}

static int plan_env(const struct init_options *options, struct arena *arena, struct init_plan *plan,
                    const struct python_start *start, struct err *err)
{
    int r = init_check_list("env", options->env, LIMIT_INIT_LIST, err);
    struct variables variables = {.options = options, .arena = arena};
    if (r == 0)
        r = init_check_list("secret", options->secrets, LIMIT_INIT_LIST, err);
    if (r < 0)
        return r;
    variables.ptr = ARENA_ARRAY(arena, options->env.len + 8, struct str);
    if (!variables.ptr)
        return err_nomem(err);
    bool enough = true;
    if (plan->language == INIT_PYTHON) {
        /* What it says is seen at once; bytecode is there already, and nothing could be written. */
        enough = add_variable(&variables, "PYTHONUNBUFFERED", "1") &&
                 add_variable(&variables, "PYTHONDONTWRITEBYTECODE", "1");
        if (start->host_variable)
            enough = enough && add_variable(&variables, start->host_variable, "0.0.0.0");
    }
    for (size_t i = 0; i < variables.len; i++) {
        if (str_eq(str_head(variables.ptr[i], str_find_char(variables.ptr[i], '=')), plan->port_variable))
            return init_refuse(err, "port-variable", plan->port_variable, "says something else to Python: say another");
    }
    const char *port = arena_printf(arena, "%u", plan->port);
    const char *variable = arena_z(arena, plan->port_variable);
    if (plan->serves && plan->port_variable.len > 0)
        enough = enough && port && variable && add_variable(&variables, variable, port);
    if (!enough || !port || !variable)
        return err_nomem(err);
    for (size_t i = 0; r == 0 && i < options->env.len; i++) {
        struct str own = options->env.ptr[i];
        r = check_env(own, err);
        struct str name = str_head(own, str_find_char(own, '='));
        for (size_t k = 0; r == 0 && k < i; k++) {
            if (str_eq(str_head(options->env.ptr[k], str_find_char(options->env.ptr[k], '=')), name))
                return init_refuse(err, "env", name, "is set twice: say it once");
        }
        variables.ptr[variables.len++] = own;
    }
    plan->env = variables.ptr;
    plan->env_count = variables.len;
    return r;
}

/* --- the whole --------------------------------------------------------------------------------------------- */

static int plan_entrypoint(const struct init_options *options, struct arena *arena, struct init_plan *plan,
                           const struct python_start *start, struct err *err)
{
    plan->args = options->args.ptr;
    plan->arg_count = options->args.len;
    plan->entrypoint = options->entrypoint.ptr;
    plan->entrypoint_count = options->entrypoint.len;
    if (plan->entrypoint_count > 0) {
        if (plan->language != INIT_IMAGE && options->entrypoint.ptr[0].ptr[0] != '/')
            return init_refuse(err, "entrypoint", options->entrypoint.ptr[0],
                               "is not absolute: say the program's path in the image, like '%.*s'",
                               STR_ARG(plan->installed));
        return 0;
    }
    if (plan->language == INIT_IMAGE)
        return 0;
    struct str *words = ARENA_ARRAY(arena, 1 + PYTHON_START_MAX, struct str);
    if (!words)
        return err_nomem(err);
    words[plan->entrypoint_count++] = plan->installed;
    for (uint32_t i = 0; i < start->arg_count; i++)
        words[plan->entrypoint_count++] = str_z(start->args[i]);
    plan->entrypoint = words;
    return 0;
}

static int check_others(const struct init_options *options, const struct init_plan *plan, struct err *err)
{
    int r = 0;
    if (plan->language != INIT_PYTHON && options->module.len > 0)
        return init_refuse(err, "module", options->module, "is for Python: say language python, or leave it out");
    if (plan->language != INIT_PYTHON && options->server.len > 0)
        return init_refuse(err, "server", options->server, "is for Python: say language python, or leave it out");
    struct str source = options->source;
    if (source.len > 0)
        r = init_check_text("source", source, err);
    if (r == 0 && source.len > 0 &&
        ((!str_starts(source, STR("https://")) && !str_starts(source, STR("http://"))) ||
         !init_made_of(source, "/._~-%?=&+:@,#")))
        return init_refuse(err, "source", source,
                           "is no URL: say where the sources are, like 'https://example.org/shop'");
    const struct str_list lists[] = {options->packages, options->run_packages};
    for (size_t k = 0; r == 0 && k < ARRAY_LEN(lists); k++) {
        const char *option = k == 0 ? "package" : "run-package";
        r = init_check_list(option, lists[k], LIMIT_INIT_PACKAGES, err);
        for (size_t i = 0; r == 0 && i < lists[k].len; i++) {
            struct str name = lists[k].ptr[i];
            bool upper = false;
            for (size_t c = 0; c < name.len; c++)
                upper |= name.ptr[c] >= 'A' && name.ptr[c] <= 'Z';
            /* apt-get would remove what has a '-' behind it. */
            if (name.len < 2 || name.len > 128 || upper || !char_is_alnum(name.ptr[0]) || str_ends(name, STR("-")) ||
                !init_made_of(name, "+-."))
                return init_refuse(err, option, name,
                                   "is no name of a Debian package: say lower case letters, digits, '+', '-' and '.'");
        }
    }
    return r;
}

int init_plan_start(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err)
{
    struct python_start start = {0};
    int r = check_others(options, plan, err);
    if (r == 0)
        r = check_words("entrypoint", options->entrypoint, err);
    if (r == 0)
        r = check_words("health-command", options->health_command, err);
    for (size_t i = 0; r == 0 && i < options->args.len; i++)
        r = init_check_text("args", options->args.ptr[i], err);
    if (r == 0)
        r = init_check_list("args", options->args, LIMIT_INIT_LIST, err);
    if (r == 0)
        r = plan_program(options, arena, plan, err);
    if (r == 0 && plan->language == INIT_PYTHON)
        r = plan_python(options, arena, plan, &start, err);
    if (r < 0)
        return r;
    plan->port_variable = options->port_variable.len > 0 ? options->port_variable : str_z(start.port_variable);
    if (plan->port_variable.len > 0)
        r = init_check_variable("port-variable", plan->port_variable, err);
    if (r == 0)
        r = plan_env(options, arena, plan, &start, err);
    if (r == 0)
        r = plan_entrypoint(options, arena, plan, &start, err);
    if (r == 0 && plan->entrypoint_count + plan->arg_count > 0)
        r = check_for_shell(options->args.len > 0 ? "args" : "entrypoint", plan->entrypoint, plan->entrypoint_count,
                            plan->args, plan->arg_count, arena, err);
    if (r == 0 && options->health_command.len > 0)
        r = check_for_shell("health-command", options->health_command.ptr, options->health_command.len, NULL, 0, arena,
                            err);
    return r;
}
