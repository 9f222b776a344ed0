/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mkimage.c - writes a tiny image of two layers around one static program, for others to judge.
 *
 *     mkimage PROGRAM COMPRESSION OUTPUT [TAG...]
 *
 * COMPRESSION: gzip, zstd or none. OUTPUT: oci:DIR[:REF], oci-archive:FILE, docker-archive:FILE ('-': standard
 * output). The image runs PROGRAM (as /bin/busybox) to print a line. Prints the manifest's digest to standard error.
 */
#include "base/pool.h"
#include "io/file.h"
#include "io/writer.h"
#include "oci/image_sink.h"
#include "oci/layer_write.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct layer {
    struct buf blob;
    struct oci_layer_written written;
};

static int make_layer(struct tree *tree, enum compression compression, struct pool *pool, const struct op_ctx *ctx,
                      struct layer *layer, struct err *err)
{
    struct writer *writer = NULL;
    layer->blob = BUF_INIT;
    int r = buf_writer_new(&layer->blob, &writer, err);
    return r != 0 ? r : oci_layer_write(tree, compression, 0, pool, ctx, writer, &layer->written, err);
}

static int fill_base(struct tree *tree, struct err *err)
{
    int r = tree_put_dir(tree, STR("tmp"), 01777, err);
    if (r == 0)
        r = tree_put_dir(tree, STR("home/nonroot"), 0777, err);
    if (r == 0) {
        r = tree_put_file(
            tree, STR("etc/passwd"), 0644,
            STR("root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n"), err);
    }
    if (r == 0)
        r = tree_put_file(tree, STR("etc/group"), 0644, STR("root:x:0:\nnonroot:x:65532:\n"), err);
    return r;
}

static int fill_app(struct tree *tree, struct str program, struct err *err)
{
    struct tree_node link = {
        .path = STR("bin/hard"), .type = TREE_HARDLINK, .mode = 0755, .target = STR("bin/busybox")};
    int r = tree_put_file(tree, STR("bin/busybox"), 0755, program, err);
    if (r == 0)
        r = tree_put(tree, &link, err);
    if (r == 0)
        r = tree_put_link(tree, STR("bin/soft"), STR("busybox"), err);
    if (r == 0)
        r = tree_put_file(tree, STR("srv/\xC3\xA9t\xC3\xA9"), 0640, STR("utf-8 name\n"), err);
    return r;
}

static int make_image(struct layer layers[2], const struct oci_image_output *output, const struct op_ctx *ctx,
                      struct err *err)
{
    struct str env[] = {STR("PATH=/bin")};
    struct str entrypoint[] = {STR("/bin/busybox")};
    struct str cmd[] = {STR("echo"), STR("hello from barehull")};
    struct str test[] = {STR("CMD"), STR("/bin/busybox"), STR("true")};
    struct data_pair labels[] = {{STR("org.opencontainers.image.title"), STR("tiny")}};
    struct oci_history history[] = {{.created = STR("1970-01-01T00:00:00Z"), .created_by = STR("base")},
                                    {.created = STR("1970-01-01T00:00:00Z"), .created_by = STR("app")}};
    struct oci_layer_input inputs[2] = {{.descriptor = {.size_bytes = 0}}};
    for (size_t i = 0; i < 2; i++) {
        inputs[i].descriptor = layers[i].written.descriptor;
        inputs[i].diff_id = layers[i].written.diff_id;
        inputs[i].tar_bytes = layers[i].written.tar_bytes;
        inputs[i].bytes = buf_str(&layers[i].blob);
    }
    struct oci_image_input image = {
        .config = {.platform = oci_platform_host(),
                   .created = STR("1970-01-01T00:00:00Z"),
                   .user = STR("65532:65532"),
                   .env = {env, 1},
                   .entrypoint = {entrypoint, 1},
                   .cmd = {cmd, 2},
                   .working_dir = STR("/home/nonroot"),
                   .labels = {labels, 1},
                   .healthcheck = {.test = {test, 3}, .interval_ns = 30000000000},
                   .history = history,
                   .history_count = 2},
        .layers = inputs,
        .layer_count = 2,
        .annotations = {labels, 1},
    };
    struct oci_image_written written;
    int r = oci_image_write(&image, output, ctx, &written, err);
    char text[DIGEST_TEXT_MAX];
    if (r == 0)
        fprintf(stderr, "%s\n", digest_text(&written.manifest.digest, text));
    return r;
}

static int run(char **argv, int argc, struct arena *arena, struct err *err)
{
    struct op_ctx ctx = {.arena = arena};
    struct oci_image_output output = {.stdout_fd = STDOUT_FILENO};
    enum compression compression;
    CLEANUP_BUF struct buf program = BUF_INIT;
    CLEANUP_POOL struct pool *pool = NULL;
    struct tree *base = NULL, *app = NULL;
    struct layer layers[2] = {{.blob = BUF_INIT}, {.blob = BUF_INIT}};
    struct str tags[16];
    for (int i = 4; i < argc && i < 20; i++)
        tags[output.tags.count++] = str_z(argv[i]);
    output.tags.items = tags;
    if (!compression_parse(str_z(argv[2]), &compression))
        return err_set(err, ERR_USAGE, "'%s' is no compression", argv[2]);
    int r = oci_image_name_parse(str_z(argv[3]), arena, &output.name, err);
    if (r == 0)
        r = file_read_all(AT_FDCWD, argv[1], 64U << 20, &program, err);
    if (r == 0)
        r = pool_new(0, &pool, err);
    if (r == 0)
        r = tree_new(arena, &base, err);
    if (r == 0)
        r = tree_new(arena, &app, err);
    if (r == 0)
        r = fill_base(base, err);
    if (r == 0)
        r = fill_app(app, buf_str(&program), err);
    if (r == 0)
        r = make_layer(base, compression, pool, &ctx, &layers[0], err);
    if (r == 0)
        r = make_layer(app, compression, pool, &ctx, &layers[1], err);
    if (r == 0)
        r = make_image(layers, &output, &ctx, err);
    tree_free(base);
    tree_free(app);
    for (size_t i = 0; i < 2; i++)
        buf_done(&layers[i].blob);
    return r;
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    if (argc < 4) {
        fprintf(stderr, "usage: mkimage PROGRAM COMPRESSION OUTPUT [TAG...]\n");
        return 2;
    }
    if (run(argv, argc, &arena, &err) != 0) {
        fprintf(stderr, "mkimage: %s\n%s\n", err.message, err.hint);
        return 1;
    }
    return 0;
}
