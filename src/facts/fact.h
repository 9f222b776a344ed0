/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/fact.h - what a surface says about one thing: a value, how it is known, where it stands, where it would stand.
 *
 * Rules (rules/rule.h) read facts and never documents, so that one principle is written once for all surfaces. Facts
 * view the sources and trees they were read from, and live in the same arena. Read-only once made.
 *
 * Unknown (an unresolved variable) is never a pass and never a failure.
 */
#include "base/arena.h"
#include "base/str.h"
#include "data/node.h"
#include "data/span.h"

/* A text that is judged: a file, or a stretch of whole documents of it. */
struct source {
    struct str name;  /* as shown */
    struct str bytes; /* spans are of these */
    uint64_t offset;  /* of bytes[0] in the file */
    uint32_t line;    /* of bytes[0] in the file, from 1 */
};

struct place {
    const struct source *source; /* NULL: nowhere */
    struct data_span span;
};

/* All texts that the nodes of one tree may be of: data_node.source is an index. */
struct sources {
    const struct source *const *items;
    size_t count;
};

/* Where NODE's value is written (of an alias's copy: where it is used); an empty value that is not written: its key. */
struct place place_of(const struct sources *sources, const struct data_node *node);
/* Where NODE's key is written; its value when it has none. */
struct place place_of_key(const struct sources *sources, const struct data_node *node);
struct str place_text(struct place place);

enum fact_state {
    FACT_ABSENT,    /* nobody says it, and the platform has no default that matters: `at` is what it would belong to */
    FACT_KNOWN,     /* said right here */
    FACT_INHERITED, /* said elsewhere and holds here: pod level, extends, a parent stage, a base image's tag */
    FACT_DEFAULT,   /* nobody says it; the value is what the platform takes */
    FACT_UNKNOWN,   /* said, but it hangs on what can't be known here; `text` of a fact_text is as written */
    FACT_INVALID,   /* said, but the platform would not take it so (a wrong type): see known-keys */
};

struct fact {
    enum fact_state state;
    struct place at;  /* the value's bytes; ABSENT and DEFAULT: the nearest thing that is written (a name, a key) */
    struct place key; /* the key of the value where it has one; source NULL otherwise */
    /* Where it would be inserted when it is absent, and what it is changed in otherwise (YAML and JSON). */
    const struct data_node *node;   /* the value, or NULL */
    const struct data_node *holder; /* the nearest mapping that exists on the way */
    const char *path;               /* from the holder on: "securityContext.readOnlyRootFilesystem"; static or arena */
};

/* The value counts when the state is KNOWN, INHERITED or DEFAULT. */
struct fact_bool {
    struct fact fact;
    bool value;
};
struct fact_text {
    struct fact fact;
    struct str value;
};
struct fact_number {
    struct fact fact;
    int64_t value; /* unit said where the fact is declared */
};

/* One of several: a capability, a sysctl, an option. */
struct fact_item {
    struct fact_text text;
    struct fact_text value; /* NAME=VALUE: what stands behind; ABSENT otherwise */
};
struct fact_list {
    struct fact fact; /* the list as a whole; ABSENT when nobody says it */
    const struct fact_item *items;
    size_t count;
};

/* True when the value counts. */
bool fact_said(const struct fact *fact);

/* "'<the text at PLACE>'" for messages lives in the arena: cut to 60 characters, control bytes as '?'. */
const char *place_shown(struct place place, struct arena *arena);
