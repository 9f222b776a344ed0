/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that are written to, and variables from secrets. */
#include "base/limits.h"
#include "base/path.h"
#include "facts/quantity.h"
#include "init/plan_check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TMP_BYTES      (16ULL << 20)
#define WRITABLE_BYTES (64ULL << 20)
#define VOLUME_BYTES   (1ULL << 30)

/* Where a mount would hide what the image needs, or the kernel has its own. */
static bool is_taken(struct str path, const struct init_plan *plan)
{
    static const char *const exactly[] = {"/app",           "/etc",       "/usr",   "/usr/lib",    "/usr/local",
                                          "/usr/local/lib", "/lib",       "/lib64", "/bin",        "/sbin",
                                          "/usr/bin",       "/app/.venv", "/var",   "/run/secrets"};
    static const char *const below[] = {"/proc", "/sys", "/dev", "/usr/local/bin", "/app/.venv"};
    for (size_t i = 0; i < ARRAY_LEN(exactly); i++) {
        if (str_eq_z(path, exactly[i]))
            return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(below); i++) {
        if (path_is_below(path, str_z(below[i])))
            return true;
    }
    return path_is_below(plan->installed, path) || path_is_below(path, STR("/app/healthcheck"));
}

static int add_path(const char *option, struct str text, bool lasts, struct init_plan *plan, struct init_path *paths,
                    struct err *err)
{
    size_t colon = str_find_char(text, ':');
    struct init_path path = {
        .path = str_head(text, colon), .bytes = lasts ? VOLUME_BYTES : WRITABLE_BYTES, .lasts = lasts};
    int r = init_check_absolute(option, path.path, err);
    if (r < 0)
        return r;
    int64_t bytes = (int64_t)path.bytes;
    if (colon < text.len && (!quantity_parse(str_skip(text, colon + 1), QUANTITY_WHOLE, &bytes) || bytes < 4096 ||
                             bytes > (int64_t)LIMIT_INIT_MEMORY_BYTES))
        return init_refuse(err, option, text, "has no size behind the colon: say 4Ki to 16Ti, like '%.*s:64Mi'",
                           STR_ARG(path.path));
    path.bytes = (uint64_t)bytes;
    if (is_taken(path.path, plan))
        return init_refuse(err, option, path.path,
                           "would hide what is there in the image: say a directory of its own, like '/var/lib/%.*s'",
                           STR_ARG(plan->name));
    if (str_eq_z(path.path, "/tmp") && !lasts) {
        paths[0].bytes = path.bytes;
        return 0;
    }
    for (size_t i = 0; i < plan->path_count; i++) {
        if (str_eq(paths[i].path, path.path))
            return init_refuse(err, option, path.path, "is there twice: say it once");
    }
    paths[plan->path_count++] = path;
    return 0;
}

static int by_path(const void *a, const void *b)
{
    return str_cmp(((const struct init_path *)a)->path, ((const struct init_path *)b)->path);
}

static bool is_name_taken(const struct init_path *paths, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(paths[i].name, name))
            return true;
    }
    return false;
}

/* "/var/cache/shop" is "var-cache-shop"; what would be the same, or too long, gets a number. */
static int name_path(struct init_path *paths, size_t at, struct arena *arena, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct str path = paths[at].path;
    for (size_t i = 0; i < path.len && text.len < 50; i++) {
        if (char_is_alnum(path.ptr[i]))
            buf_add_char(&text, char_lower(path.ptr[i]));
        else if (text.len > 0 && text.ptr[text.len - 1] != '-')
            buf_add_char(&text, '-');
    }
    while (text.len > 0 && text.ptr[text.len - 1] == '-')
        buf_truncate(&text, text.len - 1);
    if (text.len == 0)
        buf_add_z(&text, "data");
    size_t stem = text.len;
    for (unsigned number = 2; is_name_taken(paths, at, buf_str(&text)); number++) {
        buf_truncate(&text, stem);
        buf_addf(&text, "-%u", number);
    }
    paths[at].name = arena_buf(arena, &text);
    return paths[at].name.ptr ? 0 : err_nomem(err);
}

static int plan_paths(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err)
{
    int r = init_check_list("writable", options->writable, LIMIT_INIT_LIST, err);
    if (r == 0)
        r = init_check_list("volume", options->volumes, LIMIT_INIT_LIST, err);
    if (r < 0)
        return r;
    struct init_path *paths = ARENA_ARRAY(arena, 1 + options->writable.len + options->volumes.len, struct init_path);
    if (!paths)
        return err_nomem(err);
    paths[0] = (struct init_path){.path = STR("/tmp"), .bytes = TMP_BYTES};
    plan->paths = paths;
    plan->path_count = 1;
    for (size_t i = 0; r == 0 && i < options->writable.len; i++)
        r = add_path("writable", options->writable.ptr[i], false, plan, paths, err);
    for (size_t i = 0; r == 0 && i < options->volumes.len; i++)
        r = add_path("volume", options->volumes.ptr[i], true, plan, paths, err);
    if (r < 0)
        return r;
    qsort(paths + 1, plan->path_count - 1, sizeof(*paths), by_path);
    uint64_t held = 0;
    for (size_t i = 0; r == 0 && i < plan->path_count; i++) {
        r = name_path(paths, i, arena, err);
        held += paths[i].lasts ? 0 : paths[i].bytes;
    }
    if (r == 0 && held >= plan->memory_bytes)
        return err_set(err, ERR_USAGE,
                       "memory is %" PRIu64 " MiB, and files in it (/tmp and writable) may take %" PRIu64
                       " MiB of that: say more memory, or less for a path",
                       plan->memory_bytes >> 20, held >> 20);
    return r;
}

static int read_secret(struct str text, struct init_secret *ret_secret, struct err *err)
{
    size_t equals = str_find_char(text, '=');
    struct str behind = str_skip(text, equals + 1);
    if (equals == text.len || behind.len == 0)
        return init_refuse(err, "secret", text, "names no secret: say VARIABLE=SECRET or VARIABLE=SECRET:KEY");
    size_t colon = str_find_char(behind, ':');
    struct init_secret secret = {
        .variable = str_head(text, equals), .secret = str_head(behind, colon), .key = str_skip(behind, colon + 1)};
    int r = init_check_variable("secret", secret.variable, err);
    if (r == 0)
        r = init_check_subdomain("secret", secret.secret, err);
    if (r < 0)
        return r;
    if (colon == behind.len)
        secret.key = secret.variable;
    if (secret.key.len == 0 || secret.key.len > 253 || !init_made_of(secret.key, "-._") || str_eq_z(secret.key, ".") ||
        str_starts(secret.key, STR("..")))
        return init_refuse(err, "secret", text, "has no key behind the colon: say letters, digits, '-', '_' and '.'");
    *ret_secret = secret;
    return 0;
}

static struct str variable_of(struct str env)
{
    return str_head(env, str_find_char(env, '='));
}

static int plan_secrets(const struct init_options *options, struct arena *arena, struct init_plan *plan,
                        struct err *err)
{
    int r = init_check_list("secret", options->secrets, LIMIT_INIT_LIST, err);
    if (r < 0 || options->secrets.len == 0)
        return r;
    struct init_secret *secrets = ARENA_ARRAY(arena, options->secrets.len, struct init_secret);
    if (!secrets)
        return err_nomem(err);
    for (size_t i = 0; r == 0 && i < options->secrets.len; i++) {
        r = read_secret(options->secrets.ptr[i], &secrets[i], err);
        bool twice = false;
        for (size_t k = 0; r == 0 && k < i; k++)
            twice |= str_eq(secrets[k].variable, secrets[i].variable);
        for (size_t k = 0; r == 0 && k < plan->env_count; k++)
            twice |= str_eq(variable_of(plan->env[k]), secrets[i].variable);
        if (twice)
            return init_refuse(err, "secret", secrets[i].variable, "is set twice: say it once");
    }
    plan->secrets = secrets;
    plan->secret_count = options->secrets.len;
    return r;
}

int init_plan_room(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err)
{
    int r = plan_paths(options, arena, plan, err);
    return r < 0 ? r : plan_secrets(options, arena, plan, err);
}
