/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/sources.h - where apt finds its archives: sources.list(5), the one-line format and the deb822 format.
 *
 * One struct source is one release: a URI and a suite (or an exact path), with the components asked for. Several URIs
 * and suites of a stanza are multiplied out; components that several entries ask of one release are gathered in the
 * first. Only "deb" entries count: "deb-src", "cdrom:" URIs and disabled stanzas are left out without a word, as are
 * options that are not known here. The order is the files' order; it is apt's order of preference between equals.
 *
 * Owner: the array is the list's (source_list_done), everything that it points to is the arena's, the text may go.
 * Errors: ERR_INVALID "'FILE' line N: ..."; ERR_LIMIT above LIMIT_SOURCES_BYTES. Threads: no state.
 */
#include "base/arena.h"

enum source_choice { SOURCE_UNSET, SOURCE_NO, SOURCE_YES };

struct source_words {
    struct str *ptr;
    size_t len;
};

struct source {
    struct str uri;   /* ends in '/' */
    struct str suite; /* ends in '/' when it is an exact path: then there are no components */
    struct source_words components;
    struct source_words signed_by;     /* absolute paths of keyrings, or fingerprints of keys ("!" kept) */
    struct str inline_keyring;         /* an armoured block in place of signed_by, or empty */
    struct source_words architectures; /* empty: whatever the machine takes */
    struct source_words architectures_removed;
    enum source_choice trusted;
    enum source_choice check_valid_until;
    enum source_choice check_date;
    struct str file; /* where it is said, for messages */
    size_t line;
};

struct source_list {
    struct source *ptr;
    size_t len;
    size_t cap;
};

#define SOURCE_LIST_INIT    ((struct source_list){NULL, 0, 0})
#define CLEANUP_SOURCE_LIST CLEANUP(source_list_done)
void source_list_done(struct source_list *list);

/*
 * Adds what TEXT says; FILE names it in messages and chooses the format (".sources" is deb822, all else one-line).
 * "$(ARCH)" becomes ARCHITECTURE. On failure LIST is as it was.
 */
int sources_parse(struct str text, struct str file, struct str architecture, struct arena *arena,
                  struct source_list *list, struct err *err);

static inline bool source_is_exact_path(const struct source *source)
{
    return source->suite.len > 0 && source->suite.ptr[source->suite.len - 1] == '/';
}

/* True unless the source's options leave ARCHITECTURE out. */
bool source_takes_architecture(const struct source *source, struct str architecture);
