/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "pack/python.h"

#define DEFAULT_PORT 8000
#define BUNDLE       "/etc/ssl/certs/ca-certificates.crt"

struct settling {
    const struct op_ctx *ctx;
    struct arena *arena;
    const struct build_options *options;
    struct application *app;
    struct application_python *python;
    struct str_list more; /* distributions of Debian packages */
    struct image_settings *settings;
    unsigned port;
    bool listens; /* something is known to listen on PORT */
};

static int add_env(struct settling *settling, const char *name, struct str value, struct err *err)
{
    return settings_add_env(settling->arena, settling->settings, name, value, err);
}

static bool has_distribution(const struct settling *settling, const char *name)
{
    const struct python_app *app = &settling->python->app;
    for (size_t i = 0; i < app->distribution_count; i++)
        if (str_eq_z(app->distributions[i].normalized, name) && !app->distributions[i].dropped)
            return true;
    for (size_t i = 0; i < settling->more.len; i++)
        if (str_eq_z(settling->more.ptr[i], name))
            return true;
    return false;
}

/* --- the port ------------------------------------------------------------------------------------------------- */

/* --env UVICORN_PORT=9000 says the port as --port does; the two may not differ. */
static int port_of_env(struct settling *settling, const char *variable, struct err *err)
{
    struct str value;
    uint32_t port;
    if (!variable || !settings_env(settling->settings, variable, &value))
        return 0;
    if (!num_parse_u32(value, &port) || port < 1 || port > 65535) {
        err_set(err, ERR_USAGE, "'%.*s' of the variable '%s' is no port", STR_ARG(value), variable);
        return err_hint(err, "give --env %s=8000, or --port 8000", variable);
    }
    if (settling->options->port && (int64_t)port != settling->options->port) {
        err_set(err, ERR_USAGE, "--port %lld and --env %s=%u disagree", (long long)settling->options->port, variable,
                port);
        return err_hint(err, "give one of them");
    }
    settling->port = port;
    return 0;
}

/* Of servers that read no variable: it is in the command. */
static bool is_told_port(const struct python_start *start, struct arena *arena, unsigned port)
{
    char *text = arena_printf(arena, ":%u", port);
    for (size_t i = 0; text && i < start->arg_count; i++)
        if (str_ends(str_z(start->args[i]), str_z(text)))
            return true;
    return false;
}

static int make_start(struct settling *settling, struct err *err)
{
    struct application_python *python = settling->python;
    settling->port = settling->options->port ? (unsigned)settling->options->port : DEFAULT_PORT;
    if (settling->settings->entrypoint.count > 0) /* what was given is started as it stands */
        return 0;
    int r = python_app_start(&python->app, settling->more, settling->port, settling->arena, &python->start, err);
    if (r == 0)
        r = port_of_env(settling, python->start.port_variable, err);
    if (r < 0)
        return r;
    const struct python_start *start = &python->start;
    settling->listens = start->server || (start->port_variable && settling->options->port) ||
                        is_told_port(start, settling->arena, settling->port);
    if (start->warning)
        op_warn(settling->ctx, "%s", start->warning);
    if (settling->options->port && !settling->listens)
        op_warn(settling->ctx, "nothing tells the application of --port %u: %s", settling->port,
                start->port_note ? start->port_note : "it chooses its port itself");
    return 0;
}

static int set_port(struct settling *settling, struct err *err)
{
    const struct python_start *start = &settling->python->start;
    struct image_settings *settings = settling->settings;
    if (!settling->listens)
        return 0;
    settling->python->port = settling->port;
    char *port = arena_printf(settling->arena, "%u", settling->port);
    char *exposed = arena_printf(settling->arena, "%u/tcp", settling->port);
    struct str *items = ARENA_ARRAY(settling->arena, 1, struct str);
    if (!port || !exposed || !items)
        return err_nomem(err);
    int r = 0;
    if (start->host_variable)
        r = add_env(settling, start->host_variable, STR("0.0.0.0"), err);
    if (r == 0 && start->port_variable)
        r = add_env(settling, start->port_variable, str_z(port), err);
    if (settings->exposed.count == 0) {
        items[0] = str_z(exposed);
        settings->exposed = (struct data_strs){items, 1};
    }
    return r;
}

/*
 * The probe takes the port of "/PATH" from PORT, as gunicorn does; other servers have it from elsewhere, and then it is
 * in the URL.
 */
static int set_health(struct settling *settling, struct err *err)
{
    struct data_strs *test = &settling->settings->health.test;
    const char *variable = settling->python->start.port_variable;
    bool asks_path = test->items && test->count > 2 && str_starts(test->items[2], STR("/"));
    bool known = settling->listens || settling->options->port;
    struct str port;
    if (asks_path && !known && !settings_env(settling->settings, "PORT", &port))
        op_warn(settling->ctx,
                "nothing says at which port '%.*s' is answered: the probe asks at PORT, else at 8080; "
                "give --port, or a whole URL with --health",
                STR_ARG(test->items[2]));
    if (!asks_path || !known || (variable && str_eq_z(STR("PORT"), variable)))
        return 0;
    struct str *items = ARENA_ARRAY(settling->arena, test->count, struct str);
    char *url = arena_printf(settling->arena, "http://127.0.0.1:%u%.*s", settling->port, STR_ARG(test->items[2]));
    if (!items || !url)
        return err_nomem(err);
    for (size_t i = 0; i < test->count; i++)
        items[i] = i == 2 ? str_z(url) : test->items[i];
    test->items = items;
    return 0;
}

/* --- the command and the environment -------------------------------------------------------------------------- */

static int set_entrypoint(struct settling *settling, struct err *err)
{
    const struct python_start *start = &settling->python->start;
    if (settling->settings->entrypoint.count > 0)
        return 0;
    struct str *items = ARENA_ARRAY(settling->arena, start->arg_count + 1, struct str);
    if (!items)
        return err_nomem(err);
    items[0] = settling->python->interpreter;
    for (size_t i = 0; i < start->arg_count; i++)
        items[i + 1] = str_z(start->args[i]);
    if (start->arg_count && start->args[0][0] != '-') { /* a script: found from any working directory */
        char *script = arena_printf(settling->arena, PYTHON_PLACE "/%s", start->args[0]);
        if (!script)
            return err_nomem(err);
        items[1] = str_z(script);
    }
    settling->settings->entrypoint = (struct data_strs){items, start->arg_count + 1};
    return 0;
}

/*
 * The working directory is on sys.path ("-m"), or the script's. What else has to be: a directory of sources, packages
 * installed beside the project, the project itself when it is started from elsewhere.
 */
static int set_path(struct settling *settling, struct err *err)
{
    const struct application_python *python = settling->python;
    const struct python_app_entry *entry = &python->app.entry;
    const struct python_environment *environment = &python->app.environment;
    bool in_place = str_eq_z(settling->settings->workdir, PYTHON_PLACE);
    struct buf path CLEANUP_BUF = BUF_INIT;
    if (entry->root.len)
        buf_addf(&path, PYTHON_PLACE "/%.*s", STR_ARG(entry->root));
    else if (!in_place && !entry->script)
        buf_add_z(&path, PYTHON_PLACE);
    if (environment->kind == PYTHON_ENVIRONMENT_TARGET && !environment->is_root && python->environment.len)
        buf_addf(&path, "%s%.*s", path.len ? ":" : "", STR_ARG(python->environment));
    if (path.len == 0)
        return buf_check(&path, err);
    struct str kept = arena_buf(settling->arena, &path);
    return kept.ptr ? add_env(settling, "PYTHONPATH", kept, err) : err_nomem(err);
}

/* Packages that bring a bundle of their own take the image's only when they are told so. */
static int set_bundle(struct settling *settling, struct err *err)
{
    static const struct {
        const char *distribution, *variable;
    } own[] = {
        {"requests", "REQUESTS_CA_BUNDLE"},
        {"botocore", "AWS_CA_BUNDLE"},
        {"grpcio", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"},
    };
    int r = 0;
    for (size_t i = 0; r == 0 && settling->options->authorities.len && i < ARRAY_LEN(own); i++)
        if (has_distribution(settling, own[i].distribution))
            r = add_env(settling, own[i].variable, STR(BUNDLE), err);
    return r;
}

static int set_env(struct settling *settling, struct err *err)
{
    int r = add_env(settling, "LANG", STR("C.UTF-8"), err);
    if (r == 0)
        r = add_env(settling, "PYTHONUNBUFFERED", STR("1"), err);
    if (r == 0)
        r = add_env(settling, "PYTHONDONTWRITEBYTECODE", STR("1"), err);
    if (r == 0)
        r = set_path(settling, err);
    return r == 0 ? set_bundle(settling, err) : r;
}

int python_settle(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                  const struct base_record *record, struct image_settings *settings, struct err *err)
{
    struct settling settling = {.ctx = ctx,
                                .arena = ctx->arena,
                                .options = options,
                                .app = app,
                                .python = app->python,
                                .more = {record->distributions.items, record->distributions.count},
                                .settings = settings};
    if (options->workdir.len == 0)
        settings->workdir = STR(PYTHON_PLACE);
    int r = make_start(&settling, err);
    if (r == 0)
        r = set_env(&settling, err);
    if (r == 0)
        r = set_port(&settling, err);
    if (r == 0)
        r = set_health(&settling, err);
    return r == 0 ? set_entrypoint(&settling, err) : r;
}
