/* SPDX-License-Identifier: Apache-2.0 */
#include "config/env.h"

#include "base/buf.h"
#include "base/num.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct config_var config_vars[] = {
    {"BAREHULL_CACHE_DIR", CONFIG_PATH, true, "$XDG_CACHE_HOME/barehull",
     "directory for indexes, packages and finished layers", "build cache inspect", 0, 0},
    {"BAREHULL_MIRROR", CONFIG_URL, true, NULL, "mirror of the Debian archive, instead of the one in apt's sources",
     "build", 0, 0},
    {"BAREHULL_OFFLINE", CONFIG_BOOL, true, "0", "1 uses the cache alone, as --offline does", "build", 0, 0},
    {"BAREHULL_THREADS", CONFIG_INTEGER, true, NULL, "threads that compress and hash; as many as processors if unset",
     "build inspect", 1, 256},
    {"SOURCE_DATE_EPOCH", CONFIG_INTEGER, true, "0", "seconds since 1970: no file in an image is younger", "build", 0,
     253402300799},
    {"XDG_CACHE_HOME", CONFIG_PATH, false, "$HOME/.cache", "where caches live", "build cache inspect", 0, 0},
    {"HOME", CONFIG_PATH, false, NULL, "home directory, for XDG_CACHE_HOME's default", "build cache inspect", 0, 0},
    {"NO_COLOR", CONFIG_FLAG, false, NULL, "when set, output has no colour unless --color=always", NULL, 0, 0},
    {"CLICOLOR_FORCE", CONFIG_FLAG, false, NULL, "when set, output has colour even when it goes to no terminal", NULL,
     0, 0},
    {"COLUMNS", CONFIG_INTEGER, false, NULL, "width of the terminal, when the terminal itself does not tell", NULL, 20,
     1000},
    {"TERM", CONFIG_TEXT, false, NULL, "\"dumb\" means neither colour nor progress", NULL, 0, 0},
    {"http_proxy", CONFIG_FOREIGN, false, NULL, "proxy for http URLs, as in curl; https_proxy and no_proxy likewise",
     "build", 0, 0},
    {NULL, CONFIG_TEXT, false, NULL, NULL, NULL, 0, 0},
};

static size_t var_index(const char *name)
{
    size_t i = 0;
    while (config_vars[i].name && strcmp(config_vars[i].name, name) != 0)
        i++;
    return i;
}

struct str config_env_value(const struct config_env *env, const char *name)
{
    size_t i = var_index(name);
    return config_vars[i].name ? env->values[i] : STR_NONE;
}

static bool is_url(struct str value)
{
    static const char *const schemes[] = {"http://", "https://", "file:///"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        struct str scheme = str_z(schemes[i]);
        if (str_starts(value, scheme) && value.len > scheme.len)
            return true;
    }
    return false;
}

/* What is wrong with VALUE, appended to OUT; nothing when it is fine. */
static void check_value(const struct config_var *var, struct str value, struct buf *out)
{
    uint64_t number = 0;
    switch (var->type) {
    case CONFIG_BOOL:
        if (!str_eq_z(value, "1") && !str_eq_z(value, "true") && !str_eq_z(value, "yes") && !str_eq_z(value, "0") &&
            !str_eq_z(value, "false") && !str_eq_z(value, "no"))
            buf_addf(out, "'%.*s' is neither 1 nor 0", STR_ARG(value));
        break;
    case CONFIG_PATH:
        if (value.ptr[0] != '/')
            buf_addf(out, "'%.*s' is not an absolute path", STR_ARG(value));
        break;
    case CONFIG_INTEGER:
        if (!num_parse_u64(value, &number))
            buf_addf(out, "'%.*s' is not a whole number", STR_ARG(value));
        else if (number < var->min || number > var->max)
            buf_addf(out, "%.*s is not between %" PRIu64 " and %" PRIu64, STR_ARG(value), var->min, var->max);
        break;
    case CONFIG_URL:
        if (!is_url(value))
            buf_addf(out, "'%.*s' is not an http, https or file URL", STR_ARG(value));
        break;
    case CONFIG_TEXT:
    case CONFIG_FLAG:
    case CONFIG_FOREIGN:
        break;
    }
}

/* Keeps VALUE when it is good; else tells PROBLEMS of it when the variable is strict. */
static int read_var(const struct config_var *var, const char *text, struct arena *arena, struct str *value,
                    struct buf *problems, struct err *err)
{
    if (!text || !*text)
        return 0;
    CLEANUP_BUF struct buf wrong = BUF_INIT;
    check_value(var, str_z(text), &wrong);
    if (wrong.len == 0 && !wrong.failed) {
        *value = arena_str(arena, str_z(text));
        return value->ptr ? 0 : err_nomem(err);
    }
    if (var->strict)
        buf_addf(problems, "%senvironment variable '%s': %s", problems->len > 0 ? "; " : "", var->name, buf_z(&wrong));
    return buf_check(&wrong, err);
}

static int resolve_cache_dir(struct config_env *env, struct arena *arena, struct err *err)
{
    static const struct {
        const char *name, *below;
    } places[] = {{"BAREHULL_CACHE_DIR", ""}, {"XDG_CACHE_HOME", "/barehull"}, {"HOME", "/.cache/barehull"}};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct str root = config_env_value(env, places[i].name);
        if (root.len == 0)
            continue;
        while (root.len > 1 && root.ptr[root.len - 1] == '/')
            root.len--;
        const char *path = arena_printf(arena, "%.*s%s", root.len == 1 ? 0 : (int)root.len, root.ptr, places[i].below);
        if (!path)
            return err_nomem(err);
        env->cache_dir = *path ? str_z(path) : STR("/");
        return 0;
    }
    return 0;
}

static uint64_t number_of(const struct config_env *env, const char *name)
{
    uint64_t number = 0;
    (void)num_parse_u64(config_env_value(env, name), &number);
    return number;
}

/* Through a function of our own type, so that tests can give another. */
static const char *process_get(const char *name)
{
    return getenv(name);
}

int config_env_load(config_getter *get, struct arena *arena, struct config_env *ret_env, struct err *err)
{
    size_t count = var_index("");
    struct str *values = ARENA_ARRAY(arena, count, struct str);
    if (!values)
        return err_nomem(err);
    CLEANUP_BUF struct buf problems = BUF_INIT;
    struct config_env env = {.values = values};
    for (size_t i = 0; i < count; i++) {
        int rc = read_var(&config_vars[i], (get ? get : process_get)(config_vars[i].name), arena, &values[i], &problems,
                          err);
        if (rc)
            return rc;
    }
    int rc = resolve_cache_dir(&env, arena, err);
    if (!rc)
        rc = buf_check(&problems, err);
    if (rc)
        return rc;
    env.no_color = config_env_value(&env, "NO_COLOR").len > 0;
    env.force_color =
        config_env_value(&env, "CLICOLOR_FORCE").len > 0 && !str_eq_z(config_env_value(&env, "CLICOLOR_FORCE"), "0");
    struct str term = config_env_value(&env, "TERM");
    env.dumb_terminal = term.len == 0 || str_eq_z(term, "dumb");
    env.columns = (unsigned)number_of(&env, "COLUMNS");
    env.threads = (unsigned)number_of(&env, "BAREHULL_THREADS");
    env.source_date_epoch = (int64_t)number_of(&env, "SOURCE_DATE_EPOCH");
    if (problems.len > 0)
        err_set(&env.problem, ERR_USAGE, "%s", buf_z(&problems));
    *ret_env = env;
    return 0;
}
