/* SPDX-License-Identifier: Apache-2.0 */
#include "survey/internal.h"

#include "base/num.h"
#include "base/path.h"
#include "io/file.h"
#include "io/sys.h"
#include "rules/secret_value.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int open_root(struct surveying *surveying, struct str root, int *ret_fd, struct err *err)
{
    struct arena *arena = surveying->ctx->arena;
    char *path = arena_z(arena, root.len ? root : STR("."));
    if (!path)
        return err_nomem(err);
    int fd = sys_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return err_errno(err, errno, "'%s'", path);
    *ret_fd = fd;
    char real[PATH_MAX];
    if (!realpath(path, real))
        return errno == ENOMEM ? err_nomem(err) : err_errno(err, errno, "'%s'", path);
    surveying->root = arena_str(arena, str_z(real));
    surveying->base = path_base(surveying->root);
    size_t dash = str_rfind_char(surveying->base, '-'); /* "redis-7.0.15" */
    if (dash > 0 && dash + 1 < surveying->base.len && char_is_digit(surveying->base.ptr[dash + 1]))
        surveying->base = str_head(surveying->base, dash);
    surveying->rootfd = fd;
    return surveying->root.ptr ? 0 : err_nomem(err);
}

struct sources {
    size_t c, go, python;
};

static struct sources count_sources(const struct surveying *surveying)
{
    struct sources sources = {0};
    for (size_t i = 0; i < surveying->files.len; i++) {
        struct str path = surveying->files.ptr[i].path;
        if (surveying->files.ptr[i].aside)
            continue;
        sources.c += str_ends(path, STR(".c")) || str_ends(path, STR(".cc")) || str_ends(path, STR(".cpp")) ||
                     str_ends(path, STR(".cxx"));
        sources.go += str_ends(path, STR(".go"));
        sources.python += str_ends(path, STR(".py"));
    }
    return sources;
}

/* A go.mod at the top may be for the tests alone, and setup.py for a binding: most of the sources decide. */
static bool is_c_first(const struct surveying *surveying, enum init_language described)
{
    struct sources sources = count_sources(surveying);
    if (described == INIT_GO)
        return sources.c > sources.go &&
               (survey_has(surveying, "meson.build") || survey_has(surveying, "CMakeLists.txt") ||
                survey_has(surveying, "configure.ac"));
    return sources.c > sources.python && !survey_has(surveying, "pyproject.toml") &&
           !survey_has(surveying, "requirements.txt") && !survey_has(surveying, "manage.py");
}

/* Go of the time before modules, which nothing builds any more as it is. */
static bool is_go_without_module(struct surveying *surveying)
{
    struct sources sources = count_sources(surveying);
    if (survey_has(surveying, "go.mod") || sources.go == 0 || sources.go < sources.python || sources.go < sources.c)
        return false;
    surveying->survey->noun = STR("a Go project without go.mod");
    return true;
}

/* The languages in the order in which their own files decide: a Makefile and scripts are in every kind of project. */
static int read_language(struct surveying *surveying, enum init_language language, struct err *err)
{
    static const struct {
        enum init_language language;
        int (*read)(struct surveying *surveying, bool *ret_is, struct err *err);
    } languages[] = {
        {INIT_GO, survey_go},         {INIT_RUST, survey_rust}, {INIT_C, survey_c},
        {INIT_PYTHON, survey_python}, {INIT_C, survey_c},
    };
    /* Python projects have Makefiles for their developers; C projects have scripts in Python. What describes decides.
     */
    bool python = survey_has(surveying, "pyproject.toml") || survey_has(surveying, "setup.py") ||
                  survey_has(surveying, "setup.cfg") || survey_has(surveying, "requirements.txt") ||
                  survey_has(surveying, "manage.py");
    bool is = false, automatic = language == INIT_LANGUAGE_AUTO;
    python = python && !(automatic && is_c_first(surveying, INIT_PYTHON));
    if (automatic && is_go_without_module(surveying))
        return 0;
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(languages) && r == 0 && !is; i++) {
        bool wanted = language == languages[i].language || (language == INIT_CXX && languages[i].language == INIT_C);
        if (automatic ? python && i == 2 : !wanted)
            continue;
        if (automatic && i == 0 && is_c_first(surveying, INIT_GO))
            continue;
        r = languages[i].read(surveying, &is, err);
    }
    return r == 0 && !is ? survey_other(surveying, err) : r;
}

/* What listens in a place that is only a client's, or isn't a server at all, is no port. */
static void drop_unsure_ports(struct surveying *surveying)
{
    const struct survey *survey = surveying->survey;
    bool library = (survey->language == INIT_C || survey->language == INIT_CXX) && survey->build != INIT_BUILD_CC &&
                   survey->program.value.len == 0;
    if (hints_has(surveying, HINT_LISTENS) && !library)
        return;
    size_t kept = 0;
    for (size_t i = 0; i < surveying->hints.len; i++) {
        const struct hint *hint = &surveying->hints.ptr[i];
        bool port = hint->kind == HINT_PORT || hint->kind == HINT_METRICS_PORT || hint->kind == HINT_PORT_VARIABLE;
        if (!port || hint->weight >= HINT_CALL - 5)
            surveying->hints.ptr[kept++] = *hint;
    }
    surveying->hints.len = kept;
}

#define MANY_PORTS 4

/* Names alone that say so many ports are those of programs in one: which of them runs, nobody said. */
static void drop_many_ports(struct surveying *surveying)
{
    struct str values[MANY_PORTS];
    size_t different = 0, kept = 0;
    for (size_t i = 0; i < surveying->hints.len && different < MANY_PORTS; i++) {
        const struct hint *hint = &surveying->hints.ptr[i];
        bool told = hint->kind != HINT_PORT;
        for (size_t k = 0; k < different && !told; k++)
            told = str_eq(values[k], hint->value);
        if (!told)
            values[different++] = hint->value;
    }
    for (size_t i = 0; i < surveying->hints.len; i++)
        if (surveying->hints.ptr[i].kind == HINT_PORT && surveying->hints.ptr[i].weight > HINT_CONSTANT)
            return;
    if (different < MANY_PORTS)
        return;
    for (size_t i = 0; i < surveying->hints.len; i++)
        if (surveying->hints.ptr[i].kind != HINT_PORT)
            surveying->hints.ptr[kept++] = surveying->hints.ptr[i];
    surveying->hints.len = kept;
}

static int answer(struct surveying *surveying, struct err *err)
{
    struct survey *survey = surveying->survey;
    const struct {
        enum hint_kind kind;
        struct survey_answer *answer;
    } answers[] = {
        {HINT_FRAMEWORK, &survey->framework},
        {HINT_PORT, &survey->port},
        {HINT_PORT_VARIABLE, &survey->port_variable},
        {HINT_HEALTH, &survey->health},
        {HINT_LIVE, &survey->live},
        {HINT_METRICS, &survey->metrics},
        {HINT_METRICS_PORT, &survey->metrics_port},
        {HINT_LOOPBACK, &survey->loopback},
    };
    const struct {
        enum hint_kind kind;
        struct survey_found *found;
    } founds[] = {
        {HINT_WRITABLE, &survey->writable},
        {HINT_VOLUME, &survey->volumes},
        {HINT_PACKAGE, &survey->packages},
        {HINT_ENV, &survey->env},
    };
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(answers) && r == 0; i++)
        r = hints_answer(surveying, answers[i].kind, answers[i].answer, err);
    for (size_t i = 0; i < ARRAY_LEN(founds) && r == 0; i++)
        r = hints_found(surveying, founds[i].kind, founds[i].found, err);
    return r;
}

/* Readiness is asked where there is a path for it; what tells of health in general is liveness then. */
static int settle_health(struct surveying *surveying, struct err *err)
{
    struct survey *survey = surveying->survey;
    struct survey_answer ready = {0};
    int r = hints_answer(surveying, HINT_READY, &ready, err);
    if (r == 0 && ready.value.len == 0 && survey->health.value.len == 0) { /* one path says all */
        survey->health = survey->live;
        survey->live = (struct survey_answer){0};
    }
    if (r < 0 || ready.value.len == 0)
        return r;
    if (survey->live.value.len == 0)
        survey->live = survey->health;
    survey->health = ready;
    return 0;
}

static int settle_ports(struct surveying *surveying, struct err *err)
{
    struct survey *survey = surveying->survey;
    if (str_eq(survey->metrics_port.value, survey->port.value))
        survey->metrics_port = (struct survey_answer){0};
    /* Out of reach only when that is where it listens, as far as can be told. */
    if (survey->loopback.value.len == 0)
        return 0;
    if (!str_eq(survey->loopback.value, survey->port.value) || !str_eq(survey->loopback.path, survey->port.path) ||
        survey->server.value.len > 0) {
        survey->loopback = (struct survey_answer){0};
        return 0;
    }
    char *address = arena_printf(surveying->ctx->arena, "127.0.0.1:%.*s", STR_ARG(survey->loopback.value));
    if (!address)
        return err_nomem(err);
    survey->loopback.value = str_z(address);
    op_warn(surveying->ctx, "%.*s:%u: listens on 127.0.0.1 only, where nothing outside of a container reaches it",
            STR_ARG(survey->loopback.path), survey->loopback.line);
    return 0;
}

static int settle_secrets(struct surveying *surveying, struct err *err)
{
    struct survey *survey = surveying->survey;
    struct survey_answer *list = ARENA_ARRAY(surveying->ctx->arena, survey->env.len + 1, struct survey_answer);
    if (!list)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < survey->env.len; i++)
        if (secret_name(survey->env.ptr[i].value))
            list[count++] = survey->env.ptr[i];
    survey->secrets = (struct survey_found){list, count};
    return 0;
}

static int settle(struct surveying *surveying, struct err *err)
{
    struct survey *survey = surveying->survey;
    drop_unsure_ports(surveying);
    drop_many_ports(surveying);
    /* It becomes an image's tag. */
    for (size_t i = 0; i < survey->version.value.len; i++)
        if (!char_is_alnum(survey->version.value.ptr[i]) && !str_has_char(STR("._-"), survey->version.value.ptr[i]))
            survey->version = (struct survey_answer){0};
    int r = answer(surveying, err);
    if (r == 0)
        r = settle_health(surveying, err);
    if (r == 0)
        r = settle_ports(surveying, err);
    if (r == 0)
        r = settle_secrets(surveying, err);
    if (r < 0 || survey->name.value.len > 0)
        return r;
    struct str label = STR("");
    r = survey_label(surveying, surveying->base, &label, err);
    return r < 0 ? r : survey_say(surveying, &survey->name, label, STR(""), 0, "the directory's name", err);
}

int survey_directory(const struct op_ctx *ctx, struct str root, enum init_language language, struct survey *ret_survey,
                     struct err *err)
{
    struct survey survey = {0};
    struct surveying surveying = {.ctx = ctx, .survey = &survey, .rootfd = -1, .left_bytes = LIMIT_SURVEY_BYTES};
    CLEANUP_FD int fd = -1;
    int r = open_root(&surveying, root, &fd, err);
    if (r == 0)
        r = survey_tree_read(&surveying, err);
    if (r == 0)
        r = read_language(&surveying, language, err);
    if (r == 0)
        r = survey_deployed(&surveying, err);
    if (r == 0)
        r = settle(&surveying, err);
    VEC_DONE(&surveying.files);
    VEC_DONE(&surveying.hints);
    VEC_DONE(&surveying.others);
    if (r == 0)
        *ret_survey = survey;
    return r;
}
