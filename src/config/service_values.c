/* SPDX-License-Identifier: Apache-2.0 */
#include "config/service_values.h"

#include "base/num.h"
#include "base/suggest.h"

#include <string.h>

enum { SHOWN_BYTES = 64 };

void service_tell(struct service_loading *loading, const char *variable, const char *example, bool warning,
                  const char *format, ...)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    struct str message = arena_buf(loading->arena, &text);
    struct str name = arena_str(loading->arena, str_z(variable));
    struct service_problem problem = {.variable = name, .message = message, .example = str_z(example)};
    problem.warning = warning;
    if (!message.ptr || !name.ptr || !VEC_PUSH(&loading->problems, problem))
        loading->failed = true;
}

struct str service_keep(struct service_loading *loading, struct str text)
{
    struct str copy = arena_str(loading->arena, text);
    loading->failed = loading->failed || !copy.ptr;
    return copy;
}

const char *service_shown(struct service_loading *loading, struct str value)
{
    struct str head = str_head(value, SHOWN_BYTES);
    head = str_head(head, str_utf8_valid(head));
    char *text = arena_printf(loading->arena, "%.*s%s", STR_ARG(head), head.len < value.len ? "..." : "");
    loading->failed = loading->failed || !text;
    for (char *at = text; at && *at; at++)
        *at = (unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at;
    return text ? text : "";
}

static bool is_control(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        bool c1 = c == 0xc2 && i + 1 < value.len && (unsigned char)value.ptr[i + 1] < 0xa0;
        if (c < ' ' || c == 0x7f || c1)
            return true;
    }
    return false;
}

/* What no value may have, whatever its type. */
static bool is_ugly(struct service_loading *loading, const struct service_var *var, struct str value)
{
    struct str inner = str_trim(value);
    char last = value.ptr[value.len - 1];
    if (str_utf8_valid(value) < value.len)
        service_wrong(loading, var, "is not UTF-8 text");
    else if (inner.len == 0)
        service_wrong(loading, var, "holds nothing but white space");
    else if (is_control(inner))
        service_wrong(loading, var, "holds control characters");
    else if (inner.len < value.len)
        service_wrong(loading, var, "'%s' has white space before or behind it", service_shown(loading, inner));
    else if (value.len > 1 && last == value.ptr[0] && (last == '"' || last == '\''))
        service_wrong(loading, var, "%s stands in quotation marks, which nothing takes away here",
                      service_shown(loading, value));
    else
        return false;
    return true;
}

static void *field_of(struct service_loading *loading, const struct service_var *var)
{
    return (char *)loading->config + var->offset;
}

/* The units of a type, from the smallest. */
struct unit {
    const char *name;
    uint64_t factor;
};
static const struct unit durations[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
static const struct unit sizes[] = {{"", 1},         {"K", 1000},       {"Ki", 1 << 10}, {"M", 1000000},
                                    {"Mi", 1 << 20}, {"G", 1000000000}, {"Gi", 1 << 30}};

static void format_units(const struct unit *units, size_t count, uint64_t number, struct buf *out)
{
    size_t best = number == 0 && count > 1 ? 1 : 0;
    for (size_t i = 0; i < count && number > 0; i++) {
        if (number % units[i].factor == 0)
            best = i;
    }
    buf_add_u64(out, number / units[best].factor);
    buf_add_z(out, units[best].name);
}

void service_config_format_number(const struct service_var *var, uint64_t number, struct buf *out)
{
    if (var->type == SERVICE_DURATION)
        format_units(durations, ARRAY_LEN(durations), number, out);
    else if (var->type == SERVICE_SIZE && number > 0)
        format_units(sizes, ARRAY_LEN(sizes), number, out);
    else
        buf_add_u64(out, number);
}

static void out_of_range(struct service_loading *loading, const struct service_var *var, struct str value)
{
    CLEANUP_BUF struct buf bounds = BUF_INIT;
    service_config_format_number(var, var->min, &bounds);
    buf_add_z(&bounds, " and ");
    service_config_format_number(var, var->max, &bounds);
    loading->failed = loading->failed || bounds.failed;
    service_wrong(loading, var, "'%s' is not between %s", service_shown(loading, value), buf_z(&bounds));
}

static void keep_number(struct service_loading *loading, const struct service_var *var, struct str value,
                        uint64_t number)
{
    if (number < var->min || number > var->max)
        out_of_range(loading, var, value);
    else
        *(uint64_t *)field_of(loading, var) = number;
}

static size_t count_digits(struct str value)
{
    size_t count = 0;
    while (count < value.len && char_is_digit(value.ptr[count]))
        count++;
    return count;
}

/* What is wrong with a number of any kind before its digits are looked at. */
static bool is_ugly_number(struct service_loading *loading, const struct service_var *var, struct str value)
{
    struct str rest = str_skip(value, 1);
    if (value.ptr[0] == '-' && rest.len > 0 && char_is_digit(rest.ptr[0]))
        service_wrong(loading, var, "'%s' is negative", service_shown(loading, value));
    else if (char_is_digit(value.ptr[0]) && str_has_char(value, ' '))
        service_wrong(loading, var, "'%s' has a blank in it", service_shown(loading, value));
    else
        return false;
    return true;
}

static void read_integer(struct service_loading *loading, const struct service_var *var, struct str value)
{
    uint64_t number = UINT64_MAX; /* for digits that are too many */
    if (is_ugly_number(loading, var, value))
        return;
    if (count_digits(value) == value.len)
        keep_number(loading, var, value, num_parse_u64(value, &number) ? number : UINT64_MAX);
    else if (var->type == SERVICE_PORT)
        service_wrong(loading, var, "'%s' is not the number of a port", service_shown(loading, value));
    else
        service_wrong(loading, var, "'%s' is not a whole number, in digits", service_shown(loading, value));
}

static void read_duration(struct service_loading *loading, const struct service_var *var, struct str value)
{
    size_t digits = count_digits(value);
    struct str unit = str_skip(value, digits);
    if (is_ugly_number(loading, var, value))
        return;
    if (digits == value.len && !str_eq_z(value, "0")) {
        service_wrong(loading, var, "'%s' has no unit: ms, s, m or h", service_shown(loading, value));
        return;
    }
    for (size_t i = 0; digits > 0 && i < ARRAY_LEN(durations); i++) {
        uint64_t number = 0;
        if (!str_eq_z(unit, durations[i].name) && unit.len > 0)
            continue;
        bool fits = num_parse_u64(str_head(value, digits), &number) &&
                    !__builtin_mul_overflow(number, durations[i].factor, &number);
        keep_number(loading, var, value, fits ? number : UINT64_MAX);
        return;
    }
    service_wrong(loading, var, "'%s' is not a duration: a whole number and ms, s, m or h",
                  service_shown(loading, value));
}

static void read_size(struct service_loading *loading, const struct service_var *var, struct str value)
{
    uint64_t number = 0;
    if (is_ugly_number(loading, var, value))
        return;
    if (num_parse_size(value, &number))
        keep_number(loading, var, value, number);
    else if (count_digits(value) == value.len)
        out_of_range(loading, var, value);
    else
        service_wrong(loading, var, "'%s' is not a size: a number and K, M or G, or Ki, Mi or Gi",
                      service_shown(loading, value));
}

static void read_bool(struct service_loading *loading, const struct service_var *var, struct str value)
{
    bool yes = str_eq_z(value, "true") || str_eq_z(value, "1");
    if (!yes && !str_eq_z(value, "false") && !str_eq_z(value, "0"))
        service_wrong(loading, var, "'%s' is neither true nor false", service_shown(loading, value));
    else
        *(bool *)field_of(loading, var) = yes;
}

static void read_choice(struct service_loading *loading, const struct service_var *var, struct str value)
{
    struct suggest suggest = suggest_begin(value);
    CLEANUP_BUF struct buf names = BUF_INIT;
    for (size_t i = 0; var->choices[i]; i++) {
        if (str_eq_z(value, var->choices[i])) {
            *(uint64_t *)field_of(loading, var) = i;
            return;
        }
        buf_addf(&names, "%s%s", i == 0 ? "" : ", ", var->choices[i]);
        suggest_offer(&suggest, str_z(var->choices[i]));
    }
    if (suggest.best.len > 0)
        buf_addf(&names, " (did you mean '%.*s'?)", STR_ARG(suggest.best));
    loading->failed = loading->failed || names.failed;
    service_wrong(loading, var, "'%s' is none of %s", service_shown(loading, value), buf_z(&names));
}

void service_read_value(struct service_loading *loading, const struct service_var *var, struct str value)
{
    if (is_ugly(loading, var, value))
        return;
    switch (var->type) {
    case SERVICE_TEXT:
        *(struct str *)field_of(loading, var) = service_keep(loading, value);
        break;
    case SERVICE_BOOL:
        read_bool(loading, var, value);
        break;
    case SERVICE_HOST:
        service_read_host(loading, var, value);
        break;
    case SERVICE_PORT:
    case SERVICE_INTEGER:
        read_integer(loading, var, value);
        break;
    case SERVICE_DURATION:
        read_duration(loading, var, value);
        break;
    case SERVICE_SIZE:
        read_size(loading, var, value);
        break;
    case SERVICE_CHOICE:
        read_choice(loading, var, value);
        break;
    case SERVICE_ORIGINS:
        service_read_origins(loading, var, value);
        break;
    case SERVICE_HOSTS:
        service_read_hosts(loading, var, value);
        break;
    }
}

static void format_names(const struct service_hosts *names, bool any, const char *none, struct buf *out)
{
    if (any)
        buf_add_char(out, '*');
    else if (names->len == 0)
        buf_add_z(out, none);
    for (size_t i = 0; i < names->len && !any; i++)
        buf_addf(out, "%s%.*s", i == 0 ? "" : ", ", STR_ARG(names->ptr[i]));
}

void service_config_format(const struct service_config *config, const struct service_var *var, struct buf *out)
{
    const char *field = (const char *)config + var->offset;
    switch (var->type) {
    case SERVICE_TEXT:
    case SERVICE_HOST:
        buf_add_str(out, *(const struct str *)(const void *)field);
        break;
    case SERVICE_BOOL:
        buf_add_z(out, *(const bool *)field ? "true" : "false");
        break;
    case SERVICE_CHOICE:
        buf_add_z(out, var->choices[*(const uint64_t *)(const void *)field]);
        break;
    case SERVICE_ORIGINS:
        format_names(&config->origins, config->any_origin, service_config_is_set(config, var) ? "none" : "", out);
        break;
    case SERVICE_HOSTS:
        format_names(&config->hosts, config->any_host, "", out);
        break;
    case SERVICE_PORT:
    case SERVICE_DURATION:
    case SERVICE_SIZE:
    case SERVICE_INTEGER:
        service_config_format_number(var, *(const uint64_t *)(const void *)field, out);
        break;
    }
}
