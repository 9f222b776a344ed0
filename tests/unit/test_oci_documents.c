/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "oci/config.h"
#include "oci/image_name.h"
#include "oci/index.h"
#include "oci/manifest.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define HEX0 "0000000000000000000000000000000000000000000000000000000000000000"
#define HEX1 "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX2 "2222222222222222222222222222222222222222222222222222222222222222"
#define MANIFEST                                                                                                       \
    "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","                               \
    "\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"sha256:" HEX0                 \
    "\",\"size\":10},"                                                                                                 \
    "\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:" HEX1             \
    "\",\"size\":20},{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"sha256:" HEX2              \
    "\",\"size\":0,\"annotations\":{\"a\":\"b\"}}],\"annotations\":{\"z\":\"1\",\"y\":\"2\"}}"
#define CONFIG                                                                                                         \
    "{\"created\":\"1970-01-01T00:00:00Z\",\"author\":\"me\",\"architecture\":\"arm\",\"variant\":\"v7\","             \
    "\"os\":\"linux\",\"config\":{\"User\":\"65532:65532\",\"ExposedPorts\":{\"53/udp\":{},\"80/tcp\":{}},"            \
    "\"Env\":[\"PATH=/bin\",\"A=\"],\"Entrypoint\":[\"/app\"],\"Cmd\":[],\"Healthcheck\":{\"Test\":[\"CMD\",\"/h\"],"  \
    "\"Interval\":30000000000,\"Retries\":3},\"Volumes\":{\"/data\":{}},\"WorkingDir\":\"/\","                         \
    "\"Labels\":{\"a\":\"1\",\"b\":\"2\"},\"StopSignal\":\"SIGTERM\"},"                                                \
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" HEX1 "\",\"sha256:" HEX2 "\"]},"                         \
    "\"history\":[{\"created\":\"1970-01-01T00:00:00Z\",\"created_by\":\"base\"},"                                     \
    "{\"comment\":\"c\",\"empty_layer\":true}]}"

static void test_manifest_round_trip(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct oci_manifest manifest;
    struct err err = ERR_INIT;
    assert_int_equal(oci_manifest_read(STR(MANIFEST), &arena, &manifest, &err), 0);
    assert_int_equal(manifest.layer_count, 2);
    assert_int_equal(manifest.layers[0].size_bytes, 20);
    assert_int_equal(manifest.layers[0].digest.bytes[31], 0x11);
    assert_int_equal(manifest.annotations.count, 2);
    assert_int_equal(oci_manifest_write(&manifest, &out, &err), 0);
    assert_string_equal(out.ptr, MANIFEST);
}

static void test_config_round_trip(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct oci_config config;
    struct err err = ERR_INIT;
    assert_int_equal(oci_config_read(STR(CONFIG), &arena, &config, &err), 0);
    assert_int_equal(config.diff_id_count, 2);
    assert_int_equal(config.history_count, 2);
    assert_true(config.history[1].empty_layer);
    assert_int_equal(config.healthcheck.interval_ns, 30000000000);
    assert_non_null(config.cmd.items);
    assert_int_equal(config.cmd.count, 0);
    assert_null(config.shell.items);
    struct str path = oci_config_env(&config, "PATH");
    assert_memory_equal(path.ptr, "/bin", 4);
    assert_int_equal(oci_config_env(&config, "A").len, 0);
    assert_non_null(oci_config_env(&config, "A").ptr);
    assert_null(oci_config_env(&config, "PAT").ptr);
    assert_int_equal(oci_config_write(&config, &out, &err), 0);
    assert_string_equal(out.ptr, CONFIG);
}

/* What engines write: nulls for empty lists, fields that nobody else knows. */
static void test_config_of_docker(void **state)
{
    (void)state;
    static const char text[] =
        "{\"architecture\":\"amd64\",\"config\":{\"Hostname\":\"\",\"Tty\":false,\"Env\":null,\"Cmd\":[\"sh\"],"
        "\"Image\":\"sha256:x\",\"Volumes\":null,\"Entrypoint\":null,\"OnBuild\":null,\"Labels\":null},"
        "\"container\":\"x\",\"container_config\":{\"Cmd\":[\"/bin/"
        "sh\"]},\"docker_version\":\"20.10\",\"os\":\"linux\","
        "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null}}";
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct oci_config config;
    assert_int_equal(oci_config_read(str_z(text), &arena, &config, NULL), 0);
    assert_null(config.entrypoint.items);
    assert_int_equal(config.cmd.count, 1);
    assert_int_equal(config.diff_id_count, 0);
}

static void test_config_sorts_sets(void **state)
{
    (void)state;
    struct str ports[] = {STR("9/tcp"), STR("80/tcp"), STR("9/tcp")};
    struct data_pair labels[] = {{STR("b"), STR("2")}, {STR("a"), STR("1")}};
    struct oci_config config = {
        .platform = {STR("linux"), STR("amd64"), STR(""), STR("")}, .exposed_ports = {ports, 3}, .labels = {labels, 2}};
    CLEANUP_BUF struct buf out = BUF_INIT;
    assert_int_equal(oci_config_write(&config, &out, NULL), 0);
    assert_string_equal(out.ptr, "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"ExposedPorts\":"
                                 "{\"80/tcp\":{},\"9/tcp\":{}},\"Labels\":{\"a\":\"1\",\"b\":\"2\"}},"
                                 "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");
    labels[1].key = STR("b");
    struct err err = ERR_INIT;
    assert_int_equal(oci_config_write(&config, &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, "the label 'b' is given twice");
}

static void test_config_refuses_what_no_process_can_hold(void **state)
{
    (void)state;
    struct str env[] = {str_of("A=\0", 3)};
    struct oci_config config = {.env = {env, 1}};
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(oci_config_write(&config, &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'Env' of the image's config holds a NUL");
    env[0] = STR("A=\xff");
    assert_int_equal(oci_config_write(&config, &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'Env' of the image's config holds bytes that are no UTF-8");
    assert_int_equal(out.len, 0);
}

enum document { A_MANIFEST, AN_INDEX, A_CONFIG };

static int read_document(enum document kind, struct str text, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct oci_manifest manifest;
    struct oci_index index;
    struct oci_config config;
    switch (kind) {
    case A_MANIFEST:
        return oci_manifest_read(text, &arena, &manifest, err);
    case AN_INDEX:
        return oci_index_read(text, &arena, &index, err);
    case A_CONFIG:
        break;
    }
    return oci_config_read(text, &arena, &config, err);
}

#define D(type, digest, size) "{\"mediaType\":\"" type "\",\"digest\":\"" digest "\",\"size\":" size "}"
#define CONFIG_TYPE           "application/vnd.oci.image.config.v1+json"

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        enum document kind;
        int code;
        const char *text, *message;
    } cases[] = {
        {A_MANIFEST, ERR_INVALID, "[]", "this is an array, not an object"},
        {A_MANIFEST, ERR_INVALID, "{", "line 1, column 2: the document ends too early"},
        {A_MANIFEST, ERR_UNSUPPORTED, "{}", "'schemaVersion' is 0, not 2"},
        {A_MANIFEST, ERR_UNSUPPORTED, "{\"schemaVersion\":1,\"fsLayers\":[]}",
         "this is a Docker manifest of the obsolete schema 1"},
        {A_MANIFEST, ERR_UNSUPPORTED, "{\"schemaVersion\":3}", "'schemaVersion' is 3, not 2"},
        {A_MANIFEST, ERR_INVALID, "{\"schemaVersion\":\"2\"}", "'schemaVersion' is a string, not a number"},
        {A_MANIFEST, ERR_INVALID, "{\"schemaVersion\":2,\"manifests\":[]}", "this is no image manifest"},
        {AN_INDEX, ERR_INVALID, "{\"schemaVersion\":2,\"layers\":[]}", "this is no image index"},
        {AN_INDEX, ERR_INVALID, "{\"schemaVersion\":2,\"layers\":[],\"manifests\":[]}",
         "this claims to be an index and a manifest at once"},
        {AN_INDEX, ERR_INVALID,
         "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"manifests\":[]}",
         "'mediaType' is 'application/vnd.oci.image.manifest.v1+json', which is no image index"},
        {AN_INDEX, ERR_INVALID, "{\"schemaVersion\":2,\"manifests\":{}}", "'manifests' is an object, not an array"},
        {AN_INDEX, ERR_INVALID, "{\"schemaVersion\":2,\"manifests\":[1]}", "'manifests[0]' is a number, not an object"},
        {AN_INDEX, ERR_INVALID, "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"size\":1}]}",
         "'manifests[0]' has no 'digest'"},
        {AN_INDEX, ERR_INVALID, "{\"schemaVersion\":2,\"manifests\":[" D("x", "sha256:..", "1") "]}",
         "'manifests[0].digest' is no digest: 'sha256:..'"},
        {AN_INDEX, ERR_INVALID, "{\"schemaVersion\":2,\"manifests\":[" D("x", "sha256:" HEX0, "-1") "]}",
         "'manifests[0].size' is -1, not a whole number from 0 to 2^64-1"},
        {AN_INDEX, ERR_INVALID,
         "{\"schemaVersion\":2,\"manifests\":[" D("x", "sha256:" HEX0, "9223372036854775808") "]}",
         "'manifests[0].size' is larger than a file can be"},
        {A_MANIFEST, ERR_INVALID, "{\"schemaVersion\":2,\"layers\":[]}", "'document' has no 'config'"},
        {A_MANIFEST, ERR_INVALID, "{\"schemaVersion\":2,\"config\":" D(CONFIG_TYPE, "sha256:" HEX0, "1") "}",
         "'document' has no 'layers'"},
        {A_MANIFEST, ERR_UNSUPPORTED,
         "{\"schemaVersion\":2,\"layers\":[],\"config\":" D("application/vnd.x", "sha256:" HEX0, "1") "}",
         "this is an artifact with a config of type 'application/vnd.x', no container image"},
        {A_CONFIG, ERR_INVALID, "{}", "'document' has no 'rootfs'"},
        {A_CONFIG, ERR_INVALID, "{\"rootfs\":{\"type\":\"other\"}}", "'rootfs.type' is 'other', not 'layers'"},
        {A_CONFIG, ERR_INVALID, "{\"rootfs\":{\"diff_ids\":[\"x\"]}}", "'rootfs.diff_ids[0]' is no digest: 'x'"},
        {A_CONFIG, ERR_INVALID, "{\"config\":{\"Env\":[1]},\"rootfs\":{}}",
         "'config.Env[0]' is a number, not a string"},
        {A_CONFIG, ERR_INVALID, "{\"config\":[],\"rootfs\":{}}", "'config' is an array, not an object"},
        {A_CONFIG, ERR_INVALID, "{\"rootfs\":{},\"history\":[null]}", "'history[0]' is null, not an object"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_INIT;
        assert_int_equal(read_document(cases[i].kind, str_z(cases[i].text), &err), -cases[i].code);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void test_limits(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct err err = ERR_INIT;
    buf_add_z(&text, "{\"schemaVersion\":2,\"manifests\":[");
    for (int i = 0; i <= LIMIT_INDEX_MANIFESTS; i++)
        buf_addf(&text, "%s" D("x", "sha256:" HEX0, "1"), i ? "," : "");
    buf_add_z(&text, "]}");
    assert_int_equal(read_document(AN_INDEX, buf_str(&text), &err), -ERR_LIMIT);
    assert_string_equal(err.message, "'manifests' has 4097 entries, the limit is 4096");
    buf_add_fill(&text, ' ', LIMIT_MANIFEST_BYTES);
    assert_int_equal(read_document(A_MANIFEST, buf_str(&text), &err), -ERR_LIMIT);
}

/* ---- merging an index */

static struct oci_descriptor named(const char *hex, struct data_pair *pair, const char *name)
{
    struct oci_descriptor descriptor = {.media_type = STR("m"), .size_bytes = 1};
    assert_true(digest_parse_hex(DIGEST_SHA256, str_z(hex), &descriptor.digest));
    if (name) {
        *pair = (struct data_pair){STR(OCI_ANNOTATION_REF_NAME), str_z(name)};
        descriptor.annotations = (struct data_pairs){pair, 1};
    }
    return descriptor;
}

static void assert_merged(const char *before, const struct oci_descriptor *added, const char *after)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(oci_index_merge(str_z(before), added, &out, &err), 0);
    assert_string_equal(out.ptr, after);
}

#define ENTRY(hex, name)                                                                                               \
    "{\"mediaType\":\"m\",\"digest\":\"sha256:" hex                                                                    \
    "\",\"size\":1,\"annotations\":{\"org.opencontainers.image.ref.name\":\"" name "\"}}"
#define BARE(hex) "{\"mediaType\":\"m\",\"digest\":\"sha256:" hex "\",\"size\":1}"

static void test_merge(void **state)
{
    (void)state;
    struct data_pair pair;
    struct oci_descriptor added = named(HEX1, &pair, "a:1");
    assert_merged("", &added,
                  "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                  "\"manifests\":[" ENTRY(HEX1, "a:1") "]}");
    /* Another name is kept with its own spelling, unknown fields and their order too. */
    assert_merged("{\"x\": [1, 2],\"schemaVersion\":2,\"manifests\":[ {\"size\" : 1,\"digest\":\"sha256:" HEX0
                  "\",\"mediaType\":\"m\",\"odd\":1e2} ],\"annotations\":{\"k\":\"v\"}}",
                  &added,
                  "{\"x\":[1, 2],\"schemaVersion\":2,\"manifests\":[{\"size\" : 1,\"digest\":\"sha256:" HEX0
                  "\",\"mediaType\":\"m\",\"odd\":1e2}," ENTRY(HEX1, "a:1") "],\"annotations\":{\"k\":\"v\"}}");
    /* The same name moves to the new image, in its place; the same image under another name stays. */
    assert_merged(
        "{\"schemaVersion\":2,\"manifests\":[" ENTRY(HEX0, "a:1") "," ENTRY(HEX1, "b") "," ENTRY(HEX2, "a:1") "]}",
        &added, "{\"schemaVersion\":2,\"manifests\":[" ENTRY(HEX1, "a:1") "," ENTRY(HEX1, "b") "]}");
    assert_merged("{\"schemaVersion\":2,\"manifests\":null}", &added,
                  "{\"schemaVersion\":2,\"manifests\":[" ENTRY(HEX1, "a:1") "]}");
    added = named(HEX1, &pair, NULL);
    assert_merged("{\"schemaVersion\":2,\"manifests\":[" BARE(HEX1) "," BARE(HEX2) "," ENTRY(HEX1, "b") "]}", &added,
                  "{\"schemaVersion\":2,\"manifests\":[" BARE(HEX1) "," BARE(HEX2) "," ENTRY(HEX1, "b") "]}");
}

static void test_merge_refuses(void **state)
{
    (void)state;
    struct data_pair pair;
    struct oci_descriptor added = named(HEX1, &pair, "a");
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    buf_add_z(&out, "kept");
    assert_int_equal(oci_index_merge(STR("{\"schemaVersion\":2"), &added, &out, &err), -ERR_INVALID);
    assert_int_equal(oci_index_merge(STR("{\"schemaVersion\":2,\"manifests\":[{}]}"), &added, &out, &err),
                     -ERR_INVALID);
    assert_string_equal(out.ptr, "kept");
}

/* ---- names of places */

static void test_image_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum oci_transport transport;
        const char *path, *ref;
    } cases[] = {
        {"oci:dir", OCI_TRANSPORT_LAYOUT, "dir", ""},
        {"oci:/a/b:app:1", OCI_TRANSPORT_LAYOUT, "/a/b", "app:1"},
        {"oci:dir:@sha256:" HEX0, OCI_TRANSPORT_LAYOUT, "dir", "@sha256:" HEX0},
        {"oci-archive:x.tar:r.io/a:1", OCI_TRANSPORT_OCI_ARCHIVE, "x.tar", "r.io/a:1"},
        {"docker-archive:-", OCI_TRANSPORT_DOCKER_ARCHIVE, "-", ""},
        {"docker-archive:f:a:1", OCI_TRANSPORT_DOCKER_ARCHIVE, "f", "a:1"},
        {"./a:b", OCI_TRANSPORT_ANY, "./a:b", ""},
        {"oci-x:y", OCI_TRANSPORT_ANY, "oci-x:y", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct oci_image_name name;
        assert_int_equal(oci_image_name_parse(str_z(cases[i].text), &arena, &name, NULL), 0);
        assert_int_equal(name.transport, cases[i].transport);
        assert_string_equal(name.path, cases[i].path);
        assert_string_equal(name.ref.ptr, cases[i].ref);
    }
    static const char *const bad[] = {"",          "oci:",        "oci::tag",          "docker://debian", "dir:x",
                                      "oci:a:b c", "oci:a:@sha:", "docker-archive::a", "oci:a:-"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct oci_image_name name;
        struct err err = ERR_INIT;
        assert_int_equal(oci_image_name_parse(str_z(bad[i]), &arena, &name, &err), -ERR_USAGE);
        assert_true(err.hint[0] != '\0');
    }
}

static int read_and_write(struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct oci_manifest manifest;
    struct oci_config config;
    struct data_pair pair;
    struct oci_descriptor added = named(HEX1, &pair, "a");
    int r = oci_manifest_read(STR(MANIFEST), &arena, &manifest, err);
    if (r == 0)
        r = oci_config_read(STR(CONFIG), &arena, &config, err);
    if (r == 0)
        r = oci_manifest_write(&manifest, &out, err);
    if (r == 0)
        r = oci_config_write(&config, &out, err);
    if (r == 0)
        r = oci_index_merge(STR("{\"schemaVersion\":2,\"manifests\":[" ENTRY(HEX0, "b") "]}"), &added, &out, err);
    return r;
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = read_and_write(&err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 5);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manifest_round_trip),
        cmocka_unit_test(test_config_round_trip),
        cmocka_unit_test(test_config_of_docker),
        cmocka_unit_test(test_config_sorts_sets),
        cmocka_unit_test(test_config_refuses_what_no_process_can_hold),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_merge_refuses),
        cmocka_unit_test(test_image_names),
        cmocka_unit_test(test_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
