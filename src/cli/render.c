/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/render.h"

#include "cli/common.h"
#include "op/result.h"
#include "op/text.h"

static void add_line(struct text_out *out, const char *who, const char *what, enum text_style style, struct str text)
{
    text_z(out, who);
    text_style(out, style);
    text_f(out, "%s:", what);
    text_style(out, TEXT_PLAIN);
    text_z(out, " ");
    text_str(out, text);
    text_z(out, "\n");
}

void cli_render_error(struct buf *out, const struct err *problem, bool json, bool color)
{
    if (json) {
        struct json_writer writer;
        json_writer_init(&writer, out, JSON_COMPACT);
        json_object(&writer);
        json_field_object(&writer, "error");
        json_field_z(&writer, "code", err_name(problem->code));
        json_field_z(&writer, "message", problem->message);
        if (problem->hint[0])
            json_field_z(&writer, "hint", problem->hint);
        json_end(&writer);
        json_end(&writer);
        buf_add_char(out, '\n');
        return;
    }
    struct text_out text = {.buf = out, .color = color, .width = 80};
    add_line(&text, "barehull: ", "error", TEXT_RED, str_z(problem->message));
    if (problem->hint[0])
        add_line(&text, "", "hint", TEXT_CYAN, str_z(problem->hint));
}

void cli_render_warning(struct buf *out, struct str message, bool json, bool color)
{
    if (json) {
        struct json_writer writer;
        json_writer_init(&writer, out, JSON_COMPACT);
        json_object(&writer);
        json_field_object(&writer, "warning");
        json_field_str(&writer, "message", message);
        json_end(&writer);
        json_end(&writer);
        buf_add_char(out, '\n');
        return;
    }
    struct text_out text = {.buf = out, .color = color, .width = 80};
    add_line(&text, "barehull: ", "warning", TEXT_YELLOW, message);
}

int cli_render_answer(struct buf *out, const struct operation *operation, const void *result, int format,
                      const struct text_out *style, struct err *err)
{
    if (format >= CLI_FORMAT_OWN)
        return operation->formats[format - CLI_FORMAT_OWN].write(result, out, err);
    if (format == CLI_FORMAT_JSON) {
        struct json_writer writer;
        json_writer_init(&writer, out, JSON_INDENTED);
        op_result_write(operation->result, result, &writer);
        buf_add_char(out, '\n');
        return json_writer_check(&writer, err);
    }
    struct text_out text = *style;
    text.buf = out;
    operation->render(result, &text);
    return buf_check(out, err);
}
