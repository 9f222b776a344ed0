/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/dotenv.h"

#include "base/map.h"
#include "base/vec.h"

#include <string.h>

/* A file being read. */
struct env_parser {
    struct str text;
    size_t at;
    uint8_t source;
    const struct compose_lookup *outer;
    struct arena *arena;
    struct err *err;
    VEC(struct compose_variable) variables;
    VEC(struct compose_fault) faults;
    struct map by_name; /* to the place of the last + 1 */
};

/* White space within a line, U+0085 and U+00A0 too; 0 for none. */
static size_t blank_len(struct str text, size_t at)
{
    if (at >= text.len)
        return 0;
    char c = text.ptr[at];
    if (c != '\n' && char_is_space(c))
        return 1;
    bool two = c == '\xC2' && at + 1 < text.len && (text.ptr[at + 1] == '\x85' || text.ptr[at + 1] == '\xA0');
    return two ? 2 : 0;
}

static void skip_blanks(struct env_parser *p)
{
    for (size_t len; (len = blank_len(p->text, p->at)) > 0;)
        p->at += len;
}

static void skip_line(struct env_parser *p)
{
    p->at += str_find_char(str_skip(p->text, p->at), '\n');
}

/* To where an assignment starts; false at the end. */
static bool to_statement(struct env_parser *p)
{
    for (;;) {
        skip_blanks(p);
        if (p->at >= p->text.len)
            return false;
        if (p->text.ptr[p->at] == '#')
            skip_line(p);
        else if (p->text.ptr[p->at] == '\n')
            p->at++;
        else
            return true;
    }
}

static int add_fault(struct env_parser *p, size_t offset, size_t len, const char *message, const char *hint)
{
    struct compose_fault fault = {message, hint, false, offset, len};
    return VEC_PUSH(&p->faults, fault) ? 0 : err_nomem(p->err);
}

/* What is wrong at the reader's place: the rest of the line is passed over. */
static int bad_line(struct env_parser *p, size_t offset, size_t len, const char *message, const char *hint)
{
    skip_line(p);
    return add_fault(p, offset, len, message, hint);
}

static void skip_export(struct env_parser *p)
{
    if (!str_starts(str_skip(p->text, p->at), STR("export")) || blank_len(p->text, p->at + 6) == 0)
        return;
    p->at += 6;
    skip_blanks(p);
}

static bool name_byte(char c)
{
    return char_is_alnum(c) || c == '_' || c == '.' || c == '-' || c == '[' || c == ']' || (unsigned char)c >= 0x80;
}

/* The name, and where what follows it starts. *RET_NAME is empty when the line is passed over. */
static int read_name(struct env_parser *p, struct str *ret_name)
{
    *ret_name = STR_NONE;
    size_t start = p->at;
    while (p->at < p->text.len && blank_len(p->text, p->at) == 0 && name_byte(p->text.ptr[p->at]))
        p->at++;
    struct str name = str_of(p->text.ptr + start, p->at - start);
    skip_blanks(p);
    if (p->at >= p->text.len || p->text.ptr[p->at] == '\n')
        return 0;
    char next = p->text.ptr[p->at];
    if (name.len > 0 && name_byte(next))
        return bad_line(p, start, p->at + 1 - start, "a variable's name can't hold a space", "write NAME=value");
    if (next != '=' && next != ':')
        return bad_line(p, p->at, 1, "a variable's name can't hold this character", "write NAME=value");
    if (name.len == 0)
        return bad_line(p, p->at, 1, "a variable's name is missing", "write NAME=value");
    p->at++;
    skip_blanks(p);
    *ret_name = name;
    return 0;
}

static void add_rune(struct buf *out, unsigned rune)
{
    if (rune >= 0x80)
        buf_add_char(out, (char)(0xC0 | rune >> 6));
    buf_add_char(out, (char)(rune >= 0x80 ? 0x80 | (rune & 0x3F) : rune));
}

/* "0NNN" at AT: its length, 0 when it is no octal escape. */
static size_t octal_len(struct str text, size_t at, unsigned *ret_rune)
{
    if (at + 4 > text.len || text.ptr[at] != '0' || text.ptr[at + 1] > '3')
        return 0;
    *ret_rune = 0;
    for (size_t i = 1; i < 4; i++) {
        char c = text.ptr[at + i];
        if (c < '0' || c > '7')
            return 0;
        *ret_rune = *ret_rune * 8 + (unsigned)(c - '0');
    }
    return 4;
}

/* The escapes of double quotes; "\$" becomes "$$", for interpolation comes next. */
static void unescape(struct str text, struct buf *out)
{
    static const char letters[] = "abfnrtv\\";
    static const char bytes[] = "\a\b\f\n\r\t\v\\";
    for (size_t i = 0; i < text.len; i++) {
        char next = text.ptr[i] == '\\' && i + 1 < text.len ? text.ptr[i + 1] : '\0';
        const char *letter = next ? strchr(letters, next) : NULL;
        unsigned rune = 0;
        size_t len = octal_len(text, i + 1, &rune);
        if (letter)
            buf_add_char(out, bytes[letter - letters]);
        else if (next == '$')
            buf_add_z(out, "$$");
        else if (next == '0' && len > 0)
            add_rune(out, rune);
        else
            buf_add_char(out, text.ptr[i]);
        i += letter || next == '$' ? 1 : next == '0' ? len : 0;
    }
}

/* From the quote at the reader's place to its like; only the escape of that quote is taken. False when it is open. */
static bool read_quoted(struct env_parser *p, struct buf *out)
{
    char quote = p->text.ptr[p->at];
    for (size_t i = p->at + 1; i < p->text.len; i++) {
        char c = p->text.ptr[i];
        if (c == quote) {
            p->at = i + 1;
            return true;
        }
        if (c == '\\' && i + 1 < p->text.len) {
            c = p->text.ptr[++i];
            if (c != quote)
                buf_add_char(out, '\\');
        }
        buf_add_char(out, c);
    }
    return false;
}

static const struct compose_variable *find(const void *self, struct str name)
{
    const struct env_parser *p = self;
    const struct compose_variable *outer = p->outer->find(p->outer->self, name);
    size_t place = outer ? 0 : (uintptr_t)map_get(&p->by_name, name);
    return place ? &p->variables.ptr[place - 1] : outer;
}

/* Puts the variables into TEXT, which stands at VARIABLE's origin; EXACT when its offsets are the file's. */
static int interpolate(struct env_parser *p, struct str text, bool exact, struct compose_variable *variable)
{
    struct compose_lookup lookup = {find, p, p->outer->budget};
    struct compose_interpolation result;
    int r = compose_interpolate(text, &lookup, p->arena, &result, p->err);
    if (r != 0)
        return r;
    variable->value = result.text;
    variable->unknown = result.unknown;
    if (!result.fault.message)
        return 0;
    struct data_span span = variable->origin.span;
    struct compose_fault fault = result.fault;
    fault.offset = span.offset + (exact ? fault.offset : 0);
    fault.len = exact ? fault.len : span.len;
    return VEC_PUSH(&p->faults, fault) ? 0 : err_nomem(p->err);
}

static int read_plain_value(struct env_parser *p, struct compose_variable *variable)
{
    size_t start = p->at;
    struct str text = str_skip(p->text, start);
    text = str_head(text, str_find_char(text, '\n'));
    p->at += text.len;
    text = str_trim_right(str_head(text, str_find(text, STR(" #"))));
    variable->origin.span = (struct data_span){(uint32_t)start, (uint32_t)text.len};
    return interpolate(p, text, true, variable);
}

static int read_quoted_value(struct env_parser *p, struct compose_variable *variable, bool *ret_open)
{
    CLEANUP_BUF struct buf inner = BUF_INIT, plain = BUF_INIT;
    size_t start = p->at;
    char quote = p->text.ptr[start];
    *ret_open = !read_quoted(p, &inner);
    if (*ret_open)
        return bad_line(p, start, 1, "a quote is not closed", NULL);
    variable->origin.span = (struct data_span){(uint32_t)start, (uint32_t)(p->at - start)};
    if (quote == '"')
        unescape(buf_str(&inner), &plain);
    struct str text = arena_buf(p->arena, quote == '"' ? &plain : &inner);
    if (!text.ptr || inner.failed)
        return err_nomem(p->err);
    variable->value = text;
    return quote == '"' ? interpolate(p, text, false, variable) : 0;
}

static int read_assignment(struct env_parser *p)
{
    struct str name;
    skip_export(p);
    int r = read_name(p, &name);
    if (r != 0 || name.len == 0)
        return r;
    struct compose_variable variable = {.name = name, .value = STR(""), .origin.source = p->source};
    char first = p->at < p->text.len ? p->text.ptr[p->at] : '\n';
    bool open = false;
    r = first == '"' || first == '\'' ? read_quoted_value(p, &variable, &open) : read_plain_value(p, &variable);
    if (r != 0 || open || char_is_digit(name.ptr[0]))
        return r;
    if (!VEC_PUSH(&p->variables, variable) || !map_set(&p->by_name, name, (void *)(uintptr_t)p->variables.len))
        return err_nomem(p->err);
    return 0;
}

static int keep(struct env_parser *p, struct compose_dotenv *ret)
{
    struct compose_variable *variables = ARENA_ARRAY(p->arena, p->variables.len + 1, struct compose_variable);
    struct compose_fault *faults = ARENA_ARRAY(p->arena, p->faults.len + 1, struct compose_fault);
    if (!variables || !faults)
        return err_nomem(p->err);
    if (p->variables.len > 0)
        memcpy(variables, p->variables.ptr, p->variables.len * sizeof(*variables));
    if (p->faults.len > 0)
        memcpy(faults, p->faults.ptr, p->faults.len * sizeof(*faults));
    *ret = (struct compose_dotenv){variables, p->variables.len, faults, p->faults.len};
    return 0;
}

int compose_dotenv_parse(struct str bytes, uint8_t source, const struct compose_lookup *outer, struct arena *arena,
                         struct compose_dotenv *ret_dotenv, struct err *err)
{
    struct env_parser p = {.text = bytes, .source = source, .outer = outer, .arena = arena, .err = err};
    if (str_starts(bytes, STR("\xEF\xBB\xBF")))
        p.at = 3;
    int r = 0;
    while (r == 0 && to_statement(&p))
        r = read_assignment(&p);
    if (r == 0)
        r = keep(&p, ret_dotenv);
    VEC_DONE(&p.variables);
    VEC_DONE(&p.faults);
    map_done(&p.by_name);
    return r;
}
