/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * make_deb.h - makes small Debian packages in memory for tests. Every failure ends the test (cmocka).
 */
#include "base/op.h"
#include "io/compress.h"
#include "io/tar.h"

#include <lzma.h>
#include <string.h>

/* Adds an ar member. The archive's magic comes with the first. */
static inline void deb_add_member(struct buf *deb, const char *name, struct str content)
{
    if (deb->len == 0)
        buf_add_z(deb, "!<arch>\n");
    buf_addf(deb, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", name, 0, 0, 0, "100644", content.len);
    buf_add_str(deb, content);
    if (content.len & 1)
        buf_add_char(deb, '\n');
}

/* BYTES in place of itself, compressed as the SUFFIX says. */
static inline void deb_compress(struct buf *bytes, const char *suffix)
{
    struct buf out = BUF_INIT;
    struct writer *writer = NULL, *outer = NULL;
    struct err err = ERR_INIT;
    if (strcmp(suffix, "") == 0)
        return;
    if (strcmp(suffix, ".xz") == 0) {
        size_t room = lzma_stream_buffer_bound(bytes->len), len = 0;
        char *space = buf_extend(&out, room);
        assert_non_null(space);
        assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, NULL, (const uint8_t *)bytes->ptr, bytes->len,
                                                 (uint8_t *)space, &len, room),
                         LZMA_OK);
        buf_truncate(&out, len);
    } else {
        enum compression kind = strcmp(suffix, ".gz") == 0 ? COMPRESS_GZIP : COMPRESS_ZSTD;
        assert_int_equal(buf_writer_new(&out, &writer, &err), 0);
        assert_int_equal(compress_writer_new(kind, 0, NULL, writer, &outer, &err), 0);
        assert_int_equal(writer_write_str(outer, buf_str(bytes), &err), 0);
        assert_int_equal(writer_close(outer, &err), 0);
    }
    buf_done(bytes);
    *bytes = out;
}

/* A tar archive of NODES. */
static inline void deb_tar(struct buf *out, const struct tree_node *nodes, size_t count)
{
    struct writer *writer = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(buf_writer_new(out, &writer, &err), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(tar_write_node(writer, &nodes[i], &err), 0);
    assert_int_equal(tar_write_end(writer, &err), 0);
    assert_int_equal(writer_close(writer, &err), 0);
}

/* Adds a tar archive of NODES as the member STEM with SUFFIX. */
static inline void deb_add_tar(struct buf *deb, const char *stem, const char *suffix, const struct tree_node *nodes,
                               size_t count)
{
    struct buf tar = BUF_INIT;
    char name[32];
    deb_tar(&tar, nodes, count);
    deb_compress(&tar, suffix);
    (void)snprintf(name, sizeof(name), "%s%s", stem, suffix);
    deb_add_member(deb, name, buf_str(&tar));
    buf_done(&tar);
}
