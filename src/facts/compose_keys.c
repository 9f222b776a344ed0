/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_keys.h"

#include "base/limits.h"
#include "base/suggest.h"
#include "facts/quantity.h"

#include <string.h>

static struct key_problem *add_problem(struct compose_reader *reader, struct key_problem problem)
{
    struct pod *pod = reader->pod;
    size_t count = pod->key_problem_count;
    if ((count & (count - 1)) == 0) { /* 0, 1, 2, 4 ... are full */
        struct key_problem *grown = COMPOSE_ARRAY(reader, count ? count * 2 : 1, struct key_problem);
        if (!grown)
            return NULL;
        if (count)
            memcpy(grown, pod->key_problems, count * sizeof(*grown));
        pod->key_problems = grown;
    }
    pod->key_problems[pod->key_problem_count++] = problem;
    return &pod->key_problems[count];
}

/* --- keys that are not there ---------------------------------------------------------------------------------- */

/* The same letters with other hyphens, underscores and capitals: "readOnly" is "read_only". */
static bool same_letters(struct str a, struct str b)
{
    size_t i = 0, j = 0;
    for (;; i++, j++) {
        while (i < a.len && (a.ptr[i] == '-' || a.ptr[i] == '_'))
            i++;
        while (j < b.len && (b.ptr[j] == '-' || b.ptr[j] == '_'))
            j++;
        if (i >= a.len || j >= b.len)
            return i >= a.len && j >= b.len;
        if (char_lower(a.ptr[i]) != char_lower(b.ptr[j]))
            return false;
    }
}

static const char *spelled(const struct key_object *object, struct str name)
{
    for (size_t i = 0; i < object->count; i++)
        if (same_letters(name, str_z(object->keys[i].name)))
            return object->keys[i].name;
    return NULL;
}

static const char *nearest(const struct key_object *object, struct str name)
{
    struct suggest suggest = suggest_begin(name);
    for (size_t i = 0; i < object->count; i++)
        suggest_offer(&suggest, str_z(object->keys[i].name));
    return suggest.best.len ? suggest.best.ptr : NULL; /* views of literals */
}

/* Another level of the service that has just this key. */
static const struct key_object *other_level(const struct key_object *object, struct str name)
{
    for (size_t i = 0; compose_levels[i]; i++)
        if (compose_levels[i] != object && compose_key(compose_levels[i], name))
            return compose_levels[i];
    return NULL;
}

static void unknown_key(struct compose_reader *reader, const struct key_object *object, const struct data_node *node)
{
    struct key_problem problem = {
        .kind = KEY_UNKNOWN,
        .at = place_of_key(reader->sources, node),
        .key = node->key,
        .object = object->shown,
    };
    if (reader->strange_keys++ >= LIMIT_KEY_SUGGESTIONS) {
        add_problem(reader, problem);
        return;
    }
    problem.suggestion = spelled(object, node->key);
    const struct key_object *level = problem.suggestion ? NULL : other_level(object, node->key);
    if (level) {
        problem.kind = KEY_MISPLACED;
        problem.expected = level->where;
    } else if (!problem.suggestion && !(problem.suggestion = compose_foreign_key(node->key))) {
        problem.suggestion = nearest(object, node->key);
    }
    add_problem(reader, problem);
}

/* --- values --------------------------------------------------------------------------------------------------- */

static void wrong_type(struct compose_reader *reader, const struct key_object *object, const struct data_node *node,
                       struct str key, const char *expected)
{
    add_problem(reader, (struct key_problem){
                            .kind = KEY_WRONG_TYPE,
                            .at = place_of(reader->sources, node),
                            .key = key,
                            .object = object->shown,
                            .expected = expected,
                        });
}

static bool can_cast(const struct compose_reader *reader, const struct data_node *node, enum key_cast cast)
{
    struct fact frame;
    int64_t value = 0;
    switch (cast) {
    case CAST_BOOL:
        frame = compose_bool_of(reader, node, node->parent, "", false).fact;
        break;
    case CAST_WHOLE:
        frame = compose_number_of(reader, node, node->parent, "").fact;
        break;
    case CAST_SIZE:
        frame = compose_bytes_of(reader, node, node->parent, "").fact;
        break;
    case CAST_NUMBER:
        return cpus_parse(node->value, &value);
    case CAST_NONE:
    default:
        return true;
    }
    return frame.state != FACT_INVALID;
}

/*
 * What variables put in is a text to the platform, whatever it looks like; what hangs on one is not known. A null is
 * as if nothing stood there.
 */
static bool fits(const struct compose_reader *reader, const struct data_node *node, unsigned kinds, enum key_cast cast)
{
    if ((node->flags & DATA_UNKNOWN) || node->kind == DATA_NULL)
        return true;
    bool scalar = node->kind != DATA_ARRAY && node->kind != DATA_OBJECT;
    bool text = scalar && (node->flags & DATA_INTERPOLATED);
    if (!(kinds & (1U << node->kind)) && !(text && (kinds & (1U << DATA_STRING))))
        return false;
    return !scalar || can_cast(reader, node, cast);
}

static void check_object(struct compose_reader *reader, const struct key_object *object, const struct data_node *node);

static const char *item_expected(unsigned kinds)
{
    return kinds == 1U << DATA_STRING   ? "a string (in quotes)"
           : kinds == 1U << DATA_OBJECT ? "a mapping"
                                        : "a string or a mapping";
}

static void check_items(struct compose_reader *reader, const struct key_object *object, const struct key_rule *rule,
                        const struct data_node *list)
{
    DATA_EACH(item, list)
    {
        if (!fits(reader, item, rule->shape->item_kinds, CAST_NONE))
            wrong_type(reader, object, item, list->key, item_expected(rule->shape->item_kinds));
        else if (item->kind == DATA_OBJECT && rule->items)
            check_object(reader, rule->items, item);
    }
}

static void check_value(struct compose_reader *reader, const struct key_object *object, const struct key_rule *rule,
                        const struct data_node *node)
{
    if (!fits(reader, node, rule->shape->kinds, rule->shape->cast)) {
        wrong_type(reader, object, node, node->key, rule->shape->expected);
    } else if (node->kind == DATA_ARRAY) {
        check_items(reader, object, rule, node);
    } else if (node->kind == DATA_OBJECT && rule->object) {
        check_object(reader, rule->object, node);
    } else if (node->kind == DATA_OBJECT && rule->members) {
        DATA_EACH(member, node)
        if (member->kind == DATA_OBJECT)
            check_object(reader, rule->members, member);
    }
}

static void check_object(struct compose_reader *reader, const struct key_object *object, const struct data_node *node)
{
    DATA_EACH(member, node)
    {
        if (str_starts(member->key, STR("x-")))
            continue;
        const struct key_rule *rule = compose_key(object, member->key);
        if (rule)
            check_value(reader, object, rule, member);
        else
            unknown_key(reader, object, member);
    }
}

/* --- values that are lists of words of their own --------------------------------------------------------------- */

/* "no-new-privilege:true" stops the engine: the option's name is not one that it knows. */
static void check_security_opt(struct compose_reader *reader, const struct data_node *list)
{
    static const char *const names[] = {"no-new-privileges", "seccomp",        "apparmor",        "label",
                                        "systempaths",       "credentialspec", "writable-cgroups"};
    struct compose_scalar scalar;
    if (!list || list->kind != DATA_ARRAY)
        return;
    DATA_EACH(item, list)
    {
        if (item->kind != DATA_STRING || !compose_scalar(reader, item, &scalar))
            continue;
        size_t cut = compose_find_char(&scalar, 0, '=');
        if (cut == scalar.text.len)
            cut = compose_find_char(&scalar, 0, ':');
        struct fact_text name = compose_part(reader, &scalar, 0, cut);
        bool known = name.fact.state == FACT_UNKNOWN;
        struct suggest suggest = suggest_begin(name.value);
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            known |= str_eq_z(name.value, names[i]);
            suggest_offer(&suggest, str_z(names[i]));
        }
        if (!known)
            add_problem(reader, (struct key_problem){
                                    .kind = KEY_UNKNOWN,
                                    .at = name.fact.at,
                                    .key = name.value,
                                    .object = "security_opt of a service",
                                    .suggestion = suggest.best.len ? suggest.best.ptr : NULL,
                                });
    }
}

/* A list must say who runs it: the engine knows no other first word. */
static void check_test(struct compose_reader *reader, const struct data_node *test)
{
    const struct data_node *first = test && test->kind == DATA_ARRAY ? test->first : NULL;
    if (!first || first->kind != DATA_STRING || (first->flags & DATA_UNKNOWN))
        return;
    if (str_eq_z(first->value, "CMD") || str_eq_z(first->value, "CMD-SHELL") || str_eq_z(first->value, "NONE"))
        return;
    add_problem(reader, (struct key_problem){
                            .kind = KEY_WRONG_TYPE,
                            .at = place_of(reader->sources, first),
                            .key = test->key,
                            .object = "healthcheck of a service",
                            .expected = "CMD, CMD-SHELL or NONE as the first item",
                        });
}

void compose_read_keys(struct compose_reader *reader)
{
    const struct data_node *service = reader->service;
    if (service->kind != DATA_OBJECT && !(service->flags & DATA_UNKNOWN)) {
        static const struct key_object services = {.shown = "services"};
        wrong_type(reader, &services, service, service->key, "a mapping");
        return;
    }
    check_object(reader, &compose_service_keys, service);
    check_security_opt(reader, data_get(service, "security_opt"));
    check_test(reader, compose_find(service, "healthcheck.test").node);
}
