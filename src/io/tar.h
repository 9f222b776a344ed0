/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * io/tar.h - tar archives as layers and packages hold them (POSIX.1-2017 ustar and pax; GNU long names on reading).
 *
 * Writing is canonical: ustar, a pax header only for what ustar can't say (long names and links, large sizes and
 * ids, times before 1970; non-ASCII is written as it is), numeric owners without names, two zero blocks at the end.
 * Devices, pipes, sockets and whiteouts are refused.
 *
 * Reading takes ustar, v7, pax (local and global headers), GNU long names and base-256 numbers, and star's short
 * prefix. It is strict on checksums and numbers, lenient on padding and a missing end. Names and the targets of hard
 * links are normalised ("./usr//lib/" is "usr/lib", "/etc" is "etc", "./" is the root, "") and refused where they climb
 * out of the root ("../x"). Targets of symbolic links are as stored. Sparse files, multi-volume archives and content
 * where there must be none (directories, symbolic links, devices) are refused, since readers differ on them. Whiteouts
 * are plain files here.
 * Errors begin with the archive's name and the byte at which the entry's header starts: ERR_INVALID, ERR_UNSUPPORTED,
 * ERR_LIMIT, or what the source failed with. Limits: LIMIT_TAR_ENTRIES, LIMIT_TAR_NAME_BYTES, LIMIT_TAR_PAX_BYTES.
 */
#include "io/reader.h"
#include "io/tree.h"
#include "io/writer.h"

/* Writes NODE's header and content (host files are opened, not through a link, and must still have size_bytes). */
int tar_write_node(struct writer *writer, const struct tree_node *node, struct err *err);

/*
 * For content that streams: NODE's header alone (a file's size is its size_bytes when it has host_path or place), which
 * the caller follows with exactly that many bytes and the padding.
 */
int tar_write_header(struct writer *writer, const struct tree_node *node, struct err *err);
int tar_write_padding(struct writer *writer, uint64_t size_bytes, struct err *err);

/* The end of an archive. */
int tar_write_end(struct writer *writer, struct err *err);

/*
 * All nodes of TREE but the root, in order, and the end. Of a file and its hard links the first in order carries the
 * content, the others link to it. Cancels between nodes.
 */
int tar_write_tree(struct writer *writer, const struct tree *tree, const struct op_ctx *ctx, struct err *err);

/* Bytes that tar_write_tree would write. */
uint64_t tar_tree_size(const struct tree *tree);

struct tar_entry {
    struct tree_node node; /* path, target: valid until the next call; content empty, size_bytes set */
    uint64_t offset_bytes; /* of the content within the archive */
    char type_flag;        /* as stored */
};

struct tar_reader;

/* Does not own SOURCE. NAME (copied) is for messages. */
int tar_reader_new(struct reader *source, const char *name, struct tar_reader **ret_tar, struct err *err);
void tar_reader_free(struct tar_reader *tar); /* NULL is fine */
void tar_reader_cleanup(struct tar_reader **tar);
#define CLEANUP_TAR_READER CLEANUP(tar_reader_cleanup)

/* The next entry; *ret_more is false at the end. What is left of the previous content is passed over. */
int tar_reader_next(struct tar_reader *tar, struct tar_entry *ret_entry, bool *ret_more, struct err *err);

/* Extended attributes passed over so far (pax records; barehull keeps none). */
uint64_t tar_reader_xattrs(const struct tar_reader *tar);

/* Content of the entry that tar_reader_next gave: 1..SIZE bytes, 0 at its end. */
int tar_reader_content(struct tar_reader *tar, void *data, size_t size, size_t *ret_got, struct err *err);
