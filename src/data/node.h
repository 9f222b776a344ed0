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
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "data/span.h"

enum data_kind { DATA_NULL, DATA_BOOL, DATA_NUMBER, DATA_STRING, DATA_ARRAY, DATA_OBJECT };

struct data_node {
    enum data_kind kind;
    struct data_span span;     /* the value, with its quotes or brackets */
    struct data_span key_span; /* the key, with its quotes; empty outside objects */
    uint32_t count;            /* children */
    struct str key;            /* decoded; ptr NULL outside objects */
    struct str value;          /* strings: decoded (may hold NUL); numbers, booleans and null: the source text */
    struct data_node *first;   /* child */
    struct data_node *next;    /* sibling */
    struct data_node *parent;
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
/* Whole numbers without fraction or exponent; ERR_INVALID when out of range. */
int data_u64(const struct data_node *node, uint64_t *ret_value, struct err *err);
int data_i64(const struct data_node *node, int64_t *ret_value, struct err *err);

/* True when NODE is NULL or a null value. */
bool data_absent(const struct data_node *node);

/* Appends the way from the root: "layers[2].size"; "document" for the root. Control bytes are shown as '?'. */
void data_path(struct buf *out, const struct data_node *node);

/* ERR_INVALID "'PATH' ...": PATH in front of a formatted rest. Returns the negative code. */
int data_err(struct err *err, const struct data_node *node, const char *format, ...) PRINTF_LIKE(3, 4);

/* "null", "a boolean", "a number", "a string", "an array", "an object". */
const char *data_kind_name(enum data_kind kind);
