/* SPDX-License-Identifier: Apache-2.0 */
#include "op/table.h"

#include <stdio.h>
#include <string.h>

enum { FORMATS_MAX = 14 /* with text and json: as many as --format can name */ };
enum { RECORD_DEPTH_MAX = 16, EXAMPLE_MAX = 76 /* columns of help, behind the indentation */ };

PRINTF_LIKE(3, 4)
static int mistake(struct err *err, const struct operation *op, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return err_set(err, ERR_INTERNAL, "operation '%s': %s", op->name ? op->name : "?", text);
}

static bool is_name(const char *name, char separator)
{
    if (!name || !(*name >= 'a' && *name <= 'z'))
        return false;
    for (const char *c = name; *c; c++) {
        bool lower = *c >= 'a' && *c <= 'z';
        if (!lower && !char_is_digit(*c) && !(*c == separator && c[1] != separator && c[1] != '\0'))
            return false;
    }
    return true;
}

/* One line without a full stop, no sentence; a name ("Debian") may begin it, hence only articles are looked for. */
static bool is_summary(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len == 0 || text[len - 1] == '.' || strchr(text, '\n') || text[0] == ' ')
        return false;
    return strncmp(text, "A ", 2) != 0 && strncmp(text, "An ", 3) != 0 && strncmp(text, "The ", 4) != 0;
}

static size_t param_size(const struct op_param *param)
{
    static const size_t sizes[OP_TYPES] = {
        [OP_STRING] = sizeof(struct str),       [OP_BOOL] = sizeof(bool),         [OP_INTEGER] = sizeof(int64_t),
        [OP_SIZE] = sizeof(uint64_t),           [OP_ENUM] = sizeof(int),          [OP_PATH_IN] = sizeof(struct str),
        [OP_PATH_OUT] = sizeof(struct str),     [OP_MAP] = sizeof(struct op_map), [OP_ARGV] = sizeof(struct str_list),
        [OP_OBJECTS] = sizeof(struct str_list),
    };
    return param->flags & OP_REPEATED ? sizeof(struct str_list) : sizes[param->type];
}

static bool has_choice(const struct op_choice *choices, const char *name)
{
    for (const struct op_choice *choice = choices; choice && choice->name; choice++) {
        if (strcmp(choice->name, name) == 0)
            return true;
    }
    return false;
}

/* What may only stand in a JSON array of objects, and what may not stand in one. */
static bool is_object_param(const struct op_param *param, bool inside)
{
    bool typed = param->letter || param->env || param->default_text || (param->flags & OP_POSITIONAL);
    if (param->type != OP_OBJECTS)
        return !param->object && !(inside && (param->letter || param->env || (param->flags & OP_POSITIONAL)));
    return param->object && param->object->params && param->object->max > 0 && !inside && !typed;
}

static int check_param_type(const struct operation *op, const struct op_param *param, bool inside, size_t args_size,
                            struct err *err)
{
    if ((unsigned)param->type >= OP_TYPES)
        return mistake(err, op, "parameter '%s' has no known type", param->name);
    bool text = param->type == OP_STRING || param->type == OP_PATH_IN || param->type == OP_PATH_OUT;
    if ((param->flags & OP_REPEATED) && !text)
        return mistake(err, op, "parameter '%s' can't be repeated", param->name);
    if ((param->flags & OP_PAIRS) && !(param->type == OP_STRING && (param->flags & OP_REPEATED)))
        return mistake(err, op, "parameter '%s' can't be pairs", param->name);
    if ((param->flags & OP_NEGATABLE) && param->type != OP_BOOL)
        return mistake(err, op, "parameter '%s' can't be negated", param->name);
    if ((param->flags & OP_POSITIONAL) && (param->type == OP_BOOL || param->letter))
        return mistake(err, op, "parameter '%s' can't be positional", param->name);
    if (!is_object_param(param, inside))
        return mistake(err, op, "parameter '%s' can't be what it says in JSON objects", param->name);
    if (param->size != param_size(param) || param->offset + param->size > args_size)
        return mistake(err, op, "field of parameter '%s' does not fit its type", param->name);
    if ((param->type == OP_ENUM) != (param->choices != NULL))
        return mistake(err, op, "parameter '%s' and its choices disagree", param->name);
    if (param->type == OP_ENUM && param->default_text && !has_choice(param->choices, param->default_text))
        return mistake(err, op, "default of parameter '%s' is none of its choices", param->name);
    if (param->default_text && (param->flags & (OP_REQUIRED | OP_REPEATED)))
        return mistake(err, op, "parameter '%s' can't have a default", param->name);
    return 0;
}

/* "--no-x" is the opposite of "--x" where that can be negated. */
static bool is_negation(const struct op_param *params, const char *name)
{
    const struct op_param *param = str_starts(str_z(name), STR("no-")) ? op_param_find(params, str_z(name + 3)) : NULL;
    return param && (param->flags & OP_NEGATABLE);
}

static int check_param(const struct operation *op, const struct op_param *params, const struct op_param *param,
                       struct err *err)
{
    if (!is_name(param->name, '-') || strlen(param->name) >= OP_NAME_MAX || is_negation(params, param->name))
        return mistake(err, op, "'%s' is no name for a parameter", param->name);
    if (op_param_find(params, str_z(param->name)) != param)
        return mistake(err, op, "two parameters '%s'", param->name);
    if (param->letter && op_param_find_letter(params, param->letter) != param)
        return mistake(err, op, "two options '-%c'", param->letter);
    if (!is_summary(param->summary))
        return mistake(err, op, "summary of parameter '%s' is not in style", param->name);
    return 0;
}

/* INSIDE: PARAMS are those of an OP_OBJECTS' elements. */
static int check_params(const struct operation *op, const struct op_param *params, bool inside, size_t args_size,
                        struct err *err)
{
    bool optional_seen = false, rest_seen = false;
    if (op_param_count(params) > OP_PARAMS_MAX)
        return mistake(err, op, "more than %d parameters", OP_PARAMS_MAX);
    for (const struct op_param *param = params; param && param->name; param++) {
        int rc = check_param(op, params, param, err);
        if (!rc)
            rc = check_param_type(op, param, inside, args_size, err);
        if (!rc && param->type == OP_OBJECTS)
            rc = check_params(op, param->object->params, true, param->object->size, err);
        if (rc)
            return rc;
        if (!(param->flags & OP_POSITIONAL))
            continue;
        if (rest_seen || (optional_seen && (param->flags & OP_REQUIRED)))
            return mistake(err, op, "positional parameter '%s' stands too late", param->name);
        rest_seen = param->flags & OP_REPEATED;
        optional_seen = optional_seen || !(param->flags & OP_REQUIRED);
    }
    return 0;
}

static size_t field_size(const struct op_field *field)
{
    static const size_t sizes[OP_F_TYPES] = {
        [OP_F_STR] = sizeof(struct str),    [OP_F_U64] = sizeof(uint64_t),    [OP_F_I64] = sizeof(int64_t),
        [OP_F_BOOL] = sizeof(bool),         [OP_F_POINTER] = sizeof(void *),  [OP_F_STRS] = sizeof(struct str_list),
        [OP_F_MAP] = sizeof(struct op_map), [OP_F_JSON] = sizeof(struct str),
    };
    return field->type == OP_F_OBJECT ? field->record->size : sizes[field->type];
}

static int check_record(const struct operation *op, const struct op_record *record, unsigned depth, struct err *err)
{
    if (depth > RECORD_DEPTH_MAX)
        return mistake(err, op, "result is nested without end");
    if (!is_name(record->name, '_'))
        return mistake(err, op, "a record of the result has no name");
    for (const struct op_field *field = record->fields; field && field->name; field++) {
        if ((unsigned)field->type >= OP_F_TYPES || !is_name(field->name, '_') || !is_summary(field->summary))
            return mistake(err, op, "field '%s.%s' is not in style", record->name, field->name);
        bool nested = field->type == OP_F_OBJECT || field->type == OP_F_POINTER || field->type == OP_F_OBJECTS;
        if (nested != (field->record != NULL))
            return mistake(err, op, "field '%s.%s' and its record disagree", record->name, field->name);
        bool list = field->type == OP_F_OBJECTS; /* VEC(type) is larger than OP_LIST(type) */
        bool fits = list ? field->size >= sizeof(struct str_list) : field->size == field_size(field);
        if (!fits || field->offset + field->size > record->size)
            return mistake(err, op, "field '%s.%s' does not fit its type", record->name, field->name);
        for (const struct op_field *other = record->fields; other != field; other++) {
            if (strcmp(other->name, field->name) == 0)
                return mistake(err, op, "two fields '%s.%s'", record->name, field->name);
        }
        int rc = nested ? check_record(op, field->record, depth + 1, err) : 0;
        if (rc)
            return rc;
    }
    return 0;
}

static int check_texts(const struct op_table *table, const struct operation *op, struct err *err)
{
    for (const struct op_example *example = op->examples; example && example->command; example++) {
        if (!is_summary(example->summary) || !strstr(example->command, "barehull ") ||
            strlen(example->command) > EXAMPLE_MAX)
            return mistake(err, op, "example '%s' is not in style", example->command);
    }
    int last = -1;
    for (const struct op_exit *exit = op->exits; exit && exit->summary; exit++) {
        if (exit->status <= last || exit->status > 4 || !is_summary(exit->summary))
            return mistake(err, op, "exit status %d is not in style", exit->status);
        last = exit->status;
    }
    for (const char *const *name = op->see_also; name && *name; name++) {
        if (!op_table_find(table, str_z(*name)))
            return mistake(err, op, "sees also '%s', which is not there", *name);
    }
    return 0;
}

static int check_formats(const struct operation *op, struct err *err)
{
    size_t count = 0;
    for (const struct op_format *format = op->formats; format && format->name; format++, count++) {
        bool taken = strcmp(format->name, "text") == 0 || strcmp(format->name, "json") == 0;
        for (const struct op_format *other = op->formats; other != format && !taken; other++)
            taken = strcmp(other->name, format->name) == 0;
        if (taken || !is_name(format->name, '-') || !format->media_type || !format->write ||
            !is_summary(format->summary) || count == FORMATS_MAX)
            return mistake(err, op, "format '%s' is not in style, there twice, or one too many", format->name);
    }
    return 0;
}

int op_table_check(const struct op_table *table, struct err *err)
{
    for (const struct operation *const *item = table->items; *item; item++) {
        const struct operation *op = *item;
        if (!is_name(op->name, '-') || op_table_find(table, str_z(op->name)) != op)
            return mistake(err, op, "the name is not in style, or there twice");
        if (!is_summary(op->summary) || !op->description || !op->group || !op->run || !op->render || !op->result)
            return mistake(err, op, "summary, description, group, run, render or result is missing");
        if (op->given_at && op->given_at + OP_PARAMS_MAX * sizeof(bool) > op->args_size)
            return mistake(err, op, "there is no room to tell what was given");
        int rc = check_params(op, op->params, false, op->args_size, err);
        if (!rc)
            rc = check_record(op, op->result, 0, err);
        if (!rc)
            rc = check_formats(op, err);
        if (!rc)
            rc = check_texts(table, op, err);
        if (rc)
            return rc;
    }
    return 0;
}
