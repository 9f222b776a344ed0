/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doc.h"

/* Text that Markdown would take for markup (only what our own tables hold: names with "_" and "*", "<" and "|"). */
static void add_escaped(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '*' || c == '_' || c == '<' || c == '`' || c == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, c);
    }
}

static void set_title(struct doc *doc, const char *name, const char *summary)
{
    text_f(&doc->out,
           "<!-- Generated from the table of operations; edit that, then UPDATE=1 tools/check-docs. -->\n\n"
           "# %s\n\n",
           name);
    add_escaped(doc->out.buf, str_z(summary));
    text_z(&doc->out, "\n");
}

static void set_usage(struct doc *doc, const char *const *lines, size_t count)
{
    text_z(&doc->out, "\n```\n");
    for (size_t i = 0; i < count; i++)
        text_f(&doc->out, "%s\n", lines[i]);
    text_z(&doc->out, "```\n");
}

static void set_heading(struct doc *doc, const char *text)
{
    text_f(&doc->out, "\n## %s\n\n", text);
    doc->in_list = true;
    doc->fresh = true;
    doc->after_text = false;
}

/* Lines behind INDENT blanks; those that begin with two blanks become a code block. */
static void add_paragraphs(struct doc *doc, struct str text, unsigned indent, bool first_is_inline)
{
    bool verbatim = false, parted = false;
    struct str line;
    while (str_next_line(&text, &line)) {
        if (str_trim(line).len == 0) {
            parted = true;
            continue;
        }
        bool kept = str_starts(line, STR("  "));
        unsigned margin = first_is_inline ? 0 : indent;
        if (verbatim && !kept)
            text_f(&doc->out, "%*s```\n", margin, "");
        if (parted)
            text_z(&doc->out, "\n");
        if (kept && !verbatim)
            text_f(&doc->out, "%*s```\n", margin, "");
        verbatim = kept;
        parted = first_is_inline = false;
        buf_add_fill(doc->out.buf, ' ', margin);
        if (kept)
            buf_add_str(doc->out.buf, str_skip(line, 2));
        else
            add_escaped(doc->out.buf, line);
        text_z(&doc->out, "\n");
    }
    if (verbatim)
        text_f(&doc->out, "%*s```\n", indent, "");
}

static void set_paragraphs(struct doc *doc, const char *text)
{
    if (!doc->in_list || !doc->fresh)
        text_z(&doc->out, "\n");
    add_paragraphs(doc, str_z(text), 0, false);
    doc->fresh = false;
    doc->after_text = true;
}

static void begin_item(struct doc *doc)
{
    if (doc->after_text)
        text_z(&doc->out, "\n");
    doc->fresh = doc->after_text = false;
}

static void set_item(struct doc *doc, const char *term, const char *value, const char *text)
{
    begin_item(doc);
    text_f(&doc->out, "- `%.*s%s%s` - ", STR_ARG(str_trim(str_z(term))), *value ? " " : "", value);
    add_paragraphs(doc, str_z(text), 2, true);
}

static void set_field(struct doc *doc, const char *name, const char *type, const char *text)
{
    begin_item(doc);
    text_f(&doc->out, "- `%s` (%s) - ", name, type);
    add_paragraphs(doc, str_z(text), 2, true);
}

static void set_example(struct doc *doc, const char *command, const char *summary)
{
    add_escaped(doc->out.buf, str_z(summary));
    text_f(&doc->out, ":\n\n```sh\n%s\n```\n\n", command);
}

static void set_see_also(struct doc *doc, const char *const *names, size_t count)
{
    text_z(&doc->out, "\n## See also\n\n");
    for (size_t i = 0; i < count; i++) {
        struct str word = str_z(names[i]);
        struct str file = str_skip(word, str_rfind_char(word, ' ') < word.len ? str_rfind_char(word, ' ') + 1 : 0);
        text_f(&doc->out, "%s[%s](%.*s.md)", i == 0 ? "" : ", ", names[i], STR_ARG(file));
    }
    text_z(&doc->out, "\n");
}

const struct doc_ops doc_markdown_ops = {
    .title = set_title,
    .usage = set_usage,
    .heading = set_heading,
    .paragraphs = set_paragraphs,
    .item = set_item,
    .field = set_field,
    .example = set_example,
    .see_also = set_see_also,
};
