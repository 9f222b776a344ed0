/* SPDX-License-Identifier: Apache-2.0 */
#include "op/schema.h"

#include "base/num.h"
#include "op/table.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

static void write_choices(const struct op_choice *choices, struct json_writer *json)
{
    json_field_array(json, "enum");
    for (const struct op_choice *choice = choices; choice->name; choice++)
        json_z(json, choice->name);
    json_end(json);
}

static void write_default(const struct op_param *param, struct json_writer *json)
{
    struct str text = str_z(param->default_text);
    uint64_t number = 0;
    json_key(json, "default");
    if (param->type == OP_BOOL)
        json_bool(json, str_eq_z(text, "true"));
    else if (param->type == OP_SIZE && num_parse_size(text, &number))
        json_u64(json, number);
    else if (param->type == OP_INTEGER || param->type == OP_ARGV)
        json_raw(json, text);
    else
        json_str(json, text);
}

static void write_items(const char *type, struct json_writer *json)
{
    json_field_object(json, "items");
    json_field_z(json, "type", type);
    json_end(json);
}

static void write_params(const struct op_param *params, struct json_writer *json);

static void write_objects(const struct op_param *param, struct json_writer *json)
{
    json_field_z(json, "type", "array");
    if (param->flags & OP_REQUIRED)
        json_field_u64(json, "minItems", 1);
    json_field_u64(json, "maxItems", param->object->max);
    json_field_object(json, "items");
    write_params(param->object->params, json);
    json_end(json);
}

static void write_param_type(const struct op_param *param, struct json_writer *json)
{
    if (param->flags & OP_REPEATED || param->type == OP_ARGV) {
        json_field_z(json, "type", "array");
        write_items("string", json);
        if (param->flags & OP_REQUIRED)
            json_field_u64(json, "minItems", 1);
        return;
    }
    switch (param->type) {
    case OP_STRING:
    case OP_PATH_IN:
    case OP_PATH_OUT:
        json_field_z(json, "type", "string");
        if (param->type != OP_STRING || (param->flags & (OP_REQUIRED | OP_MAY_BE_EMPTY)) == OP_REQUIRED)
            json_field_u64(json, "minLength", 1);
        break;
    case OP_BOOL:
        json_field_z(json, "type", "boolean");
        break;
    case OP_INTEGER:
    case OP_SIZE:
        json_field_z(json, "type", "integer");
        if (param->min != 0 || param->max != 0 || param->type == OP_SIZE)
            json_field_i64(json, "minimum", param->min);
        if (param->max != 0)
            json_field_i64(json, "maximum", param->max);
        break;
    case OP_ENUM:
        json_field_z(json, "type", "string");
        write_choices(param->choices, json);
        break;
    case OP_MAP:
        json_field_z(json, "type", "object");
        json_field_object(json, "additionalProperties");
        json_field_z(json, "type", "string");
        json_end(json);
        break;
    case OP_OBJECTS:
        write_objects(param, json);
        break;
    case OP_ARGV:
    case OP_TYPES:
        break;
    }
}

/* Whether METAVAR tells how a value is written ("KEY=VALUE"), and is no bare name for it ("FILE"). */
static bool is_form(const char *metavar)
{
    for (const char *at = metavar; at && *at; at++)
        if (*at < 'A' || *at > 'Z')
            return true;
    return false;
}

/* All that is known of PARAM: who reads a schema has neither help nor manual. */
void op_schema_description(const struct op_param *param, struct json_writer *json)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, param->summary);
    if (is_form(param->metavar))
        buf_addf(&text, " (%s%s)", param->flags & OP_REPEATED ? "each " : "", param->metavar);
    for (const struct op_choice *choice = param->choices; choice && choice->name; choice++)
        if (choice->summary)
            buf_addf(&text, "\n- %s: %s", choice->name, choice->summary);
    if (param->details)
        buf_addf(&text, "\n\n%s", param->details);
    json_field_str(json, "description", buf_str(&text));
    json->out->failed = json->out->failed || text.failed;
}

void op_schema_param(const struct op_param *param, struct json_writer *json)
{
    json_object(json);
    op_schema_description(param, json);
    write_param_type(param, json);
    if (param->default_text)
        write_default(param, json);
    json_end(json);
}

static void write_param(const struct op_param *param, struct json_writer *json)
{
    char name[OP_NAME_MAX];
    op_param_json_name(param, name);
    json_key(json, name);
    op_schema_param(param, json);
}

/* The members of a schema object for PARAMS. */
static void write_params(const struct op_param *params, struct json_writer *json)
{
    bool required = false;
    json_field_z(json, "type", "object");
    json_field_object(json, "properties");
    for (const struct op_param *param = params; param && param->name; param++) {
        if (param->flags & OP_HIDDEN)
            continue;
        write_param(param, json);
        required = required || (param->flags & OP_REQUIRED);
    }
    json_end(json);
    if (required) {
        json_field_array(json, "required");
        for (const struct op_param *param = params; param->name; param++) {
            char name[OP_NAME_MAX];
            op_param_json_name(param, name);
            if (param->flags & OP_REQUIRED)
                json_z(json, name);
        }
        json_end(json);
    }
    json_field_bool(json, "additionalProperties", false);
}

void op_schema_input(const struct operation *operation, struct json_writer *json)
{
    json_object(json);
    json_field_z(json, "$schema", DIALECT);
    write_params(operation->params, json);
    json_end(json);
}

static void write_record(const struct op_record *record, struct json_writer *json);

static void write_field_type(const struct op_field *field, struct json_writer *json)
{
    switch (field->type) {
    case OP_F_STR:
        json_field_z(json, "type", "string");
        if (field->choices)
            write_choices(field->choices, json);
        break;
    case OP_F_U64:
        json_field_z(json, "type", "integer");
        json_field_u64(json, "minimum", 0);
        break;
    case OP_F_I64:
        json_field_z(json, "type", "integer");
        break;
    case OP_F_BOOL:
        json_field_z(json, "type", "boolean");
        break;
    case OP_F_OBJECT:
        write_record(field->record, json);
        break;
    case OP_F_POINTER:
        if (field->optional) {
            write_record(field->record, json);
            break;
        }
        json_field_array(json, "anyOf");
        json_object(json);
        write_record(field->record, json);
        json_end(json);
        json_object(json);
        json_field_z(json, "type", "null");
        json_end(json);
        json_end(json);
        break;
    case OP_F_STRS:
        json_field_z(json, "type", "array");
        write_items("string", json);
        break;
    case OP_F_OBJECTS:
        json_field_z(json, "type", "array");
        json_field_object(json, "items");
        write_record(field->record, json);
        json_end(json);
        break;
    case OP_F_MAP:
        json_field_z(json, "type", "object");
        json_field_object(json, "additionalProperties");
        json_field_z(json, "type", "string");
        json_end(json);
        break;
    case OP_F_JSON: /* anything */
    case OP_F_TYPES:
        break;
    }
}

/* The members of a schema object for RECORD; depth is bounded by op_table_check. */
static void write_record(const struct op_record *record, struct json_writer *json)
{
    bool required = false;
    json_field_z(json, "type", "object");
    json_field_object(json, "properties");
    for (const struct op_field *field = record->fields; field && field->name; field++) {
        json_field_object(json, field->name);
        json_field_z(json, "description", field->summary);
        write_field_type(field, json);
        json_end(json);
        required = required || !field->optional;
    }
    json_end(json);
    if (!required)
        return;
    json_field_array(json, "required");
    for (const struct op_field *field = record->fields; field->name; field++) {
        if (!field->optional)
            json_z(json, field->name);
    }
    json_end(json);
}

void op_schema_output(const struct operation *operation, struct json_writer *json)
{
    json_object(json);
    json_field_z(json, "$schema", DIALECT);
    write_record(operation->result, json);
    json_end(json);
}
