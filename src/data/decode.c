/* SPDX-License-Identifier: Apache-2.0 */
#include "data/decode.h"

int data_strs(const struct data_node *node, struct arena *arena, struct data_strs *ret_strs, struct err *err)
{
    int r = data_expect(node, DATA_ARRAY, err);
    if (r != 0 || data_absent(node))
        return r;
    struct data_strs strs = {ARENA_ARRAY(arena, node->count, struct str), 0};
    if (!strs.items)
        return err_nomem(err);
    DATA_EACH(child, node)
    {
        if (child->kind != DATA_STRING)
            return data_err(err, child, "is %s, not a string", data_kind_name(child->kind));
        strs.items[strs.count++] = child->value;
    }
    *ret_strs = strs;
    return 0;
}

int data_pairs(const struct data_node *node, struct arena *arena, struct data_pairs *ret_pairs, struct err *err)
{
    int r = data_expect(node, DATA_OBJECT, err);
    if (r != 0 || data_absent(node))
        return r;
    struct data_pairs pairs = {ARENA_ARRAY(arena, node->count, struct data_pair), 0};
    if (!pairs.items)
        return err_nomem(err);
    DATA_EACH(child, node)
    {
        if (child->kind != DATA_STRING)
            return data_err(err, child, "is %s, not a string", data_kind_name(child->kind));
        pairs.items[pairs.count++] = (struct data_pair){child->key, child->value};
    }
    *ret_pairs = pairs;
    return 0;
}

const struct str *data_pairs_get(const struct data_pairs *pairs, struct str key)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (str_eq(pairs->items[i].key, key))
            return &pairs->items[i].value;
    return NULL;
}

static int keys(const struct data_node *node, struct arena *arena, struct data_strs *ret_strs, struct err *err)
{
    int r = data_expect(node, DATA_OBJECT, err);
    if (r != 0 || data_absent(node))
        return r;
    struct data_strs strs = {ARENA_ARRAY(arena, node->count, struct str), 0};
    if (!strs.items)
        return err_nomem(err);
    DATA_EACH(child, node)
    {
        strs.items[strs.count++] = child->key;
    }
    *ret_strs = strs;
    return 0;
}

static int decode_field(const struct data_node *member, enum data_field_type type, struct arena *arena, void *field,
                        struct err *err)
{
    switch (type) {
    case DATA_TO_STR:
        return data_str(member, field, err);
    case DATA_TO_BOOL:
        return data_bool(member, field, err);
    case DATA_TO_U64:
        return data_u64(member, field, err);
    case DATA_TO_I64:
        return data_i64(member, field, err);
    case DATA_TO_STRS:
        return data_strs(member, arena, field, err);
    case DATA_TO_PAIRS:
        return data_pairs(member, arena, field, err);
    case DATA_TO_KEYS:
        return keys(member, arena, field, err);
    case DATA_TO_NODE:
        *(const struct data_node **)field = member;
        return 0;
    }
    return err_set(err, ERR_INTERNAL, "a table names an unknown type of field");
}

int data_decode(const struct data_node *object, const struct data_field *fields, size_t field_count,
                struct arena *arena, void *out, struct err *err)
{
    if (object->kind != DATA_OBJECT)
        return data_err(err, object, "is %s, not an object", data_kind_name(object->kind));
    for (size_t i = 0; i < field_count; i++) {
        const struct data_node *member = data_get(object, fields[i].key);
        int r = 0;
        if (!data_absent(member))
            r = decode_field(member, fields[i].type, arena, (char *)out + fields[i].offset, err);
        else if (fields[i].required)
            r = data_need(object, fields[i].key, &member, err);
        if (r != 0)
            return r;
    }
    return 0;
}
