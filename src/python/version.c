/* SPDX-License-Identifier: Apache-2.0 */
/* PEP 440, "Public version identifiers" and "Summary of permitted suffixes and relative ordering". */
#include "python/version.h"
#include "base/num.h"

static bool is_separator(char c)
{
    return c == '.' || c == '-' || c == '_';
}

static struct str take_digits(struct str *rest)
{
    size_t len = 0;
    while (len < rest->len && char_is_digit(rest->ptr[len]))
        len++;
    struct str digits = str_head(*rest, len);
    *rest = str_skip(*rest, len);
    return digits;
}

/* "1.2.3", and not the dot before ".post1". */
static struct str take_release(struct str *rest)
{
    struct str start = *rest;
    if (take_digits(rest).len == 0)
        return STR_NONE;
    while (rest->len > 1 && rest->ptr[0] == '.' && char_is_digit(rest->ptr[1])) {
        *rest = str_skip(*rest, 1);
        (void)take_digits(rest);
    }
    return str_head(start, start.len - rest->len);
}

/* One of NAMES (the longer of two that begin alike comes first), with separators around and a number behind it. */
static bool take_suffix(struct str *rest, const char *const *names, size_t count, size_t *ret_index, struct str *ret)
{
    struct str at = *rest;
    if (at.len && is_separator(at.ptr[0]))
        at = str_skip(at, 1);
    for (size_t i = 0; i < count; i++) {
        struct str name = str_z(names[i]);
        if (!str_eq_fold(str_head(at, name.len), name))
            continue;
        at = str_skip(at, name.len);
        if (at.len && is_separator(at.ptr[0]))
            at = str_skip(at, 1);
        *ret = take_digits(&at);
        *rest = at;
        *ret_index = i;
        return true;
    }
    return false;
}

static bool local_is_valid(struct str local)
{
    bool wanted = true; /* a letter or digit */
    for (size_t i = 0; i < local.len; i++) {
        if (char_is_alnum(local.ptr[i]))
            wanted = false;
        else if (wanted || !is_separator(local.ptr[i]))
            return false;
        else
            wanted = true;
    }
    return !wanted;
}

static void take_pre(struct str *rest, struct python_version *version)
{
    static const char *const names[] = {"alpha", "a", "beta", "b", "preview", "pre", "c", "rc"};
    static const enum python_pre kinds[] = {
        PYTHON_PRE_ALPHA, PYTHON_PRE_ALPHA, PYTHON_PRE_BETA, PYTHON_PRE_BETA,
        PYTHON_PRE_RC,    PYTHON_PRE_RC,    PYTHON_PRE_RC,   PYTHON_PRE_RC,
    };
    size_t index;
    if (take_suffix(rest, names, ARRAY_LEN(names), &index, &version->pre_number))
        version->pre = kinds[index];
}

static void take_post(struct str *rest, struct python_version *version)
{
    static const char *const names[] = {"post", "rev", "r"};
    size_t index;
    if (rest->len > 1 && rest->ptr[0] == '-' && char_is_digit(rest->ptr[1])) {
        *rest = str_skip(*rest, 1);
        version->post_number = take_digits(rest);
        version->is_post = true;
    } else {
        version->is_post = take_suffix(rest, names, ARRAY_LEN(names), &index, &version->post_number);
    }
}

bool python_version_parse(struct str text, struct python_version *ret_version)
{
    static const char *const dev[] = {"dev"};
    struct python_version version = {.pre = PYTHON_PRE_NONE};
    struct str rest = str_trim(text);
    if (rest.len && char_lower(rest.ptr[0]) == 'v')
        rest = str_skip(rest, 1);
    struct str start = rest;
    struct str epoch = take_digits(&rest);
    if (epoch.len && rest.len && rest.ptr[0] == '!') {
        version.epoch = epoch;
        rest = str_skip(rest, 1);
    } else {
        rest = start;
    }
    version.release = take_release(&rest);
    if (version.release.len == 0)
        return false;
    take_pre(&rest, &version);
    take_post(&rest, &version);
    size_t index;
    version.is_dev = take_suffix(&rest, dev, 1, &index, &version.dev_number);
    if (rest.len && rest.ptr[0] == '+') {
        version.local = str_skip(rest, 1);
        if (!local_is_valid(version.local))
            return false;
        rest = STR_NONE;
    }
    if (rest.len)
        return false;
    *ret_version = version;
    return true;
}

static int digits_cmp(struct str a, struct str b)
{
    while (a.len && a.ptr[0] == '0')
        a = str_skip(a, 1);
    while (b.len && b.ptr[0] == '0')
        b = str_skip(b, 1);
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return str_cmp(a, b);
}

static int release_cmp(struct str a, struct str b)
{
    while (a.len || b.len) {
        struct str left = STR_NONE, right = STR_NONE;
        (void)str_next(&a, '.', &left);
        (void)str_next(&b, '.', &right);
        int order = digits_cmp(left, right);
        if (order)
            return order;
    }
    return 0;
}

/* Where a version stands among those with the same release: dev alone, a, b, rc, then everything else. */
static int pre_rank(const struct python_version *version)
{
    if (version->pre != PYTHON_PRE_NONE)
        return (int)version->pre;
    return version->is_dev && !version->is_post ? 0 : PYTHON_PRE_RC + 1;
}

static int local_segment_cmp(struct str a, struct str b)
{
    struct str left = a, right = b;
    bool a_is_number = take_digits(&left).len > 0 && left.len == 0;
    bool b_is_number = take_digits(&right).len > 0 && right.len == 0;
    if (a_is_number && b_is_number)
        return digits_cmp(a, b);
    if (a_is_number != b_is_number)
        return a_is_number ? 1 : -1;
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (char_lower(a.ptr[i]) != char_lower(b.ptr[i]))
            return char_lower(a.ptr[i]) < char_lower(b.ptr[i]) ? -1 : 1;
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

static struct str take_local_segment(struct str *rest)
{
    size_t len = 0;
    while (len < rest->len && !is_separator(rest->ptr[len]))
        len++;
    struct str segment = str_head(*rest, len);
    *rest = str_skip(*rest, len + 1);
    return segment;
}

static int local_cmp(struct str a, struct str b)
{
    while (a.len && b.len) {
        struct str left = take_local_segment(&a), right = take_local_segment(&b);
        int order = local_segment_cmp(left, right);
        if (order)
            return order;
    }
    return a.len ? 1 : b.len ? -1 : 0;
}

static int public_cmp(const struct python_version *a, const struct python_version *b)
{
    int order = digits_cmp(a->epoch, b->epoch);
    if (!order)
        order = release_cmp(a->release, b->release);
    if (!order)
        order = pre_rank(a) - pre_rank(b);
    if (!order)
        order = digits_cmp(a->pre_number, b->pre_number);
    if (!order)
        order = (int)a->is_post - (int)b->is_post;
    if (!order)
        order = digits_cmp(a->post_number, b->post_number);
    if (!order)
        order = (int)b->is_dev - (int)a->is_dev;
    return order ? order : digits_cmp(a->dev_number, b->dev_number);
}

int python_version_cmp(const struct python_version *a, const struct python_version *b)
{
    int order = public_cmp(a, b);
    return order ? order : local_cmp(a->local, b->local);
}

bool python_release_number(struct str release, unsigned n, unsigned *ret_number)
{
    struct str part = STR_NONE;
    for (unsigned i = 0; i <= n; i++) {
        if (!str_next(&release, '.', &part)) {
            *ret_number = 0;
            return true;
        }
    }
    uint32_t value;
    if (!num_parse_u32(part, &value))
        return false;
    *ret_number = value;
    return true;
}

static bool is_prerelease(const struct python_version *version)
{
    return version->pre != PYTHON_PRE_NONE || version->is_dev;
}

static bool same_base(const struct python_version *a, const struct python_version *b)
{
    return digits_cmp(a->epoch, b->epoch) == 0 && release_cmp(a->release, b->release) == 0;
}

/* True when VERSION begins with the COUNT first numbers of PREFIX, padded with zeros. */
static bool release_starts(struct str version, struct str prefix, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str left = STR_NONE, right = STR_NONE;
        (void)str_next(&version, '.', &left);
        (void)str_next(&prefix, '.', &right);
        if (digits_cmp(left, right))
            return false;
    }
    return true;
}

static size_t release_count(struct str release)
{
    size_t count = 1;
    for (size_t i = 0; i < release.len; i++)
        count += release.ptr[i] == '.';
    return count;
}

enum relation { COMPATIBLE, EQUAL_TEXT, EQUAL, NOT_EQUAL, AT_MOST, AT_LEAST, LESS, GREATER, OPERATORS };

struct clause {
    enum relation relation;
    struct str text;
    struct python_version version;
    bool prefix; /* "==3.11.*" */
};

static bool is_equal(const struct clause *clause, const struct python_version *version)
{
    if (clause->prefix)
        return digits_cmp(version->epoch, clause->version.epoch) == 0 &&
               release_starts(version->release, clause->version.release, release_count(clause->version.release));
    if (clause->version.local.len)
        return python_version_cmp(version, &clause->version) == 0;
    return public_cmp(version, &clause->version) == 0;
}

static bool is_less(const struct python_version *version, const struct python_version *bound)
{
    if (python_version_cmp(version, bound) >= 0)
        return false;
    return is_prerelease(bound) || !is_prerelease(version) || !same_base(version, bound);
}

static bool is_greater(const struct python_version *version, const struct python_version *bound)
{
    if (python_version_cmp(version, bound) <= 0)
        return false;
    if (!same_base(version, bound))
        return true;
    return version->local.len == 0 && (bound->is_post || !version->is_post);
}

static bool clause_matches(const struct clause *clause, struct str text, const struct python_version *version)
{
    const struct python_version *bound = &clause->version;
    switch (clause->relation) {
    case COMPATIBLE:
        return public_cmp(version, bound) >= 0 && digits_cmp(version->epoch, bound->epoch) == 0 &&
               release_starts(version->release, bound->release, release_count(bound->release) - 1);
    case EQUAL_TEXT:
        return str_eq_fold(text, clause->text);
    case EQUAL:
        return is_equal(clause, version);
    case NOT_EQUAL:
        return !is_equal(clause, version);
    case AT_MOST:
        return public_cmp(version, bound) <= 0;
    case AT_LEAST:
        return public_cmp(version, bound) >= 0;
    case LESS:
        return is_less(version, bound);
    case GREATER:
        return is_greater(version, bound);
    case OPERATORS:
        break;
    }
    return false;
}

/* What a clause may be made of depends on its operator. */
static bool clause_is_valid(const struct clause *clause)
{
    const struct python_version *version = &clause->version;
    bool bare = version->pre == PYTHON_PRE_NONE && !version->is_post && !version->is_dev && !version->local.len;
    if (clause->prefix)
        return bare;
    if (clause->relation == COMPATIBLE && release_count(version->release) < 2)
        return false;
    return !version->local.len || clause->relation == EQUAL || clause->relation == NOT_EQUAL;
}

static bool parse_clause(struct str text, struct clause *ret)
{
    static const char *const signs[OPERATORS] = {"~=", "===", "==", "!=", "<=", ">=", "<", ">"};
    *ret = (struct clause){.relation = OPERATORS};
    for (unsigned i = 0; i < OPERATORS && ret->relation == OPERATORS; i++) {
        if (!str_starts(text, str_z(signs[i])))
            continue;
        ret->relation = (enum relation)i;
        ret->text = str_trim(str_skip(text, str_z(signs[i]).len));
    }
    if (ret->relation == OPERATORS || ret->text.len == 0)
        return false;
    if (ret->relation == EQUAL_TEXT) {
        struct str word, rest = ret->text;
        return str_next_word(&rest, &word) && word.len == ret->text.len;
    }
    struct str version = ret->text;
    if ((ret->relation == EQUAL || ret->relation == NOT_EQUAL) && str_ends(version, STR(".*"))) {
        ret->prefix = true;
        version = str_head(version, version.len - 2);
    }
    return python_version_parse(version, &ret->version) && clause_is_valid(ret);
}

int python_specifiers_match(struct str specifiers, struct str version, bool *ret_matches, struct err *err)
{
    struct python_version parsed;
    if (!python_version_parse(version, &parsed))
        return err_set(err, ERR_INVALID, "'%.*s' is no version of a Python distribution",
                       STR_ARG(str_head(version, 80)));
    bool matches = true;
    struct str text;
    while (str_next(&specifiers, ',', &text)) {
        struct clause clause;
        text = str_trim(text);
        if (text.len == 0)
            continue;
        if (!parse_clause(text, &clause))
            return err_set(err, ERR_INVALID, "'%.*s' is no version specifier", STR_ARG(str_head(text, 80)));
        matches = clause_matches(&clause, str_trim(version), &parsed) && matches;
    }
    *ret_matches = matches;
    return 0;
}
