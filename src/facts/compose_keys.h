/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/compose_keys.h - which keys a Compose service and its objects may have, and what their values are.
 *
 * The Compose specification's own schema as tables (facts/compose_key_table.c). Keys that begin with "x-" are free
 * everywhere; mappings with free keys (labels, options) have no table.
 */
#include "facts/compose_read.h"

enum key_cast { CAST_NONE, CAST_BOOL, CAST_WHOLE, CAST_NUMBER, CAST_SIZE };

/* What a value may be: bits of enum data_kind. */
struct key_shape {
    const char *expected; /* "a boolean" */
    uint8_t kinds;
    uint8_t item_kinds; /* of a list */
    enum key_cast cast; /* of texts */
};

struct key_object;

struct key_rule {
    const char *name;
    const struct key_shape *shape;
    const struct key_object *object;  /* of a mapping as its value */
    const struct key_object *items;   /* of mappings in a list */
    const struct key_object *members; /* of each member, whose names are free */
};

struct key_object {
    const char *shown; /* "deploy of a service" */
    const char *where; /* where keys of this object belong: "under 'deploy'" */
    const struct key_rule *keys;
    size_t count;
};

extern const struct key_object compose_service_keys;

/* The objects whose keys are most often put on another level, outermost first; ends with NULL. */
extern const struct key_object *const compose_levels[];

/* What a key of another platform is called here; NULL: not known. */
const char *compose_foreign_key(struct str name);

/* The rule of NAME, or NULL. */
const struct key_rule *compose_key(const struct key_object *object, struct str name);
