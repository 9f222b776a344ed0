/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/doc.h - a page of documentation, written once, set three ways.
 *
 * cli/reference.h walks the tables and calls these; a back-end sets them as help for a terminal (at most 80 columns),
 * as a manual page (man(7)) or as Markdown. Pages are pure functions of the tables: no date, no environment.
 */
#include "base/buf.h"
#include "op/text.h"

struct doc {
    const struct doc_ops *ops;
    struct text_out out;
    bool full;           /* manual page and Markdown: details that --help leaves out */
    const char *version; /* of barehull */
    bool in_list;        /* the back-end's: a heading was set */
    bool fresh;          /* the back-end's: nothing stands under the heading yet */
    bool after_text;     /* the back-end's: a paragraph was set last */
};

struct doc_ops {
    /* NAME is "barehull build"; the page's first words. */
    void (*title)(struct doc *doc, const char *name, const char *summary);
    void (*usage)(struct doc *doc, const char *const *lines, size_t count);
    void (*heading)(struct doc *doc, const char *text);
    void (*paragraphs)(struct doc *doc, const char *text);
    /* "--output" "KIND:PATH": what it does. TEXT may hold paragraphs. VALUE may be empty. */
    void (*item)(struct doc *doc, const char *term, const char *value, const char *text);
    /* A field of the JSON answer and its type; full pages only. */
    void (*field)(struct doc *doc, const char *name, const char *type, const char *text);
    void (*example)(struct doc *doc, const char *command, const char *summary);
    /* Pages to read next: "barehull build". */
    void (*see_also)(struct doc *doc, const char *const *names, size_t count);
};

extern const struct doc_ops doc_text_ops, doc_man_ops, doc_markdown_ops;
