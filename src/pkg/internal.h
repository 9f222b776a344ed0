/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/internal.h - what the two readers of apt sources share.
 *
 * A struct source_entry is one line or stanza before it is multiplied out. Options arrive under the names of the
 * one-line format.
 */
#include "pkg/sources.h"

struct source_reader {
    struct str file;
    struct str architecture;
    struct arena *arena;
    struct source_list *list;
};

struct source_entry {
    struct source options; /* all but uri, suite, components */
    struct str uris;       /* lists of words */
    struct str suites;
    struct str components;
};

/* Sets option KEY ("arch", "signed-by", ...) of ENTRY; an unknown one is left out. */
int source_set_option(const struct source_reader *reader, struct source_entry *entry, struct str key, struct str value,
                      struct err *err);

/* Checks ENTRY and adds a source for each of its releases. Messages have no place yet. */
int source_add_entry(const struct source_reader *reader, const struct source_entry *entry, struct err *err);

int source_read_lines(const struct source_reader *reader, struct str text, struct err *err);   /* sources_line.c */
int source_read_stanzas(const struct source_reader *reader, struct str text, struct err *err); /* sources_stanza.c */
