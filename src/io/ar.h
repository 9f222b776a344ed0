/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/ar.h - the ar archives that Debian packages are (deb(5)), for reading.
 *
 * The common format: "!<arch>\n", then members of a 60-byte header and their content, each padded to an even length
 * with a newline. Names may end in SVR4's slash, long names may come from a GNU table ("//"); symbol tables are passed
 * over. BSD's long names ("#1/...") and thin archives are refused. Numbers and padding are strict; the padding of the
 * last member may be missing.
 * Errors begin with the archive's name and the byte at which the member's header starts: ERR_INVALID,
 * ERR_UNSUPPORTED, ERR_LIMIT, or what the source failed with. Limit: LIMIT_AR_NAMES_BYTES.
 */
#include "io/reader.h"

struct ar_entry {
    struct str name; /* never empty, no slash, no NUL; valid until the next call */
    uint64_t size_bytes;
    uint64_t offset_bytes; /* of the content within the archive */
    uint64_t mtime;
    uint32_t uid, gid, mode;
};

struct ar_reader;

/* Does not own SOURCE. NAME (copied) is for messages. */
int ar_reader_new(struct reader *source, const char *name, struct ar_reader **ret_ar, struct err *err);
void ar_reader_free(struct ar_reader *ar); /* NULL is fine */
void ar_reader_cleanup(struct ar_reader **ar);
#define CLEANUP_AR_READER CLEANUP(ar_reader_cleanup)

/* The next member; *ret_more is false at the end. What is left of the previous content is passed over. */
int ar_reader_next(struct ar_reader *ar, struct ar_entry *ret_entry, bool *ret_more, struct err *err);

/* Content of the member that ar_reader_next gave: 1..SIZE bytes, 0 at its end. */
int ar_reader_content(struct ar_reader *ar, void *data, size_t size, size_t *ret_got, struct err *err);

/* The rest of that content as a reader; it does not own AR and is dead after the next ar_reader_next. */
int ar_reader_open(struct ar_reader *ar, struct reader **ret_reader, struct err *err);
