/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts_fixture.h - the facts of a manifest, for tests.
 */
#include "facts/read.h"

#include "yaml_fixture.h"

#include <stdio.h>
#include <string.h>

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str view_ = (view);                                                                                     \
        if (!str_eq_z(view_, (text)))                                                                                  \
            fail_msg("'%.*s' is not '%s'", STR_ARG(view_), (text));                                                    \
    } while (0)

/* What a fact points at. */
#define assert_at(fact_, text) assert_str(place_text((fact_).at), text)

#define assert_fact(fact_, state_, text)                                                                               \
    do {                                                                                                               \
        assert_int_equal((fact_).state, (state_));                                                                     \
        assert_at(fact_, text);                                                                                        \
    } while (0)

struct manifest {
    struct arena arena;
    struct source source;
    const struct source *items[1];
    struct sources sources;
    const struct pod *const *pods;
    size_t count, objects;
};

static inline void manifest_done(struct manifest *manifest)
{
    arena_done(&manifest->arena);
}
#define CLEANUP_MANIFEST CLEANUP(manifest_done)

static inline void manifest_read(struct manifest *manifest, const char *text)
{
    static const struct yaml_options options = {.schema = YAML_KUBERNETES, .list_duplicates = true};
    struct err err = ERR_INIT;
    *manifest = (struct manifest){.source = {STR_INIT("pod.yaml"), str_z(text), 0, 1}};
    manifest->items[0] = &manifest->source;
    manifest->sources = (struct sources){manifest->items, 1};
    const struct data_node *root = parse(manifest->source.bytes, &options, &manifest->arena);
    if (facts_of_kubernetes(root, &manifest->sources, NULL, &manifest->arena, &manifest->pods, &manifest->count,
                            &manifest->objects, &err) != 0)
        fail_msg("%s", err.message);
}

/* The one pod of TEXT. */
static inline const struct pod *manifest_pod(struct manifest *manifest, const char *text)
{
    manifest_read(manifest, text);
    assert_int_equal(manifest->count, 1);
    return manifest->pods[0];
}
