/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes.h"

#include "base/limits.h"
#include "base/suggest.h"

#include <string.h>

static const char *const expected_texts[] = {
    [KEY_ANY] = "a value",
    [KEY_BOOL] = "a boolean",
    [KEY_WHOLE] = "a whole number",
    [KEY_TEXT] = "a string",
    [KEY_WHOLE_OR_TEXT] = "a whole number or a string",
    [KEY_QUANTITY] = "a quantity",
    [KEY_OBJECT] = "a mapping",
    [KEY_LIST] = "a list",
    [KEY_TEXTS] = "a list of strings",
    [KEY_WHOLES] = "a list of whole numbers",
    [KEY_TEXT_MAP] = "a mapping of strings",
    [KEY_QUANTITIES] = "a mapping of quantities",
};

bool kube_is_template(const struct data_node *node)
{
    if (node->kind != DATA_STRING || node->value.len < 4)
        return false;
    struct str text = node->value;
    const char *brace = memchr(text.ptr, '{', text.len);
    if (!brace)
        return false;
    struct str opened = str_skip(text, str_find(text, STR("${")));
    if (opened.len > 2 && str_has_char(opened, '}'))
        return true;
    opened = str_skip(text, str_find(text, STR("{{")));
    return opened.len > 2 && str_find(opened, STR("}}")) < opened.len;
}

static struct key_problem *add_problem(struct kube_reader *reader)
{
    struct key_problem *problem = VEC_ADD(&reader->problems);
    if (!problem)
        reader->nomem = true;
    return problem;
}

static void tell_wrong_kind(struct kube_reader *reader, const struct data_node *node, struct str key,
                            const char *object, enum key_kind kind)
{
    struct key_problem *problem = add_problem(reader);
    if (problem)
        *problem = (struct key_problem){.kind = KEY_WRONG_TYPE,
                                        .at = place_of(reader->sources, node),
                                        .key = key,
                                        .object = object,
                                        .expected = expected_texts[kind]};
}

static bool is_whole(const struct data_node *node)
{
    int64_t value = 0;
    return node->kind == DATA_NUMBER &&
           (data_i64(node, &value, NULL) == 0 ||
            (quantity_of_node(node, QUANTITY_MILLI, &value) && value % 1000 == 0 && value != INT64_MAX));
}

static bool fits(const struct data_node *node, enum key_kind kind)
{
    int64_t value = 0;
    switch (kind) {
    case KEY_BOOL:
        return node->kind == DATA_BOOL;
    case KEY_WHOLE:
        return is_whole(node);
    case KEY_TEXT:
        return node->kind == DATA_STRING;
    case KEY_WHOLE_OR_TEXT:
        return node->kind == DATA_STRING || is_whole(node);
    case KEY_QUANTITY:
        return quantity_of_node(node, QUANTITY_WHOLE, &value);
    case KEY_OBJECT:
    case KEY_TEXT_MAP:
    case KEY_QUANTITIES:
        return node->kind == DATA_OBJECT;
    case KEY_LIST:
    case KEY_TEXTS:
    case KEY_WHOLES:
        return node->kind == DATA_ARRAY;
    case KEY_ANY:
        return true;
    }
    return true;
}

static enum key_kind element_kind(enum key_kind kind)
{
    switch (kind) {
    case KEY_LIST:
        return KEY_OBJECT;
    case KEY_TEXTS:
    case KEY_TEXT_MAP:
        return KEY_TEXT;
    case KEY_WHOLES:
        return KEY_WHOLE;
    case KEY_QUANTITIES:
        return KEY_QUANTITY;
    case KEY_ANY:
    case KEY_BOOL:
    case KEY_WHOLE:
    case KEY_TEXT:
    case KEY_WHOLE_OR_TEXT:
    case KEY_QUANTITY:
    case KEY_OBJECT:
        return KEY_ANY;
    }
    return KEY_ANY;
}

static void check_value(struct kube_reader *reader, const struct data_node *node, const struct key_table *table,
                        enum key_kind kind)
{
    if (node->kind == DATA_NULL || kind == KEY_ANY)
        return;
    if (!fits(node, kind)) {
        if (!kube_is_template(node))
            tell_wrong_kind(reader, node, node->key, table->object, kind);
        return;
    }
    enum key_kind element = element_kind(kind);
    if (element == KEY_ANY)
        return;
    DATA_EACH(child, node)
    if (child->kind != DATA_NULL && !fits(child, element) && !kube_is_template(child))
        tell_wrong_kind(reader, child, child->key.ptr ? child->key : node->key, table->object, element);
}

/* --- keys that are not there -------------------------------------------------------------------------------- */

static bool next_letter(struct str *text, char *ret_letter)
{
    while (text->len > 0 && (text->ptr[0] == '-' || text->ptr[0] == '_' || text->ptr[0] == ' '))
        *text = str_skip(*text, 1);
    if (text->len == 0)
        return false;
    *ret_letter = char_lower(text->ptr[0]);
    *text = str_skip(*text, 1);
    return true;
}

/* The same word in another case, or with '_' or '-' in it: read_only_root_filesystem. */
static bool same_letters(struct str a, struct str b)
{
    char x = 0, y = 0;
    for (;;) {
        bool more_a = next_letter(&a, &x), more_b = next_letter(&b, &y);
        if (!more_a || !more_b)
            return more_a == more_b;
        if (x != y)
            return false;
    }
}

static const char *case_slip(const struct key_table *table, struct str key)
{
    for (size_t i = 0; i < table->count; i++)
        if (same_letters(table->keys[i].name, key))
            return table->keys[i].name.ptr;
    return NULL;
}

static const char *nearest(const struct key_table *table, struct str key)
{
    struct suggest suggest = suggest_begin(key);
    for (size_t i = 0; i < table->count; i++)
        suggest_offer(&suggest, table->keys[i].name);
    return suggest.best.len ? suggest.best.ptr : NULL; /* views of literals: a NUL is behind them */
}

static const struct key_neighbour *neighbour_with(const struct key_table *table, struct str key, bool exactly,
                                                  const char **ret_name)
{
    for (const struct key_neighbour *neighbour = table->neighbours; neighbour && neighbour->table; neighbour++) {
        const struct key_def *def = exactly ? key_find(neighbour->table, key) : NULL;
        const char *name = def ? def->name.ptr : exactly ? NULL : case_slip(neighbour->table, key);
        if (name) {
            *ret_name = name;
            return neighbour;
        }
    }
    return NULL;
}

/* What KEY is likely to mean: a slip of the case, a key of another object, a near word, both. */
static void explain(const struct key_table *table, struct key_problem *problem)
{
    const char *name = NULL;
    problem->suggestion = case_slip(table, problem->key);
    if (problem->suggestion)
        return;
    const struct key_neighbour *neighbour = neighbour_with(table, problem->key, true, &name);
    if (!neighbour) {
        problem->suggestion = nearest(table, problem->key);
        if (problem->suggestion)
            return;
        neighbour = neighbour_with(table, problem->key, false, &name);
        problem->suggestion = neighbour ? name : NULL;
    }
    if (neighbour) {
        problem->kind = KEY_MISPLACED;
        problem->expected = neighbour->where;
    }
}

static void tell_unknown(struct kube_reader *reader, const struct data_node *member, const struct key_table *table)
{
    struct key_problem *problem = add_problem(reader);
    if (!problem)
        return;
    *problem = (struct key_problem){
        .kind = KEY_UNKNOWN, .at = place_of_key(reader->sources, member), .key = member->key, .object = table->object};
    /* A file with thousands of such keys is no file of a person who wants to know what was meant. */
    if (reader->suggestions++ < LIMIT_KUBERNETES_SUGGESTIONS)
        explain(table, problem);
}

/* --- members ------------------------------------------------------------------------------------------------ */

static void check_into(struct kube_reader *reader, const struct data_node *node, const struct key_table *table)
{
    if (node->kind == DATA_OBJECT) {
        kube_members(reader, node, table, NULL);
    } else if (node->kind == DATA_ARRAY) {
        DATA_EACH(child, node)
        kube_members(reader, child, table, NULL);
    }
}

static void member(struct kube_reader *reader, const struct data_node *node, const struct key_table *table,
                   const struct data_node **slots)
{
    const struct key_def *def = key_find(table, node->key);
    if (!def) {
        if (table->open && table->open(node->key))
            check_value(reader, node, table, table->keys[0].kind);
        else
            tell_unknown(reader, node, table);
        return;
    }
    size_t index = (size_t)(def - table->keys);
    if (slots && index < table->slots)
        slots[index] = node;
    check_value(reader, node, table, def->kind);
    if (def->members)
        check_into(reader, node, def->members);
}

void kube_members(struct kube_reader *reader, const struct data_node *node, const struct key_table *table,
                  const struct data_node **slots)
{
    if (slots)
        memset(slots, 0, table->slots * sizeof(*slots));
    if (!node || node->kind != DATA_OBJECT)
        return;
    DATA_EACH(child, node)
    member(reader, child, table, slots);
}

const struct data_node *kube_next(const struct data_node *item)
{
    do {
        item = item->next;
    } while (item && item->kind != DATA_OBJECT);
    return item;
}

const struct data_node *kube_first(const struct data_node *list)
{
    if (!list || list->kind != DATA_ARRAY || !list->first)
        return NULL;
    return list->first->kind == DATA_OBJECT ? list->first : kube_next(list->first);
}

size_t kube_count(const struct data_node *list)
{
    size_t count = 0;
    for (const struct data_node *item = kube_first(list); item; item = kube_next(item))
        count++;
    return count;
}

struct place kube_name_place(struct kube_reader *reader, const struct data_node *entry, const struct data_node *name)
{
    if (!data_absent(name))
        return place_of(reader->sources, name);
    return entry->first ? place_of_key(reader->sources, entry->first) : place_of(reader->sources, entry);
}
