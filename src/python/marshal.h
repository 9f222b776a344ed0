/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/marshal.h - compiled code as CPython keeps it (Python/marshal.c; importlib's .pyc header, PEP 552), made the
 * same whoever made it.
 *
 * marshal marks an object with FLAG_REF when it might be referred to again, and decides that by how many references
 * the object happened to have in that process: the same source gives other bytes in another company. So does whether
 * equal constants are one object, and whether a string is interned. In the canonical form equal constants are one
 * object, only what is referred to has the mark, references are numbered anew, the members of a frozenset stand in an
 * order of their own; strings are interned that anything interned or that look like a name, single characters that are
 * no names never. Nothing else changes, and marshal.loads gives an equal object.
 *
 * Formats: marshal version 4 of CPython 3.11 to 3.13 and 5 of 3.14; code objects of 3.11 and later. Limits:
 * LIMIT_PYTHON_CODE_BYTES, LIMIT_MARSHAL_DEPTH, LIMIT_MARSHAL_REFS. Nothing here runs anything.
 */
#include "base/buf.h"
#include "base/err.h"

/* True for the versions of Python (0x030b) whose code is known. */
bool python_marshal_knows(unsigned version);

/*
 * Appends the canonical form of CODE (one marshalled object) to OUT, which stays as it was on failure.
 * Errors: ERR_INVALID with the offset, ERR_UNSUPPORTED (a type or version that is not known), ERR_LIMIT, ERR_NOMEM.
 */
int python_marshal_canonical(struct str code, unsigned version, struct buf *out, struct err *err);

#define PYTHON_PYC_HEADER_BYTES 16

/* What _imp.source_hash(KEY, SOURCE) gives, as a little-endian number; importlib's key is the magic number. */
uint64_t python_source_hash(uint32_t key, struct str source);

/*
 * Appends the header of a .pyc for SOURCE: MAGIC as importlib.util.MAGIC_NUMBER has it, an unchecked hash (PEP 552):
 * the import system takes it without looking at the source's time or bytes.
 */
void python_pyc_header(uint32_t magic, struct str source, struct buf *out);

/* "pkg/mod.py" of version 0x030b: "pkg/__pycache__/mod.cpython-311.pyc" (as importlib.util.cache_from_source). */
void python_pyc_path(struct str source_path, unsigned version, struct buf *out);
