/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/internal.h - what files of this module share: the two readers of apt sources, and the builder of the package
 * index with its reader.
 */
#include "base/map.h"
#include "pkg/packages.h"
#include "pkg/sources.h"

/* ---- apt sources ---- */

struct source_reader {
    struct str file;
    struct str architecture;
    struct arena *arena;
    struct source_list *list;
};

/* One line or stanza before it is multiplied out. Options arrive under the names of the one-line format. */
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

/* ---- the block of a package index: header, names, records, provides, words, text; all in host byte order ---- */

#define PACKAGES_MAGIC      "bhpkgidx"
#define PACKAGES_VERSION    1U
#define PACKAGES_BYTE_ORDER 0x01020304U

struct packages_header {
    char magic[8];
    uint32_t byte_order;
    uint32_t version;
    uint32_t name_count;
    uint32_t record_count;
    uint32_t provide_count;
    uint32_t word_count; /* sections and architectures, which repeat */
    uint64_t text_size;
};

struct packages_name { /* sorted by name */
    uint32_t text;
    uint32_t text_len;
    uint32_t first; /* record */
    uint32_t count;
    uint32_t rank;
};

/* The texts of a record stand one behind the other, in this order. */
enum packages_part {
    PART_VERSION,
    PART_SOURCE,
    PART_SOURCE_VERSION,
    PART_PRE_DEPENDS,
    PART_DEPENDS,
    PART_CONFLICTS,
    PART_BREAKS,
    PART_PROVIDES,
    PART_FILENAME,
    PART_DIGEST, /* its bytes */
    PART_COUNT,
};

struct packages_record {
    uint64_t size_bytes;
    uint64_t installed_size_kib;
    uint32_t name; /* its number */
    uint32_t input;
    uint32_t section; /* words */
    uint32_t architecture;
    uint32_t text;
    uint32_t part_len[PART_COUNT];
    uint8_t multi_arch;
    uint8_t priority;
    uint8_t flags;
    uint8_t digest_algorithm;
    uint32_t zero;
};

enum { RECORD_ESSENTIAL = 1, RECORD_IMPORTANT = 2, RECORD_NOT_AUTOMATIC = 4 };

struct packages_provided { /* sorted by virtual name, then record */
    uint32_t text;
    uint32_t text_len;
    uint32_t version;
    uint32_t version_len;
    uint32_t record;
};

struct packages_word {
    uint32_t text;
    uint32_t text_len;
};

/* ---- its builder ---- */

/* A package as read: views into the input. `record` is filled but for name and texts. */
struct packages_draft {
    struct str name;
    struct str parts[PART_COUNT]; /* but PART_DIGEST */
    uint8_t digest[DIGEST_BYTES_MAX];
    uint32_t order; /* place in the inputs */
    struct packages_record record;
};

struct packages_drafts {
    struct {
        struct packages_draft *ptr;
        size_t len;
        size_t cap;
    } drafts;
    struct map mentions; /* name to rank + 1, in the order of first mention */
    struct map words;    /* sections and architectures */
};

/* Reads all paragraphs of input number INPUT into DRAFTS. */
int packages_read(const struct packages_input *input, uint32_t number, struct packages_drafts *drafts, struct err *err);
