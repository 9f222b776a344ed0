/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/pem.h - blocks between "-----BEGIN LABEL-----" and "-----END LABEL-----" (RFC 7468, the lax form of its
 * section 3: white space within and around lines, any line length), one after another; what lies between blocks is
 * text for people.
 */
#include "base/buf.h"
#include "base/err.h"

struct pem_block {
    struct str label; /* "CERTIFICATE" */
    struct str body;  /* between the two lines, as it stands: base 64, and what else is there */
    size_t line;      /* of the BEGIN, from 1 */
};

struct pem_reader {
    struct str rest;
    size_t line;
};

/* *ret_found is false at the end. ERR_INVALID, naming the line, when a block has no end or another one's. */
int pem_next(struct pem_reader *reader, struct pem_block *ret_block, bool *ret_found, struct err *err);

/* Appends the bytes that BODY stands for; false when it is no base 64 (OUT then holds a part of them). */
bool pem_decode(struct str body, struct buf *out);

/* Appends BYTES as a block: lines of 64 columns, LF. */
void pem_write(struct str label, struct str bytes, struct buf *out);
