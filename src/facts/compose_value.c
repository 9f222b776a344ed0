/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "facts/compose_read.h"
#include "facts/quantity.h"

#include <string.h>

void *compose_array(struct compose_reader *reader, size_t count, size_t size)
{
    if (count == 0)
        return NULL;
    void *items = arena_array(reader->arena, count, size);
    if (!items)
        reader->nomem = true;
    return items;
}

struct compose_way compose_find(const struct data_node *from, const char *path)
{
    struct compose_way way = {.holder = from, .path = path};
    for (;;) {
        const char *dot = strchr(way.path, '.');
        size_t len = dot ? (size_t)(dot - way.path) : strlen(way.path);
        const struct data_node *child = data_get_str(way.holder, str_of(way.path, len));
        if (!dot || !child || child->kind != DATA_OBJECT) {
            way.blocked = dot && child && child->kind != DATA_NULL;
            way.node = dot && !way.blocked ? NULL : child;
            return way;
        }
        way.holder = child;
        way.path = dot + 1;
    }
}

struct fact compose_fact(const struct compose_reader *reader, const struct data_node *node,
                         const struct data_node *holder, const char *path)
{
    struct fact fact = {.node = node, .holder = holder, .path = path};
    if (data_absent(node)) {
        fact.state = node && (node->flags & DATA_UNKNOWN) ? FACT_UNKNOWN : FACT_ABSENT;
        fact.at = place_of_key(reader->sources, node ? node : holder);
        if (node && node->key_span.len)
            fact.key = fact.at;
        return fact;
    }
    fact.state = node->flags & DATA_UNKNOWN ? FACT_UNKNOWN : node->flags & DATA_INHERITED ? FACT_INHERITED : FACT_KNOWN;
    fact.at = place_of(reader->sources, node);
    if (node->key_span.len)
        fact.key = place_of_key(reader->sources, node);
    return fact;
}

struct fact compose_fact_at(const struct compose_reader *reader, const char *path)
{
    struct compose_way way = compose_find(reader->service, path);
    struct fact fact = compose_fact(reader, way.node, way.holder, way.path);
    if (way.blocked && fact.state != FACT_UNKNOWN)
        fact.state = FACT_INVALID;
    return fact;
}

static bool is_collection(const struct data_node *node)
{
    return node && (node->kind == DATA_ARRAY || node->kind == DATA_OBJECT);
}

struct fact_bool compose_bool_of(const struct compose_reader *reader, const struct data_node *node,
                                 const struct data_node *holder, const char *path, bool otherwise)
{
    struct fact_bool found = {.fact = compose_fact(reader, node, holder, path), .value = otherwise};
    if (found.fact.state == FACT_ABSENT)
        found.fact.state = FACT_DEFAULT;
    else if (fact_said(&found.fact) && !compose_bool(node, &found.value))
        found.fact.state = FACT_INVALID;
    return found;
}

struct fact_bool compose_flag(const struct compose_reader *reader, const char *path, bool otherwise)
{
    struct compose_way way = compose_find(reader->service, path);
    return compose_bool_of(reader, way.node, way.holder, way.path, otherwise);
}

struct fact_text compose_text_of(const struct compose_reader *reader, const struct data_node *node,
                                 const struct data_node *holder, const char *path)
{
    struct fact_text found = {.fact = compose_fact(reader, node, holder, path)};
    if (found.fact.state == FACT_ABSENT)
        return found;
    if (is_collection(node))
        found.fact.state = FACT_INVALID;
    else
        found.value = node->value;
    return found;
}

struct fact_text compose_text(const struct compose_reader *reader, const char *path)
{
    struct compose_way way = compose_find(reader->service, path);
    struct fact_text found = compose_text_of(reader, way.node, way.holder, way.path);
    if (way.blocked && fact_said(&found.fact))
        found.fact.state = FACT_INVALID;
    return found;
}

static bool cast_number(const struct data_node *node, int64_t *ret_value)
{
    if (node->kind == DATA_NUMBER)
        return data_i64(node, ret_value, NULL) == 0;
    struct str text = node->value;
    bool minus = text.len && text.ptr[0] == '-';
    uint64_t value = 0;
    if (node->kind != DATA_STRING || !num_parse_u64(str_skip(text, minus), &value) || value > INT64_MAX)
        return false;
    *ret_value = minus ? -(int64_t)value : (int64_t)value;
    return true;
}

struct fact_number compose_number_of(const struct compose_reader *reader, const struct data_node *node,
                                     const struct data_node *holder, const char *path)
{
    struct fact_number found = {.fact = compose_fact(reader, node, holder, path)};
    if (fact_said(&found.fact) && !cast_number(node, &found.value))
        found.fact.state = FACT_INVALID;
    return found;
}

struct fact_number compose_bytes_of(const struct compose_reader *reader, const struct data_node *node,
                                    const struct data_node *holder, const char *path)
{
    struct fact_number found = {.fact = compose_fact(reader, node, holder, path)};
    if (fact_said(&found.fact) && !cast_number(node, &found.value) &&
        (node->kind != DATA_STRING || !byte_size_parse(node->value, &found.value)))
        found.fact.state = FACT_INVALID;
    return found;
}

bool compose_scalar(struct compose_reader *reader, const struct data_node *node, struct compose_scalar *ret_scalar)
{
    if (data_absent(node) || is_collection(node))
        return false;
    *ret_scalar = (struct compose_scalar){.node = node, .text = node->value};
    if (value_map_init(&ret_scalar->map, reader->sources, node, reader->arena, NULL) != 0)
        reader->nomem = true;
    return true;
}

bool compose_has_variable(struct str text)
{
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] != '$')
            continue;
        if (text.ptr[i + 1] == '$')
            i++;
        else if (text.ptr[i + 1] == '{' || text.ptr[i + 1] == '_' || char_is_alpha(text.ptr[i + 1]))
            return true;
    }
    return false;
}

size_t compose_find_char(const struct compose_scalar *scalar, size_t from, char c)
{
    struct str text = scalar->text;
    bool unknown = scalar->node->flags & DATA_UNKNOWN;
    size_t depth = 0;
    for (size_t i = from; i < text.len; i++) {
        if (unknown && text.ptr[i] == '$' && i + 1 < text.len && text.ptr[i + 1] == '{') {
            depth++;
            i++;
        } else if (depth && text.ptr[i] == '}') {
            depth--;
        } else if (!depth && text.ptr[i] == c) {
            return i;
        }
    }
    return text.len;
}

struct fact_text compose_part(const struct compose_reader *reader, const struct compose_scalar *scalar, size_t offset,
                              size_t len)
{
    (void)reader;
    const struct data_node *node = scalar->node;
    struct fact_text part = {.value = str_head(str_skip(scalar->text, offset), len)};
    bool unknown = (node->flags & DATA_UNKNOWN) && compose_has_variable(part.value);
    part.fact = (struct fact){
        .state = unknown                        ? FACT_UNKNOWN
                 : node->flags & DATA_INHERITED ? FACT_INHERITED
                                                : FACT_KNOWN,
        .at = value_map_place(&scalar->map, offset, len),
        .node = node,
        .holder = node->parent,
        .path = "",
    };
    return part;
}

static struct fact_item item_of(struct compose_reader *reader, const struct data_node *node, bool pair)
{
    struct fact_item item = {0};
    struct compose_scalar scalar;
    if (!compose_scalar(reader, node, &scalar)) {
        item.text = compose_text_of(reader, node, node->parent, "");
        item.text.fact.state = FACT_INVALID;
        return item;
    }
    size_t equals = pair ? compose_find_char(&scalar, 0, '=') : scalar.text.len;
    item.text = compose_part(reader, &scalar, 0, equals);
    item.value.fact = (struct fact){.at = item.text.fact.at, .node = node, .holder = node->parent, .path = ""};
    if (equals < scalar.text.len)
        item.value = compose_part(reader, &scalar, equals + 1, scalar.text.len - equals - 1);
    return item;
}

static struct fact_item member_of(const struct compose_reader *reader, const struct data_node *node)
{
    struct fact_item item = {.value = compose_text_of(reader, node, node->parent, "")};
    item.text.value = node->key;
    item.text.fact = compose_fact(reader, node, node->parent, "");
    if (!fact_said(&item.text.fact))
        item.text.fact.state = FACT_KNOWN;
    item.text.fact.at = place_of_key(reader->sources, node);
    return item;
}

static struct fact_list list_of(struct compose_reader *reader, struct fact fact, const struct data_node *node,
                                bool pairs)
{
    struct fact_list list = {.fact = fact};
    if (fact.state == FACT_ABSENT || fact.state == FACT_INVALID)
        return list;
    bool single = !is_collection(node);
    if (node->kind == DATA_OBJECT && !pairs) {
        list.fact.state = FACT_INVALID;
        return list;
    }
    struct fact_item *items = COMPOSE_ARRAY(reader, single ? 1 : node->count, struct fact_item);
    if (!items)
        return list;
    if (single) {
        items[list.count++] = item_of(reader, node, pairs);
    } else {
        DATA_EACH(child, node)
        items[list.count++] = node->kind == DATA_OBJECT ? member_of(reader, child) : item_of(reader, child, pairs);
    }
    list.items = items;
    return list;
}

struct fact_list compose_list(struct compose_reader *reader, const char *path)
{
    struct fact fact = compose_fact_at(reader, path);
    return list_of(reader, fact, fact.node, false);
}

struct fact_list compose_pairs_of(struct compose_reader *reader, struct fact fact, const struct data_node *node)
{
    return list_of(reader, fact, node, true);
}

struct fact_list compose_pairs(struct compose_reader *reader, const char *path)
{
    struct fact fact = compose_fact_at(reader, path);
    return list_of(reader, fact, fact.node, true);
}
