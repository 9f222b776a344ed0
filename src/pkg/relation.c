/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/relation.h"

#include "base/buf.h"
#include "pkg/version.h"

static struct str excerpt(struct str s)
{
    s = str_trim(s);
    return str_trim_right(str_head(s, str_find_char(str_head(s, 60), ',')));
}

static bool is_name_char(char c)
{
    return char_is_alnum(c) || c == '+' || c == '-' || c == '.' || c == '_';
}

/* Takes the run of name characters at the head of *REST. */
static struct str take_name(struct str *rest)
{
    size_t len = 0;
    while (len < rest->len && is_name_char(rest->ptr[len]))
        len++;
    struct str name = str_head(*rest, len);
    *rest = str_skip(*rest, len);
    return name;
}

static bool take_char(struct str *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = str_skip(*rest, 1);
    return true;
}

static bool take_op(struct str *rest, enum relation_op *ret_op)
{
    static const struct {
        struct str text;
        enum relation_op op;
    } ops[] = {
        {STR_INIT(">="), RELATION_LATER_EQUAL}, {STR_INIT("="), RELATION_EQUAL},
        {STR_INIT("<<"), RELATION_EARLIER},     {STR_INIT("<="), RELATION_EARLIER_EQUAL},
        {STR_INIT(">>"), RELATION_LATER},       {STR_INIT("<"), RELATION_EARLIER_EQUAL},
        {STR_INIT(">"), RELATION_LATER_EQUAL},
    };
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        if (str_starts(*rest, ops[i].text)) {
            *rest = str_skip(*rest, ops[i].text.len);
            *ret_op = ops[i].op;
            return true;
        }
    }
    return false;
}

/* "(op version)"; *REST starts behind the parenthesis. */
static bool take_constraint(struct str *rest, struct relation *relation)
{
    *rest = str_trim_left(*rest);
    if (!take_op(rest, &relation->op))
        return false;
    size_t end = str_find_char(*rest, ')');
    relation->version = str_trim(str_head(*rest, end));
    if (end == rest->len || relation->version.len == 0)
        return false;
    for (size_t i = 0; i < relation->version.len; i++)
        if (relation->version.ptr[i] <= ' ' || str_has_char(STR("(,|"), relation->version.ptr[i]))
            return false;
    *rest = str_skip(*rest, end + 1);
    return true;
}

/* Passes the separator behind a relation; what follows an '|' is an alternative. */
static int take_separator(struct str *rest, struct str whole, struct relation *relation, struct err *err)
{
    *rest = str_trim_left(*rest);
    relation->or_next = take_char(rest, '|');
    if (relation->or_next) {
        *rest = str_trim_left(*rest);
        if (rest->len == 0 || rest->ptr[0] == ',' || rest->ptr[0] == '|')
            return err_set(err, ERR_INVALID, "no alternative follows the last '|' of '%.*s'", STR_ARG(excerpt(whole)));
    } else if (rest->len > 0 && (rest->ptr[0] == '[' || rest->ptr[0] == '<')) {
        return err_set(err, ERR_INVALID, "a list of architectures or profiles in '%.*s' of a binary package",
                       STR_ARG(excerpt(whole)));
    } else if (rest->len > 0 && !take_char(rest, ',')) {
        return err_set(err, ERR_INVALID, "can't understand the relation '%.*s'", STR_ARG(excerpt(whole)));
    }
    return 0;
}

int relation_next(struct str *rest, struct relation *ret_relation, struct err *err)
{
    struct relation relation = {0};
    struct str s = str_trim_left(*rest);
    while (take_char(&s, ','))
        s = str_trim_left(s);
    if (s.len > 0) {
        struct str whole = s;
        relation.name = take_name(&s);
        if (relation.name.len == 0)
            return err_set(err, ERR_INVALID, "no package name in '%.*s'", STR_ARG(excerpt(whole)));
        if (take_char(&s, ':')) {
            relation.qualifier = take_name(&s);
            if (relation.qualifier.len == 0)
                return err_set(err, ERR_INVALID, "no architecture behind the colon of '%.*s'", STR_ARG(excerpt(whole)));
        }
        s = str_trim_left(s);
        if (take_char(&s, '(') && !take_constraint(&s, &relation))
            return err_set(err, ERR_INVALID, "can't understand the version in '%.*s'", STR_ARG(excerpt(whole)));
        int rc = take_separator(&s, whole, &relation, err);
        if (rc)
            return rc;
    }
    *rest = s;
    *ret_relation = relation;
    return 0;
}

bool relation_matches(const struct relation *relation, struct str version)
{
    if (relation->op == RELATION_ANY)
        return true;
    if (version.len == 0)
        return false;
    int order = version_compare(version, relation->version);
    switch (relation->op) {
    case RELATION_EARLIER:
        return order < 0;
    case RELATION_EARLIER_EQUAL:
        return order <= 0;
    case RELATION_EQUAL:
        return order == 0;
    case RELATION_LATER_EQUAL:
        return order >= 0;
    case RELATION_LATER:
        return order > 0;
    case RELATION_ANY:
        break;
    }
    return true;
}

const char *relation_op_text(enum relation_op op)
{
    static const char *const texts[] = {"", "<<", "<=", "=", ">=", ">>"};
    return texts[op];
}

void relation_print(struct buf *out, const struct relation *relation)
{
    buf_add_str(out, relation->name);
    if (relation->qualifier.len > 0) {
        buf_add_char(out, ':');
        buf_add_str(out, relation->qualifier);
    }
    if (relation->op != RELATION_ANY)
        buf_addf(out, " (%s %.*s)", relation_op_text(relation->op), STR_ARG(relation->version));
}
