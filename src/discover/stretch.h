/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/stretch.h - reads a file in stretches of whole documents, with memory for one of them.
 *
 * A stream of YAML documents is cut where data/yaml.h says that it may be, at the first such place behind
 * STRETCH_BYTES; a larger document makes a larger stretch, up to LIMIT_YAML_DOCUMENT_BYTES. Other files are one
 * stretch. Stretches follow each other without a gap, the first is there even when the file is empty, and none of them
 * is empty otherwise.
 *
 * Errors, each naming the file: ERR_UNSUPPORTED for UTF-16, UTF-32 and binary data (a NUL byte), ERR_LIMIT, ERR_IO;
 * ERR_INVALID when a regular file changed while it was read. After an error the reader gives the same error again.
 */
#include "base/err.h"
#include "base/str.h"

#define STRETCH_BYTES (1U << 20)

struct stretch_options {
    bool whole;           /* one stretch */
    size_t cut_bytes;     /* a stretch is cut behind so many; 0: STRETCH_BYTES */
    uint64_t limit_bytes; /* of one stretch less cut_bytes: of a document, of a whole file */
    uint64_t file_bytes;  /* limit of the file; 0: the same */
};

struct stretch_reader;

/* Takes FD, in any case. SHOWN is for messages and must outlive the reader. The caller owns *ret_reader. */
int stretch_new(int fd, struct str shown, struct stretch_reader **ret_reader, struct err *err);
void stretch_free(struct stretch_reader *reader);

/*
 * The first bytes, at least WANT of them unless the file ends before (*ret_end). Only before the first stretch; to be
 * called again with a larger WANT to see more. Valid until the next call. What was read is there when it fails, too.
 */
int stretch_peek(struct stretch_reader *reader, size_t want, struct str *ret_bytes, bool *ret_end, struct err *err);

/*
 * True when the file is read to its end: it is closed, and its bytes stay. SHOWN takes the name's place.
 */
bool stretch_keep(struct stretch_reader *reader, struct str shown);

/* As check/check.h's `next`. */
int stretch_next(struct stretch_reader *reader, const struct stretch_options *options, struct str *ret_bytes,
                 uint64_t *ret_offset, uint32_t *ret_line, struct err *err);
