/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns as sets of states: a pattern is run once over a path and may accept it or any of its parents on the way. */
#include "project/ignore.h"

#include "base/limits.h"
#include "base/path.h"
#include "base/vec.h"

#include <string.h>

enum token_kind {
    TOKEN_CHAR,
    TOKEN_ANY,   /* "?": one character, no slash */
    TOKEN_SET,   /* "[...]": one character; the original lets it be a slash */
    TOKEN_STAR,  /* "*": characters without a slash */
    TOKEN_NAMES, /* "**" and what follows: nothing, or anything that ends in a slash */
    TOKEN_ALL,   /* "**" at the end: anything */
};

struct token {
    enum token_kind kind;
    struct str text; /* CHAR: its bytes; SET: between the brackets, without "^" */
    bool negated;    /* SET */
};

struct pattern {
    struct token *tokens;
    size_t count;
    struct str literal; /* what every match starts with */
    bool back;          /* "!" */
};

struct project_ignore {
    struct pattern *patterns;
    size_t count;
    bool takes_back;
};

/* Where a pattern stands, for messages. */
struct origin {
    struct str pattern;
    size_t line; /* of .dockerignore; 0: --exclude */
};

static int refuse(const struct origin *origin, const char *why, struct err *err)
{
    struct str shown = str_head(origin->pattern, 200);
    if (origin->line)
        err_set(err, ERR_INVALID, ".dockerignore, line %zu: %s in '%.*s'", origin->line, why, STR_ARG(shown));
    else
        err_set(err, ERR_USAGE, "--exclude: %s in '%.*s'", why, STR_ARG(shown));
    return err_hint(err, "a '\\' before a character takes it as it is");
}

/* The first character: UTF-8, or a single byte that is none. */
static struct str first_char(struct str text)
{
    size_t len = 1;
    while (len < 4 && len < text.len && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len++;
    struct str head = str_head(text, len);
    return str_utf8_valid(head) == head.len ? head : str_head(text, 1);
}

static uint32_t code_point(struct str c)
{
    const unsigned char *b = (const unsigned char *)c.ptr;
    if (c.len == 2)
        return (b[0] & 0x1fU) << 6 | (b[1] & 0x3fU);
    if (c.len == 3)
        return (b[0] & 0x0fU) << 12 | (b[1] & 0x3fU) << 6 | (b[2] & 0x3fU);
    if (c.len == 4)
        return (b[0] & 0x07U) << 18 | (b[1] & 0x3fU) << 12 | (b[2] & 0x3fU) << 6 | (b[3] & 0x3fU);
    return b[0] < 0x80 ? b[0] : 0xfffd;
}

/* One end of a range; false when there is none. */
static bool take_end(struct str *rest, uint32_t *ret_code)
{
    if (rest->len == 0 || rest->ptr[0] == '-' || rest->ptr[0] == ']')
        return false;
    if (rest->ptr[0] == '\\')
        *rest = str_skip(*rest, 1);
    if (rest->len == 0)
        return false;
    struct str c = first_char(*rest);
    *ret_code = code_point(c);
    *rest = str_skip(*rest, c.len);
    return true;
}

static bool take_range(struct str *rest, uint32_t *ret_low, uint32_t *ret_high)
{
    if (!take_end(rest, ret_low))
        return false;
    *ret_high = *ret_low;
    if (rest->len == 0 || rest->ptr[0] != '-')
        return true;
    *rest = str_skip(*rest, 1);
    return take_end(rest, ret_high) && *ret_low <= *ret_high;
}

static bool set_has(const struct token *set, uint32_t code)
{
    struct str rest = set->text;
    uint32_t low, high;
    while (rest.len && take_range(&rest, &low, &high))
        if (low <= code && code <= high)
            return !set->negated;
    return set->negated;
}

/* Behind "[". */
static int read_set(struct str *rest, const struct origin *origin, struct token *token, struct err *err)
{
    token->kind = TOKEN_SET;
    if (rest->len && rest->ptr[0] == '^') {
        token->negated = true;
        *rest = str_skip(*rest, 1);
    }
    const char *start = rest->ptr;
    do {
        uint32_t low, high;
        if (!take_range(rest, &low, &high))
            return refuse(origin, "a set that is empty, not closed or has a wrong range", err);
    } while (rest->len == 0 || rest->ptr[0] != ']');
    token->text = str_of(start, (size_t)(rest->ptr - start));
    *rest = str_skip(*rest, 1);
    return 0;
}

/* Behind "**". FIRST: nothing is before it. */
static void read_stars(struct str *rest, bool first, struct token *token)
{
    bool slash = rest->len && rest->ptr[0] == '/';
    if (slash)
        *rest = str_skip(*rest, 1);
    bool plain = true;
    for (size_t i = 0; i < rest->len; i++)
        plain &= strchr("*?[]\\", rest->ptr[i]) == NULL;
    /* "**x", with nothing else in it, is any name that ends so; "**x*" is one that begins so. */
    bool all = rest->len == 0 || (first && !slash && plain);
    token->kind = all ? TOKEN_ALL : TOKEN_NAMES;
}

static int read_token(struct str *rest, bool first, const struct origin *origin, struct token *token, struct err *err)
{
    struct str c = first_char(*rest);
    *rest = str_skip(*rest, c.len);
    token->text = c;
    switch (c.ptr[0]) {
    case '*':
        token->kind = TOKEN_STAR;
        if (rest->len && rest->ptr[0] == '*') {
            *rest = str_skip(*rest, 1);
            read_stars(rest, first, token);
        }
        return 0;
    case '?':
        token->kind = TOKEN_ANY;
        return 0;
    case '[':
        return read_set(rest, origin, token, err);
    case '\\':
        if (rest->len == 0)
            return refuse(origin, "nothing behind a '\\'", err);
        token->text = first_char(*rest);
        *rest = str_skip(*rest, token->text.len);
        return 0;
    default:
        return 0;
    }
}

/* TEXT is clean and in the arena. */
static int compile(struct str text, const struct origin *origin, struct arena *arena, struct pattern *ret,
                   struct err *err)
{
    if (text.len > LIMIT_TAR_NAME_BYTES)
        return refuse(origin, "a pattern that is longer than a path can be", err);
    struct pattern pattern = {.tokens = ARENA_ARRAY(arena, text.len + 1, struct token), .back = ret->back};
    if (!pattern.tokens)
        return err_nomem(err);
    struct str rest = text;
    bool literal = true;
    while (rest.len) {
        struct token *token = &pattern.tokens[pattern.count++];
        int r = read_token(&rest, pattern.count == 1, origin, token, err);
        if (r < 0)
            return r;
        literal &= token->kind == TOKEN_CHAR && token->text.ptr == text.ptr + pattern.literal.len;
        if (literal)
            pattern.literal = str_head(text, (size_t)(rest.ptr - text.ptr));
    }
    *ret = pattern;
    return 0;
}

/* The pattern as it is matched; empty: it matches nothing. ret->ptr NULL: memory is short. */
static struct str cleaned(struct str text, struct arena *arena)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    bool absolute = text.len && text.ptr[0] == '/';
    bool inside = path_normalize(&out, absolute ? STR("/") : STR(""), text);
    if (out.failed)
        return STR_NONE;
    struct str clean = inside ? buf_str(&out) : STR("");
    if (clean.len && clean.ptr[0] == '/')
        clean = str_skip(clean, 1);
    return arena_str(arena, str_eq(clean, STR(".")) ? STR("") : clean);
}

struct patterns {
    VEC(struct pattern) vec;
};

static int add(struct patterns *patterns, struct origin origin, struct arena *arena, struct err *err)
{
    struct str text = str_trim(origin.pattern);
    struct pattern pattern = {.back = text.len && text.ptr[0] == '!'};
    if (pattern.back)
        text = str_trim(str_skip(text, 1));
    if (text.len == 0 && pattern.back)
        return refuse(&origin, "nothing behind a '!'", err);
    if (text.len == 0)
        return 0;
    if (str_has_char(text, '\0'))
        return refuse(&origin, "a NUL byte", err);
    text = cleaned(text, arena);
    if (!text.ptr)
        return err_nomem(err);
    if (text.len == 0)
        return 0;
    int r = compile(text, &origin, arena, &pattern, err);
    if (r < 0)
        return r;
    if (patterns->vec.len >= LIMIT_IGNORE_PATTERNS)
        return err_set(err, ERR_LIMIT, "more than %d patterns of files to leave out", LIMIT_IGNORE_PATTERNS);
    return VEC_PUSH(&patterns->vec, pattern) ? 0 : err_nomem(err);
}

static int add_all(struct patterns *patterns, struct str text, struct str_list extra, struct arena *arena,
                   struct err *err)
{
    if (text.len > LIMIT_IGNORE_BYTES)
        return err_set(err, ERR_LIMIT, "a .dockerignore of more than %llu bytes", LIMIT_IGNORE_BYTES);
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_skip(text, 3);
    int r = 0;
    struct origin origin = {.line = 0};
    while (r == 0 && str_next_line(&text, &origin.pattern)) {
        origin.line++;
        if (origin.pattern.len == 0 || origin.pattern.ptr[0] != '#')
            r = add(patterns, origin, arena, err);
    }
    for (size_t i = 0; r == 0 && i < extra.len; i++)
        r = add(patterns, (struct origin){.pattern = extra.ptr[i]}, arena, err);
    return r;
}

int project_ignore_new(struct str text, struct str_list extra, struct arena *arena, struct project_ignore **ret_ignore,
                       struct err *err)
{
    struct patterns patterns = {0};
    int r = add_all(&patterns, text, extra, arena, err);
    struct project_ignore *ignore = NULL;
    if (r == 0) {
        ignore = ARENA_NEW(arena, struct project_ignore);
        struct pattern *copy = ARENA_ARRAY(arena, patterns.vec.len + 1, struct pattern);
        if (ignore && copy) {
            for (size_t i = 0; i < patterns.vec.len; i++) {
                copy[i] = patterns.vec.ptr[i];
                ignore->takes_back |= copy[i].back;
            }
            ignore->patterns = copy;
            ignore->count = patterns.vec.len;
            *ret_ignore = ignore;
        } else {
            r = err_nomem(err);
        }
    }
    VEC_DONE(&patterns.vec);
    return r;
}

/* Which tokens come next: a byte each, and one behind the last. */
struct states {
    uint8_t on[LIMIT_TAR_NAME_BYTES + 1];
    size_t low, high; /* all that are on lie in low..high; low > high: none */
};

static void clear(struct states *states)
{
    states->low = 1;
    states->high = 0;
}

static void turn_one_on(struct states *states, size_t at)
{
    if (states->low > states->high)
        states->low = states->high = at;
    while (states->low > at)
        states->on[--states->low] = 0;
    while (states->high < at)
        states->on[++states->high] = 0;
    states->on[at] = 1;
}

/* Turns AT on, and what can be reached from it without a character. */
static void turn_on(const struct pattern *pattern, struct states *states, size_t at)
{
    turn_one_on(states, at);
    while (at < pattern->count && pattern->tokens[at].kind >= TOKEN_STAR)
        turn_one_on(states, ++at);
}

static void step(const struct pattern *pattern, const struct states *from, struct str c, struct states *to)
{
    bool slash = c.ptr[0] == '/';
    clear(to);
    for (size_t at = from->low; at <= from->high && at < pattern->count; at++) {
        if (!from->on[at])
            continue;
        const struct token *token = &pattern->tokens[at];
        switch (token->kind) {
        case TOKEN_CHAR:
            if (str_eq(token->text, c))
                turn_on(pattern, to, at + 1);
            break;
        case TOKEN_ANY:
            if (!slash)
                turn_on(pattern, to, at + 1);
            break;
        case TOKEN_SET:
            if (set_has(token, code_point(c)))
                turn_on(pattern, to, at + 1);
            break;
        case TOKEN_STAR:
            if (!slash)
                turn_on(pattern, to, at);
            break;
        case TOKEN_ALL:
            turn_on(pattern, to, at);
            break;
        case TOKEN_NAMES: /* once it has begun, only a slash leads out */
            turn_one_on(to, at);
            if (slash)
                turn_on(pattern, to, at + 1);
            break;
        }
    }
}

/* Runs PATTERN over PATH; true when it accepts it or one of its parents. *RET_ALIVE: it could go on below PATH. */
static bool run(const struct pattern *pattern, struct str path, bool *ret_alive)
{
    *ret_alive = false;
    size_t common = path.len < pattern->literal.len ? path.len : pattern->literal.len;
    if (!str_eq(str_head(path, common), str_head(pattern->literal, common)))
        return false;
    struct states states[2];
    struct states *now = &states[0], *next = &states[1];
    clear(now);
    turn_on(pattern, now, 0);
    for (struct str rest = path; rest.len && now->low <= now->high;) {
        struct str c = first_char(rest);
        bool accepts = now->high == pattern->count && now->on[pattern->count];
        if (accepts && c.ptr[0] == '/' && rest.ptr != path.ptr)
            return true;
        step(pattern, now, c, next);
        struct states *swap = now;
        now = next;
        next = swap;
        rest = str_skip(rest, c.len);
    }
    if (now->low > now->high)
        return false;
    bool accepts = now->high == pattern->count && now->on[pattern->count];
    step(pattern, now, STR("/"), next);
    *ret_alive = next->low <= next->high;
    return accepts;
}

bool project_ignore_matches(const struct project_ignore *ignore, struct str path)
{
    bool matched = false, alive;
    for (size_t i = 0; i < ignore->count; i++)
        if (ignore->patterns[i].back == matched && run(&ignore->patterns[i], path, &alive))
            matched = !matched;
    return matched;
}

bool project_ignore_may_return(const struct project_ignore *ignore, struct str path)
{
    for (size_t i = 0; ignore->takes_back && i < ignore->count; i++) {
        bool alive = false;
        if (ignore->patterns[i].back && (run(&ignore->patterns[i], path, &alive) || alive))
            return true;
    }
    return false;
}
