/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "oci/media_type.h"
#include "oci/platform.h"
#include "oci/reference.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void assert_view(struct str view, const char *text)
{
    CLEANUP_BUF struct buf copy = BUF_INIT;
    buf_add_str(&copy, view);
    assert_string_equal(buf_z(&copy), text);
}

static void test_parts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *registry, *repository, *tag;
        bool digest;
        const char *normalized;
    } cases[] = {
        {"debian", "", "debian", "", false, "docker.io/library/debian:latest"},
        {"debian:12", "", "debian", "12", false, "docker.io/library/debian:12"},
        {"team/app", "", "team/app", "", false, "docker.io/team/app:latest"},
        {"docker.io/debian:12", "docker.io", "debian", "12", false, "docker.io/library/debian:12"},
        {"index.docker.io/a/b", "index.docker.io", "a/b", "", false, "docker.io/a/b:latest"},
        {"127.0.0.1:5000/a", "127.0.0.1:5000", "a", "", false, "127.0.0.1:5000/a:latest"},
        {"localhost/a:B_c.d-1", "localhost", "a", "B_c.d-1", false, "localhost/a:B_c.d-1"},
        {"localhost:1/a", "localhost:1", "a", "", false, "localhost:1/a:latest"},
        {"[2001:db8::1]:443/a/b:t", "[2001:db8::1]:443", "a/b", "t", false, "[2001:db8::1]:443/a/b:t"},
        {"[::1]/a", "[::1]", "a", "", false, "[::1]/a:latest"},
        {"Registry.example/a", "Registry.example", "a", "", false, "Registry.example/a:latest"},
        {"a.b_c__d---e/f0", "a.b_c__d---e", "f0", "", false, NULL},
        {"x/a.b_c__d---e/f0:_", "", "x/a.b_c__d---e/f0", "_", false, "docker.io/x/a.b_c__d---e/f0:_"},
        {"a@sha256:" HEX, "", "a", "", true, "docker.io/library/a@sha256:" HEX},
        {"r.io/a:t@sha256:" HEX, "r.io", "a", "t", true, "r.io/a:t@sha256:" HEX},
        {"a@sha512:" HEX HEX, "", "a", "", true, "docker.io/library/a@sha512:" HEX HEX},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct oci_reference reference;
        struct err err = ERR_INIT;
        int r = oci_reference_parse(str_z(cases[i].text), &reference, &err);
        if (!cases[i].normalized) {
            assert_int_equal(r, -ERR_INVALID); /* "_" can't be in a host name */
            continue;
        }
        assert_int_equal(r, 0);
        assert_view(reference.registry, cases[i].registry);
        assert_view(reference.repository, cases[i].repository);
        assert_view(reference.tag, cases[i].tag);
        assert_int_equal(reference.has_digest, cases[i].digest);
        CLEANUP_BUF struct buf out = BUF_INIT;
        oci_reference_text(&out, &reference);
        assert_string_equal(out.ptr, cases[i].text);
        assert_int_equal(oci_reference_normalize(&reference, &arena, &err), 0);
        buf_reset(&out);
        oci_reference_text(&out, &reference);
        assert_string_equal(out.ptr, cases[i].normalized);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "an image name is empty"},
        {"App", "upper case in the repository of 'App'"},
        {"r.io/App:1", "upper case in the repository of 'r.io/App:1'"},
        {"a:", "the tag '' is not valid"},
        {"a:-x", "the tag '-x' is not valid"},
        {"a:.x", "the tag '.x' is not valid"},
        {"a:b c", "the tag 'b c' is not valid"},
        {"a:b/c", "the registry 'a:b' is not valid"},
        {":tag", "no repository in ':tag'"},
        {"r.io/", "no repository in 'r.io/'"},
        {"/a", "the repository '/a' is not valid"},
        {"a//b", "the repository 'a//b' is not valid"},
        {"a/", "the repository 'a/' is not valid"},
        {"-a", "the repository '-a' is not valid"},
        {"a-", "the repository 'a-' is not valid"},
        {"a..b", "the repository 'a..b' is not valid"},
        {"a___b", "the repository 'a___b' is not valid"},
        {"a._b", "the repository 'a._b' is not valid"},
        {"x/..", "the repository 'x/..' is not valid"},
        {"../x", "the registry '..' is not valid"},
        {"a b", "the repository 'a b' is not valid"},
        {"r.io:99999/a", "the registry 'r.io:99999' is not valid"},
        {"r.io:/a", "the registry 'r.io:' is not valid"},
        {"r..io/a", "the registry 'r..io' is not valid"},
        {"-r.io/a", "the registry '-r.io' is not valid"},
        {"[::1/a", "the registry '[::1' is not valid"},
        {"[::1]x:1/a", "the registry '[::1]x:1' is not valid"},
        {"[::g]:1/a", "the registry '[::g]:1' is not valid"},
        {"a@sha256:12", "'sha256:12' is no digest"},
        {"a@", "'' is no digest"},
        {"a@md5:0123456789abcdef0123456789abcdef", "'md5:0123456789abcdef0123456789abcdef' is no digest"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct oci_reference reference = {.tag = STR("kept")};
        struct err err = ERR_INIT;
        assert_int_equal(oci_reference_parse(str_z(cases[i].text), &reference, &err), -ERR_INVALID);
        assert_string_equal(err.message, cases[i].message);
        assert_true(err.hint[0] != '\0');
        assert_view(reference.tag, "kept");
    }
}

static void test_lengths(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct oci_reference reference;
    buf_add_fill(&text, 'a', 255);
    assert_int_equal(oci_reference_parse(buf_str(&text), &reference, NULL), 0);
    buf_add_char(&text, 'a');
    assert_int_equal(oci_reference_parse(buf_str(&text), &reference, NULL), -ERR_INVALID);
    buf_reset(&text);
    buf_add_z(&text, "a:");
    buf_add_fill(&text, 't', 128);
    assert_int_equal(oci_reference_parse(buf_str(&text), &reference, NULL), 0);
    buf_add_char(&text, 't');
    assert_int_equal(oci_reference_parse(buf_str(&text), &reference, NULL), -ERR_INVALID);
}

static void test_ref_names(void **state)
{
    (void)state;
    static const char *const good[] = {"latest", "app:1.0", "r.io/a/b:c", "a@b+c", "a--b", "A-B", "1"};
    static const char *const bad[] = {"", "a-", "-a", "a//b", "a:-b", "a---b", "a b", "a\xC3\xA9", "a/", "..", "a:"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(oci_ref_name_valid(str_z(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(oci_ref_name_valid(str_z(bad[i])));
    assert_false(oci_ref_name_valid(str_of("a\0b", 3)));
}

static void test_platforms(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shown;
    } cases[] = {
        {"linux/amd64", "linux/amd64"}, {"amd64", "linux/amd64"},           {"x86_64", "linux/amd64"},
        {"aarch64", "linux/arm64"},     {"linux/arm/v7", "linux/arm/v7"},   {"armhf", "linux/arm/v7"},
        {"arm64/v8", "linux/arm64/v8"}, {"windows/amd64", "windows/amd64"}, {"linux/i386", "linux/386"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct oci_platform platform;
        CLEANUP_BUF struct buf out = BUF_INIT;
        assert_int_equal(oci_platform_parse(str_z(cases[i].text), &platform, NULL), 0);
        oci_platform_text(&out, &platform);
        assert_string_equal(out.ptr, cases[i].shown);
    }
    static const char *const bad[] = {"",     "/", "linux", "linux/", "linux//v7", "linux/arm/v7/x", "Linux/amd64",
                                      "a/b/c"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct oci_platform platform;
        struct err err = ERR_INIT;
        assert_int_equal(oci_platform_parse(str_z(bad[i]), &platform, &err), -ERR_USAGE);
        assert_true(err.hint[0] != '\0');
    }
}

static bool matches(const char *image, const char *wanted)
{
    struct oci_platform a, b;
    assert_int_equal(oci_platform_parse(str_z(image), &a, NULL), 0);
    assert_int_equal(oci_platform_parse(str_z(wanted), &b, NULL), 0);
    return oci_platform_matches(&a, &b);
}

static void test_platform_matches(void **state)
{
    (void)state;
    assert_true(matches("linux/arm64", "linux/arm64/v8"));
    assert_true(matches("linux/arm/v7", "linux/arm"));
    assert_false(matches("linux/arm/v6", "linux/arm"));
    assert_false(matches("linux/amd64", "linux/arm64"));
    assert_false(matches("windows/amd64", "linux/amd64"));
}

static void test_media_types(void **state)
{
    (void)state;
    const struct oci_media_type *type = oci_media_type_of(STR("application/vnd.oci.image.layer.v1.tar+zstd"));
    assert_int_equal(type->kind, OCI_KIND_LAYER);
    assert_int_equal(type->compression, COMPRESS_ZSTD);
    assert_false(type->foreign);
    type = oci_media_type_of(STR("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"));
    assert_int_equal(type->family, OCI_FAMILY_DOCKER);
    assert_true(type->foreign);
    assert_int_equal(oci_media_type_of(STR("text/plain"))->kind, OCI_KIND_OTHER);
    assert_int_equal(oci_media_type_of(STR(""))->kind, OCI_KIND_OTHER);
    assert_view(oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_LAYER, COMPRESS_NONE),
                "application/vnd.oci.image.layer.v1.tar");
    assert_view(oci_media_type_text(OCI_FAMILY_DOCKER, OCI_KIND_MANIFEST, COMPRESS_NONE),
                "application/vnd.docker.distribution.manifest.v2+json");
    assert_view(oci_media_type_text(OCI_FAMILY_DOCKER, OCI_KIND_LAYER, COMPRESS_XZ), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_ref_names),
        cmocka_unit_test(test_platforms),
        cmocka_unit_test(test_media_types),
        cmocka_unit_test(test_platform_matches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
