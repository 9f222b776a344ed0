/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/formats.h"

#include "op/decode.h"

#include <string.h>

static bool is_format(const struct op_param *param)
{
    return strcmp(param->name, "format") == 0;
}

static const struct op_param *format_param(void)
{
    const struct op_param *param = cli_common_params;
    while (!is_format(param))
        param++;
    return param;
}

const struct op_param *cli_common_shown(const struct op_param *param, const struct operation *operation,
                                        struct cli_shown_param *room)
{
    if (!operation || !operation->formats || !is_format(param))
        return param;
    *room = (struct cli_shown_param){.params = {*param}};
    size_t count = 0;
    for (const struct op_choice *choice = param->choices; choice->name; choice++)
        room->choices[count++] = *choice;
    for (const struct op_format *format = operation->formats; format->name && count < CLI_OUTPUTS_MAX; format++)
        room->choices[count++] = (struct op_choice){format->name, format->summary};
    room->params[0].choices = room->choices;
    room->params[0].metavar = "FORMAT[=FILE]";
    room->params[0].flags |= OP_REPEATED;
    room->params[0].details =
        "With =FILE that form goes to FILE, which is written whole or not at all; '-' is standard "
        "output. One form at most goes to standard output; when all go to files, nothing is "
        "written there.";
    return room->params;
}

static int refuse_second(struct str file, struct err *err)
{
    if (file.ptr)
        return err_set(err, ERR_USAGE, "option '--format': two forms want to be written to '%.*s'", STR_ARG(file));
    err_set(err, ERR_USAGE, "option '--format': two forms want to go to standard output");
    return err_hint(err, "send one to a file: --format NAME=FILE");
}

static bool same_place(struct str a, struct str b)
{
    return (!a.ptr && !b.ptr) || (a.ptr && b.ptr && str_eq(a, b));
}

static int decode_one(struct str value, const struct cli_shown_param *shown, struct arena *arena,
                      struct cli_outputs *outputs, struct err *err)
{
    size_t equals = str_find_char(value, '=');
    struct cli_output output = {0};
    struct op_decoder decoder = op_decoder_init(shown->params, &output.format, arena, OP_SURFACE_CLI);
    int rc = op_decode_text(&decoder, shown->params, str_head(value, equals), err);
    if (rc)
        return rc;
    output.file = str_skip(value, equals + 1);
    if (equals < value.len && output.file.len == 0)
        return err_set(err, ERR_USAGE, "option '--format': '%.*s' names no file", STR_ARG(value));
    if (output.file.len == 0 || str_eq_z(output.file, "-"))
        output.file = STR_NONE;
    for (size_t i = 0; i < outputs->count; i++)
        if (same_place(outputs->items[i].file, output.file))
            return refuse_second(output.file, err);
    if (outputs->count == CLI_OUTPUTS_MAX)
        return err_set(err, ERR_USAGE, "option '--format' is given more than %d times", CLI_OUTPUTS_MAX);
    outputs->items[outputs->count++] = output;
    return 0;
}

int cli_formats_decode(const struct str *given, size_t count, const struct operation *operation, struct arena *arena,
                       struct cli_outputs *ret_outputs, struct err *err)
{
    struct cli_shown_param shown;
    struct cli_outputs outputs = {.count = 0};
    (void)cli_common_shown(format_param(), operation, &shown);
    shown.params[0].type = OP_ENUM;
    shown.params[0].flags = 0;
    shown.params[0].offset = 0;
    for (size_t i = 0; i < count; i++) {
        int rc = decode_one(given[i], &shown, arena, &outputs, err);
        if (rc)
            return rc;
    }
    if (count == 0)
        outputs.items[outputs.count++] = (struct cli_output){.format = CLI_FORMAT_TEXT};
    *ret_outputs = outputs;
    return 0;
}

int cli_outputs_stdout(const struct cli_outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (!outputs->items[i].file.ptr)
            return outputs->items[i].format;
    return -1;
}
