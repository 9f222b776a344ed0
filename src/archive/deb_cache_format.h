/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/deb_cache_format.h - the layout of a cached package, as deb_unpack.c writes and deb_cache.c reads it.
 *
 * All numbers are little endian, all offsets count from the start of the file. Strings end in a NUL that their length
 * does not count. Any change needs another version: files of other versions are dropped.
 *
 *     head      magic, version
 *     texts     control, md5sums, conffiles
 *     contents  each on a boundary of DEB_CACHE_ALIGN
 *     strings   paths and targets
 *     records   one an entry
 *     foot
 */
#include "base/forward.h"

#define DEB_CACHE_HEAD_MAGIC "bhdeb\r\n\x1a"
#define DEB_CACHE_FOOT_MAGIC "bhdebend"

enum { DEB_CACHE_VERSION = 1, DEB_CACHE_MAGIC_BYTES = 8, DEB_CACHE_ALIGN = 16 };

/* Fields by their offset; "64" marks those of eight bytes, the others have four. */
enum deb_cache_head {
    HEAD_MAGIC64 = 0,
    HEAD_VERSION = 8,
    HEAD_RESERVED = 12,
    HEAD_BYTES = 16,
};

enum deb_cache_record {
    RECORD_PATH = 0, /* offset within the strings, then the length */
    RECORD_PATH_LEN = 4,
    RECORD_TARGET = 8,
    RECORD_TARGET_LEN = 12,
    RECORD_MODE = 16, /* permission bits; enum tree_type from bit 16 on */
    RECORD_UID = 20,
    RECORD_GID = 24,
    RECORD_CRC = 28, /* of the content */
    RECORD_MTIME64 = 32,
    RECORD_CONTENT64 = 40,
    RECORD_SIZE64 = 48,
    RECORD_BYTES = 56,
};

enum deb_cache_foot {
    FOOT_MAGIC64 = 0,
    FOOT_CONTROL_LEN64 = 8,
    FOOT_MD5SUMS_LEN64 = 16,
    FOOT_CONFFILES_LEN64 = 24,
    FOOT_STRINGS64 = 32,
    FOOT_STRINGS_LEN64 = 40,
    FOOT_RECORDS64 = 48,
    FOOT_RECORD_COUNT64 = 56,
    FOOT_FILE_BYTES64 = 64,
    FOOT_SCRIPTS = 72,
    FOOT_INDEX_CRC = 76, /* of texts, strings and records */
    FOOT_CRC = 80,       /* of the head, and of the foot up to here */
    FOOT_RESERVED = 84,
    FOOT_BYTES = 88,
};
