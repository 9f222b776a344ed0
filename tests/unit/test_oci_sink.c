/* SPDX-License-Identifier: Apache-2.0 */
/* Images as we write them: every kind of output, read back. */
#include "../lib/make_image.h"
#include "base/fault.h"
#include "base/pool.h"
#include "oci/image_sink.h"
#include "oci/layer.h"
#include "oci/layer_write.h"

static const struct op_ctx no_ctx = {0};

struct made {
    struct buf blobs[2];
    struct oci_layer_input layers[2];
    struct oci_image_input image;
};

static int make_layer(const char *content, enum compression compression, struct buf *blob,
                      struct oci_layer_input *layer, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct tree *tree = NULL;
    struct writer *writer = NULL;
    struct oci_layer_written written;
    int r = tree_new(&arena, &tree, err);
    if (r == 0)
        r = tree_put_file(tree, STR("etc/x"), 0644, str_z(content), err);
    if (r == 0)
        r = tree_put_link(tree, STR("etc/y"), STR("x"), err);
    if (r == 0)
        r = buf_writer_new(blob, &writer, err);
    if (r == 0)
        r = oci_layer_write(tree, compression, 0, NULL, &no_ctx, writer, &written, err);
    tree_free(tree);
    if (r == 0) {
        *layer = (struct oci_layer_input){.descriptor = written.descriptor,
                                          .diff_id = written.diff_id,
                                          .tar_bytes = written.tar_bytes,
                                          .bytes = buf_str(blob)};
    }
    return r;
}

static int make(enum compression compression, struct made *made, struct err *err)
{
    *made = (struct made){.blobs = {BUF_INIT, BUF_INIT}};
    made->image.config.platform = (struct oci_platform){STR("linux"), STR("arm64"), STR(""), STR("")};
    made->image.layers = made->layers;
    made->image.layer_count = 2;
    int r = make_layer("lower", compression, &made->blobs[0], &made->layers[0], err);
    return r != 0 ? r : make_layer("upper", compression, &made->blobs[1], &made->layers[1], err);
}

static void made_done(struct made *made)
{
    buf_done(&made->blobs[0]);
    buf_done(&made->blobs[1]);
}

static struct oci_image_output output_to(struct bench *bench, const char *what)
{
    struct oci_image_output output = {.stdout_fd = -1};
    const char *colon = strchr(what, ':');
    const char *text = arena_printf(&bench->arena, "%.*s:%s/%s", (int)(colon - what), what, bench->dir, colon + 1);
    assert_int_equal(oci_image_name_parse(str_z(text), &bench->arena, &output.name, NULL), 0);
    return output;
}

static struct oci_image *reopen(struct bench *bench, const struct oci_image_output *output, struct str ref)
{
    struct oci_image_name name = output->name;
    struct oci_image *image = NULL;
    name.ref = ref;
    assert_int_equal(oci_image_open(&name, NULL, &bench->arena, &image, NULL), 0);
    return image;
}

static void assert_reads_back(struct bench *bench, const struct oci_image_output *output,
                              const struct oci_image_written *written, struct str ref)
{
    struct oci_image *image = reopen(bench, output, ref);
    struct tree *tree = NULL;
    assert_int_equal(image->transport, output->name.transport);
    assert_true(digest_eq(&image->config_digest, &written->config_digest));
    if (image->has_manifest)
        assert_true(digest_eq(&image->manifest_descriptor.digest, &written->manifest.digest));
    assert_int_equal(image->layer_count, 2);
    assert_int_equal(oci_image_tree(image, 0, NULL, &no_ctx, &bench->arena, &tree, NULL), 0);
    assert_int_equal(tree_count(tree), 4);
    assert_int_equal(tree_get(tree, STR("etc/x"))->size_bytes, 5);
    assert_int_equal(((const struct oci_file *)tree_get(tree, STR("etc/x"))->place)->layer, 1);
    tree_free(tree);
    oci_image_close(image);
}

static void test_every_kind_reads_back(void **state)
{
    (void)state;
    static const char *const places[] = {"oci:l", "oci-archive:a.tar", "docker-archive:d.tar"};
    static const enum compression compressions[] = {COMPRESS_GZIP, COMPRESS_ZSTD, COMPRESS_NONE};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        for (size_t j = 0; j < ARRAY_LEN(compressions); j++) {
            struct bench bench = bench_new();
            struct made made;
            struct oci_image_written written, again;
            struct str tags[] = {STR("app"), STR("127.0.0.1:5000/team/app:2")};
            struct oci_image_output output = output_to(&bench, places[i]);
            output.tags = (struct data_strs){tags, 2};
            assert_int_equal(make(compressions[j], &made, NULL), 0);
            assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
            assert_reads_back(&bench, &output, &written, STR("app:latest"));
            assert_reads_back(&bench, &output, &written, STR("127.0.0.1:5000/team/app:2"));
            assert_reads_back(&bench, &output, &written, STR(""));
            if (i > 0) { /* the same bytes, whether the size of a tar is known or not */
                const char *file = i == 1 ? "a.tar" : "d.tar";
                struct str before = bench_read(&bench, file);
                made.layers[0].tar_bytes = made.layers[1].tar_bytes = 0;
                assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &again, NULL), 0);
                struct str after = bench_read(&bench, file);
                assert_true(str_eq(before, after));
                assert_true(digest_eq(&written.manifest.digest, &again.manifest.digest));
            }
            made_done(&made);
            bench_done(&bench);
        }
    }
}

/* Images of two machines below one index: each is what it is alone, in whatever order they are given. */
static void test_several_machines(void **state)
{
    (void)state;
    static const char *const places[] = {"oci:l", "oci-archive:a.tar"};
    static const char *const alone[] = {"oci:x", "oci:y"};
    struct data_pair note = {STR("a.b"), STR("c")};
    const struct data_pairs notes = {&note, 1};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct bench bench = bench_new();
        struct made arm, amd;
        assert_int_equal(make(COMPRESS_GZIP, &arm, NULL), 0);
        assert_int_equal(make(COMPRESS_GZIP, &amd, NULL), 0);
        arm.image.config.platform.variant = STR("v8");
        amd.image.config.platform.architecture = STR("amd64");
        struct oci_image_output output = output_to(&bench, places[i]);
        struct str tag = STR("app:1");
        output.tags = (struct data_strs){&tag, 1};
        struct oci_image_written written[2], other[2], single;
        struct oci_descriptor index, again;
        assert_int_equal(oci_images_write((struct oci_image_input[]){arm.image, amd.image}, 2, &notes, &output, &no_ctx,
                                          written, &index, NULL),
                         0);
        assert_int_equal(oci_images_write((struct oci_image_input[]){amd.image, arm.image}, 2, &notes, &output, &no_ctx,
                                          other, &again, NULL),
                         0);
        assert_true(digest_eq(&index.digest, &again.digest));
        assert_true(digest_eq(&written[0].manifest.digest, &other[1].manifest.digest));
        assert_true(str_eq_z(index.media_type, "application/vnd.oci.image.index.v1+json"));
        for (size_t j = 0; j < 2; j++) {
            struct oci_image_output lone = output_to(&bench, alone[j]);
            assert_int_equal(oci_image_write(j ? &amd.image : &arm.image, &lone, &no_ctx, &single, NULL), 0);
            assert_true(digest_eq(&written[j].manifest.digest, &single.manifest.digest));
            assert_true(digest_eq(&written[j].config_digest, &single.config_digest));
        }
        struct oci_platform platform;
        assert_int_equal(oci_platform_parse(STR("arm64"), &platform, NULL), 0);
        struct oci_image_name name = output.name;
        struct oci_image *image = NULL;
        name.ref = tag;
        assert_int_equal(oci_image_open(&name, &platform, &bench.arena, &image, NULL), 0);
        assert_true(digest_eq(&image->manifest_descriptor.digest, &written[0].manifest.digest));
        assert_true(image->in_index && digest_eq(&image->index_digest, &index.digest));
        assert_int_equal(image->platforms.count, 2);
        assert_true(str_eq_z(image->platforms.items[0], "linux/amd64"));
        assert_true(str_eq_z(image->platforms.items[1], "linux/arm64/v8"));
        oci_image_close(image);
        made_done(&arm);
        made_done(&amd);
        bench_done(&bench);
    }
}

static void test_several_machines_refused(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct made made;
    struct err err = ERR_INIT;
    struct oci_image_written written[2];
    struct oci_descriptor index;
    const struct data_pairs none = {0};
    assert_int_equal(make(COMPRESS_GZIP, &made, NULL), 0);
    struct oci_image_input twice[] = {made.image, made.image};
    struct oci_image_output output = output_to(&bench, "oci:l");
    twice[1].config.platform.variant = STR("v8"); /* what arm64 without a variant is */
    assert_int_equal(oci_images_write(twice, 2, &none, &output, &no_ctx, written, &index, &err), -ERR_USAGE);
    assert_string_equal(err.message, "two images are for 'linux/arm64'");
    twice[1].config.platform.architecture = STR("amd64");
    output = output_to(&bench, "docker-archive:d.tar");
    assert_int_equal(oci_images_write(twice, 2, &none, &output, &no_ctx, written, &index, &err), -ERR_USAGE);
    assert_non_null(strstr(err.message, "a docker archive, which holds an image of one machine"));
    assert_string_not_equal(err.hint, "");
    assert_int_equal(faccessat(bench.fd, "l", F_OK, 0), -1);
    made_done(&made);
    bench_done(&bench);
}

#define BLOB "blobs/sha256/"

static void test_layout_names(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct made made;
    struct oci_image_written written;
    struct str tags[] = {STR("app")};
    struct oci_image_output output = output_to(&bench, "oci:l");
    char digest[DIGEST_TEXT_MAX];
    assert_int_equal(make(COMPRESS_GZIP, &made, NULL), 0);
    output.tags = (struct data_strs){tags, 1};
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
    output = output_to(&bench, "oci:l:v1");
    output.tags = (struct data_strs){tags, 1}; /* not used: the path names the image */
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
    output = output_to(&bench, "oci:l");
    for (int i = 0; i < 2; i++)
        assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
    digest_text(&written.manifest.digest, digest);
    const char *common =
        arena_printf(&bench.arena, "{\"mediaType\":\"" TYPE_MANIFEST "\",\"digest\":\"%s\",\"size\":%llu", digest,
                     (unsigned long long)written.manifest.size_bytes);
    const char *platform = ",\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\"}}";
    assert_string_equal(
        bench_read(&bench, "l/index.json").ptr,
        arena_printf(&bench.arena,
                     "{\"schemaVersion\":2,\"mediaType\":\"" TYPE_INDEX "\",\"manifests\":["
                     "%s,\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/app:latest\","
                     "\"org.opencontainers.image.ref.name\":\"app:latest\"}%s,"
                     "%s,\"annotations\":{\"org.opencontainers.image.ref.name\":\"v1\"}%s,%s%s]}",
                     common, platform, common, platform, common, platform));
    made_done(&made);
    bench_done(&bench);
}

static void test_docker_manifest(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct made made;
    struct oci_image_written written;
    struct oci_image_output output = output_to(&bench, "docker-archive:d.tar:app:1");
    assert_int_equal(make(COMPRESS_ZSTD, &made, NULL), 0);
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
    struct str bytes = bench_read(&bench, "d.tar");
    char config[DIGEST_TEXT_MAX], first[DIGEST_TEXT_MAX], second[DIGEST_TEXT_MAX];
    digest_hex(&written.config_digest, config);
    digest_hex(&made.layers[0].diff_id, first); /* expanded: the blob is the tar */
    digest_hex(&made.layers[1].diff_id, second);
    const char *expected = arena_printf(&bench.arena,
                                        "[{\"Config\":\"" BLOB "%s\",\"RepoTags\":[\"app:1\"],\"Layers\":[\"" BLOB
                                        "%s\",\"" BLOB "%s\"]}]",
                                        config, first, second);
    assert_true(str_find(bytes, str_z(expected)) < bytes.len);
    made_done(&made);
    bench_done(&bench);
}

static void test_refused_names(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct made made;
    struct oci_image_written written;
    struct err err = ERR_INIT;
    struct str tags[] = {STR("App:1")};
    struct oci_image_output output = output_to(&bench, "oci:l");
    assert_int_equal(make(COMPRESS_NONE, &made, NULL), 0);
    output.tags = (struct data_strs){tags, 1};
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, &err), -ERR_USAGE);
    assert_non_null(strstr(err.message, "upper case in the repository of 'App:1'"));
    assert_true(err.hint[0] != '\0');
    output = (struct oci_image_output){.name = {OCI_TRANSPORT_LAYOUT, "-", STR("")}};
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, &err), -ERR_USAGE);
    output = (struct oci_image_output){.name = {OCI_TRANSPORT_ANY, "x", STR("")}};
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, &err), -ERR_USAGE);
    assert_int_equal(faccessat(bench.fd, "l", F_OK, 0), -1);
    made_done(&made);
    bench_done(&bench);
}

static void test_wrong_layers_write_nothing(void **state)
{
    (void)state;
    static const char *const places[] = {"oci:l", "oci-archive:a.tar", "docker-archive:d.tar"};
    struct bench bench = bench_new();
    struct made made;
    struct oci_image_written written;
    struct err err = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct oci_image_output output = output_to(&bench, places[i]);
        assert_int_equal(make(COMPRESS_ZSTD, &made, NULL), 0);
        made.layers[1].descriptor.digest.bytes[0] ^= 1;
        assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, &err), -ERR_DIGEST);
        made.layers[1].descriptor.digest.bytes[0] ^= 1;
        made.layers[1].bytes.len--;
        assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, &err), -ERR_DIGEST);
        made_done(&made);
        assert_int_equal(faccessat(bench.fd, strchr(places[i], ':') + 1, F_OK, 0), -1);
    }
    /* A diff ID that is wrong shows only where a layer is expanded. */
    struct oci_image_output output = output_to(&bench, "docker-archive:d.tar");
    assert_int_equal(make(COMPRESS_ZSTD, &made, NULL), 0);
    made.layers[0].diff_id.bytes[0] ^= 1;
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, &err), -ERR_DIGEST);
    assert_int_equal(faccessat(bench.fd, "d.tar", F_OK, 0), -1);
    made_done(&made);
    bench_done(&bench);
}

static void test_layers_in_files(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct made made;
    struct oci_image_written written;
    struct err err = ERR_INIT;
    struct oci_image_output output = output_to(&bench, "oci:l:app:1");
    assert_int_equal(make(COMPRESS_GZIP, &made, NULL), 0);
    bench_write(&bench, "layer", made.layers[0].bytes);
    made.layers[0].bytes = STR_NONE;
    made.layers[0].path = bench_path(&bench, "layer");
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
    assert_reads_back(&bench, &output, &written, STR("app:1"));
    made.layers[0].path = bench_path(&bench, "missing");
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, &err), -ERR_NOT_FOUND);
    made_done(&made);
    bench_done(&bench);
}

static void test_to_a_descriptor(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct made made;
    struct oci_image_written written;
    struct oci_image_output output = output_to(&bench, "oci-archive:a.tar:app:1");
    assert_int_equal(make(COMPRESS_GZIP, &made, NULL), 0);
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
    output.name.path = "-";
    output.stdout_fd = openat(bench.fd, "stdout", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(oci_image_write(&made.image, &output, &no_ctx, &written, NULL), 0);
    close(output.stdout_fd);
    struct str file = bench_read(&bench, "a.tar"), piped = bench_read(&bench, "stdout");
    assert_true(str_eq(file, piped));
    made_done(&made);
    bench_done(&bench);
}

static void test_layers_do_not_depend_on_threads(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf content = BUF_INIT;
    CLEANUP_POOL struct pool *pool = NULL;
    assert_int_equal(pool_new(3, &pool, NULL), 0);
    for (int i = 0; i < 400000; i++)
        buf_addf(&content, "%d,", i);
    for (int compression = COMPRESS_NONE; compression <= COMPRESS_ZSTD; compression++) {
        struct oci_layer_written written[2];
        for (size_t i = 0; i < 2; i++) {
            CLEANUP_ARENA struct arena arena = ARENA_INIT;
            struct tree *tree = NULL;
            struct writer *writer = NULL;
            CLEANUP_BUF struct buf blob = BUF_INIT;
            assert_int_equal(tree_new(&arena, &tree, NULL), 0);
            assert_int_equal(tree_put_file(tree, STR("big"), 0644, buf_str(&content), NULL), 0);
            assert_int_equal(buf_writer_new(&blob, &writer, NULL), 0);
            assert_int_equal(oci_layer_write(tree, (enum compression)compression, 0, i ? pool : NULL, &no_ctx, writer,
                                             &written[i], NULL),
                             0);
            struct digest digest = digest_of(DIGEST_SHA256, buf_str(&blob));
            assert_true(digest_eq(&digest, &written[i].descriptor.digest));
            assert_int_equal(written[i].descriptor.size_bytes, blob.len);
            assert_int_equal(written[i].tar_bytes, tar_tree_size(tree));
            tree_free(tree);
        }
        assert_true(digest_eq(&written[0].descriptor.digest, &written[1].descriptor.digest));
        assert_true(digest_eq(&written[0].diff_id, &written[1].diff_id));
    }
}

static int write_places(struct bench *bench, const struct oci_image_input *image, struct err *err)
{
    static const char *const files[] = {"l", "a.tar", "d.tar"};
    struct oci_image_written written;
    struct str tags[] = {STR("app"), STR("app:2")};
    int r = 0;
    for (size_t i = 0; r == 0 && i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/%s", bench->dir, files[i]);
        struct oci_image_output output = {.name = {(enum oci_transport)(OCI_TRANSPORT_LAYOUT + i), path, STR("")},
                                          .tags = {tags, 2}};
        r = oci_image_write(image, &output, &no_ctx, &written, err);
    }
    return r;
}

static void sweep(enum fault_kind kind)
{
    for (uint64_t n = 1;; n++) {
        struct bench bench = bench_new();
        struct made made;
        struct err err = ERR_INIT;
        assert_int_equal(make(COMPRESS_ZSTD, &made, NULL), 0);
        fault_arm(kind, n);
        int r = write_places(&bench, &made.image, &err);
        bool reached = fault_count(kind) >= n;
        fault_disarm();
        if (r != 0)
            assert_int_equal(r, -(int)err.code);
        static const char *const files[] = {"oci:l", "oci-archive:a.tar", "docker-archive:d.tar"};
        for (size_t i = 1; i < 3; i++) { /* whole or not there */
            struct oci_image_output output = output_to(&bench, files[i]);
            if (faccessat(bench.fd, strchr(files[i], ':') + 1, F_OK, 0) == 0)
                oci_image_close(reopen(&bench, &output, STR("")));
        }
        made_done(&made);
        bench_done(&bench);
        if (!reached) {
            assert_int_equal(r, 0);
            assert_true(n > 10);
            return;
        }
    }
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    sweep(FAULT_ALLOC);
}

static void test_every_system_call_may_fail(void **state)
{
    (void)state;
    sweep(FAULT_IO);
}

static void test_layer_allocations_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct made made;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = make(COMPRESS_GZIP, &made, &err);
        fault_disarm();
        made_done(&made);
        if (r == 0)
            break;
        assert_int_equal(r, -ERR_NOMEM);
    }
}

static void test_several_allocations_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct bench bench = bench_new();
        struct made arm, amd;
        struct oci_image_written written[2];
        struct oci_descriptor index;
        const struct data_pairs none = {0};
        struct err err = ERR_INIT;
        struct oci_image_output output = output_to(&bench, "oci-archive:s.tar");
        assert_int_equal(make(COMPRESS_GZIP, &arm, NULL), 0);
        assert_int_equal(make(COMPRESS_GZIP, &amd, NULL), 0);
        amd.image.config.platform.architecture = STR("amd64");
        const struct oci_image_input both[] = {arm.image, amd.image};
        fault_arm(FAULT_ALLOC, n);
        int r = oci_images_write(both, 2, &none, &output, &no_ctx, written, &index, &err);
        fault_disarm();
        made_done(&arm);
        made_done(&amd);
        assert_true(r == 0 || faccessat(bench.fd, "s.tar", F_OK, 0) != 0);
        bench_done(&bench);
        if (r == 0) {
            assert_true(n > 10);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_reads_back),
        cmocka_unit_test(test_layout_names),
        cmocka_unit_test(test_docker_manifest),
        cmocka_unit_test(test_refused_names),
        cmocka_unit_test(test_wrong_layers_write_nothing),
        cmocka_unit_test(test_layers_in_files),
        cmocka_unit_test(test_to_a_descriptor),
        cmocka_unit_test(test_layers_do_not_depend_on_threads),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_every_system_call_may_fail),
        cmocka_unit_test(test_layer_allocations_may_fail),
        cmocka_unit_test(test_several_machines),
        cmocka_unit_test(test_several_machines_refused),
        cmocka_unit_test(test_several_allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
