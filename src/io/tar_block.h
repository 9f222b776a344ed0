/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/tar_block.h - one 512-byte header block of a tar archive, as tar_reader.c and tar_writer.c share it.
 *
 * The layout is POSIX.1-2017's ustar (pax, "ustar Interchange Format"); old v7 archives end at linkname, GNU and star
 * put other things behind gname. Nothing here allocates.
 */
#include "base/str.h"

enum { TAR_BLOCK_BYTES = 512 };

struct tar_block {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char linkname[100];
    char magic[6];
    char version[2];
    char uname[32];
    char gname[32];
    char devmajor[8];
    char devminor[8];
    char prefix[155]; /* star: 131 bytes, then times */
    char pad[12];     /* star: "tar\0" at its end */
};
_Static_assert(sizeof(struct tar_block) == TAR_BLOCK_BYTES, "a block has no padding");

/* Bytes that fill up the last block of SIZE bytes. */
static inline uint64_t tar_padding(uint64_t size)
{
    return -size & (TAR_BLOCK_BYTES - 1);
}

/* The sum that belongs into the checksum field; also as old writers had it, with signed bytes. */
uint32_t tar_checksum(const struct tar_block *block, int32_t *ret_signed);

/* Octal digits between spaces and NULs (an empty field is 0), or GNU's base-256; false when it is neither or too big.
 */
bool tar_parse_number(const char *field, size_t size, int64_t *ret_value);

/* Octal with leading zeros and a NUL; false when it doesn't fit. */
bool tar_format_octal(char *field, size_t size, int64_t value);

/* A text field: up to its NUL, or all of it. */
struct str tar_field(const char *field, size_t size);
