/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/yaml_writer.h - block-style YAML out, line by line, as people write it: comments, blank lines, short lists.
 *
 *     struct yaml_writer yaml;
 *     yaml_begin(&yaml, &buf, YAML_PLAIN);
 *     yaml_open(&yaml, "metadata");
 *     yaml_str(&yaml, "name", name);
 *     yaml_close(&yaml);
 *     return yaml_end(&yaml, err);
 *
 * Values of others never change the structure: whatever could be read as a number, a boolean, null, a date, a comment
 * or a collection is quoted, by YAML 1.1 and 1.2 alike. A value is one line: control characters and what is not UTF-8
 * are refused. The dialect says which dollar signs of values are doubled, so that nothing is put in; it may change
 * between two members.
 *
 * Keys, comments and the values of yaml_z and yaml_f are our own words and stand as they are. Lists are indented by
 * two below their key. The failure is sticky; yaml_end tells it.
 */
#include "base/buf.h"
#include "base/err.h"

enum yaml_dialect {
    YAML_PLAIN,
    YAML_DOUBLED,  /* "$NAME" would be put in: every '$' is doubled */
    YAML_EXPANDED, /* Kubernetes, in env, command and args: "$(NAME)" would be, and "$$" is one '$' */
};

struct yaml_writer {
    struct buf *out;
    enum yaml_dialect dialect;
    unsigned depth;
    bool dash;          /* the next line begins an item of a list */
    bool line;          /* a line is open */
    struct str refused; /* a value that can't be written */
    bool is_refused;
};

/* OUT is appended to, and outlives the writer. */
void yaml_begin(struct yaml_writer *yaml, struct buf *out, enum yaml_dialect dialect);
/* Ends the last line. Errors: ERR_USAGE, for a value that is no single line of text; ERR_NOMEM. */
int yaml_end(struct yaml_writer *yaml, struct err *err);

void yaml_blank(struct yaml_writer *yaml);
/* "# TEXT" on a line of its own; "\n" in TEXT begins another. */
void yaml_comment(struct yaml_writer *yaml, const char *text);
void yaml_commentf(struct yaml_writer *yaml, const char *format, ...) PRINTF_LIKE(2, 3);
/* "# TEXT" behind what was written last. */
void yaml_remark(struct yaml_writer *yaml, const char *text);

/* "KEY:" with what follows below it, until the yaml_close that belongs to it. */
void yaml_open(struct yaml_writer *yaml, const char *key);
void yaml_open_str(struct yaml_writer *yaml, struct str key);
void yaml_close(struct yaml_writer *yaml);
/* The next line begins an item; its further lines are one level deeper, until yaml_close. */
void yaml_item(struct yaml_writer *yaml);

void yaml_str(struct yaml_writer *yaml, const char *key, struct str value);
void yaml_str_str(struct yaml_writer *yaml, struct str key, struct str value);
void yaml_z(struct yaml_writer *yaml, const char *key, const char *value);
void yaml_f(struct yaml_writer *yaml, const char *key, const char *format, ...) PRINTF_LIKE(3, 4);
void yaml_u64(struct yaml_writer *yaml, const char *key, uint64_t value);
/* "KEY: [a, b]". */
void yaml_flow(struct yaml_writer *yaml, const char *key, const struct str *items, size_t count);
/* "KEY: [FIRST, a, b]". */
void yaml_flow_after(struct yaml_writer *yaml, const char *key, const char *first, const struct str *items,
                     size_t count);
/* "- VALUE". */
void yaml_entry(struct yaml_writer *yaml, struct str value);
