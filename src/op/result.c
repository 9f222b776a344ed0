/* SPDX-License-Identifier: Apache-2.0 */
#include "op/result.h"

/* A list's common beginning (OP_LIST, VEC). */
struct any_list {
    const char *ptr;
    size_t len;
};

static void write_strings(const struct str_list *list, struct json_writer *json)
{
    json_array(json);
    for (size_t i = 0; i < list->len; i++)
        json_str(json, list->ptr[i]);
    json_end(json);
}

static void write_map(const struct op_map *map, struct json_writer *json)
{
    json_object(json);
    for (size_t i = 0; i < map->len; i++) {
        json_key_str(json, map->ptr[i].key);
        json_str(json, map->ptr[i].value);
    }
    json_end(json);
}

static void write_objects(const struct op_record *record, const struct any_list *list, struct json_writer *json)
{
    json_array(json);
    for (size_t i = 0; i < list->len; i++)
        op_result_write(record, list->ptr + i * record->size, json);
    json_end(json);
}

static bool is_absent(const struct op_field *field, const void *at)
{
    switch (field->type) {
    case OP_F_STR:
    case OP_F_JSON:
        return ((const struct str *)at)->ptr == NULL;
    case OP_F_U64:
        return *(const uint64_t *)at == OP_ABSENT_U64;
    case OP_F_I64:
        return *(const int64_t *)at == OP_ABSENT_I64;
    case OP_F_POINTER:
        return *(const void *const *)at == NULL;
    case OP_F_STRS:
    case OP_F_OBJECTS:
    case OP_F_MAP:
        return ((const struct any_list *)at)->ptr == NULL;
    case OP_F_BOOL:
    case OP_F_OBJECT:
    case OP_F_TYPES:
        break;
    }
    return false;
}

static void write_field(const struct op_field *field, const void *at, struct json_writer *json)
{
    bool absent = is_absent(field, at);
    switch (field->type) {
    case OP_F_STR:
        json_str(json, *(const struct str *)at);
        break;
    case OP_F_U64:
        json_u64(json, absent ? 0 : *(const uint64_t *)at);
        break;
    case OP_F_I64:
        json_i64(json, absent ? 0 : *(const int64_t *)at);
        break;
    case OP_F_BOOL:
        json_bool(json, *(const bool *)at);
        break;
    case OP_F_OBJECT:
        op_result_write(field->record, at, json);
        break;
    case OP_F_POINTER:
        if (absent)
            json_null(json);
        else
            op_result_write(field->record, *(const void *const *)at, json);
        break;
    case OP_F_STRS:
        write_strings(at, json);
        break;
    case OP_F_OBJECTS:
        write_objects(field->record, at, json);
        break;
    case OP_F_MAP:
        write_map(at, json);
        break;
    case OP_F_JSON:
        if (absent)
            json_null(json);
        else
            json_raw(json, *(const struct str *)at);
        break;
    case OP_F_TYPES:
        break;
    }
}

void op_result_write(const struct op_record *record, const void *result, struct json_writer *json)
{
    json_object(json);
    for (const struct op_field *field = record->fields; field && field->name; field++) {
        const void *at = (const char *)result + field->offset;
        if (field->optional && is_absent(field, at))
            continue;
        json_key(json, field->name);
        write_field(field, at, json);
    }
    json_end(json);
}
