/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "init/plan_check.h"
#include "ops_local/init_work.h"

#include <limits.h>
#include <unistd.h>

/* What the directory itself is called, "." too. */
static struct str directory_name(struct arena *arena, struct str path)
{
    char cwd[PATH_MAX];
    CLEANUP_BUF struct buf whole = BUF_INIT;
    if (!getcwd(cwd, sizeof(cwd)) || !path_normalize(&whole, str_z(cwd), path))
        return init_label(arena, path_base(path));
    return whole.failed ? STR_NONE : init_label(arena, path_base(buf_str(&whole)));
}

/* Without it the image would be built of nothing but the interpreter, and fail at the first import. */
static int refuse_unsaid(struct str path, struct err *err)
{
    err_set(err, ERR_INVALID, "'%.*s' does not say which packages it needs", STR_ARG(path));
    return err_hint(err, "write requirements.txt (empty, when it needs none), or pyproject.toml with its uv.lock");
}

static int refuse(const struct survey *survey, struct str path, struct err *err)
{
    bool known = !str_eq_z(survey->noun, "a directory") && survey->noun.len;
    if (str_eq_z(survey->noun, "a Go project without go.mod")) {
        err_set(err, ERR_UNSUPPORTED, "'%.*s' is %.*s", STR_ARG(path), STR_ARG(survey->noun));
        return err_hint(err, "`go mod init MODULE` and `go mod tidy` write one");
    }
    err_set(err, known ? ERR_UNSUPPORTED : ERR_INVALID,
            known ? "'%.*s' is %.*s: of sources, init knows C, C++, Go, Rust and Python"
                  : "'%.*s' is %.*s: nothing in it tells what the application is written in",
            STR_ARG(path), STR_ARG(survey->noun.len ? survey->noun : STR("a directory")));
    if (known)
        return err_hint(err, "build its image, save it ('docker save NAME > app.tar'), and give that: "
                             "barehull init docker-archive:app.tar");
    return err_hint(err, "give --language, the directory with the sources, a program that is compiled, or an image "
                         "(oci:DIR, docker-archive:FILE)");
}

static bool compiles(enum init_language language)
{
    return language == INIT_C || language == INIT_CXX || language == INIT_GO || language == INIT_RUST;
}

static int settle_start(struct init_work *work, struct survey *survey, struct str path, struct err *err)
{
    struct str called = directory_name(work->ctx->arena, path);
    if (!called.ptr)
        return err_nomem(err);
    if (survey->name.value.len == 0 && !work->asks)
        survey->name = (struct survey_answer){.value = called, .why = "the directory's name"};
    bool c = survey->language == INIT_C || survey->language == INIT_CXX;
    const struct init_question questions[] = {
        {.option = "name",
         .text = "name of the application",
         .answer = &survey->name,
         .said = work->options.name.len,
         .fallback = called,
         .check = init_check_label},
        {.option = "program",
         .text = survey->language == INIT_GO ? "package that is built" : "program that the build makes",
         .answer = &survey->program,
         .said = work->options.program.len || !compiles(survey->language) || (!c && survey->program.rivals.len == 0),
         .optional = true,
         .without = "what the build makes was not found: a program with the application's name is assumed, at the "
                    "top (--program says where)"},
        {.option = "module",
         .text = "Python module that is served, MODULE:OBJECT, or run, MODULE",
         .answer = &survey->module,
         .said = work->options.module.len || work->options.entrypoint.len || survey->language != INIT_PYTHON},
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(questions); i++)
        r = init_settle(work, &questions[i], err);
    return r;
}

static int settle_service(struct init_work *work, struct survey *survey, struct err *err)
{
    const struct init_question port = {
        .option = "port",
        .text = "port that it listens on, 0 when it is no server",
        .answer = &survey->port,
        .said = init_given(work, "port"),
        .fallback = survey->framework.value.len ? STR("8080") : STR("0"),
        .without = survey->framework.value.len
                       ? "no port was found: it is taken for no server (--port says where it listens)"
                       : NULL,
        .check = init_check_port,
    };
    int r = init_settle(work, &port, err);
    if (r != 0)
        return r;
    bool serves = init_given(work, "port") ? work->options.port != 0
                                           : survey->port.value.len && !str_eq_z(survey->port.value, "0");
    const struct init_question health = {
        .option = "health",
        .text = "path that tells whether it is ready, such as /health (none: empty)",
        .answer = &survey->health,
        .said = !serves || work->options.health.len || work->options.health_command.len,
        .optional = true,
        .without = "no path was found that tells whether it is well: nothing asks for its health (--health says which)",
        .check = init_check_http_path,
    };
    if (serves)
        return init_settle(work, &health, err);
    survey->port = survey->port_variable = survey->health = survey->live = survey->metrics = survey->metrics_port =
        (struct survey_answer){0};
    return 0;
}

static int remember_lists(struct init_work *work, const struct survey *survey, struct err *err)
{
    const struct {
        const char *what;
        const struct survey_found *found;
    } lists[] = {{"writable", &survey->writable}, {"volume", &survey->volumes}, {"package", &survey->packages}};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (size_t k = 0; r == 0 && k < lists[i].found->len; k++)
            r = init_remember(work, lists[i].what, &lists[i].found->ptr[k], err);
    return r;
}

static int remember_all(struct init_work *work, const struct survey *survey, struct err *err)
{
    const struct {
        const char *what;
        const struct survey_answer *answer;
    } answers[] = {{"build", &survey->built_by},  {"name", &survey->name},
                   {"tag", &survey->version},     {"language-version", &survey->language_version},
                   {"program", &survey->program}, {"module", &survey->module},
                   {"server", &survey->server},   {"framework", &survey->framework},
                   {"port", &survey->port},       {"port-variable", &survey->port_variable},
                   {"health", &survey->health},   {"live", &survey->live},
                   {"metrics", &survey->metrics}, {"metrics-port", &survey->metrics_port}};
    int r = 0;
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(answers); i++)
        if (!init_given(work, answers[i].what))
            r = init_remember(work, answers[i].what, answers[i].answer, err);
    return r == 0 ? remember_lists(work, survey, err) : r;
}

static bool is_named(const struct init_work *work, struct str name)
{
    const struct str_list lists[] = {work->options.env, work->options.secrets};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (size_t k = 0; k < lists[i].len; k++)
            if (str_eq(str_head(lists[i].ptr[k], str_find_char(lists[i].ptr[k], '=')), name))
                return true;
    return str_eq(work->options.port_variable, name);
}

/* Variables that nothing sets yet. */
static int note_variables(struct init_work *work, const struct survey_found *found, const char *rest, struct err *err)
{
    CLEANUP_BUF struct buf names = BUF_INIT;
    for (size_t i = 0; i < found->len; i++)
        if (!is_named(work, found->ptr[i].value))
            buf_addf(&names, "%s%.*s", names.len ? ", " : "", STR_ARG(found->ptr[i].value));
    int r = buf_check(&names, err);
    return r || names.len == 0 ? r : init_work_note(work, err, "it reads %s: %s", buf_z(&names), rest);
}

static int note_rest(struct init_work *work, const struct survey *survey, struct err *err)
{
    struct str place = survey->loopback.path.len ? survey->loopback.path : STR("it");
    if (survey->loopback.value.len)
        op_warn(work->ctx, "'%.*s' listens on %.*s alone, which nobody reaches in a container: 0.0.0.0 is everybody's",
                STR_ARG(place), STR_ARG(survey->loopback.value));
    struct survey_found plain = {ARENA_ARRAY(work->ctx->arena, survey->env.len + 1, struct survey_answer), 0};
    if (!plain.ptr)
        return err_nomem(err);
    for (size_t i = 0; i < survey->env.len; i++) {
        bool secret = false;
        for (size_t k = 0; k < survey->secrets.len; k++)
            secret |= str_eq(survey->secrets.ptr[k].value, survey->env.ptr[i].value);
        if (!secret)
            plain.ptr[plain.len++] = survey->env.ptr[i];
    }
    int r = note_variables(work, &survey->secrets, "secrets by their names, which --secret NAME=SECRET brings", err);
    return r == 0 ? note_variables(work, &plain, "--env NAME=VALUE sets a variable", err) : r;
}

int init_from_directory(struct init_work *work, struct str path, struct err *err)
{
    struct survey survey = {0};
    int r = survey_directory(work->ctx, path, (enum init_language)work->options.language, &survey, err);
    if (r < 0)
        return r;
    work->noun = survey.noun;
    if (survey.language == INIT_LANGUAGE_AUTO && work->options.language == INIT_LANGUAGE_AUTO)
        return refuse(&survey, path, err);
    if (survey.language == INIT_LANGUAGE_AUTO)
        survey.language = (enum init_language)work->options.language;
    if (survey.language == INIT_PYTHON && survey.built_by.value.len == 0 && work->options.build == INIT_BUILD_AUTO)
        return refuse_unsaid(path, err);
    r = settle_start(work, &survey, path, err);
    if (r == 0)
        r = settle_service(work, &survey, err);
    if (r == 0)
        r = remember_all(work, &survey, err);
    if (r == 0)
        r = survey_fill(work->ctx, &survey, &work->options, err);
    if (r == 0)
        work->options.language = (int)survey.language;
    return r == 0 ? note_rest(work, &survey, err) : r;
}
