/* SPDX-License-Identifier: Apache-2.0 */
#include "dockerfile/internal.h"

/*
 * Patterns of ${V#p} and its like: '*', '?' (one character), '\' before one of '*?\'; '\}' and '\/' stand for the
 * character alone. Matching goes by characters and keeps the set of all places in the pattern, so that its cost is
 * bounded by the product of the lengths.
 */
struct token {
    enum { TOKEN_CHAR, TOKEN_ONE, TOKEN_ANY } kind;
    struct str text; /* the one character's bytes */
};

struct pattern {
    struct token tokens[LIMIT_DOCKERFILE_PATTERN_BYTES];
    size_t count;
};

/* Bytes of the character at AT; a byte that is no UTF-8 is one of its own. */
static size_t char_len(struct str text, size_t at)
{
    unsigned char first = (unsigned char)text.ptr[at];
    size_t len = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    return len <= text.len - at && str_utf8_valid(str_of(text.ptr + at, len)) == len ? len : 1;
}

static bool starts_char(struct str text, size_t at)
{
    return at >= text.len || ((unsigned char)text.ptr[at] & 0xC0) != 0x80;
}

static bool compile(struct str text, struct pattern *pattern, const char **ret_problem)
{
    pattern->count = 0;
    if (text.len > LIMIT_DOCKERFILE_PATTERN_BYTES) {
        *ret_problem = "the pattern is too long";
        return false;
    }
    size_t at = 0;
    while (at < text.len) {
        struct token token = {.kind = TOKEN_CHAR};
        char c = text.ptr[at];
        if (c == '\\') {
            at++;
            if (at == text.len || text.ptr[at] == '\0' || !strchr("*?\\}/", text.ptr[at])) {
                *ret_problem = "a '\\' in the pattern escapes nothing";
                return false;
            }
        } else if (c == '*' || c == '?') {
            token.kind = c == '*' ? TOKEN_ANY : TOKEN_ONE;
        }
        token.text = str_of(text.ptr + at, char_len(text, at));
        at += token.text.len;
        bool repeated =
            token.kind == TOKEN_ANY && pattern->count > 0 && pattern->tokens[pattern->count - 1].kind == TOKEN_ANY;
        if (!repeated)
            pattern->tokens[pattern->count++] = token;
    }
    return true;
}

/* '*' may stand for nothing. */
static void add_place(const struct pattern *pattern, bool *places, size_t place)
{
    places[place] = true;
    while (place < pattern->count && pattern->tokens[place].kind == TOKEN_ANY)
        places[++place] = true;
}

/* The places after one more character; false when there are none. */
static bool step(const struct pattern *pattern, bool *places, struct str character)
{
    bool next[LIMIT_DOCKERFILE_PATTERN_BYTES + 1];
    bool alive = false;
    memset(next, 0, pattern->count + 1);
    for (size_t i = 0; i < pattern->count; i++) {
        const struct token *token = &pattern->tokens[i];
        if (!places[i] || (token->kind == TOKEN_CHAR && !str_eq(token->text, character)))
            continue;
        add_place(pattern, next, token->kind == TOKEN_ANY ? i : i + 1);
        alive = true;
    }
    memcpy(places, next, pattern->count + 1);
    return alive;
}

/* Ends of the matches that start at FROM; SIZE_MAX when there are none. False: the budget is spent. */
static bool match_from(const struct pattern *pattern, struct str text, size_t from, struct dockerfile_budget *budget,
                       size_t *ret_shortest, size_t *ret_longest)
{
    bool places[LIMIT_DOCKERFILE_PATTERN_BYTES + 1];
    memset(places, 0, pattern->count + 1);
    add_place(pattern, places, 0);
    *ret_shortest = *ret_longest = SIZE_MAX;
    size_t at = from;
    for (;;) {
        if (places[pattern->count]) {
            *ret_longest = at;
            if (*ret_shortest == SIZE_MAX)
                *ret_shortest = at;
        }
        if (at >= text.len)
            return true;
        if (budget->steps <= pattern->count)
            return false;
        budget->steps -= pattern->count + 1;
        size_t len = char_len(text, at);
        if (!step(pattern, places, str_of(text.ptr + at, len)))
            return true;
        at += len;
    }
}

static bool spent(const char **ret_problem)
{
    *ret_problem = "the file's patterns take too long to match";
    return false;
}

static bool trim_suffix(const struct pattern *pattern, struct str value, bool longest, struct dockerfile_budget *budget,
                        struct str *ret_rest, const char **ret_problem)
{
    size_t shortest_end;
    size_t longest_end;
    for (size_t i = 0; i <= value.len; i++) {
        size_t start = longest ? i : value.len - i;
        if (!starts_char(value, start))
            continue;
        if (!match_from(pattern, value, start, budget, &shortest_end, &longest_end))
            return spent(ret_problem);
        if (longest_end == value.len) {
            *ret_rest = str_head(value, start);
            return true;
        }
    }
    *ret_rest = value;
    return true;
}

bool dockerfile_pattern_trim(struct str pattern, struct str value, enum dockerfile_trim side, bool longest,
                             struct dockerfile_budget *budget, struct str *ret_rest, const char **ret_problem)
{
    struct pattern compiled;
    if (!compile(pattern, &compiled, ret_problem))
        return false;
    if (side == DOCKERFILE_TRIM_SUFFIX)
        return trim_suffix(&compiled, value, longest, budget, ret_rest, ret_problem);
    size_t shortest_end;
    size_t longest_end;
    if (!match_from(&compiled, value, 0, budget, &shortest_end, &longest_end))
        return spent(ret_problem);
    size_t end = longest ? longest_end : shortest_end;
    *ret_rest = end == SIZE_MAX ? value : str_skip(value, end);
    return true;
}

bool dockerfile_pattern_find(struct str pattern, struct str value, size_t from, struct dockerfile_budget *budget,
                             size_t *ret_start, size_t *ret_end, const char **ret_problem)
{
    struct pattern compiled;
    if (!compile(pattern, &compiled, ret_problem))
        return false;
    for (size_t start = from; start <= value.len; start++) {
        size_t shortest_end;
        size_t longest_end;
        if (!starts_char(value, start))
            continue;
        if (!match_from(&compiled, value, start, budget, &shortest_end, &longest_end))
            return spent(ret_problem);
        if (longest_end != SIZE_MAX) {
            *ret_start = start;
            *ret_end = longest_end;
            return true;
        }
    }
    *ret_start = value.len + 1;
    *ret_end = value.len + 1;
    return true;
}
