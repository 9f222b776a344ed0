/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/decode.h - an object's members into a struct, by a table.
 *
 *     static const struct data_field fields[] = {
 *         {"architecture", DATA_TO_STR, offsetof(struct config, architecture), true},
 *         {"Env", DATA_TO_STRS, offsetof(struct config, env), false},
 *     };
 *
 * Members that the table does not name are passed over; an absent or null member leaves its field as it was, unless
 * it is required. Strings stay views of what the tree views; arrays live in the arena.
 */
#include "base/arena.h"
#include "data/node.h"

struct data_strs {
    struct str *items;
    size_t count;
};

struct data_pair {
    struct str key, value;
};

/* In source order; keys are unique. */
struct data_pairs {
    struct data_pair *items;
    size_t count;
};

enum data_field_type {
    DATA_TO_STR,   /* struct str */
    DATA_TO_BOOL,  /* bool */
    DATA_TO_U64,   /* uint64_t */
    DATA_TO_I64,   /* int64_t */
    DATA_TO_STRS,  /* struct data_strs, from an array of strings */
    DATA_TO_PAIRS, /* struct data_pairs, from an object of strings */
    DATA_TO_KEYS,  /* struct data_strs, from the keys of an object whatever their values */
    DATA_TO_NODE,  /* const struct data_node *, of any kind */
};

struct data_field {
    const char *key;
    enum data_field_type type;
    size_t offset; /* in the struct */
    bool required;
};

/* OUT may be half filled on failure: decode into a local. OBJECT must be an object (ERR_INVALID with its path). */
int data_decode(const struct data_node *object, const struct data_field *fields, size_t field_count,
                struct arena *arena, void *out, struct err *err);

int data_strs(const struct data_node *node, struct arena *arena, struct data_strs *ret_strs, struct err *err);
int data_pairs(const struct data_node *node, struct arena *arena, struct data_pairs *ret_pairs, struct err *err);

/* The value of KEY, or NULL. */
const struct str *data_pairs_get(const struct data_pairs *pairs, struct str key);
