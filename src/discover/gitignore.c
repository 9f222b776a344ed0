/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is peculiar to git: the literal start of a pattern is compared and dropped before anything else, so that
 * "a**" + "/b" finds its '**' at a start; a '**' means many components only between slashes (or an end), else it is
 * one '*'; sets know escapes and POSIX classes, and a broken set makes the whole pattern match nothing.
 */
#include "discover/gitignore.h"

#include "base/path.h"

#include <string.h>

static bool is_special(char c)
{
    return c == '*' || c == '?' || c == '[' || c == '\\';
}

static struct str without_trailing_blanks(struct str line)
{
    size_t end = 0; /* behind the last byte that counts */
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == ' ')
            continue;
        if (line.ptr[i] == '\\' && ++i == line.len)
            return line;
        end = i + 1;
    }
    return str_head(line, end);
}

/* False: the line holds no pattern. */
static bool parse_line(struct str line, struct gitignore_rule *ret_rule)
{
    if (line.len == 0 || line.ptr[0] == '#')
        return false;
    if (line.ptr[line.len - 1] == '\r')
        line.len--;
    line = without_trailing_blanks(str_head(line, str_find_char(line, '\0')));
    struct gitignore_rule rule = {.negative = line.len > 0 && line.ptr[0] == '!'};
    rule.pattern = str_skip(line, rule.negative);
    if (rule.pattern.len > 0 && rule.pattern.ptr[rule.pattern.len - 1] == '/') {
        rule.dir_only = true;
        rule.pattern.len--;
    }
    if (rule.pattern.len == 0)
        return false;
    rule.anywhere = !str_has_char(rule.pattern, '/');
    if (rule.pattern.ptr[0] == '/')
        rule.pattern = str_skip(rule.pattern, 1);
    while (rule.literal < rule.pattern.len && !is_special(rule.pattern.ptr[rule.literal]))
        rule.literal++;
    *ret_rule = rule;
    return true;
}

int gitignore_parse(struct str text, struct arena *arena, struct gitignore *ret_list, struct err *err)
{
    if (str_starts(text, STR("\xEF\xBB\xBF")))
        text = str_skip(text, 3);
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    struct str copy = arena_str(arena, text);
    struct gitignore_rule *rules = ARENA_ARRAY(arena, lines, struct gitignore_rule);
    if (!copy.ptr || !rules)
        return err_nomem(err);
    size_t count = 0;
    struct str line;
    while (str_next(&copy, '\n', &line))
        count += parse_line(line, &rules[count]);
    *ret_list = (struct gitignore){rules, count};
    return 0;
}

/* --- one pattern against one path --------------------------------------------------------------------------- */

static bool in_class(struct str name, char c, bool *ret_known)
{
    bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z', digit = char_is_digit(c);
    bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r'; /* git's own notion of white space */
    bool print = c >= 0x20 && c < 0x7f;
    const struct {
        struct str name;
        bool in;
    } classes[] = {
        {STR_INIT("alnum"), upper || lower || digit},
        {STR_INIT("alpha"), upper || lower},
        {STR_INIT("blank"), c == ' ' || c == '\t'},
        {STR_INIT("cntrl"), (c >= 0 && c < 0x20) || c == 0x7f},
        {STR_INIT("digit"), digit},
        {STR_INIT("graph"), print && !space},
        {STR_INIT("lower"), lower},
        {STR_INIT("print"), print},
        {STR_INIT("punct"), print && !space && !upper && !lower && !digit},
        {STR_INIT("space"), space},
        {STR_INIT("upper"), upper},
        {STR_INIT("xdigit"), digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')},
    };
    *ret_known = true;
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (str_eq(name, classes[i].name))
            return classes[i].in;
    *ret_known = false;
    return false;
}

static char at(struct str text, size_t i)
{
    return i < text.len ? text.ptr[i] : '\0';
}

/* The place and length of NAME in "[:NAME:]" at I; false when that is no class. *ret_broken: the set has no end. */
static bool class_at(struct str pattern, size_t i, struct str *ret_name, bool *ret_broken)
{
    size_t end = i + 2;
    while (end < pattern.len && pattern.ptr[end] != ']')
        end++;
    *ret_broken = end == pattern.len;
    if (*ret_broken || end == i + 2 || pattern.ptr[end - 1] != ':')
        return false;
    *ret_name = str_of(pattern.ptr + i + 2, end - 1 - (i + 2));
    return true;
}

/* The set at PATTERN[0] against C: its length; 0 when it is broken. */
static size_t match_set(struct str pattern, char c, bool *ret_matched)
{
    unsigned char byte = (unsigned char)c;
    size_t i = 1;
    bool negated = at(pattern, i) == '!' || at(pattern, i) == '^';
    i += negated;
    bool matched = false;
    unsigned char before = 0; /* what a range may start at */
    do {
        if (i >= pattern.len)
            return 0;
        unsigned char now = (unsigned char)pattern.ptr[i];
        struct str name = STR_NONE;
        bool broken = false, known = true;
        if (now == '\\') {
            if (++i >= pattern.len)
                return 0;
            now = (unsigned char)pattern.ptr[i];
            matched |= byte == now;
        } else if (now == '-' && before && i + 1 < pattern.len && pattern.ptr[i + 1] != ']') {
            i += pattern.ptr[i + 1] == '\\' ? 2 : 1;
            if (i >= pattern.len)
                return 0;
            matched |= before <= byte && byte <= (unsigned char)pattern.ptr[i];
            now = 0;
        } else if (now == '[' && at(pattern, i + 1) == ':' && class_at(pattern, i, &name, &broken)) {
            matched |= in_class(name, c, &known);
            i += name.len + 3;
            now = 0;
        } else {
            matched |= byte == now;
        }
        if (broken || !known)
            return 0;
        before = now;
        i++;
    } while (at(pattern, i) != ']' || i >= pattern.len);
    *ret_matched = matched != negated && c != '/';
    return i + 1;
}

/* Length of PATTERN's first element (not a star) when it matches C, else 0. */
static size_t match_one(struct str pattern, char c)
{
    bool matched = false;
    switch (pattern.ptr[0]) {
    case '?':
        return c != '/';
    case '[': {
        size_t len = match_set(pattern, c, &matched);
        return matched ? len : 0;
    }
    case '\\':
        return pattern.len > 1 && pattern.ptr[1] == c ? 2 : 0;
    default:
        return pattern.ptr[0] == c;
    }
}

/* Where a match goes on when it fails: at PATTERN, with one more byte of PATH given to the star before it. */
struct retry {
    struct str pattern, path;
    bool set;
    bool untried; /* not even without a byte */
};

static bool retry_next(struct retry *retry, bool within_component, struct str *pattern, struct str *path)
{
    if (!retry->set || retry->path.len == 0 || (within_component && retry->path.ptr[0] == '/'))
        return false;
    retry->path = str_skip(retry->path, !retry->untried);
    retry->untried = false;
    *pattern = retry->pattern;
    *path = retry->path;
    return true;
}

/*
 * Goes back to the last star of each sort only: a '*' can't pass a slash and what stands between two '**' is whole
 * components, so that the first place where it fits is as good as any.
 */
static bool match_glob(struct str pattern, struct str path)
{
    struct retry star = {0}, stars = {0};
    bool component = true; /* PATTERN stands behind a slash, or at its start */
    for (;;) {
        size_t run = 0;
        while (run < pattern.len && pattern.ptr[run] == '*')
            run++;
        if (run > 0) {
            pattern = str_skip(pattern, run);
            bool ends = pattern.len == 0 || pattern.ptr[0] == '/' || str_starts(pattern, STR("\\/"));
            bool many = run > 1 && component && ends;
            bool none = many && pattern.len > 0 && pattern.ptr[0] == '/'; /* it may stand for no component at all */
            *(many ? &stars : &star) = (struct retry){pattern, path, true, none};
            if (many && pattern.len == 0)
                return true;
            if (many)
                star.set = false;
            pattern = str_skip(pattern, none);
            component = none;
            continue;
        }
        if (pattern.len == 0 && path.len == 0)
            return true;
        size_t used = pattern.len > 0 && path.len > 0 ? match_one(pattern, path.ptr[0]) : 0;
        if (used > 0) {
            component = pattern.ptr[used - 1] == '/';
            pattern = str_skip(pattern, used);
            path = str_skip(path, 1);
        } else if (!retry_next(&star, true, &pattern, &path)) {
            star.set = false;
            if (!retry_next(&stars, false, &pattern, &path))
                return false;
            component = false;
        } else {
            component = false;
        }
    }
}

static bool rule_matches(const struct gitignore_rule *rule, struct str path)
{
    if (!str_starts(path, str_head(rule->pattern, rule->literal)))
        return false;
    struct str pattern = str_skip(rule->pattern, rule->literal);
    path = str_skip(path, rule->literal);
    return pattern.len == 0 ? path.len == 0 : match_glob(pattern, path);
}

enum gitignore_verdict gitignore_match(const struct gitignore *list, struct str path, bool is_dir)
{
    struct str name = list->count > 0 ? path_base(path) : path;
    for (size_t i = list->count; i > 0; i--) {
        const struct gitignore_rule *rule = &list->rules[i - 1];
        if ((is_dir || !rule->dir_only) && rule_matches(rule, rule->anywhere ? name : path))
            return rule->negative ? GITIGNORE_INCLUDED : GITIGNORE_EXCLUDED;
    }
    return GITIGNORE_NONE;
}
