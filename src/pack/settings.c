/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/settings.h"

#include "base/num.h"
#include "base/path.h"
#include "base/vec.h"
#include "pack/base_debug.h"
#include "pack/health.h"

#include <stdlib.h>

#define DEFAULT_PATH         "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define DEFAULT_CERTIFICATES "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"

typedef VEC(struct str) str_vec;

static struct str env_name(struct str assignment)
{
    return str_head(assignment, str_find_char(assignment, '='));
}

static int set_env(str_vec *env, struct str assignment, struct err *err)
{
    for (size_t i = 0; i < env->len; i++)
        if (str_eq(env_name(env->ptr[i]), env_name(assignment))) {
            env->ptr[i] = assignment;
            return 0;
        }
    return VEC_PUSH(env, assignment) ? 0 : err_nomem(err);
}

static int check_env(struct str assignment, struct err *err)
{
    struct str name = env_name(assignment);
    bool readable = str_utf8_valid(assignment) == assignment.len && !str_has_char(assignment, '\0');
    if (name.len > 0 && name.len < assignment.len && readable)
        return 0;
    err_set(err, ERR_USAGE, "the variable '%.*s' %s", STR_ARG(assignment),
            readable ? "has no name or no value" : "is not valid UTF-8");
    return err_hint(err, "give --env NAME=VALUE; a value is never taken from the environment of the build");
}

/* Moves the elements of VEC into the arena. */
static int keep_list(struct arena *arena, const str_vec *vec, struct data_strs *ret_list, struct err *err)
{
    struct str *items = ARENA_ARRAY(arena, vec->len ? vec->len : 1, struct str);
    for (size_t i = 0; items && i < vec->len; i++)
        items[i] = vec->ptr[i];
    *ret_list = (struct data_strs){items, vec->len};
    return items ? 0 : err_nomem(err);
}

static int make_env(struct arena *arena, const struct build_options *options, struct image_settings *settings,
                    struct err *err)
{
    str_vec env = {0};
    int r = set_env(&env, STR(DEFAULT_PATH), err);
    if (r == 0)
        r = set_env(&env, STR(DEFAULT_CERTIFICATES), err);
    settings->env_defaults = env.len;
    for (size_t i = 0; r == 0 && i < options->env.len; i++) {
        struct str assignment = options->env.ptr[i];
        r = check_env(assignment, err);
        if (r == 0)
            r = set_env(&env, assignment, err);
    }
    for (size_t i = 0; i < env.len; i++) {
        struct str name = env_name(env.ptr[i]);
        struct str value = str_skip(env.ptr[i], name.len + 1);
        bool locale = str_eq(name, STR("LANG")) || str_eq(name, STR("LC_ALL")) || str_eq(name, STR("LC_CTYPE"));
        settings->utf8_locale |= locale && str_eq_fold(str_head(value, 5), STR("C.UTF"));
    }
    if (r == 0)
        r = keep_list(arena, &env, &settings->env, err);
    VEC_DONE(&env);
    return r;
}

/* The debug variant's tools come last: a program of the application's own is found first. */
static int add_debug_path(struct arena *arena, struct image_settings *settings, struct err *err)
{
    for (size_t i = 0; i < settings->env.count; i++) {
        struct str *assignment = &settings->env.items[i];
        if (!str_eq(env_name(*assignment), STR("PATH")))
            continue;
        char *path = arena_printf(arena, "%.*s:" BASE_DEBUG_DIR, STR_ARG(*assignment));
        if (!path)
            return err_nomem(err);
        *assignment = str_z(path);
    }
    return 0;
}

bool settings_env(const struct image_settings *settings, const char *name, struct str *ret_value)
{
    for (size_t i = 0; i < settings->env.count; i++) {
        struct str assignment = settings->env.items[i];
        struct str found = env_name(assignment);
        if (!str_eq_z(found, name))
            continue;
        *ret_value = str_skip(assignment, found.len + 1);
        return true;
    }
    return false;
}

int settings_add_env(struct arena *arena, struct image_settings *settings, const char *name, struct str value,
                     struct err *err)
{
    struct str set;
    if (settings_env(settings, name, &set))
        return 0;
    struct str *items = ARENA_ARRAY(arena, settings->env.count + 1, struct str);
    char *assignment = arena_printf(arena, "%s=%.*s", name, STR_ARG(value));
    if (!items || !assignment)
        return err_nomem(err);
    size_t at = settings->env_defaults++;
    for (size_t i = 0; i < settings->env.count; i++)
        items[i + (i >= at)] = settings->env.items[i];
    items[at] = str_z(assignment);
    settings->env = (struct data_strs){items, settings->env.count + 1};
    return 0;
}

static int make_port(struct arena *arena, struct str text, struct str *ret_port, struct err *err)
{
    struct str number = str_head(text, str_find_char(text, '/'));
    struct str protocol = number.len < text.len ? str_skip(text, number.len + 1) : STR("tcp");
    uint32_t port;
    bool known = str_eq(protocol, STR("tcp")) || str_eq(protocol, STR("udp")) || str_eq(protocol, STR("sctp"));
    if (!num_parse_u32(number, &port) || port < 1 || port > 65535 || !known) {
        err_set(err, ERR_USAGE, "'%.*s' is no port", STR_ARG(text));
        return err_hint(err, "give --expose PORT or PORT/udp, with a PORT from 1 to 65535");
    }
    char *made = arena_printf(arena, "%u/%.*s", port, STR_ARG(protocol));
    *ret_port = str_z(made);
    return made ? 0 : err_nomem(err);
}

static int make_ports(struct arena *arena, const struct build_options *options, struct image_settings *settings,
                      struct err *err)
{
    struct str *ports = ARENA_ARRAY(arena, options->expose.len + 1, struct str);
    if (!ports)
        return err_nomem(err);
    for (size_t i = 0; i < options->expose.len; i++) {
        int r = make_port(arena, options->expose.ptr[i], &ports[i], err);
        if (r < 0)
            return r;
    }
    settings->exposed = (struct data_strs){ports, str_sort_unique(ports, options->expose.len)};
    return 0;
}

static int compare_pairs(const void *a, const void *b)
{
    return str_cmp(((const struct data_pair *)a)->key, ((const struct data_pair *)b)->key);
}

/* KEY=VALUE pairs, sorted by key; WHAT is the option's name. */
static int make_pairs(struct arena *arena, const struct str_list *given, const char *what, struct data_pairs *ret_pairs,
                      struct err *err)
{
    struct data_pair *pairs = ARENA_ARRAY(arena, given->len + 1, struct data_pair);
    if (!pairs)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < given->len; i++) {
        struct str text = given->ptr[i];
        struct str key = str_head(text, str_find_char(text, '='));
        if (key.len == 0 || key.len == text.len || str_utf8_valid(text) < text.len) {
            err_set(err, ERR_USAGE, "the %s '%.*s' is not of the form KEY=VALUE", what, STR_ARG(text));
            return err_hint(err, "give for instance --%s org.opencontainers.image.version=1.2.3", what);
        }
        size_t at = 0;
        while (at < count && !str_eq(pairs[at].key, key))
            at++;
        pairs[at] = (struct data_pair){key, str_skip(text, key.len + 1)};
        count += at == count;
    }
    qsort(pairs, count, sizeof(*pairs), compare_pairs);
    *ret_pairs = (struct data_pairs){pairs, count};
    return 0;
}

/* What tells a debug variant from the image itself, whatever it is called later. */
static int add_debug_pair(struct arena *arena, struct data_pairs *pairs, struct err *err)
{
    const struct data_pair variant = {STR("barehull.variant"), STR("debug")};
    struct data_pair *items = ARENA_ARRAY(arena, pairs->count + 1, struct data_pair);
    if (!items)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++)
        if (!str_eq(pairs->items[i].key, variant.key))
            items[count++] = pairs->items[i];
    items[count++] = variant;
    qsort(items, count, sizeof(*items), compare_pairs);
    *pairs = (struct data_pairs){items, count};
    return 0;
}

static int make_command(struct arena *arena, struct str_list command, const char *what, bool absolute,
                        struct data_strs *ret_command, struct err *err)
{
    struct str *items = ARENA_ARRAY(arena, command.len + 1, struct str);
    if (!items)
        return err_nomem(err);
    for (size_t i = 0; i < command.len; i++)
        items[i] = command.ptr[i];
    *ret_command = (struct data_strs){command.len ? items : NULL, command.len};
    for (size_t i = 0; i < command.len; i++)
        if (str_has_char(command.ptr[i], '\0') || str_utf8_valid(command.ptr[i]) < command.ptr[i].len)
            return err_set(err, ERR_USAGE, "an argument of --%s is not valid UTF-8", what);
    if (!absolute || command.len == 0)
        return 0;
    struct str program = command.ptr[0];
    if (program.len > 1 && program.ptr[0] == '/')
        return 0;
    err_set(err, ERR_USAGE, "the entrypoint '%.*s' is no absolute path", STR_ARG(program));
    return err_hint(err, "there is no shell and no search path: give --entrypoint '[\"/app/NAME\", ...]'");
}

static int make_stop_signal(struct str text, struct image_settings *settings, struct err *err)
{
    static const char *const names[] = {"HUP",  "INT",  "QUIT", "KILL",  "USR1", "USR2",
                                        "TERM", "CONT", "STOP", "WINCH", "ALRM", "ABRT"};
    settings->stop_signal = text;
    uint32_t number;
    if (text.len == 0 || (num_parse_u32(text, &number) && number >= 1 && number <= 64))
        return 0;
    struct str name = str_starts(text, STR("SIG")) ? str_skip(text, 3) : STR_NONE;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(name, names[i]))
            return 0;
    bool from_min = str_starts(name, STR("RTMIN"));
    if (from_min || str_starts(name, STR("RTMAX"))) {
        struct str offset = str_skip(name, 5);
        bool has_sign = offset.len > 0 && offset.ptr[0] == (from_min ? '+' : '-');
        if (offset.len == 0 || (has_sign && num_parse_u32(str_skip(offset, 1), &number) && number <= 30))
            return 0;
    }
    err_set(err, ERR_USAGE, "there is no signal '%.*s'", STR_ARG(text));
    return err_hint(err, "give for instance --stop-signal SIGTERM, or a number from 1 to 64");
}

static int make_workdir(struct arena *arena, struct str text, struct image_settings *settings, struct err *err)
{
    if (text.len == 0) {
        settings->workdir = STR("/");
        return 0;
    }
    struct buf path CLEANUP_BUF = BUF_INIT;
    bool readable = str_utf8_valid(text) == text.len;
    if (text.ptr[0] != '/' || !readable || !path_normalize(&path, STR("/"), text)) {
        err_set(err, ERR_USAGE, "the working directory '%.*s' is %s", STR_ARG(text),
                readable ? "no absolute path" : "not valid UTF-8");
        return err_hint(err, "give for instance --workdir /app");
    }
    settings->workdir = arena_buf(arena, &path);
    return settings->workdir.ptr ? 0 : err_nomem(err);
}

int settings_make(struct arena *arena, const struct build_options *options, struct image_settings *ret_settings,
                  struct err *err)
{
    struct image_settings settings = {0};
    int r = user_parse(options->user, &settings.user, err);
    if (r == 0) {
        settings.user_text = str_z(arena_printf(arena, "%u:%u", settings.user.uid, settings.user.gid));
        r = settings.user_text.ptr ? 0 : err_nomem(err);
    }
    if (r == 0)
        r = make_command(arena, options->entrypoint, "entrypoint", true, &settings.entrypoint, err);
    if (r == 0)
        r = make_command(arena, options->cmd, "cmd", false, &settings.cmd, err);
    if (r == 0)
        r = make_env(arena, options, &settings, err);
    if (r == 0 && options->debug)
        r = add_debug_path(arena, &settings, err);
    if (r == 0)
        r = make_ports(arena, options, &settings, err);
    if (r == 0)
        r = make_pairs(arena, &options->labels, "label", &settings.labels, err);
    if (r == 0)
        r = make_pairs(arena, &options->annotations, "annotation", &settings.annotations, err);
    if (r == 0 && options->debug)
        r = add_debug_pair(arena, &settings.labels, err);
    if (r == 0 && options->debug)
        r = add_debug_pair(arena, &settings.annotations, err);
    if (r == 0)
        r = make_stop_signal(options->stop_signal, &settings, err);
    if (r == 0)
        r = make_workdir(arena, options->workdir, &settings, err);
    if (r == 0)
        r = health_make(arena, options, &settings.health, err);
    if (r == 0)
        *ret_settings = settings;
    return r;
}

struct str settings_default_name(struct arena *arena, struct str app_path)
{
    struct str base = path_base(app_path);
    char *name = arena_z(arena, base);
    if (!name)
        return STR_NONE;
    size_t len = 0;
    for (size_t i = 0; i < base.len; i++) {
        char c = char_lower(base.ptr[i]);
        bool separator = !char_is_alnum(c);
        if (separator && (len == 0 || name[len - 1] == '-'))
            continue; /* never two separators in a row, none in front */
        name[len++] = separator ? '-' : c;
    }
    while (len > 0 && name[len - 1] == '-')
        len--;
    return len ? str_of(name, len) : STR("app");
}
