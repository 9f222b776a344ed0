/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/doc.h"

/*
 * Text for troff: a backslash is "\e"; a hyphen is "\-", so that options can be copied from the page; quotes stay
 * ASCII; a full stop or an apostrophe that begins a line is no request.
 */
static void add_escaped(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool line_start = out->len == 0 || out->ptr[out->len - 1] == '\n';
        char c = text.ptr[i];
        if (c == '\\')
            buf_add_z(out, "\\e");
        else if (c == '-')
            buf_add_z(out, "\\-");
        else if (c == '\'')
            buf_add_z(out, "\\(aq");
        else if (c == '`')
            buf_add_z(out, "\\(ga");
        else if (c == '^')
            buf_add_z(out, "\\(ha");
        else if (c == '~')
            buf_add_z(out, "\\(ti");
        else if (c == '.' && line_start)
            buf_add_z(out, "\\&.");
        else
            buf_add_char(out, c);
    }
}

static void add_escaped_z(struct doc *doc, const char *text)
{
    add_escaped(doc->out.buf, str_z(text));
}

/* "barehull build" as the page's name: "barehull-build". */
static void add_page_name(struct doc *doc, const char *name)
{
    for (const char *c = name; *c; c++)
        buf_add_z(doc->out.buf, *c == ' ' || *c == '-' ? "\\-" : (const char[]){*c, '\0'});
}

static void set_title(struct doc *doc, const char *name, const char *summary)
{
    struct text_out *out = &doc->out;
    text_z(out, ".\\\" Generated from the table of operations; edit that.\n.TH ");
    for (const char *c = name; *c; c++)
        text_f(out, "%c", *c == ' ' ? '-' : *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    text_f(out, " 1 \"\" \"barehull %s\" \"User Commands\"\n.SH NAME\n", doc->version);
    add_page_name(doc, name);
    text_z(out, " \\- ");
    add_escaped_z(doc, summary);
    text_z(out, "\n");
}

static void set_usage(struct doc *doc, const char *const *lines, size_t count)
{
    text_z(&doc->out, ".SH SYNOPSIS\n.nf\n");
    for (size_t i = 0; i < count; i++) {
        text_z(&doc->out, "\\fB");
        struct str rest = str_z(lines[i]);
        size_t words = str_find_char(rest, '[');
        add_escaped(doc->out.buf, str_trim_right(str_head(rest, words)));
        text_z(&doc->out, "\\fR");
        if (words < rest.len) {
            text_z(&doc->out, " ");
            add_escaped(doc->out.buf, str_skip(rest, words));
        }
        text_z(&doc->out, "\n");
    }
    text_z(&doc->out, ".fi\n");
}

static void set_heading(struct doc *doc, const char *text)
{
    text_z(&doc->out, ".SH ");
    for (const char *c = text; *c; c++)
        text_f(&doc->out, "%c", *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    text_z(&doc->out, "\n");
    doc->in_list = true;
    doc->fresh = true;
}

/* SEPARATOR stands between paragraphs; lines that begin with two blanks are kept as they are. */
static void add_paragraphs(struct doc *doc, struct str text, const char *separator)
{
    bool verbatim = false, parted = false;
    struct str line;
    while (str_next_line(&text, &line)) {
        if (str_trim(line).len == 0) {
            parted = true;
            continue;
        }
        bool kept = str_starts(line, STR("  "));
        if (verbatim && !kept)
            text_z(&doc->out, ".fi\n.RE\n");
        if (parted || (verbatim && !kept))
            text_z(&doc->out, separator);
        if (kept && !verbatim)
            text_z(&doc->out, ".RS 4\n.nf\n");
        verbatim = kept;
        parted = false;
        add_escaped(doc->out.buf, kept ? str_skip(line, 2) : line);
        text_z(&doc->out, "\n");
    }
    if (verbatim)
        text_z(&doc->out, ".fi\n.RE\n");
    doc->fresh = false;
}

static void set_paragraphs(struct doc *doc, const char *text)
{
    if (!doc->in_list)
        text_z(&doc->out, ".SH DESCRIPTION\n");
    else if (!doc->fresh)
        text_z(&doc->out, ".PP\n");
    add_paragraphs(doc, str_z(text), ".PP\n");
}

static void set_item(struct doc *doc, const char *term, const char *value, const char *text)
{
    text_z(&doc->out, ".TP\n\\fB");
    add_escaped(doc->out.buf, str_trim(str_z(term)));
    text_z(&doc->out, "\\fR");
    if (*value) {
        text_z(&doc->out, " \\fI");
        add_escaped_z(doc, value);
        text_z(&doc->out, "\\fR");
    }
    text_z(&doc->out, "\n");
    add_paragraphs(doc, str_z(text), ".IP\n");
}

static void set_example(struct doc *doc, const char *command, const char *summary)
{
    text_z(&doc->out, doc->fresh ? "" : ".PP\n");
    doc->fresh = false;
    add_escaped_z(doc, summary);
    text_z(&doc->out, ":\n.PP\n.RS 4\n.nf\n");
    add_escaped_z(doc, command);
    text_z(&doc->out, "\n.fi\n.RE\n");
}

static void set_see_also(struct doc *doc, const char *const *names, size_t count)
{
    text_z(&doc->out, ".SH SEE ALSO\n");
    for (size_t i = 0; i < count; i++) {
        text_z(&doc->out, ".BR ");
        add_page_name(doc, names[i]);
        text_f(&doc->out, " (1)%s\n", i + 1 < count ? "," : "");
    }
}

const struct doc_ops doc_man_ops = {
    .title = set_title,
    .usage = set_usage,
    .heading = set_heading,
    .paragraphs = set_paragraphs,
    .item = set_item,
    .field = set_item,
    .example = set_example,
    .see_also = set_see_also,
};
