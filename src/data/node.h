/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/node.h - a document as a tree: the same for JSON and YAML.
 *
 * Every key and value knows the bytes of the source that it was written with (data/span.h), so that a message can
 * point at it and an edit can replace it. Nodes live in the arena of whoever parsed; strings without escapes are
 * views of the source, which must outlive the tree. Children are in source order; keys of an object are unique.
 * Trees are read-only and may be read by any number of threads.
 *
 * The getters treat a NULL node and a null value as absent: they return 0 and leave the output as it was, so that
 *     data_str(data_get(object, "author"), &author, err)
 * reads an optional field. A value of another kind is ERR_INVALID and names its path ("'layers[2].size' is ...").
 *
 * What only YAML has (data/yaml.h) hangs at `flags` and `extra`. A value that came by an alias is a copy of the
 * anchored node: its spans are where it is written, data_use_span() is where the document asks for it.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "data/span.h"

/* Packed: a tree has many nodes. */
enum __attribute__((packed)) data_kind { DATA_NULL, DATA_BOOL, DATA_NUMBER, DATA_STRING, DATA_ARRAY, DATA_OBJECT };

/* How a value is written; an edit has to know. JSON is plain, double and flow. */
enum __attribute__((packed)) data_style {
    DATA_STYLE_PLAIN,
    DATA_STYLE_SINGLE, /* quotes */
    DATA_STYLE_DOUBLE,
    DATA_STYLE_LITERAL, /* | */
    DATA_STYLE_FOLDED,  /* > */
    DATA_STYLE_BLOCK,   /* collections by indentation */
    DATA_STYLE_FLOW,    /* collections in brackets */
};

enum data_flag {
    DATA_ALIASED = 1,  /* a copy made for an alias, or a part of one */
    DATA_MERGED = 2,   /* a member that the merge key '<<' brought */
    DATA_OCTAL = 4,    /* a number whose leading 0 makes it octal */
    DATA_ANCHORED = 8, /* has an anchor: aliases may repeat it, so that an edit reaches further */
    /* Set by readers that work on finished trees (compose/project.h). */
    DATA_INTERPOLATED = 16, /* the value is not the text of the span: variables were put in */
    DATA_UNKNOWN = 32,      /* the value hangs on something that can't be known; `value` is the text as written */
    DATA_INHERITED = 64,    /* brought by another object of the document's own language ("extends") */
};

struct data_node;

/* A place in one of several texts (data_node.source). */
struct data_origin {
    uint8_t source;
    struct data_span span;
};

/* What few nodes have. */
struct data_extra {
    struct str tag; /* "!!str", "!reset", or a whole URI; ptr NULL for none */
    struct data_span tag_span;
    const struct data_node *origin; /* of a copy: the node that is written out; NULL otherwise */
    struct data_span use_span;      /* of a copy: the alias that asked for it; of a merged member: the value of '<<' */
    const struct data_origin *origins; /* what else the value comes from (variables), nearest first */
    size_t origin_count;
};

struct data_node {
    enum data_kind kind : 4;
    enum data_style style : 4;
    uint8_t source;            /* which text the spans are of, where one tree is made of several; else 0 */
    uint16_t flags;            /* enum data_flag */
    struct data_span span;     /* the value, with its quotes or brackets */
    struct data_span key_span; /* the key, with its quotes; empty outside objects */
    uint32_t count;            /* children */
    struct str key;            /* decoded; ptr NULL outside objects */
    struct str value;          /* strings: decoded (may hold NUL); numbers, booleans and null: the source text */
    struct data_node *first;   /* child */
    struct data_node *next;    /* sibling */
    struct data_node *parent;
    const struct data_extra *extra; /* NULL for most */
};

#define DATA_EACH(child, node)                                                                                         \
    for (const struct data_node *child = (node) ? (node)->first : NULL; child; child = child->next)

/* The member KEY, or NULL (also when OBJECT is NULL or no object). */
const struct data_node *data_get(const struct data_node *object, const char *key);
const struct data_node *data_get_str(const struct data_node *object, struct str key);

/* As data_get, but a member that is missing or null is ERR_INVALID. */
int data_need(const struct data_node *object, const char *key, const struct data_node **ret_member, struct err *err);

/* 0 when NODE is absent or of KIND. */
int data_expect(const struct data_node *node, enum data_kind kind, struct err *err);

int data_str(const struct data_node *node, struct str *ret_value, struct err *err);
int data_bool(const struct data_node *node, bool *ret_value, struct err *err);
/*
 * Whole numbers without fraction or exponent, in YAML's notations too (+1, 1_000, 0x1f, 0o17, 0b11, 0755 where the
 * schema reads it as octal); ERR_INVALID when out of range.
 */
int data_u64(const struct data_node *node, uint64_t *ret_value, struct err *err);
int data_i64(const struct data_node *node, int64_t *ret_value, struct err *err);

/* True when NODE is NULL or a null value. */
bool data_absent(const struct data_node *node);

/* The tag, or the empty view. */
struct str data_tag(const struct data_node *node);

/* Where the document uses NODE: the alias or merge that brought it, else its own span. */
struct data_span data_use_span(const struct data_node *node);

/* The node as it is written out: of a copy its origin, else itself. */
const struct data_node *data_origin(const struct data_node *node);

/* Appends the way from the root: "layers[2].size"; "document" for the root. Control bytes are shown as '?'. */
void data_path(struct buf *out, const struct data_node *node);

/* ERR_INVALID "'PATH' ...": PATH in front of a formatted rest. Returns the negative code. */
int data_err(struct err *err, const struct data_node *node, const char *format, ...) PRINTF_LIKE(3, 4);

/* "null", "a boolean", "a number", "a string", "an array", "an object". */
const char *data_kind_name(enum data_kind kind);
