/* SPDX-License-Identifier: Apache-2.0 */
/* Images as others wrote them, honest and otherwise. */
#include "../lib/make_image.h"
#include "base/fault.h"
#include "base/limits.h"
#include "oci/layer.h"

static const struct op_ctx no_ctx = {0};

static int open_named(struct bench *bench, const char *what, const char *platform, struct oci_image **ret_image,
                      struct err *err)
{
    struct oci_image_name name = {0};
    struct oci_platform wanted;
    const char *colon = strchr(what, ':');
    /* "oci:l:ref" with l inside the bench */
    const char *text = colon
                           ? arena_printf(&bench->arena, "%.*s:%s/%s", (int)(colon - what), what, bench->dir, colon + 1)
                           : bench_path(bench, what);
    assert_int_equal(oci_image_name_parse(str_z(text), &bench->arena, &name, NULL), 0);
    if (platform)
        assert_int_equal(oci_platform_parse(str_z(platform), &wanted, NULL), 0);
    return oci_image_open(&name, platform ? &wanted : NULL, &bench->arena, ret_image, err);
}

/* "" when the image opens and all its layers are right; else the message. */
static const char *verdict(struct bench *bench, const char *what, const char *platform, enum err_code *ret_code)
{
    struct oci_image *image = NULL;
    struct tree *tree = NULL;
    struct err err = ERR_INIT;
    int r = open_named(bench, what, platform, &image, &err);
    if (r == 0)
        r = oci_image_tree(image, OCI_TREE_DIGESTS, NULL, &no_ctx, &bench->arena, &tree, &err);
    tree_free(tree);
    oci_image_close(image);
    assert_int_equal(r, -(int)err.code);
    *ret_code = err.code;
    return r == 0 ? "" : arena_printf(&bench->arena, "%s", err.message);
}

static void assert_opens(struct bench *bench, const char *what, const char *platform)
{
    enum err_code code;
    assert_string_equal(verdict(bench, what, platform, &code), "");
}

static void assert_fails(struct bench *bench, const char *what, enum err_code code, const char *part)
{
    enum err_code found;
    const char *message = verdict(bench, what, NULL, &found);
    if (!strstr(message, part))
        assert_string_equal(message, part);
    assert_int_equal(found, code);
}

static struct str one_layer(struct bench *bench, const char *content)
{
    struct tree_node nodes[] = {DIR_("etc"), F("etc/x", "")};
    nodes[1].content = str_z(content);
    return bench_tar(bench, nodes, 2);
}

/* ---- layouts */

static void test_choosing(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct str a = one_layer(&bench, "a"), b = one_layer(&bench, "b"), c = one_layer(&bench, "c");
    const char *amd =
        bench_image(&bench, "l", "amd64", &a, 1, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}");
    const char *arm =
        bench_image(&bench, "l", "arm64", &b, 1, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}");
    const char *proof = bench_image(&bench, "l", "unknown", &c, 1,
                                    ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}");
    struct str multi =
        str_z(arena_printf(&bench.arena, "{\"schemaVersion\":2,\"manifests\":[%s,%s,%s]}", amd, arm, proof));
    const char *index = bench_descriptor(&bench, TYPE_INDEX, bench_blob(&bench, "l", multi), multi.len, REF("app:1"));
    const char *plain = bench_image(&bench, "l", "amd64", &c, 1, REF("docker.io/library/other:2"));
    const char *again = bench_descriptor(&bench, TYPE_INDEX, bench_digest(&bench, multi), multi.len, REF("app:latest"));
    const char *artifact = "{\"mediaType\":\"application/x\",\"digest\":\"sha256:"
                           "0000000000000000000000000000000000000000000000000000000000000000\",\"size\":1}";
    bench_index(&bench, "l", arena_printf(&bench.arena, "%s,%s,%s,%s", index, plain, again, artifact));

    assert_fails(
        &bench, "l", ERR_USAGE,
        "there are 5 images: app:1 (linux/amd64), app:1 (linux/arm64), docker.io/library/other:2 (linux/amd64), "
        "app:latest (linux/amd64), app:latest (linux/arm64)");
    struct oci_image *image = NULL;
    assert_int_equal(open_named(&bench, "oci:l:app:1", NULL, &image, NULL), 0); /* this machine's */
    const struct oci_platform host = oci_platform_host();
    assert_true(oci_platform_matches(&image->manifest_descriptor.platform, &host));
    assert_true(image->in_index);
    assert_int_equal(image->index_digest.algorithm, DIGEST_SHA256);
    assert_int_equal(image->platforms.count, 2);
    assert_true(str_eq_z(image->platforms.items[0], "linux/amd64"));
    assert_true(str_eq_z(image->platforms.items[1], "linux/arm64"));
    oci_image_close(image);
    assert_fails(&bench, "oci:l:nope", ERR_NOT_FOUND, "there is no image named 'nope'");
    assert_opens(&bench, "oci:l:app:1", "linux/amd64");
    assert_opens(&bench, "oci:l:app:1", "linux/arm64/v8");
    assert_opens(&bench, "oci:l:app", "linux/arm64");
    assert_opens(&bench, "oci:l:other:2", NULL);
    assert_opens(&bench, arena_printf(&bench.arena, "oci:l:@%.71s", strstr(arm, "sha256:")), NULL);
    assert_opens(&bench, arena_printf(&bench.arena, "oci:l:@%.71s", strstr(index, "sha256:")), "linux/arm64");

    struct err err = ERR_INIT;
    assert_int_equal(open_named(&bench, "oci:l:app:1", "linux/s390x", &image, &err), -ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "there is no image named 'app:1' for linux/s390x"));
    assert_int_equal(open_named(&bench, "oci:l:other:2", NULL, &image, &err), 0);
    assert_int_equal(image->names.count, 1);
    assert_false(image->in_index);
    assert_int_equal(image->transport, OCI_TRANSPORT_LAYOUT);
    assert_true(image->has_manifest);
    assert_int_equal(image->layers[0].descriptor.size_bytes, c.len);
    oci_image_close(image);
    bench_done(&bench);
}

static void test_damaged_blobs(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct str layer = one_layer(&bench, "x");
    const char *entry = bench_image(&bench, "l", "amd64", &layer, 1, "");
    const char *layer_path = arena_printf(&bench.arena, "l/blobs/sha256/%s", bench_digest(&bench, layer) + 7);
    const char *manifest_path = arena_printf(&bench.arena, "l/blobs/sha256/%.64s", strstr(entry, "sha256:") + 7);
    struct str manifest = bench_read(&bench, manifest_path);
    bench_index(&bench, "l", entry);
    assert_opens(&bench, "l", NULL);

    char *tampered = arena_z(&bench.arena, layer);
    tampered[0x200] ^= 1;
    bench_write(&bench, layer_path, str_of(tampered, layer.len));
    assert_fails(&bench, "l", ERR_DIGEST, "has digest sha256:"); /* though a broken header shows first */
    tampered[0x200] ^= 1;
    tampered[0x400] ^= 1; /* content */
    bench_write(&bench, layer_path, str_of(tampered, layer.len));
    assert_fails(&bench, "l", ERR_DIGEST, "has digest sha256:");
    bench_write(&bench, layer_path, str_head(layer, layer.len - 1));
    assert_fails(&bench, "l", ERR_DIGEST, "bytes, not");
    assert_int_equal(unlinkat(bench.fd, layer_path, 0), 0);
    assert_fails(&bench, "l", ERR_NOT_FOUND, "cannot open");
    bench_write(&bench, arena_printf(&bench.arena, "%s/x", layer_path), STR("a directory"));
    assert_fails(&bench, "l", ERR_INVALID, "is a directory, not a regular file");

    char *other = arena_z(&bench.arena, manifest);
    other[manifest.len - 1] = ' ';
    bench_write(&bench, manifest_path, str_of(other, manifest.len));
    assert_fails(&bench, "l", ERR_DIGEST, "has digest sha256:");
    bench_write(&bench, manifest_path, str_head(manifest, 5));
    assert_fails(&bench, "l", ERR_DIGEST, "has 5 bytes, not");
    bench_done(&bench);
}

/* An image whose manifest is what FORMAT makes of the config's and the layer's descriptor. */
static void crooked(struct bench *bench, const char *config_text, const char *layer_type, struct str layer,
                    const char *format_layers)
{
    struct str config = str_z(config_text);
    const char *config_entry = bench_descriptor(bench, TYPE_CONFIG, bench_blob(bench, "c", config), config.len, "");
    const char *layer_entry = bench_descriptor(bench, layer_type, bench_blob(bench, "c", layer), layer.len, "");
    const char *list = strcmp(format_layers, "one") == 0 ? layer_entry
                       : strcmp(format_layers, "two") == 0
                           ? arena_printf(&bench->arena, "%s,%s", layer_entry, layer_entry)
                           : format_layers;
    struct str manifest =
        str_z(arena_printf(&bench->arena, "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}", config_entry, list));
    bench_index(bench, "c", bench_descriptor(bench, TYPE_MANIFEST, bench_blob(bench, "c", manifest), manifest.len, ""));
}

static void test_crooked_manifests(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct str layer = one_layer(&bench, "x"), other = one_layer(&bench, "y");
    const char *config = bench_config(&bench, "amd64", &layer, 1);
    crooked(&bench, config, TYPE_LAYER, layer, "one");
    assert_opens(&bench, "c", NULL);
    crooked(&bench, config, TYPE_LAYER, layer, "two");
    assert_fails(&bench, "c", ERR_INVALID, "the manifest has 2 layers, its config 1 diff IDs");
    crooked(&bench, bench_config(&bench, "amd64", &other, 1), TYPE_LAYER, layer, "one");
    assert_fails(&bench, "c", ERR_DIGEST, "the content of layer 1 has digest sha256:");
    crooked(&bench, config, "application/vnd.in-toto+json", layer, "one");
    assert_fails(&bench, "c", ERR_UNSUPPORTED, "layer 1 has the type 'application/vnd.in-toto+json'");
    crooked(&bench, config, TYPE_LAYER "+gzip", layer, "one"); /* the type lies, the magic number does not */
    assert_opens(&bench, "c", NULL);
    crooked(&bench, "{\"os\":1}", TYPE_LAYER, layer, "one");
    assert_fails(&bench, "c", ERR_INVALID, "the image's config: 'os' is a number, not a string");
    crooked(&bench, config, TYPE_LAYER, STR("\x1f\x8b\x08\x00 broken"), "one");
    assert_fails(&bench, "c", ERR_INVALID, "");
    crooked(&bench, config, TYPE_LAYER, STR(""), "one");
    assert_fails(&bench, "c", ERR_DIGEST, "");
    crooked(&bench, bench_config(&bench, "amd64", NULL, 0), TYPE_LAYER, layer, "");
    assert_opens(&bench, "c", NULL);
    bench_done(&bench);
}

static void test_indexes_that_name_each_other(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct str layer = one_layer(&bench, "x");
    const char *entry = bench_image(&bench, "l", "amd64", &layer, 1, "");
    for (unsigned depth = 0; depth <= LIMIT_INDEX_DEPTH; depth++) {
        bench_index(&bench, "l", entry);
        if (depth < LIMIT_INDEX_DEPTH + 1 && depth <= LIMIT_INDEX_DEPTH)
            assert_opens(&bench, "l", NULL);
        struct str text = str_z(arena_printf(&bench.arena, "{\"schemaVersion\":2,\"manifests\":[%s]}", entry));
        entry = bench_descriptor(&bench, TYPE_INDEX, bench_blob(&bench, "l", text), text.len, "");
    }
    bench_index(&bench, "l", entry);
    assert_fails(&bench, "l", ERR_LIMIT, "indexes name indexes more than 4 levels deep");

    /* 3 levels of 100 entries each would be a million manifests. */
    entry = bench_image(&bench, "l", "amd64", &layer, 1, "");
    for (int depth = 0; depth < 3; depth++) {
        CLEANUP_BUF struct buf text = BUF_INIT;
        buf_add_z(&text, "{\"schemaVersion\":2,\"manifests\":[");
        for (int i = 0; i < 100; i++)
            buf_addf(&text, "%s%s", i ? "," : "", entry);
        buf_add_z(&text, "]}");
        entry = bench_descriptor(&bench, TYPE_INDEX, bench_blob(&bench, "l", buf_str(&text)), text.len, "");
    }
    bench_index(&bench, "l", entry);
    assert_fails(&bench, "l", ERR_LIMIT, "the layout names more than 4096 manifests");
    bench_done(&bench);
}

static void test_no_image(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    bench_write(&bench, "empty.tar", STR(""));
    bench_write(&bench, "text", STR("hello"));
    bench_write(&bench, "d/x", STR("x"));
    bench_index(&bench, "none", "");
    bench_write(&bench, "v2/oci-layout", STR("{\"imageLayoutVersion\":\"2.0\"}"));
    bench_write(&bench, "v2/index.json", STR("{}"));
    bench_write(&bench, "big/oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
    CLEANUP_BUF struct buf big = BUF_INIT;
    buf_add_fill(&big, ' ', LIMIT_MANIFEST_BYTES + 1);
    bench_write(&bench, "big/index.json", buf_str(&big));
    assert_fails(&bench, "missing", ERR_NOT_FOUND, "cannot open");
    assert_fails(&bench, "empty.tar", ERR_INVALID, "the archive is empty");
    assert_fails(&bench, "text", ERR_INVALID, "truncated");
    assert_fails(&bench, "d", ERR_INVALID, "is no image");
    assert_fails(&bench, "oci:text", ERR_INVALID, "truncated");
    assert_fails(&bench, "oci-archive:d", ERR_INVALID, "is a directory, not an archive");
    assert_fails(&bench, "none", ERR_NOT_FOUND, "there is no image");
    assert_fails(&bench, "v2", ERR_UNSUPPORTED, "the layout has version '2.0', not 1.0.0");
    assert_fails(&bench, "big", ERR_LIMIT, "is larger than 4194304 bytes");
    assert_int_equal(mkfifoat(bench.fd, "fifo", 0600), 0);
    assert_fails(&bench, "fifo", ERR_INVALID, "is a FIFO, not a regular file");
    bench_done(&bench);
}

/* ---- archives */

static void write_archive(struct bench *bench, const char *name, const struct tree_node *nodes, size_t count)
{
    bench_write(bench, name, bench_tar(bench, nodes, count));
}

static struct tree_node file_node(const char *path, struct str content)
{
    return (struct tree_node){.path = str_z(path), .type = TREE_FILE, .mode = 0644, .content = content};
}

static void test_docker_archives(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct str layer = one_layer(&bench, "x");
    struct str layers[2] = {layer, layer};
    struct str config = str_z(bench_config(&bench, "amd64", layers, 2));
    const char *config_name = arena_printf(&bench.arena, "%s.json", bench_digest(&bench, config) + 7);
    const char *wrong_name = arena_printf(&bench.arena, "%s.json", bench_digest(&bench, layer) + 7);
    struct str list =
        str_z(arena_printf(&bench.arena,
                           "[{\"Config\":\"%s\",\"RepoTags\":[\"app:1\",\"app:2\"],\"Layers\":"
                           "[\"a/layer.tar\",\"b/layer.tar\"]},"
                           "{\"Config\":\"%s\",\"RepoTags\":null,\"Layers\":[\"a/layer.tar\",\"a/layer.tar\"]},"
                           "{\"Config\":\"../../etc/passwd\",\"RepoTags\":[\"bad:1\"],\"Layers\":[]},"
                           "{\"Config\":\"%s\",\"RepoTags\":[\"bad:2\"],\"Layers\":[\"c/layer.tar\",\"a\"]},"
                           "{\"Config\":\"%s\",\"RepoTags\":[\"bad:3\"],\"Layers\":[]},"
                           "{\"Config\":\"%s\",\"RepoTags\":[\"bad:4\"],\"Layers\":[\"loop\",\"out\"]}]",
                           config_name, config_name, config_name, wrong_name, config_name));
    struct tree_node link = LINK("b/layer.tar", "../a/layer.tar");
    struct tree_node loop = LINK("loop", "loop"), out = LINK("out", "../../../etc/passwd");
    struct tree_node nodes[] = {file_node(config_name, config),
                                file_node(wrong_name, config),
                                file_node("a/layer.tar", layer),
                                link,
                                loop,
                                out,
                                file_node("manifest.json", list)};
    write_archive(&bench, "d.tar", nodes, ARRAY_LEN(nodes));
    assert_opens(&bench, "docker-archive:d.tar:app:1", NULL);
    assert_opens(&bench, "docker-archive:d.tar:app:2", "linux/amd64");
    assert_opens(&bench, "docker-archive:d.tar:docker.io/library/app:2", NULL);
    assert_fails(&bench, "d.tar", ERR_USAGE,
                 "there are 6 images: app:1, one without a name, bad:1, bad:2, bad:3, bad:4");
    assert_fails(&bench, "docker-archive:d.tar:nope:1", ERR_NOT_FOUND, "there is no image named 'nope:1'");
    assert_fails(&bench, "docker-archive:d.tar:bad:1", ERR_INVALID,
                 "'../../etc/passwd' can't be the name of a file in");
    assert_fails(&bench, "docker-archive:d.tar:bad:2", ERR_NOT_FOUND, "holds no file 'c/layer.tar'");
    assert_fails(&bench, "docker-archive:d.tar:bad:3", ERR_DIGEST, "has digest sha256:");
    assert_fails(&bench, "docker-archive:d.tar:bad:4", ERR_NOT_FOUND, "holds no file 'loop'");

    struct oci_image *image = NULL;
    assert_int_equal(open_named(&bench, "docker-archive:d.tar:app:2", NULL, &image, NULL), 0);
    assert_int_equal(image->names.count, 2);
    assert_false(image->has_manifest);
    assert_false(image->layers[0].has_digest);
    struct digest id = digest_of(DIGEST_SHA256, config);
    assert_true(digest_eq(&image->config_digest, &id));
    oci_image_close(image);
    bench_done(&bench);
}

static void test_crooked_archives(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct tree_node twice[] = {F("manifest.json", "[]"), F("manifest.json", "[]")};
    write_archive(&bench, "twice.tar", twice, 2);
    assert_fails(&bench, "twice.tar", ERR_INVALID, "holds 'manifest.json' twice");
    struct tree_node old[] = {F("repositories", "{}")};
    write_archive(&bench, "old.tar", old, 1);
    assert_fails(&bench, "old.tar", ERR_UNSUPPORTED, "was saved by Docker before 1.10");
    static const struct {
        const char *list;
        enum err_code code;
        const char *part;
    } lists[] = {
        {"[]", ERR_NOT_FOUND, "there is no image"},
        {"{}", ERR_INVALID, "'manifest.json': this is an object, not a list of images"},
        {"[1]", ERR_INVALID, "is a number, not an object"},
        {"[{}]", ERR_INVALID, "'[0]' has no 'Config'"},
        {"[{\"Config\":1}]", ERR_INVALID, "'[0].Config' is a number, not a string"},
        {"[{\"Config\":\"\"}]", ERR_INVALID, "'' can't be the name of a file in"},
        {"[{\"Config\":\"/x\"}]", ERR_INVALID, "'/x' can't be the name of a file in"},
        {"[{\"Config\":\"manifest.json\"}]", ERR_INVALID, "this is an array, not an object"},
        {"[{\"RepoTags\":1}]", ERR_INVALID, "'[0].RepoTags' is a number, not an array"},
        {"[", ERR_INVALID, "'manifest.json': line 1, column 2: the document ends too early"},
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct tree_node node = file_node("manifest.json", str_z(lists[i].list));
        write_archive(&bench, "m.tar", &node, 1);
        assert_fails(&bench, "m.tar", lists[i].code, lists[i].part);
    }
    /* Cut anywhere: an error, never a crash. */
    struct str whole = bench_read(&bench, "m.tar");
    for (size_t len = 0; len < whole.len; len += 100) {
        enum err_code code;
        bench_write(&bench, "cut.tar", str_head(whole, len));
        assert_string_not_equal(verdict(&bench, "cut.tar", NULL, &code), "");
    }
    bench_done(&bench);
}

static int open_and_merge(struct bench *bench, struct arena *arena, struct err *err)
{
    CLEANUP_OCI_IMAGE struct oci_image *image = NULL;
    CLEANUP_TREE struct tree *tree = NULL;
    struct oci_image_name name = {OCI_TRANSPORT_ANY, NULL, STR("")};
    struct oci_platform platform = {STR("linux"), STR("amd64"), STR(""), STR("")};
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/l", bench->dir);
    name.path = path;
    int r = oci_image_open(&name, &platform, arena, &image, err);
    return r != 0 ? r : oci_image_tree(image, 0, NULL, &no_ctx, arena, &tree, err);
}

static void sweep(enum fault_kind kind)
{
    struct bench bench = bench_new();
    struct str layer = one_layer(&bench, "x"), other = one_layer(&bench, "y");
    const char *one = bench_image(&bench, "l", "amd64", &layer, 1, REF("a:1"));
    const char *two = bench_image(&bench, "l", "arm64", &other, 1, REF("a:2"));
    bench_index(&bench, "l", arena_printf(&bench.arena, "%s,%s", one, two));
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        fault_arm(kind, n);
        int r = open_and_merge(&bench, &arena, &err);
        bool reached = fault_count(kind) >= n;
        fault_disarm();
        if (!reached) {
            assert_int_equal(r, 0);
            assert_true(n > 10);
            break;
        }
        if (r != 0)
            assert_int_equal(r, -(int)err.code);
    }
    bench_done(&bench);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choosing),
        cmocka_unit_test(test_damaged_blobs),
        cmocka_unit_test(test_crooked_manifests),
        cmocka_unit_test(test_indexes_that_name_each_other),
        cmocka_unit_test(test_no_image),
        cmocka_unit_test(test_docker_archives),
        cmocka_unit_test(test_crooked_archives),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_every_system_call_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
