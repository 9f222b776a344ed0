/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/init_result.h"

#include "op/text.h"

#include <inttypes.h>

enum { LABEL_WIDTH = 12 };

static const struct op_field found_fields[] = {
    {.name = "answer", .type = OP_F_STR, .summary = "what was found out", OP_AT(struct init_found, answer)},
    {.name = "value", .type = OP_F_STR, .summary = "the answer", OP_AT(struct init_found, value)},
    {.name = "path",
     .type = OP_F_STR,
     .summary = "file that says so; empty when none does",
     OP_AT(struct init_found, path)},
    {.name = "line",
     .type = OP_F_U64,
     .summary = "in it, from 1; 0: the file as a whole",
     OP_AT(struct init_found, line)},
    {.name = "why", .type = OP_F_STR, .summary = "how it was found", OP_AT(struct init_found, why)},
    {.name = "rivals", .type = OP_F_STRS, .summary = "answers that are as likely", OP_AT(struct init_found, rivals)},
    {.name = NULL},
};
static const struct op_record found_record = {"found", found_fields, sizeof(struct init_found)};

static const struct op_choice states[] = {
    {"new", NULL}, {"same", NULL}, {"changed", NULL}, {"overwritten", NULL}, {NULL, NULL},
};

static const struct op_field file_fields[] = {
    {.name = "path", .type = OP_F_STR, .summary = "below the directory", OP_AT(struct init_written, path)},
    {.name = "state",
     .type = OP_F_STR,
     .choices = states,
     .summary = "new; same: as it is there; changed: differs from what is there, which was left alone; overwritten",
     OP_AT(struct init_written, state)},
    {.name = "what", .type = OP_F_STR, .summary = "in words", OP_AT(struct init_written, what)},
    {.name = "size_bytes",
     .type = OP_F_U64,
     .summary = "of what is to be there",
     OP_AT(struct init_written, size_bytes)},
    {.name = NULL},
};
static const struct op_record file_record = {"file", file_fields, sizeof(struct init_written)};

static const struct op_choice verdicts[] = {{"pass", NULL}, {"fail", NULL}, {"incomplete", NULL}, {NULL, NULL}};

static const struct op_field judgement_fields[] = {
    {.name = "verdict",
     .type = OP_F_STR,
     .choices = verdicts,
     .summary = "by the standard, without exceptions",
     OP_AT(struct init_judgement, verdict)},
    {.name = "files", .type = OP_F_U64, .summary = "that were judged", OP_AT(struct init_judgement, files)},
    {.name = "errors", .type = OP_F_U64, .summary = "findings", OP_AT(struct init_judgement, errors)},
    {.name = "warnings", .type = OP_F_U64, .summary = "findings", OP_AT(struct init_judgement, warnings)},
    {.name = "notes", .type = OP_F_U64, .summary = "findings", OP_AT(struct init_judgement, notes)},
    {.name = "findings",
     .type = OP_F_STRS,
     .summary = "FILE:LINE: RULE: message",
     OP_AT(struct init_judgement, findings)},
    {.name = NULL},
};
static const struct op_record judgement_record = {"judgement", judgement_fields, sizeof(struct init_judgement)};

static const struct op_field fields[] = {
    {.name = "application", .type = OP_F_STR, .summary = "as it was named", OP_AT(struct init_result, application)},
    {.name = "kind", .type = OP_F_STR, .summary = "what it is, in words", OP_AT(struct init_result, kind)},
    {.name = "directory", .type = OP_F_STR, .summary = "of the files", OP_AT(struct init_result, directory)},
    {.name = "image", .type = OP_F_STR, .summary = "that is deployed", OP_AT(struct init_result, image)},
    {.name = "written",
     .type = OP_F_BOOL,
     .summary = "the directory holds the files now; false: nothing was written",
     OP_AT(struct init_result, written)},
    {.name = "found",
     .type = OP_F_OBJECTS,
     .record = &found_record,
     .summary = "what was found out about the application, and where",
     OP_AT(struct init_result, found)},
    {.name = "files",
     .type = OP_F_OBJECTS,
     .record = &file_record,
     .summary = "by path",
     OP_AT(struct init_result, files)},
    {.name = "diff",
     .type = OP_F_STR,
     .optional = true,
     .summary = "what would change, as a patch; absent when the files were written",
     OP_AT(struct init_result, diff)},
    {.name = "check",
     .type = OP_F_OBJECT,
     .record = &judgement_record,
     .summary = "what 'check' says of the files",
     OP_AT(struct init_result, check)},
    {.name = "notes", .type = OP_F_STRS, .summary = "what is left to do or to know", OP_AT(struct init_result, notes)},
    {.name = "next", .type = OP_F_STRS, .summary = "commands, in the directory", OP_AT(struct init_result, next)},
    {.name = NULL},
};
const struct op_record init_result_record = {"init", fields, sizeof(struct init_result)};

static void render_diff(struct str diff, struct text_out *out)
{
    struct str rest = diff;
    bool in_hunk = false;
    while (rest.len) {
        struct str line = str_head(rest, str_find_char(rest, '\n') + 1);
        rest = str_skip(rest, line.len);
        char first = line.ptr[0];
        in_hunk = first == '@' || (in_hunk && (first == ' ' || first == '+' || first == '-' || first == '\\'));
        in_hunk = in_hunk && !str_starts(line, STR("--- ")) && !str_starts(line, STR("+++ "));
        enum text_style style = first == '@'   ? TEXT_CYAN
                                : !in_hunk     ? TEXT_BOLD
                                : first == '-' ? TEXT_RED
                                : first == '+' ? TEXT_GREEN
                                               : TEXT_PLAIN;
        struct str text = line.ptr[line.len - 1] == '\n' ? str_head(line, line.len - 1) : line;
        text_style(out, style);
        if (out->color)
            text_str(out, text); /* a terminal: what is there can't steer it */
        else
            buf_add_str(out->buf, text);
        text_style(out, TEXT_PLAIN);
        text_z(out, "\n");
    }
}

static void render_found(const struct init_result *result, struct text_out *out)
{
    struct text_table table;
    text_table_begin(&table, out, 2, "lll");
    for (size_t i = 0; i < result->found.len; i++) {
        const struct init_found *found = &result->found.ptr[i];
        CLEANUP_BUF struct buf where = BUF_INIT;
        buf_add_str(&where, found->path);
        if (found->path.len && found->line)
            buf_addf(&where, ":%" PRIu64, found->line);
        if (found->why.len)
            buf_addf(&where, "%s%.*s", where.len ? " " : "", STR_ARG(found->why));
        for (size_t k = 0; k < found->rivals.len; k++)
            buf_addf(&where, "%s%.*s", k ? ", " : "; also ", STR_ARG(found->rivals.ptr[k]));
        text_table_str(&table, found->answer);
        text_table_str(&table, found->value);
        text_table_str(&table, buf_str(&where));
        out->buf->failed |= where.failed;
    }
    text_table_end(&table);
}

static void render_files(const struct init_result *result, struct text_out *out)
{
    struct text_table table;
    text_table_begin(&table, out, 2, "lll");
    for (size_t i = 0; i < result->files.len; i++) {
        text_table_str(&table, result->files.ptr[i].state);
        text_table_str(&table, result->files.ptr[i].path);
        text_table_str(&table, result->files.ptr[i].what);
    }
    text_table_end(&table);
}

/* What lies below the policy's threshold is no failure, and is told all the same. */
static void render_check(const struct init_judgement *check, struct text_out *out)
{
    bool passes = str_eq_z(check->verdict, "pass");
    text_label(out, "checked", LABEL_WIDTH);
    if (passes) {
        text_styled(out, TEXT_GREEN, "passes");
        text_z(out, ", ");
    } else if (check->findings.len == 0) {
        text_styled(out, TEXT_YELLOW, "not all could be judged");
        text_z(out, ", ");
    } else {
        text_style(out, TEXT_RED);
        text_count(out, check->findings.len, "finding");
        text_style(out, TEXT_PLAIN);
        text_z(out, " in ");
    }
    text_count(out, check->files, "file");
    text_z(out, "\n");
    for (size_t i = 0; i < check->findings.len; i++) {
        text_f(out, "%*s", LABEL_WIDTH, "");
        text_str(out, check->findings.ptr[i]);
        text_z(out, "\n");
    }
}

static void render_notes(const struct init_result *result, struct text_out *out)
{
    for (size_t i = 0; i < result->notes.len; i++) {
        CLEANUP_BUF struct buf shown = BUF_INIT;
        struct text_out words = {.buf = &shown, .width = out->width};
        text_str(&words, result->notes.ptr[i]);
        out->buf->failed |= shown.failed;
        text_label(out, "note", LABEL_WIDTH);
        text_wrap(out, LABEL_WIDTH, LABEL_WIDTH, buf_str(&shown));
    }
}

void init_result_render(const void *result_any, struct text_out *out)
{
    const struct init_result *result = result_any;
    if (!result->written) {
        render_diff(result->diff, out);
        return;
    }
    text_style(out, TEXT_BOLD);
    text_str(out, result->image);
    text_style(out, TEXT_PLAIN);
    text_z(out, result->kind.len ? ", from " : "");
    text_str(out, result->kind);
    text_z(out, "\n");
    render_found(result, out);
    text_z(out, "\nin ");
    text_str(out, result->directory);
    text_z(out, "\n");
    render_files(result, out);
    text_z(out, "\n");
    render_check(&result->check, out);
    render_notes(result, out);
    for (size_t i = 0; i < result->next.len; i++) {
        if (i)
            text_f(out, "%*s", LABEL_WIDTH, "");
        else
            text_label(out, "next", LABEL_WIDTH);
        text_style(out, TEXT_CYAN);
        text_str(out, result->next.ptr[i]);
        text_style(out, TEXT_PLAIN);
        text_z(out, "\n");
    }
}

int init_result_status(const void *result_any)
{
    const struct init_result *result = result_any;
    return result->differs;
}
