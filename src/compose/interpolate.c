/* SPDX-License-Identifier: Apache-2.0 */
#include "compose/interpolate.h"

#include <string.h>

/* One text being interpolated. Offsets are of `text`, so that faults in nested parts have their place. */
struct work {
    struct str text;
    const struct compose_lookup *lookup;
    struct arena *arena;
    struct buf out;
    unsigned depth;
    bool nomem;
    bool changed;
    bool unknown;
    struct compose_fault fault;
    struct data_origin origins[LIMIT_COMPOSE_ORIGINS];
    size_t origin_count;
};

/* "${NAME:-word}": offsets of its parts. */
struct braces {
    struct str name;
    size_t start; /* of the '$' */
    size_t word, close;
    char kind; /* '-', '+', '?'; '}' when there is no operator */
    bool empty_is_unset;
};

static const char dollar_hint[] = "write '$$' for a '$' that is meant as one";

static bool run(struct work *w, size_t from, size_t to);

static bool fail(struct work *w, size_t offset, size_t len, const char *message, const char *hint)
{
    if (!message)
        w->nomem = true;
    else if (!w->fault.message)
        w->fault = (struct compose_fault){message, hint, false, offset, len};
    return false;
}

static void add_origin(struct work *w, const struct data_origin *origin)
{
    for (size_t i = 0; i < w->origin_count; i++)
        if (w->origins[i].source == origin->source && w->origins[i].span.offset == origin->span.offset)
            return;
    if (w->origin_count < LIMIT_COMPOSE_ORIGINS)
        w->origins[w->origin_count++] = *origin;
}

static bool add_text(struct work *w, struct str text, size_t at, size_t len)
{
    if (text.len > LIMIT_COMPOSE_VALUE_BYTES || w->out.len + text.len > LIMIT_COMPOSE_VALUE_BYTES)
        return fail(w, at, len, "the value is too long with its variables", NULL);
    buf_add_str(&w->out, text);
    return !w->out.failed || fail(w, at, len, NULL, NULL);
}

static bool add_value(struct work *w, const struct compose_variable *variable, size_t at, size_t len)
{
    if (variable->unknown) {
        w->unknown = true;
        return true;
    }
    if (variable->value.len > *w->lookup->budget)
        return fail(w, at, len, "the project's variables bring too many bytes", NULL);
    *w->lookup->budget -= variable->value.len;
    return add_text(w, variable->value, at, len);
}

static const struct compose_variable *find(struct work *w, struct str name)
{
    const struct compose_variable *variable = w->lookup->find(w->lookup->self, name);
    if (variable)
        add_origin(w, &variable->origin);
    return variable;
}

static bool add_plain(struct work *w, struct str name, size_t at, size_t len)
{
    const struct compose_variable *variable = find(w, name);
    if (!variable)
        w->unknown = true;
    return !variable || add_value(w, variable, at, len);
}

/* The length of the name at AT. */
static size_t name_len(struct str text, size_t at)
{
    size_t end = at;
    while (end < text.len &&
           (char_is_alpha(text.ptr[end]) || text.ptr[end] == '_' || (end > at && char_is_digit(text.ptr[end]))))
        end++;
    return end - at;
}

/*
 * The '}' that closes the '{' at OPEN; TO when there is none. Braces in between are counted; the byte behind a '{' is
 * passed over, and where they don't balance the line's last '}' closes, both as compose-go does it.
 */
static size_t closing(struct str text, size_t open, size_t to)
{
    size_t depth = 0;
    size_t last = to;
    for (size_t i = open; i < to && text.ptr[i] != '\n'; i++) {
        if (text.ptr[i] == '}') {
            last = i;
            if (--depth == 0)
                return i;
        } else if (text.ptr[i] == '{') {
            depth++;
            if (i + 1 < to && text.ptr[i + 1] == '}')
                last = i + 1;
            i++;
        }
    }
    return last;
}

/* What a person takes for the "${...}" at START. */
static size_t shown_len(const struct work *w, size_t start, size_t to)
{
    size_t end = start + 2;
    while (end < to && w->text.ptr[end] != '\n' && w->text.ptr[end] != '}' && end - start < 64)
        end++;
    return end < to && w->text.ptr[end] == '}' ? end + 1 - start : 2;
}

static bool not_a_name(struct work *w, size_t start, size_t to)
{
    return fail(w, start, shown_len(w, start, to), "no variable's name stands behind '${'", dollar_hint);
}

static bool parse(struct work *w, size_t start, size_t to, struct braces *ret)
{
    size_t len = name_len(str_head(w->text, to), start + 2);
    if (len == 0)
        return not_a_name(w, start, to);
    size_t at = start + 2 + len;
    *ret = (struct braces){.name = str_of(w->text.ptr + start + 2, len), .start = start, .word = at, .close = at};
    static const char *const missing = "a '}' is missing";
    if (at >= to)
        return fail(w, start, len + 2, missing, dollar_hint);
    ret->empty_is_unset = w->text.ptr[at] == ':';
    ret->kind = ret->empty_is_unset ? (at + 1 < to ? w->text.ptr[at + 1] : '\0') : w->text.ptr[at];
    if (ret->kind == '}' && !ret->empty_is_unset)
        return true;
    if (ret->kind != '-' && ret->kind != '+' && ret->kind != '?')
        return fail(w, start, shown_len(w, start, to), "what stands behind the variable's name is no operator",
                    "the operators are :- - :+ + :? and ?");
    ret->word = at + 1 + ret->empty_is_unset;
    ret->close = closing(w->text, start + 1, to);
    /* Out of balance, the last '}' may stand before the operator's own text only when there is none. */
    if (ret->close >= to || ret->close < ret->word)
        return fail(w, start, ret->word - start, missing, "the closing '}' has to stand on the same line");
    return true;
}

static bool nested(struct work *w, const struct braces *b)
{
    if (++w->depth > LIMIT_COMPOSE_INTERPOLATION_DEPTH)
        return fail(w, b->start, b->close + 1 - b->start, "variables are nested too deeply", NULL);
    bool ok = run(w, b->word, b->close);
    w->depth--;
    return ok;
}

static const char *printable(struct arena *arena, struct str text)
{
    char *shown = arena_z(arena, str_head(text, str_utf8_valid(str_head(text, 200))));
    for (char *c = shown; c && *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    return shown;
}

static bool missing_value(struct work *w, const struct braces *b)
{
    size_t mark = w->out.len;
    size_t len = b->close + 1 - b->start;
    if (!nested(w, b))
        return false;
    const char *why = printable(w->arena, str_trim(str_skip(buf_str(&w->out), mark)));
    const char *who = printable(w->arena, b->name);
    if (!why || !who)
        return fail(w, 0, 0, NULL, NULL);
    const char *message = *why ? arena_printf(w->arena, "'%s' has to be set: %s", who, why)
                               : arena_printf(w->arena, "'%s' has to be set", who);
    const char *hint = arena_printf(w->arena, "set '%s' in the project's '.env'", who);
    if (!message || !hint)
        return fail(w, 0, 0, NULL, NULL);
    fail(w, b->start, len, message, hint);
    w->fault.required = true;
    return false;
}

static bool put(struct work *w, const struct braces *b)
{
    size_t len = b->close + 1 - b->start;
    if (b->kind == '}')
        return add_plain(w, b->name, b->start, len);
    const struct compose_variable *variable = find(w, b->name);
    if (variable && variable->unknown && b->empty_is_unset) { /* it may be empty */
        w->unknown = true;
        return true;
    }
    bool set = variable && (variable->unknown || !b->empty_is_unset || variable->value.len > 0);
    if (b->kind == '+')
        return !set || nested(w, b);
    if (set)
        return add_value(w, variable, b->start, len);
    return b->kind == '-' ? nested(w, b) : missing_value(w, b);
}

/* The '$' at *AT, which is moved behind what belongs to it. */
static bool dollar(struct work *w, size_t *at, size_t to)
{
    size_t start = *at;
    char next = start + 1 < to ? w->text.ptr[start + 1] : '\0';
    if (next == '{') {
        struct braces b;
        if (!parse(w, start, to, &b))
            return false;
        *at = b.close + 1;
        w->changed = true;
        return put(w, &b);
    }
    size_t len = name_len(str_head(w->text, to), start + 1);
    *at = start + 1 + (next == '$' && start + 1 < to ? 1 : len);
    w->changed |= *at > start + 1;
    if (len > 0)
        return add_plain(w, str_of(w->text.ptr + start + 1, len), start, len + 1);
    return add_text(w, STR("$"), start, 1);
}

static bool run(struct work *w, size_t from, size_t to)
{
    for (size_t at = from; at < to;) {
        struct str rest = str_of(w->text.ptr + at, to - at);
        size_t plain = str_find_char(rest, '$');
        if (!add_text(w, str_head(rest, plain), at, plain))
            return false;
        at += plain;
        if (at < to && !dollar(w, &at, to))
            return false;
    }
    return true;
}

static int finish(struct work *w, struct compose_interpolation *ret, struct err *err)
{
    *ret = (struct compose_interpolation){.text = w->text, .fault = w->fault};
    ret->unknown = w->unknown || w->fault.message;
    ret->changed = w->changed && !ret->unknown;
    if (ret->changed) {
        ret->text = arena_buf(w->arena, &w->out);
        if (!ret->text.ptr)
            return err_nomem(err);
    }
    if (w->origin_count > 0) {
        struct data_origin *origins = ARENA_ARRAY(w->arena, w->origin_count, struct data_origin);
        if (!origins)
            return err_nomem(err);
        memcpy(origins, w->origins, w->origin_count * sizeof(*origins));
        ret->origins = origins;
        ret->origin_count = w->origin_count;
    }
    return 0;
}

int compose_interpolate(struct str text, const struct compose_lookup *lookup, struct arena *arena,
                        struct compose_interpolation *ret_result, struct err *err)
{
    if (!str_has_char(text, '$')) {
        *ret_result = (struct compose_interpolation){.text = text};
        return 0;
    }
    struct work w = {.text = text, .lookup = lookup, .arena = arena, .out = BUF_INIT};
    run(&w, 0, text.len);
    int r = w.nomem || w.out.failed ? err_nomem(err) : finish(&w, ret_result, err);
    buf_done(&w.out);
    return r;
}
