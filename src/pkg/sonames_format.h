/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pkg/sonames_format.h - the block of a SONAME index: header, entries, directories, packages, text.
 *
 * All in host byte order. Used by sonames.c, which reads it, and sonames_build.c, which writes it.
 */
#include "base/forward.h"

#define SONAMES_MAGIC      "bhsoname"
#define SONAMES_VERSION    1U
#define SONAMES_BYTE_ORDER 0x01020304U

struct sonames_header {
    char magic[8];
    uint32_t byte_order;
    uint32_t version;
    uint32_t entry_count;
    uint32_t directory_count;
    uint32_t package_count;
    uint32_t zero;
    uint64_t text_size;
};

struct sonames_entry { /* sorted by name, default directories first, directory, package */
    uint32_t text;
    uint32_t text_len;
    uint32_t directory; /* numbers of words */
    uint32_t package;
};

struct sonames_word {
    uint32_t text;
    uint32_t text_len;
    uint32_t is_default; /* of directories */
};
