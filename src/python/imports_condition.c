/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions on type checkers, platform and version: the few forms in which they are written, else unknown. */
#include "python/imports_internal.h"

#include "base/num.h"

#include <string.h>

/* The tokens of one comparison, as texts. */
struct words {
    struct str text[LIMIT_PYTHON_CONDITION];
    bool string[LIMIT_PYTHON_CONDITION]; /* a plain string literal: TEXT is its content */
    size_t count;
    bool too_many;
};

enum { SIGN_NONE, SIGN_EQ, SIGN_NE, SIGN_LT, SIGN_LE, SIGN_GT, SIGN_GE, SIGN_IN };

static struct condition read_or(struct scan *scan, uint32_t nesting);

static bool word_is(const struct words *words, size_t i, const char *text)
{
    return i < words->count && !words->string[i] && str_eq_z(words->text[i], text);
}

/* "sys . platform" at I. */
static bool words_are(const struct words *words, size_t i, const char *first, const char *second)
{
    return word_is(words, i, first) && word_is(words, i + 1, ".") && word_is(words, i + 2, second);
}

static int sign_at(const struct words *words, size_t i)
{
    static const struct {
        char text[3];
        int sign;
    } signs[] = {{"==", SIGN_EQ}, {"!=", SIGN_NE}, {"<", SIGN_LT}, {"<=", SIGN_LE},
                 {">", SIGN_GT},  {">=", SIGN_GE}, {"in", SIGN_IN}};
    for (size_t k = 0; k < ARRAY_LEN(signs); k++) {
        if (word_is(words, i, signs[k].text))
            return signs[k].sign;
    }
    return SIGN_NONE;
}

static enum truth truth_of(bool value)
{
    return value ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth compared(int sign, int order)
{
    switch (sign) {
    case SIGN_EQ:
        return truth_of(order == 0);
    case SIGN_NE:
        return truth_of(order != 0);
    case SIGN_LT:
        return truth_of(order < 0);
    case SIGN_LE:
        return truth_of(order <= 0);
    case SIGN_GT:
        return truth_of(order > 0);
    case SIGN_GE:
        return truth_of(order >= 0);
    default:
        return TRUTH_UNKNOWN;
    }
}

/* A value that is ACTUAL here, followed at I by a comparison with string literals. */
static enum truth judge_text(const struct words *words, size_t i, struct str actual)
{
    int sign = sign_at(words, i);
    if ((sign == SIGN_EQ || sign == SIGN_NE) && i + 2 == words->count && words->string[i + 1])
        return compared(sign, str_eq(words->text[i + 1], actual) ? 0 : 1);
    if (word_is(words, i, ".") && word_is(words, i + 1, "startswith") && i + 5 == words->count &&
        word_is(words, i + 2, "(") && words->string[i + 3])
        return truth_of(str_starts(actual, words->text[i + 3]));
    bool negated = word_is(words, i, "not") && word_is(words, i + 1, "in");
    if (!negated && sign != SIGN_IN)
        return TRUTH_UNKNOWN;
    bool found = false;
    for (size_t k = i + (negated ? 2 : 1); k < words->count; k++) {
        if (words->string[k] && str_eq(words->text[k], actual))
            found = true;
        else if (!words->string[k] && (words->text[k].len != 1 || !memchr("()[]{},", words->text[k].ptr[0], 7)))
            return TRUTH_UNKNOWN;
    }
    return truth_of(found != negated);
}

/* The version's first COUNT numbers against those from I on; "(3, 11)" or "3". */
static enum truth judge_version(const struct words *words, size_t i, unsigned version, size_t known)
{
    int sign = sign_at(words, i++);
    bool tuple = word_is(words, i, "(");
    uint32_t mine[2] = {version >> 8, version & 0xFF}, theirs[2] = {0};
    size_t count = 0;
    bool more = false; /* "(3, 11, 2)" */
    i += tuple ? 1 : 0;
    for (; i < words->count && !more; i += 2) {
        uint32_t number;
        if (!num_parse_u32(words->text[i], &number))
            break;
        more = count == 2;
        if (!more)
            theirs[count++] = number;
        if (!word_is(words, i + 1, ","))
            break;
    }
    if (version == 0 || sign == SIGN_NONE || count == 0)
        return TRUTH_UNKNOWN;
    for (size_t k = 0; k < count && k < known; k++) {
        if (mine[k] != theirs[k])
            return compared(sign, mine[k] < theirs[k] ? -1 : 1);
    }
    /* Equal as far as both go: sys.version_info has more numbers behind, so that it is the larger one. */
    bool open = tuple && known > 2;
    if (more)
        return TRUTH_UNKNOWN;
    return open && (sign == SIGN_EQ || sign == SIGN_NE) ? TRUTH_UNKNOWN : compared(sign, open ? 1 : 0);
}

static struct condition judge_sys_version(const struct words *words, unsigned version)
{
    struct condition condition = {TRUTH_UNKNOWN, PYTHON_IMPORT_VERSION};
    size_t i = 3;
    if (word_is(words, i, ".") && word_is(words, i + 1, "major"))
        condition.truth = judge_version(words, i + 2, version, 1);
    else if (word_is(words, i, "[") && word_is(words, i + 1, "0") && word_is(words, i + 2, "]"))
        condition.truth = judge_version(words, i + 3, version, 1);
    else if (word_is(words, i, "[") && word_is(words, i + 1, ":") && word_is(words, i + 2, "2"))
        condition.truth = judge_version(words, i + 4, version, 2);
    else
        condition.truth = judge_version(words, i, version, 3);
    return condition;
}

static struct condition judge_name(struct str name)
{
    static const struct {
        const char *name;
        struct condition condition;
    } names[] = {
        {"TYPE_CHECKING", {TRUTH_FALSE, PYTHON_IMPORT_TYPE_CHECKING}},
        {"MYPY", {TRUTH_FALSE, PYTHON_IMPORT_TYPE_CHECKING}},
        {"False", {TRUTH_FALSE, 0}},
        {"0", {TRUTH_FALSE, 0}},
        {"None", {TRUTH_FALSE, 0}},
        {"True", {TRUTH_TRUE, 0}},
        {"1", {TRUTH_TRUE, 0}},
        {"PY2", {TRUTH_FALSE, PYTHON_IMPORT_VERSION}},
        {"PY3", {TRUTH_TRUE, PYTHON_IMPORT_VERSION}},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (str_eq_z(name, names[i].name))
            return names[i].condition;
    }
    return (struct condition){TRUTH_UNKNOWN, 0};
}

static struct condition judge(const struct words *words, unsigned version)
{
    struct condition unknown = {TRUTH_UNKNOWN, 0};
    if (words->too_many || words->count == 0)
        return unknown;
    if (words->count == 1 && !words->string[0])
        return judge_name(words->text[0]);
    if (words->count == 3 && word_is(words, 1, "."))
        return judge_name(words->text[2]);
    if (words->count == 3 && word_is(words, 1, "==") &&
        ((word_is(words, 0, "__name__") && words->string[2] && str_eq_z(words->text[2], "__main__")) ||
         (word_is(words, 2, "__name__") && words->string[0] && str_eq_z(words->text[0], "__main__"))))
        return (struct condition){TRUTH_UNKNOWN, PYTHON_IMPORT_MAIN};
    if (words_are(words, 0, "sys", "platform"))
        return (struct condition){judge_text(words, 3, STR("linux")), PYTHON_IMPORT_PLATFORM};
    if (words_are(words, 0, "os", "name"))
        return (struct condition){judge_text(words, 3, STR("posix")), PYTHON_IMPORT_PLATFORM};
    if (words_are(words, 0, "platform", "system") && word_is(words, 3, "(") && word_is(words, 4, ")"))
        return (struct condition){judge_text(words, 5, STR("Linux")), PYTHON_IMPORT_PLATFORM};
    if (words_are(words, 0, "sys", "version_info"))
        return judge_sys_version(words, version);
    return unknown;
}

static void add_word(struct scan *scan, struct words *words)
{
    if (words->count == LIMIT_PYTHON_CONDITION) {
        words->too_many = true;
        return;
    }
    const struct python_token *token = &scan->token;
    bool plain = token->kind == PYTHON_STRING && !(token->string & ~(unsigned)PYTHON_STRING_TRIPLE);
    words->string[words->count] = plain;
    words->text[words->count++] =
        plain ? python_token_content(&scan->lexer, token) : python_token_text(&scan->lexer, token);
}

/* One operand of and, or, not: all tokens up to one that ends it at NESTING brackets. */
static struct condition read_comparison(struct scan *scan, uint32_t nesting)
{
    struct words words;
    words.count = 0;
    words.too_many = false;
    while (scan->token.kind > PYTHON_NEWLINE) {
        bool here = scan->lexer.bracket_count == nesting;
        if (here && (scan_is_op(scan, ':') || scan_is(scan, "and") || scan_is(scan, "or")))
            break;
        /* The lexer has closed the bracket already. */
        if (scan_is_op(scan, ')') && scan->lexer.bracket_count + 1 == nesting)
            break;
        if (here && (scan_is(scan, "if") || scan_is(scan, "lambda") || scan_is(scan, "else")))
            words.too_many = true;
        add_word(scan, &words);
        if (!scan_advance(scan))
            break;
    }
    return judge(&words, scan->version);
}

/* What "(...)" holds, unless it is the operand of something else. */
static struct condition read_group(struct scan *scan, uint32_t nesting)
{
    scan_advance(scan);
    struct condition condition = read_or(scan, nesting + 1);
    while (scan->token.kind > PYTHON_NEWLINE && scan->lexer.bracket_count > nesting) {
        condition.truth = TRUTH_UNKNOWN;
        scan_advance(scan);
    }
    if (scan_is_op(scan, ')'))
        scan_advance(scan);
    bool ends = scan_header_ends(scan) || scan_is(scan, "and") || scan_is(scan, "or") || scan_is_op(scan, ')');
    if (!ends) {
        read_comparison(scan, nesting);
        condition.truth = TRUTH_UNKNOWN;
    }
    return condition;
}

static struct condition read_not(struct scan *scan, uint32_t nesting)
{
    bool negated = false;
    for (; scan_is(scan, "not"); negated = !negated)
        scan_advance(scan);
    struct condition condition = scan_is_op(scan, '(') && nesting < LIMIT_PYTHON_CONDITION
                                     ? read_group(scan, nesting)
                                     : read_comparison(scan, nesting);
    if (negated && condition.truth != TRUTH_UNKNOWN)
        condition.truth = condition.truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
    if (negated)
        condition.about &= ~(unsigned)PYTHON_IMPORT_MAIN;
    return condition;
}

static struct condition read_and(struct scan *scan, uint32_t nesting)
{
    struct condition all = read_not(scan, nesting);
    while (scan_is(scan, "and")) {
        scan_advance(scan);
        struct condition next = read_not(scan, nesting);
        if (all.truth == TRUTH_FALSE || next.truth == TRUTH_FALSE)
            all.truth = TRUTH_FALSE;
        else if (all.truth == TRUTH_UNKNOWN || next.truth == TRUTH_UNKNOWN)
            all.truth = TRUTH_UNKNOWN;
        all.about |= next.about;
    }
    return all;
}

static struct condition read_or(struct scan *scan, uint32_t nesting)
{
    struct condition any = read_and(scan, nesting);
    while (scan_is(scan, "or")) {
        scan_advance(scan);
        struct condition next = read_and(scan, nesting);
        if (any.truth == TRUTH_TRUE || next.truth == TRUTH_TRUE)
            any.truth = TRUTH_TRUE;
        else if (any.truth == TRUTH_UNKNOWN || next.truth == TRUTH_UNKNOWN)
            any.truth = TRUTH_UNKNOWN;
        any.about |= next.about;
    }
    return any;
}

struct condition scan_condition(struct scan *scan)
{
    struct condition condition = read_or(scan, 0);
    while (!scan_header_ends(scan)) {
        condition.truth = TRUTH_UNKNOWN;
        scan_advance(scan);
    }
    return condition;
}
