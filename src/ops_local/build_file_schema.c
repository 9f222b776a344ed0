/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "op/schema.h"
#include "op/table.h"
#include "ops_local/build_file.h"

#define DIALECT    "https://json-schema.org/draft/2020-12/schema"
#define NAMES      "^[a-z0-9]+([._-][a-z0-9]+)*$"
#define EXTENSIONS "^x-"

static const struct op_param *option_at(size_t index)
{
    return index < build_option_count() ? &build_params[index] : NULL;
}

/* "type": what may stand for a text (op/decode_json.h, by hand), and MORE. No number is of the form KEY=VALUE. */
static void write_types(struct json_writer *json, bool numbers, const char *more, const char *most)
{
    json_field_array(json, "type");
    json_z(json, "string");
    if (numbers)
        json_z(json, "number");
    if (more)
        json_z(json, more);
    if (most)
        json_z(json, most);
    json_end(json);
}

/* What a text has to be like. */
static void write_form(struct json_writer *json, const struct op_param *param)
{
    if (param->type == OP_PATH_IN || param->type == OP_PATH_OUT)
        json_field_u64(json, "minLength", 1);
    if (param->flags & OP_PAIRS)
        json_field_z(json, "pattern", "^[^=]+=");
}

static void write_items(struct json_writer *json, const struct op_param *param)
{
    if (param->flags & OP_POSITIONAL)
        json_field_u64(json, "minItems", 1); /* 'app' has to say something */
    json_field_u64(json, "maxItems", LIMIT_BUILD_FILE_ITEMS);
    json_field_object(json, "items");
    write_types(json, !(param->flags & OP_PAIRS), NULL, NULL);
    write_form(json, param);
    json_end(json);
}

/* One value, a list of them, for pairs a mapping too. */
static void write_list(struct json_writer *json, const struct op_param *param)
{
    bool pairs = param->flags & OP_PAIRS;
    write_types(json, !pairs, "array", pairs ? "object" : NULL);
    write_form(json, param);
    write_items(json, param);
    if (!pairs)
        return;
    json_field_u64(json, "maxProperties", LIMIT_BUILD_FILE_ITEMS);
    json_field_object(json, "propertyNames");
    json_field_z(json, "pattern", "^[^=]+$");
    json_end(json);
    json_field_object(json, "additionalProperties");
    write_types(json, true, NULL, NULL);
    json_end(json);
}

static void write_type(struct json_writer *json, const struct op_param *param)
{
    if (param->flags & OP_REPEATED) {
        write_list(json, param);
    } else if (param->type == OP_ARGV) {
        json_field_z(json, "type", "array");
        write_items(json, param);
    } else {
        write_types(json, true, NULL, NULL);
        write_form(json, param);
    }
}

static void write_definition(struct json_writer *json, const struct op_param *param)
{
    char name[OP_NAME_MAX];
    op_param_json_name(param, name);
    json_key(json, name);
    bool text = param->type == OP_STRING || param->type == OP_PATH_IN || param->type == OP_PATH_OUT;
    if (!text && param->type != OP_ARGV) {
        op_schema_param(param, json); /* is the same by hand */
        return;
    }
    json_object(json);
    op_schema_description(param, json);
    write_type(json, param);
    if (param->default_text)
        json_field_z(json, "default", param->default_text);
    json_end(json);
}

/* The members of "properties": every option, defined once. */
static void write_references(struct json_writer *json)
{
    const struct op_param *param;
    for (size_t i = 0; (param = option_at(i)); i++) {
        char name[OP_NAME_MAX];
        op_param_json_name(param, name);
        CLEANUP_BUF struct buf reference = BUF_INIT;
        buf_addf(&reference, "#/$defs/%s", name);
        json_field_object(json, name);
        json_field_str(json, "$ref", buf_str(&reference));
        json_end(json);
        json->out->failed |= reference.failed;
    }
}

/* What can be said of one image: "$defs": {"image": ..., every option}. */
static void write_definitions(struct json_writer *json)
{
    const struct op_param *param;
    json_field_object(json, "$defs");
    json_field_object(json, "image");
    json_field_z(json, "type", "object");
    json_field_object(json, "properties");
    write_references(json);
    json_end(json);
    json_field_bool(json, "additionalProperties", false);
    json_end(json);
    for (size_t i = 0; (param = option_at(i)); i++)
        write_definition(json, param);
    json_end(json);
}

static void write_required(struct json_writer *json, const char *name)
{
    json_field_array(json, "required");
    json_z(json, name);
    json_end(json);
}

static void write_images(struct json_writer *json)
{
    json_field_object(json, "defaults");
    json_field_z(json, "description",
                 "what every image inherits; its own lists replace these, its own env, label and annotation join them");
    json_field_z(json, "$ref", "#/$defs/image");
    json_end(json);
    json_field_object(json, "images");
    json_field_z(json, "description", "images by name; the name is the image's, too, when it has no tag");
    json_field_z(json, "type", "object");
    json_field_u64(json, "minProperties", 1);
    json_field_u64(json, "maxProperties", LIMIT_BUILD_FILE_IMAGES);
    json_field_object(json, "propertyNames");
    json_field_z(json, "pattern", NAMES);
    json_field_u64(json, "maxLength", 64);
    json_end(json);
    json_field_object(json, "additionalProperties");
    json_field_z(json, "$ref", "#/$defs/image");
    json_end(json);
    json_end(json);
}

/* With 'images' nothing stands beside them but defaults, and 'app' comes from these or from each image. */
static void write_several(struct json_writer *json)
{
    json_field_object(json, "then");
    json_field_object(json, "propertyNames");
    json_field_z(json, "pattern", "^(images|defaults|x-.*)$");
    json_end(json);
    json_field_array(json, "anyOf");
    json_object(json);
    write_required(json, "defaults");
    json_field_object(json, "properties");
    json_field_object(json, "defaults");
    write_required(json, "app");
    json_end(json);
    json_end(json);
    json_end(json);
    json_object(json);
    json_field_object(json, "properties");
    json_field_object(json, "images");
    json_field_object(json, "additionalProperties");
    write_required(json, "app");
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
    json_end(json);
}

void build_file_schema(struct json_writer *json)
{
    json_object(json);
    json_field_z(json, "$schema", DIALECT);
    json_field_z(json, "title", BUILD_FILE_NAME);
    json_field_z(json, "description", "images that 'barehull build' makes: the options of one, or 'images' by name");
    json_field_z(json, "type", "object");
    json_field_object(json, "properties");
    write_images(json);
    write_references(json);
    json_end(json);
    json_field_object(json, "patternProperties");
    json_field_object(json, EXTENSIONS);
    json_field_z(json, "description", "anything, for anchors");
    json_end(json);
    json_end(json);
    json_field_bool(json, "additionalProperties", false);
    json_field_object(json, "if");
    write_required(json, "images");
    json_end(json);
    write_several(json);
    json_field_object(json, "else");
    write_required(json, "app");
    json_field_object(json, "not");
    write_required(json, "defaults");
    json_end(json);
    json_end(json);
    write_definitions(json);
    json_end(json);
}
