/* SPDX-License-Identifier: Apache-2.0 */
#include "init/plan_check.h"

#include "base/limits.h"
#include "base/path.h"

#include <inttypes.h>
#include <string.h>

#define SHOWN_BYTES 60

int init_refuse(struct err *err, const char *option, struct str value, const char *why, ...)
{
    CLEANUP_BUF struct buf shown = BUF_INIT, text = BUF_INIT;
    struct str head = str_head(value, SHOWN_BYTES);
    size_t valid = str_utf8_valid(head);
    bool cut = value.len > head.len;
    for (size_t i = 0; i < head.len; i++) {
        bool prints = (unsigned char)head.ptr[i] >= ' ' && head.ptr[i] != 0x7f && (i < valid || !(head.ptr[i] & 0x80));
        if (prints || !cut || i < valid)
            buf_add_char(&shown, prints ? head.ptr[i] : '?');
    }
    buf_add_z(&shown, cut ? "..." : "");
    va_list args;
    va_start(args, why);
    buf_addv(&text, why, args);
    va_end(args);
    if (shown.failed || text.failed)
        return err_nomem(err);
    return err_set(err, ERR_USAGE, "%s '%.*s' %.*s", option, STR_ARG(buf_str(&shown)), STR_ARG(buf_str(&text)));
}

bool init_made_of(struct str value, const char *others)
{
    for (size_t i = 0; i < value.len; i++) {
        if (!char_is_alnum(value.ptr[i]) && (value.ptr[i] == '\0' || !strchr(others, value.ptr[i])))
            return false;
    }
    return true;
}

int init_check_text(const char *option, struct str value, struct err *err)
{
    if (value.len > LIMIT_INIT_TEXT_BYTES)
        return init_refuse(err, option, value, "has %zu bytes: %d are allowed", value.len, LIMIT_INIT_TEXT_BYTES);
    if (str_utf8_valid(value) != value.len)
        return init_refuse(err, option, value, "is not UTF-8");
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        unsigned char next = i + 1 < value.len ? (unsigned char)value.ptr[i + 1] : 0;
        unsigned char third = i + 2 < value.len ? (unsigned char)value.ptr[i + 2] : 0;
        /* C1 controls, and the line separators U+2028 and U+2029, end lines for some readers of YAML. */
        bool c1 = c == 0xc2 && next < 0xa0;
        bool separator = c == 0xe2 && next == 0x80 && (third == 0xa8 || third == 0xa9);
        bool mark = c == 0xef && next == 0xbb && third == 0xbf;
        if (c < ' ' || c == 0x7f || c1 || separator || mark)
            return init_refuse(err, option, value, "has a control character: say it on one line of plain text");
    }
    return 0;
}

static bool is_label(struct str value)
{
    if (value.len == 0 || value.len > 63 || value.ptr[0] == '-' || value.ptr[value.len - 1] == '-')
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] >= 'A' && value.ptr[i] <= 'Z')
            return false;
    }
    return init_made_of(value, "-");
}

int init_check_label(const char *option, struct str value, struct err *err)
{
    if (is_label(value))
        return 0;
    return init_refuse(err, option, value,
                       "is no DNS label: say lower case letters, digits and '-' between them, at most 63 in all");
}

int init_check_subdomain(const char *option, struct str value, struct err *err)
{
    struct str rest = value, label;
    bool fits = value.len > 0 && value.len <= 253;
    while (fits && str_next(&rest, '.', &label))
        fits = is_label(label);
    if (fits)
        return 0;
    return init_refuse(err, option, value,
                       "is no DNS name: say lower case letters, digits and '-', in parts joined by '.'");
}

int init_check_variable(const char *option, struct str value, struct err *err)
{
    if (value.len > 0 && value.len <= LIMIT_INIT_PATH_BYTES && !char_is_digit(value.ptr[0]) && init_made_of(value, "_"))
        return 0;
    return init_refuse(err, option, value, "is no name of a variable: say letters, digits and '_', no digit first");
}

static int check_path_bytes(const char *option, struct str value, struct err *err)
{
    if (value.len > LIMIT_INIT_PATH_BYTES)
        return init_refuse(err, option, value, "has %zu bytes: %d are allowed", value.len, LIMIT_INIT_PATH_BYTES);
    if (!init_made_of(value, "._-+@/"))
        return init_refuse(err, option, value,
                           "is no plain path: say letters, digits and '.', '_', '-', '+', '@', '/'");
    return 0;
}

int init_check_absolute(const char *option, struct str value, struct err *err)
{
    int r = check_path_bytes(option, value, err);
    if (r < 0)
        return r;
    if (value.len == 0 || value.ptr[0] != '/')
        return init_refuse(err, option, value, "is not absolute: say a path that begins with '/'");
    if (!path_is_clean_relative(str_skip(value, 1)))
        return init_refuse(err, option, value, "is not clean: say it without '.', '..', double or last slashes");
    return 0;
}

int init_check_relative(const char *option, struct str value, struct err *err)
{
    int r = check_path_bytes(option, value, err);
    if (r < 0)
        return r;
    if (!path_is_clean_relative(value) || value.ptr[0] == '-' || str_find(value, STR("/-")) < value.len)
        return init_refuse(err, option, value,
                           "is no path below the project: say it without '..', './' and a leading "
                           "'/' or '-'");
    return 0;
}

int init_check_http_path(const char *option, struct str value, struct err *err)
{
    if (value.len > LIMIT_INIT_PATH_BYTES)
        return init_refuse(err, option, value, "has %zu bytes: %d are allowed", value.len, LIMIT_INIT_PATH_BYTES);
    if (value.len == 0 || value.ptr[0] != '/' || str_starts(value, STR("//")))
        return init_refuse(err, option, value, "is no path of a URL: say one that begins with '/', like '/health'");
    if (!init_made_of(value, "/._~-%?=&+:@,"))
        return init_refuse(err, option, value, "has a byte that a URL has not: write it as '%%' and two hex digits");
    return 0;
}

int init_check_list(const char *option, struct str_list list, size_t max, struct err *err)
{
    if (list.len <= max)
        return 0;
    return err_set(err, ERR_USAGE, "%s has %zu members: %zu are allowed", option, list.len, max);
}

int init_check_number(const char *option, int64_t value, int64_t low, int64_t high, struct err *err)
{
    if (value >= low && value <= high)
        return 0;
    return err_set(err, ERR_USAGE, "%s is %" PRId64 " to %" PRId64 ", not %" PRId64, option, low, high, value);
}
