/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doc.h"

enum { ITEM_COLUMN = 26 };

static void set_title(struct doc *doc, const char *name, const char *summary)
{
    text_styled(&doc->out, TEXT_BOLD, name);
    text_f(&doc->out, " - %s\n", summary);
}

static void set_usage(struct doc *doc, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_z(&doc->out, i == 0 ? "\nUsage: " : "       ");
        text_wrap(&doc->out, 7, 7, str_z(lines[i]));
    }
}

static void set_heading(struct doc *doc, const char *text)
{
    text_z(&doc->out, "\n");
    text_styled(&doc->out, TEXT_BOLD, text);
    text_z(&doc->out, ":\n");
    doc->in_list = true;
}

static void set_paragraphs(struct doc *doc, const char *text)
{
    if (!doc->in_list)
        text_z(&doc->out, "\n");
    text_wrap(&doc->out, doc->in_list ? 2 : 0, 0, str_z(text));
}

static void set_item(struct doc *doc, const char *term, const char *value, const char *text)
{
    struct text_out *out = &doc->out;
    unsigned used = 2 + text_columns(str_z(term));
    text_z(out, "  ");
    text_styled(out, TEXT_CYAN, term);
    if (*value) {
        text_f(out, " %s", value);
        used += 1 + text_columns(str_z(value));
    }
    if (used + 2 > ITEM_COLUMN) {
        text_z(out, "\n");
        used = 0;
    }
    text_wrap(out, ITEM_COLUMN, used, str_z(text));
}

static void set_example(struct doc *doc, const char *command, const char *summary)
{
    text_wrap(&doc->out, 2, 0, str_z(summary));
    text_f(&doc->out, "    %s\n", command);
}

static void set_see_also(struct doc *doc, const char *const *names, size_t count)
{
    text_z(&doc->out, "\nSee also: ");
    for (size_t i = 0; i < count; i++)
        text_f(&doc->out, "%s'%s --help'", i == 0 ? "" : ", ", names[i]);
    text_z(&doc->out, "\n");
}

const struct doc_ops doc_text_ops = {
    .title = set_title,
    .usage = set_usage,
    .heading = set_heading,
    .paragraphs = set_paragraphs,
    .item = set_item,
    .field = set_item,
    .example = set_example,
    .see_also = set_see_also,
};
