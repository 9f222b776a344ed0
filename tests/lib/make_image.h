/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * make_image.h - layouts and archives made by hand, honest and otherwise, for the tests of oci and what stands on it.
 *
 * A `struct bench` is a directory of the test's own; everything asserts, nothing returns errors.
 */
#include "base/arena.h"
#include "io/digest.h"
#include "io/file.h"
#include "io/reader.h"
#include "io/tar.h"
#include "io/writer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
    char dir[64];
    int fd;
    struct arena arena;
};

static inline struct bench bench_new(void)
{
    struct bench bench = {.dir = "/tmp/barehull-test-oci.XXXXXX", .arena = ARENA_INIT};
    assert_non_null(mkdtemp(bench.dir));
    bench.fd = open(bench.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(bench.fd >= 0);
    return bench;
}

static inline void bench_done(struct bench *bench)
{
    assert_int_equal(file_remove_tree(AT_FDCWD, bench->dir, NULL), 0);
    close(bench->fd);
    arena_done(&bench->arena);
}

/* "DIR/NAME", in the arena. */
static inline const char *bench_path(struct bench *bench, const char *name)
{
    return arena_printf(&bench->arena, "%s/%s", bench->dir, name);
}

static inline void bench_write(struct bench *bench, const char *name, struct str bytes)
{
    CLEANUP_ARENA struct arena scratch = ARENA_INIT;
    struct str dir = str_head(str_z(name), str_rfind_char(str_z(name), '/'));
    if (dir.len < strlen(name))
        assert_int_equal(file_make_dirs(bench->fd, arena_z(&scratch, dir), 0755, NULL), 0);
    assert_int_equal(file_write_all(bench->fd, name, 0644, bytes, NULL), 0);
}

static inline struct str bench_read(struct bench *bench, const char *name)
{
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    assert_int_equal(file_read_all(bench->fd, name, 64U << 20, &bytes, NULL), 0);
    return arena_str(&bench->arena, buf_str(&bytes));
}

/* "sha256:..." of BYTES, in the arena. */
static inline const char *bench_digest(struct bench *bench, struct str bytes)
{
    char text[DIGEST_TEXT_MAX];
    struct digest digest = digest_of(DIGEST_SHA256, bytes);
    return arena_printf(&bench->arena, "%s", digest_text(&digest, text));
}

/* Stores BYTES as a blob of the layout LAYOUT (a directory of the bench); its digest. */
static inline const char *bench_blob(struct bench *bench, const char *layout, struct str bytes)
{
    const char *digest = bench_digest(bench, bytes);
    bench_write(bench, arena_printf(&bench->arena, "%s/blobs/sha256/%s", layout, digest + 7), bytes);
    return digest;
}

/* A descriptor's JSON; EXTRA is more members (",...") or "". */
static inline const char *bench_descriptor(struct bench *bench, const char *media_type, const char *digest, size_t size,
                                           const char *extra)
{
    return arena_printf(&bench->arena, "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu%s}", media_type, digest,
                        size, extra);
}

/* A layer's tar. */
static inline struct str bench_tar(struct bench *bench, const struct tree_node *nodes, size_t count)
{
    struct buf bytes = BUF_INIT;
    struct writer *writer = NULL;
    assert_int_equal(buf_writer_new(&bytes, &writer, NULL), 0);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(tar_write_node(writer, &nodes[i], NULL), 0);
    assert_int_equal(tar_write_end(writer, NULL), 0);
    assert_int_equal(writer_close(writer, NULL), 0);
    struct str copy = arena_str(&bench->arena, buf_str(&bytes));
    buf_done(&bytes);
    return copy;
}

#define F(name, text)                                                                                                  \
    {                                                                                                                  \
        .path = STR_INIT(name), .type = TREE_FILE, .mode = 0644, .content = STR_INIT(text)                             \
    }
#define DIR_(name)                                                                                                     \
    {                                                                                                                  \
        .path = STR_INIT(name), .type = TREE_DIR, .mode = 0755                                                         \
    }
#define LINK(name, to)                                                                                                 \
    {                                                                                                                  \
        .path = STR_INIT(name), .type = TREE_SYMLINK, .mode = 0777, .target = STR_INIT(to)                             \
    }
#define HARD(name, to)                                                                                                 \
    {                                                                                                                  \
        .path = STR_INIT(name), .type = TREE_HARDLINK, .mode = 0644, .target = STR_INIT(to)                            \
    }

#define TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define TYPE_INDEX    "application/vnd.oci.image.index.v1+json"
#define TYPE_CONFIG   "application/vnd.oci.image.config.v1+json"
#define TYPE_LAYER    "application/vnd.oci.image.layer.v1.tar"

/* A config for these layers (plain tars). */
static inline const char *bench_config(struct bench *bench, const char *architecture, const struct str *layers,
                                       size_t count)
{
    const char *ids = "";
    for (size_t i = 0; i < count; i++)
        ids = arena_printf(&bench->arena, "%s%s\"%s\"", ids, i ? "," : "", bench_digest(bench, layers[i]));
    return arena_printf(&bench->arena,
                        "{\"architecture\":\"%s\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}",
                        architecture, ids);
}

/* Stores an image of plain layers in LAYOUT; its manifest's descriptor with EXTRA members. */
static inline const char *bench_image(struct bench *bench, const char *layout, const char *architecture,
                                      const struct str *layers, size_t count, const char *extra)
{
    struct str config = str_z(bench_config(bench, architecture, layers, count));
    const char *list = "";
    for (size_t i = 0; i < count; i++) {
        const char *digest = bench_blob(bench, layout, layers[i]);
        list = arena_printf(&bench->arena, "%s%s%s", list, i ? "," : "",
                            bench_descriptor(bench, TYPE_LAYER, digest, layers[i].len, ""));
    }
    struct str manifest = str_z(
        arena_printf(&bench->arena, "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}",
                     bench_descriptor(bench, TYPE_CONFIG, bench_blob(bench, layout, config), config.len, ""), list));
    return bench_descriptor(bench, TYPE_MANIFEST, bench_blob(bench, layout, manifest), manifest.len, extra);
}

/* Makes LAYOUT a layout with these entries (descriptors, comma-separated). */
static inline void bench_index(struct bench *bench, const char *layout, const char *entries)
{
    bench_write(bench, arena_printf(&bench->arena, "%s/oci-layout", layout), STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
    bench_write(bench, arena_printf(&bench->arena, "%s/index.json", layout),
                str_z(arena_printf(&bench->arena, "{\"schemaVersion\":2,\"manifests\":[%s]}", entries)));
}

#define REF(name) ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" name "\"}"
