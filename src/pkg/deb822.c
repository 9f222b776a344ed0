/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/deb822.h"

#include <string.h>

/* Takes the next line off *REST, with neither "\n" nor "\r\n". The caller made sure that there is one. */
static struct str take_line(struct str *rest)
{
    size_t at = str_find_char(*rest, '\n');
    struct str line = {rest->ptr, at};
    *rest = str_skip(*rest, at + 1);
    if (at > 0 && line.ptr[at - 1] == '\r')
        line.len--;
    return line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* deb822(5): printable US-ASCII except space and colon, not starting with '#' or '-'. */
static bool name_is_valid(struct str name)
{
    if (name.len == 0 || name.ptr[0] == '-' || name.ptr[0] == '#')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~')
            return false;
    return true;
}

/* One bit per field name seen, so that the search for a duplicate runs only when the bit was taken. */
static uint64_t name_bit(struct str name)
{
    unsigned first = (unsigned char)char_lower(name.ptr[0]);
    unsigned last = (unsigned char)char_lower(name.ptr[name.len - 1]);
    return 1ULL << ((first * 7 + last * 3 + (unsigned)name.len) & 63);
}

/* Text for messages: a line, cut where it gets long. */
static struct str excerpt(struct str line)
{
    return str_head(line, 60);
}

static int add_field(struct deb822_paragraph *paragraph, uint64_t *seen, struct str line, struct err *err)
{
    struct str name = str_head(line, str_find_char(line, ':'));
    if (name.len == line.len)
        return err_set(err, ERR_INVALID, "no colon in '%.*s'", STR_ARG(excerpt(line)));
    if (!name_is_valid(name))
        return err_set(err, ERR_INVALID, "bad field name '%.*s'", STR_ARG(excerpt(name)));
    uint64_t bit = name_bit(name);
    if ((*seen & bit) && deb822_find(paragraph, name))
        return err_set(err, ERR_INVALID, "field '%.*s' is given twice", STR_ARG(excerpt(name)));
    if (paragraph->len == DEB822_FIELDS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d fields in one paragraph", DEB822_FIELDS_MAX);
    *seen |= bit;
    struct str value = str_skip(line, name.len + 1);
    while (value.len > 0 && is_blank(value.ptr[0]))
        value = str_skip(value, 1);
    paragraph->fields[paragraph->len++] = (struct deb822_field){name, str_trim_right(value)};
    return 0;
}

/* Stretches the last field's value to the end of LINE. */
static void continue_field(struct deb822_paragraph *paragraph, struct str line)
{
    struct str *value = &paragraph->fields[paragraph->len - 1].value;
    struct str tail = str_trim_right(line);
    if (tail.len > 0)
        value->len = (size_t)(tail.ptr + tail.len - value->ptr);
}

int deb822_next(struct str *rest, enum deb822_flags flags, struct deb822_paragraph *ret_paragraph, struct err *err)
{
    ret_paragraph->len = 0;
    uint64_t seen = 0;
    while (rest->len > 0) {
        struct str ahead = *rest;
        struct str line = take_line(&ahead);
        if (line.len == 0) {
            *rest = ahead;
            if (ret_paragraph->len > 0)
                break;
            continue;
        }
        if (is_blank(line.ptr[0])) {
            if (ret_paragraph->len > 0)
                continue_field(ret_paragraph, line);
            else if (str_trim(line).len > 0)
                return err_set(err, ERR_INVALID, "'%.*s' continues no field", STR_ARG(excerpt(str_trim(line))));
        } else if (line.ptr[0] != '#' || !(flags & DEB822_COMMENTS)) {
            int rc = add_field(ret_paragraph, &seen, line, err);
            if (rc)
                return rc;
        }
        *rest = ahead;
    }
    return 0;
}

int deb822_read_one(struct str text, enum deb822_flags flags, const char *subject,
                    struct deb822_paragraph *ret_paragraph, struct err *err)
{
    struct str rest = text;
    struct deb822_paragraph extra;
    int rc = deb822_next(&rest, flags, ret_paragraph, err);
    if (!rc && ret_paragraph->len == 0)
        return err_set(err, ERR_INVALID, "'%s' is empty", subject);
    const char *end = rest.ptr;
    if (!rc)
        rc = deb822_next(&rest, flags, &extra, err);
    if (rc)
        return err_wrap(err, "'%s' line %zu", subject, deb822_line_number(text, rest.ptr));
    if (extra.len > 0)
        return err_set(err, ERR_INVALID, "'%s' line %zu: more than one paragraph", subject,
                       deb822_line_number(text, end));
    return 0;
}

const struct deb822_field *deb822_find(const struct deb822_paragraph *paragraph, struct str name)
{
    for (size_t i = 0; i < paragraph->len; i++)
        if (str_eq_fold(paragraph->fields[i].name, name))
            return &paragraph->fields[i];
    return NULL;
}

struct str deb822_get(const struct deb822_paragraph *paragraph, struct str name)
{
    const struct deb822_field *field = deb822_find(paragraph, name);
    return field ? field->value : STR_NONE;
}

bool deb822_bool(struct str value, bool fallback)
{
    static const struct str yes[] = {STR_INIT("yes"),  STR_INIT("true"),   STR_INIT("on"),
                                     STR_INIT("with"), STR_INIT("enable"), STR_INIT("1")};
    static const struct str no[] = {STR_INIT("no"),      STR_INIT("false"),   STR_INIT("off"),
                                    STR_INIT("without"), STR_INIT("disable"), STR_INIT("0")};
    if (value.len == 0)
        return fallback;
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        if (str_eq_fold(value, yes[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        if (str_eq_fold(value, no[i]))
            return false;
    return fallback;
}

bool deb822_value_line(struct str value, size_t *offset, struct str *ret_line)
{
    while (*offset < value.len) {
        bool first = *offset == 0;
        struct str rest = str_skip(value, *offset);
        struct str line = take_line(&rest);
        *offset = value.len - rest.len;
        if (!first && line.len > 0 && line.ptr[0] == '#')
            continue;
        line = str_trim(line);
        *ret_line = str_eq(line, STR(".")) ? str_skip(line, 1) : line;
        return true;
    }
    return false;
}

void deb822_unfold(struct buf *out, struct str value)
{
    struct str line;
    bool first = true;
    for (size_t offset = 0; deb822_value_line(value, &offset, &line);) {
        if (line.len == 0)
            continue;
        if (!first)
            buf_add_char(out, ' ');
        first = false;
        buf_add_str(out, line);
    }
}

size_t deb822_line_number(struct str text, const char *at)
{
    size_t number = 1;
    struct str left = str_head(text, at ? (size_t)(at - text.ptr) : 0);
    for (size_t nl; (nl = str_find_char(left, '\n')) < left.len; left = str_skip(left, nl + 1))
        number++;
    return number;
}
