/* SPDX-License-Identifier: Apache-2.0 */
#include "init/yaml_writer.h"

#include <string.h>

void yaml_begin(struct yaml_writer *yaml, struct buf *out, enum yaml_dialect dialect)
{
    *yaml = (struct yaml_writer){.out = out, .dialect = dialect};
}

int yaml_end(struct yaml_writer *yaml, struct err *err)
{
    if (yaml->line)
        buf_add_char(yaml->out, '\n');
    yaml->line = false;
    if (yaml->is_refused) {
        err_set(err, ERR_USAGE, "'%.*s' is no single line of text", STR_ARG(yaml->refused));
        return err_hint(err, "leave line breaks and control characters out; files are UTF-8");
    }
    return buf_check(yaml->out, err);
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static void begin_line(struct yaml_writer *yaml)
{
    if (yaml->line)
        buf_add_char(yaml->out, '\n');
    yaml->line = true;
    buf_add_fill(yaml->out, ' ', 2 * (size_t)(yaml->depth - (yaml->dash ? 1 : 0)));
    if (yaml->dash)
        buf_add_z(yaml->out, "- ");
    yaml->dash = false;
}

void yaml_blank(struct yaml_writer *yaml)
{
    if (yaml->line)
        buf_add_char(yaml->out, '\n');
    yaml->line = false;
    buf_add_char(yaml->out, '\n');
}

/* Before an item the comment stands where its dash will. */
void yaml_comment(struct yaml_writer *yaml, const char *text)
{
    struct str rest = str_z(text), line;
    unsigned depth = yaml->depth;
    bool dash = yaml->dash;
    yaml->depth -= dash ? 1 : 0;
    yaml->dash = false;
    while (str_next_line(&rest, &line)) {
        begin_line(yaml);
        buf_addf(yaml->out, line.len > 0 ? "# %.*s" : "#%.*s", STR_ARG(line));
    }
    yaml->depth = depth;
    yaml->dash = dash;
}

void yaml_commentf(struct yaml_writer *yaml, const char *format, ...)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    yaml->out->failed |= text.failed;
    yaml_comment(yaml, buf_z(&text));
}

void yaml_remark(struct yaml_writer *yaml, const char *text)
{
    buf_addf(yaml->out, " # %s", text);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* What YAML 1.1 or 1.2 reads as something else than a text. */
static bool is_word(struct str value)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_fold(value, str_z(words[i])))
            return true;
    return false;
}

/*
 * Stands without quotes: begins with a letter, '/' or '_', so that it is no number, and has nothing but these. Older
 * readers stop at a ':' in a list's brackets.
 */
static bool is_plain(struct str value, bool in_brackets)
{
    if (value.len == 0 || is_word(value))
        return false;
    if (!char_is_alpha(value.ptr[0]) && value.ptr[0] != '/' && value.ptr[0] != '_')
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool colon = c == ':' && i + 1 < value.len && !in_brackets; /* no space ever follows: there is none */
        if (!char_is_alnum(c) && !colon && !strchr("/_.-+@=", c))
            return false;
    }
    return true;
}

/* The code point at S, which is valid UTF-8 and not empty. */
static uint32_t decode(struct str s, size_t *ret_len)
{
    const unsigned char *byte = (const unsigned char *)s.ptr;
    size_t len = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    uint32_t point = len == 1 ? byte[0] : byte[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (byte[i] & 0x3fU);
    *ret_len = len;
    return point;
}

/* Beyond ASCII: what YAML calls printable, but for line breaks and the byte order mark. */
static bool is_shown(uint32_t point)
{
    if (point < 0xa0 || point == 0x2028 || point == 0x2029 || point == 0xfeff)
        return false;
    return point < 0xd800 || (point >= 0xe000 && point <= 0xfffd) || point >= 0x10000;
}

/* VALUE begins with a dollar sign. */
static bool is_doubled(enum yaml_dialect dialect, struct str value)
{
    bool expands = value.len > 1 && (value.ptr[1] == '$' || value.ptr[1] == '(');
    return dialect == YAML_DOUBLED || (dialect == YAML_EXPANDED && expands);
}

static void add_quoted(struct yaml_writer *yaml, struct str value)
{
    struct buf *out = yaml->out;
    buf_add_char(out, '"');
    for (size_t len = 1; value.len > 0; value = str_skip(value, len)) {
        uint32_t point = decode(value, &len);
        if (point == '"' || point == '\\')
            buf_add_char(out, '\\');
        if (point == '$' && is_doubled(yaml->dialect, value))
            buf_add_char(out, '$');
        if (point >= 0x80 && !is_shown(point))
            buf_addf(out, "\\u%04x", point);
        else
            buf_add_str(out, str_head(value, len));
    }
    buf_add_char(out, '"');
}

static bool is_one_line(struct str value)
{
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
            return false;
    return str_utf8_valid(value) == value.len;
}

static void add_scalar(struct yaml_writer *yaml, struct str value, bool in_brackets)
{
    if (!is_one_line(value)) {
        if (!yaml->is_refused)
            yaml->refused = value;
        yaml->is_refused = true;
    } else if (is_plain(value, in_brackets)) {
        buf_add_str(yaml->out, value);
    } else {
        add_quoted(yaml, value);
    }
}

static void add_value(struct yaml_writer *yaml, struct str value)
{
    add_scalar(yaml, value, false);
}

/* --- members ------------------------------------------------------------------------------------------------------ */

static void add_own_key(struct yaml_writer *yaml, const char *key)
{
    begin_line(yaml);
    buf_addf(yaml->out, "%s:", key);
}

void yaml_open(struct yaml_writer *yaml, const char *key)
{
    add_own_key(yaml, key);
    yaml->depth++;
}

static void add_key(struct yaml_writer *yaml, struct str key)
{
    enum yaml_dialect dialect = yaml->dialect;
    begin_line(yaml);
    yaml->dialect = YAML_PLAIN; /* Compose puts nothing into keys */
    add_value(yaml, key);
    yaml->dialect = dialect;
    buf_add_char(yaml->out, ':');
}

void yaml_open_str(struct yaml_writer *yaml, struct str key)
{
    add_key(yaml, key);
    yaml->depth++;
}

void yaml_close(struct yaml_writer *yaml)
{
    yaml->depth--;
}

void yaml_item(struct yaml_writer *yaml)
{
    yaml->depth++;
    yaml->dash = true;
}

void yaml_str(struct yaml_writer *yaml, const char *key, struct str value)
{
    add_own_key(yaml, key);
    buf_add_char(yaml->out, ' ');
    add_value(yaml, value);
}

void yaml_str_str(struct yaml_writer *yaml, struct str key, struct str value)
{
    add_key(yaml, key);
    buf_add_char(yaml->out, ' ');
    add_value(yaml, value);
}

void yaml_z(struct yaml_writer *yaml, const char *key, const char *value)
{
    add_own_key(yaml, key);
    buf_addf(yaml->out, " %s", value);
}

void yaml_f(struct yaml_writer *yaml, const char *key, const char *format, ...)
{
    va_list args;
    add_own_key(yaml, key);
    buf_add_char(yaml->out, ' ');
    va_start(args, format);
    buf_addv(yaml->out, format, args);
    va_end(args);
}

void yaml_u64(struct yaml_writer *yaml, const char *key, uint64_t value)
{
    add_own_key(yaml, key);
    buf_add_char(yaml->out, ' ');
    buf_add_u64(yaml->out, value);
}

static void add_flow(struct yaml_writer *yaml, const char *key, const char *first, const struct str *items,
                     size_t count)
{
    add_own_key(yaml, key);
    buf_addf(yaml->out, " [%s", first ? first : "");
    for (size_t i = 0; i < count; i++) {
        buf_add_z(yaml->out, i > 0 || first ? ", " : "");
        add_scalar(yaml, items[i], true);
    }
    buf_add_char(yaml->out, ']');
}

void yaml_flow(struct yaml_writer *yaml, const char *key, const struct str *items, size_t count)
{
    add_flow(yaml, key, NULL, items, count);
}

void yaml_flow_after(struct yaml_writer *yaml, const char *key, const char *first, const struct str *items,
                     size_t count)
{
    add_flow(yaml, key, first, items, count);
}

void yaml_entry(struct yaml_writer *yaml, struct str value)
{
    yaml->depth++;
    yaml->dash = true;
    begin_line(yaml);
    add_value(yaml, value);
    yaml->depth--;
}
