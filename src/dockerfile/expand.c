/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/expand.h"

#include "base/buf.h"
#include "dockerfile/internal.h"

/* One word being expanded. Parts of ${...} are written to `out` and cut off again when they are not its value. */
struct expander {
    const struct dockerfile_word *word;
    const struct dockerfile_scope *scope;
    struct arena *arena;
    struct buf out;
    size_t at;
    unsigned depth;
    bool nomem;
    bool unknown;
    const char *problem;
    struct {
        struct dockerfile_use *items;
        uint32_t count, cap;
    } uses;
    struct data_span origins[LIMIT_DOCKERFILE_ORIGINS];
    uint32_t origin_count;
};

/* What stands between '${NAME' and '}'. */
struct modifier {
    char kind; /* '}' when there is none */
    bool null_is_unset;
};

static bool process(struct expander *e, char stop, bool raw_escapes);

static bool fail(struct expander *e, const char *problem)
{
    if (!problem)
        e->nomem = true;
    if (!e->problem)
        e->problem = problem;
    return false;
}

static void add_origin(struct expander *e, struct data_span span)
{
    for (uint32_t i = 0; i < e->origin_count; i++)
        if (e->origins[i].offset == span.offset && e->origins[i].len == span.len)
            return;
    if (e->origin_count < LIMIT_DOCKERFILE_ORIGINS)
        e->origins[e->origin_count++] = span;
}

static bool add_value(struct expander *e, struct str value)
{
    if (value.len > LIMIT_DOCKERFILE_EXPANSION_BYTES || e->out.len + value.len > LIMIT_DOCKERFILE_EXPANSION_BYTES)
        return fail(e, "the expanded word is too long");
    if (value.len > e->scope->budget->bytes)
        return fail(e, "the file's variables expand to too many bytes");
    e->scope->budget->bytes -= value.len;
    buf_add_str(&e->out, value);
    return true;
}

static bool special_name(char c)
{
    return c != '\0' && strchr("@*#?-$!", c) != NULL;
}

static struct str read_name(struct expander *e)
{
    struct str text = e->word->text;
    size_t start = e->at;
    if (start < text.len && char_is_digit(text.ptr[start]))
        while (e->at < text.len && char_is_digit(text.ptr[e->at]))
            e->at++;
    else if (start < text.len && special_name(text.ptr[start]))
        e->at++;
    else
        while (e->at < text.len && (char_is_alnum(text.ptr[e->at]) || text.ptr[e->at] == '_'))
            e->at++;
    return str_of(text.ptr + start, e->at - start);
}

/* Looks NAME up and notes its use, which started at START. */
static bool look_up(struct expander *e, struct str name, size_t start, struct dockerfile_value *ret_value)
{
    *ret_value = e->scope->lookup(e->scope->self, name);
    struct dockerfile_use *use = DOCKERFILE_ADD_TO(e->arena, &e->uses);
    if (!use)
        return fail(e, NULL);
    struct data_span span = e->word->span;
    if (span.len == e->word->text.len)
        span = (struct data_span){span.offset + (uint32_t)start, (uint32_t)(e->at - start)};
    *use = (struct dockerfile_use){name, span, ret_value->state, ret_value->optional};
    for (uint32_t i = 0; i < ret_value->origin_count; i++)
        add_origin(e, ret_value->origins[i]);
    return true;
}

static bool add_plain(struct expander *e, struct str name, size_t start)
{
    struct dockerfile_value value;
    if (!look_up(e, name, start, &value))
        return false;
    if (value.state == DOCKERFILE_STATE_UNKNOWN)
        e->unknown = true;
    return value.state == DOCKERFILE_STATE_UNKNOWN || add_value(e, value.text);
}

/* ${V:-word} and ${V:+word}: the word was written to out from MARK on. */
static bool choose(struct expander *e, struct modifier modifier, struct dockerfile_value value, size_t mark,
                   bool word_unknown)
{
    if (value.state == DOCKERFILE_STATE_UNKNOWN && !value.optional) {
        e->unknown = true;
        return true;
    }
    bool unset = value.state == DOCKERFILE_STATE_ABSENT || value.state == DOCKERFILE_STATE_UNKNOWN ||
                 (modifier.null_is_unset && value.text.len == 0);
    if (unset == (modifier.kind == '-')) {
        e->unknown |= word_unknown;
        return true;
    }
    buf_truncate(&e->out, mark);
    return unset || add_value(e, value.text);
}

static bool demand(struct expander *e, struct modifier modifier, struct str name, struct dockerfile_value value,
                   size_t mark)
{
    struct str word = str_skip(buf_str(&e->out), mark);
    if (value.state == DOCKERFILE_STATE_ABSENT ||
        (modifier.null_is_unset && value.text.len == 0 && value.state != DOCKERFILE_STATE_UNKNOWN)) {
        const char *shown = dockerfile_shown(e->arena, word);
        const char *who = dockerfile_shown(e->arena, name);
        if (!shown || !who)
            return fail(e, NULL);
        return fail(e, *shown ? arena_printf(e->arena, "'%s' has to be set: %s", who, shown)
                              : arena_printf(e->arena, "'%s' has to be set", who));
    }
    buf_truncate(&e->out, mark);
    if (value.state == DOCKERFILE_STATE_UNKNOWN)
        e->unknown = true;
    return value.state == DOCKERFILE_STATE_UNKNOWN || add_value(e, value.text);
}

static bool trim(struct expander *e, struct modifier modifier, struct dockerfile_value value, size_t mark,
                 bool word_unknown)
{
    struct str pattern = str_skip(buf_str(&e->out), mark);
    bool longest = pattern.len > 0 && pattern.ptr[0] == modifier.kind;
    if (longest)
        pattern = str_skip(pattern, 1);
    struct str rest = STR_NONE;
    if (word_unknown || value.state == DOCKERFILE_STATE_UNKNOWN)
        e->unknown = true;
    else if (!dockerfile_pattern_trim(pattern, value.text,
                                      modifier.kind == '#' ? DOCKERFILE_TRIM_PREFIX : DOCKERFILE_TRIM_SUFFIX, longest,
                                      e->scope->budget, &rest, &e->problem))
        return false;
    buf_truncate(&e->out, mark);
    return e->unknown || add_value(e, rest);
}

/* A nested word up to STOP, written to out; *RET_UNKNOWN tells of it alone. */
static bool nested(struct expander *e, char stop, bool raw_escapes, bool *ret_unknown)
{
    if (++e->depth > LIMIT_DOCKERFILE_EXPANSION_DEPTH)
        return fail(e, "variables are nested too deeply");
    bool outer = e->unknown;
    e->unknown = false;
    bool ok = process(e, stop, raw_escapes);
    *ret_unknown = e->unknown;
    e->unknown = outer;
    e->depth--;
    return ok && !e->out.failed;
}

static bool replace(struct expander *e, struct str name, size_t start)
{
    bool all = e->at < e->word->text.len && e->word->text.ptr[e->at] == '/';
    if (all)
        e->at++;
    size_t mark = e->out.len;
    bool pattern_unknown = false;
    bool word_unknown = false;
    if (!nested(e, '/', true, &pattern_unknown))
        return false;
    size_t middle = e->out.len;
    struct dockerfile_value value;
    if (!nested(e, '}', true, &word_unknown) || !look_up(e, name, start, &value))
        return false;
    struct str both = arena_str(e->arena, str_skip(buf_str(&e->out), mark));
    if (!both.ptr)
        return fail(e, NULL);
    struct str pattern = str_head(both, middle - mark);
    struct str word = str_skip(both, middle - mark);
    buf_truncate(&e->out, mark);
    if (pattern_unknown || word_unknown || value.state == DOCKERFILE_STATE_UNKNOWN) {
        e->unknown = true;
        return true;
    }
    size_t from = 0;
    for (bool again = true; again; again = all && from < value.text.len) {
        size_t match = 0;
        size_t end = 0;
        if (!dockerfile_pattern_find(pattern, value.text, from, e->scope->budget, &match, &end, &e->problem))
            return false;
        if (match > value.text.len)
            break;
        if (!add_value(e, str_of(value.text.ptr + from, match - from)) || !add_value(e, word))
            return false;
        if (end == match && end < value.text.len) { /* an empty match goes on behind the next byte */
            buf_add_char(&e->out, value.text.ptr[end]);
            end++;
        }
        from = end;
    }
    return add_value(e, str_skip(value.text, from));
}

/* "${" was read; START is the index of its '$'. */
static bool braces(struct expander *e, size_t start)
{
    struct str text = e->word->text;
    static const char *const missing = "a '}' is missing";
    if (e->at == text.len)
        return fail(e, missing);
    if (strchr("{}:", text.ptr[e->at]) && text.ptr[e->at])
        return fail(e, "no variable's name stands behind '${'");
    struct str name = read_name(e);
    struct modifier modifier = {.kind = e->at < text.len ? text.ptr[e->at++] : '\0'};
    modifier.null_is_unset = modifier.kind == ':';
    if (modifier.null_is_unset)
        modifier.kind = e->at < text.len ? text.ptr[e->at++] : '\0';
    if (e->at == text.len && modifier.kind != '}')
        return fail(e, missing);
    if (name.len == 0)
        return fail(e, "no variable's name stands behind '${'");
    if (modifier.kind == '}' && !modifier.null_is_unset)
        return add_plain(e, name, start);
    if (modifier.kind == '/' && !modifier.null_is_unset)
        return replace(e, name, start);
    bool matches = modifier.kind == '#' || modifier.kind == '%';
    if (!matches && modifier.kind != '-' && modifier.kind != '+' && modifier.kind != '?')
        return fail(e, "a modifier behind the variable's name is unknown");
    size_t mark = e->out.len;
    bool word_unknown = false;
    struct dockerfile_value value;
    if (!nested(e, '}', matches, &word_unknown) || !look_up(e, name, start, &value))
        return false;
    if (matches)
        return trim(e, modifier, value, mark, word_unknown);
    if (modifier.kind == '?')
        return demand(e, modifier, name, value, mark);
    return choose(e, modifier, value, mark, word_unknown);
}

static bool dollar(struct expander *e)
{
    size_t start = e->at++;
    struct str text = e->word->text;
    if (e->at < text.len && text.ptr[e->at] == '{') {
        e->at++;
        return braces(e, start);
    }
    struct str name = read_name(e);
    if (name.len > 0)
        return add_plain(e, name, start);
    buf_add_char(&e->out, '$');
    return true;
}

static bool single_quotes(struct expander *e)
{
    struct str rest = str_skip(e->word->text, e->at + 1);
    size_t len = str_find_char(rest, '\'');
    if (len == rest.len)
        return fail(e, "a single quote is not closed");
    buf_add(&e->out, rest.ptr, len);
    e->at += len + 2;
    return true;
}

static bool double_quotes(struct expander *e, bool raw_escapes)
{
    struct str text = e->word->text;
    e->at++;
    while (e->at < text.len) {
        char c = text.ptr[e->at];
        if (c == '"') {
            e->at++;
            return true;
        }
        if (c == '$') {
            if (!dollar(e))
                return false;
            continue;
        }
        e->at++;
        if (c == e->scope->escape) {
            if (e->at == text.len)
                break;
            char next = text.ptr[e->at];
            bool escapes = next == '"' || next == '$' || next == c;
            if (raw_escapes)
                buf_add_char(&e->out, c);
            if (escapes)
                c = text.ptr[e->at++];
            else if (raw_escapes)
                continue;
        }
        buf_add_char(&e->out, c);
    }
    return fail(e, "a double quote is not closed");
}

/* Up to STOP (taken, not written), or to the end when STOP is NUL. */
static bool process(struct expander *e, char stop, bool raw_escapes)
{
    struct str text = e->word->text;
    bool quotes = !e->scope->heredoc;
    while (e->at < text.len) {
        char c = text.ptr[e->at];
        bool ok = true;
        if (stop && c == stop) {
            e->at++;
            return true;
        }
        if (c == '$') {
            ok = dollar(e);
        } else if (quotes && c == '\'') {
            ok = single_quotes(e);
        } else if (quotes && c == '"') {
            ok = double_quotes(e, raw_escapes);
        } else {
            e->at++;
            bool escape = c == e->scope->escape;
            if (!escape || raw_escapes)
                buf_add_char(&e->out, c);
            if (escape && e->at < text.len)
                buf_add_char(&e->out, text.ptr[e->at++]);
        }
        if (!ok)
            return false;
    }
    return !stop || fail(e, stop == '}' ? "a '}' is missing" : "a '/' is missing in '${'");
}

/* True when TEXT stands for itself. */
static bool is_plain(struct str text, const struct dockerfile_scope *scope)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '$' || (!scope->heredoc && (c == scope->escape || c == '"' || c == '\'')))
            return false;
    }
    return true;
}

static int keep_origins(struct expander *e, struct dockerfile_value *value, struct err *err)
{
    struct data_span *origins = ARENA_ARRAY(e->arena, e->origin_count, struct data_span);
    if (!origins)
        return err_nomem(err);
    memcpy(origins, e->origins, e->origin_count * sizeof(*origins));
    value->origins = origins;
    value->origin_count = e->origin_count;
    return 0;
}

int dockerfile_expand(const struct dockerfile_word *word, const struct dockerfile_scope *scope, struct arena *arena,
                      struct dockerfile_expansion *ret_expansion, struct err *err)
{
    struct expander e = {.word = word, .scope = scope, .arena = arena};
    struct dockerfile_expansion out = {.value = {.state = DOCKERFILE_STATE_KNOWN, .text = word->text}};
    add_origin(&e, word->span);
    if (!is_plain(word->text, scope)) {
        if (word->text.len <= scope->budget->bytes) {
            scope->budget->bytes -= word->text.len;
            process(&e, '\0', scope->heredoc);
        } else {
            e.problem = "the file's variables expand to too many bytes";
        }
        struct str text = arena_str(arena, buf_str(&e.out));
        bool failed = e.nomem || e.out.failed || !text.ptr;
        buf_done(&e.out);
        if (failed)
            return err_nomem(err);
        if (e.problem || e.unknown)
            out.value.state = DOCKERFILE_STATE_UNKNOWN;
        else
            out.value.text = text;
        out.problem = e.problem;
        out.uses = e.uses.items;
        out.use_count = e.uses.count;
    }
    int r = keep_origins(&e, &out.value, err);
    if (r == 0)
        *ret_expansion = out;
    return r;
}
