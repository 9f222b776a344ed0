/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/yaml_edit.h - what stands around a node in YAML's text: comments, and the place for a member that is not there.
 *
 * All functions take the SOURCE that the tree was read from and a node that is written in it (of a copy made for an
 * alias, its data_origin). They look at the text near the node; nothing allocates. JSON trees work too.
 */
#include "data/node.h"

/*
 * The comments of a node, nearest first: the one behind it on its line, then the comment lines right above, upwards
 * (a blank line ends them). The line is that of the key, of the item's '-', or of the value. Lines are looked at as far
 * as LIMIT_YAML_COMMENT_BYTES around the node, so that text on one endless line costs no quadratic time.
 *
 *     struct yaml_comments comments = yaml_comments_of(source, node);
 *     while (yaml_comments_next(&comments, &span)) ...   spans start at '#' and end before the line break
 */
struct yaml_comments {
    struct str source;
    struct data_span behind; /* len 0: none, or given out */
    size_t line;             /* start of the line above which (top: from which) to look next */
    size_t floor;            /* comments start here or later */
    bool downwards;
};

struct yaml_comments yaml_comments_of(struct str source, const struct data_node *node);

/* The comments at the top of the document that starts at byte OFFSET, downwards, up to its first content. */
struct yaml_comments yaml_comments_at_top(struct str source, size_t offset);

bool yaml_comments_next(struct yaml_comments *comments, struct data_span *ret_span);

/* Where a member of a mapping, or an item of a sequence, is to be put. */
struct yaml_insertion {
    uint32_t offset;
    uint32_t indent;       /* block: spaces before the member; an item's '-' comes behind them */
    bool flow;             /* in brackets: text without line breaks */
    bool comma_before;     /* flow: write ", " first */
    bool break_before;     /* block: the file ends without a line break: write `line_break` first, none behind */
    bool first;            /* the collection is empty, or a null value that becomes one */
    struct str line_break; /* "\n" or "\r\n", as the source has it; a block member ends with it */
};

/*
 * For a mapping, a sequence, or a null value with a key that is to become a mapping. False when the text has no such
 * place: a copy made for an alias, an alias itself, a scalar, a null that is written out ("~").
 */
bool yaml_insertion_of(struct str source, const struct data_node *node, struct yaml_insertion *ret_insertion);
