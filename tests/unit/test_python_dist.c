/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "python/dist.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static void test_names(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    python_dist_normalize(STR("Flask_-.SQLAlchemy."), &out);
    assert_string_equal(buf_z(&out), "flask-sqlalchemy-");
    assert_true(python_dist_same(STR("Flask_SQLAlchemy"), STR("flask-.-sqlalchemy")));
    assert_false(python_dist_same(STR("flask"), STR("flask-")));
    assert_true(python_dist_same(STR(""), STR("")));
    struct str name, version;
    assert_true(python_dist_directory(STR("typing_extensions-4.12.2.dist-info"), &name, &version));
    assert_true(str_eq_z(name, "typing_extensions") && str_eq_z(version, "4.12.2"));
    assert_true(python_dist_directory(STR("demo-1.0-py3.11.egg-info"), &name, &version));
    assert_true(str_eq_z(name, "demo") && str_eq_z(version, "1.0"));
    assert_true(python_dist_directory(STR("demo.egg-info"), &name, &version) && version.len == 0);
    static const char *const bad[] = {"~vicorn-0.1.dist-info", "uvicorn",     "uvicorn.dist-info",
                                      "-1.dist-info",          ".dist-info",  ".egg-info",
                                      "a-1.dist-info/",        "a-.dist-info"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(python_dist_directory(str_z(bad[i]), &name, &version));
}

#define METADATA                                                                                                       \
    "Metadata-Version: 2.1\r\nname: Demo.App\r\nName: other\r\nVersion:1.0\r\n"                                        \
    "Summary: first\r\n second\r\nRequires-Python: >=3.8,\r\n  <4\r\n"                                                 \
    "Requires-Dist: requests[socks] (>=2.0)\r\nRequires-Dist: colorama>=0.4; sys_platform == \"win32\"\r\n"            \
    "Requires-Dist: httptools ; extra == 'standard'\r\nRequires-Dist: x @ https://h/x.whl ; 'extra' in name\r\n"       \
    "\r\nName: not a field\r\n"

static void test_metadata(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_metadata metadata;
    struct err err = ERR_INIT;
    assert_int_equal(python_metadata_read(STR(METADATA), &arena, &metadata, &err), 0);
    assert_true(str_eq_z(metadata.name, "Demo.App") && str_eq_z(metadata.version, "1.0"));
    assert_true(str_eq_z(metadata.requires_python, ">=3.8,\r\n  <4"));
    assert_int_equal(metadata.requirement_count, 4);
    const struct python_requirement *wanted = metadata.requirements;
    assert_true(str_eq_z(wanted[0].name, "requests") && wanted[0].marker.len == 0 && !wanted[0].extra);
    assert_true(str_eq_z(wanted[1].name, "colorama") && str_eq_z(wanted[1].marker, "sys_platform == \"win32\""));
    assert_true(!wanted[1].extra && str_eq_z(wanted[2].name, "httptools") && wanted[2].extra);
    assert_true(str_eq_z(wanted[3].name, "x") && !wanted[3].extra);
    static const char *const none[] = {"", "\nName: a\n", " Name: a\n", "no field\nName: a\n", ": a\nName: b\n"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_int_equal(python_metadata_read(str_z(none[i]), &arena, &metadata, &err), 0);
        assert_true(metadata.name.len == 0 && metadata.requirement_count == 0);
    }
    assert_int_equal(python_metadata_read(STR("Name:\n a\nVersion:"), &arena, &metadata, &err), 0);
    assert_true(str_eq_z(metadata.name, "a") && metadata.version.len == 0);
}

static void test_wheel(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_wheel wheel;
    struct err err = ERR_INIT;
    assert_int_equal(
        python_wheel_read(STR("Wheel-Version: 1.0\nGenerator: bdist_wheel (0.43.0)\nRoot-Is-Purelib: false\n"
                              "Tag: cp311-cp311-manylinux_2_17_x86_64\nTag: cp311-cp311-manylinux2014_x86_64\n\n"),
                          &arena, &wheel, &err),
        0);
    assert_true(str_eq_z(wheel.wheel_version, "1.0") && str_eq_z(wheel.generator, "bdist_wheel (0.43.0)"));
    assert_true(!wheel.root_is_purelib && wheel.tag_count == 2);
    assert_true(str_eq_z(wheel.tags[1], "cp311-cp311-manylinux2014_x86_64"));
    assert_int_equal(python_wheel_read(STR("root-is-purelib: TRUE"), &arena, &wheel, &err), 0);
    assert_true(wheel.root_is_purelib && wheel.tag_count == 0);
}

static void test_record(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_record *rows;
    size_t count;
    struct err err = ERR_INIT;
    assert_int_equal(python_record_read(STR("demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n"
                                            "../../../bin/demo,,\n\n,x,1\n\"a,\"\"b\"\"\nc\"d,sha256=,12\r"
                                            "demo-1.0.dist-info/RECORD,,-1,extra\nlast"),
                                        &arena, &rows, &count, &err),
                     0);
    assert_int_equal(count, 5);
    assert_true(str_eq_z(rows[0].path, "demo/a.py") && rows[0].has_size && rows[0].size_bytes == 0);
    uint8_t digest[32];
    assert_true(python_record_sha256(rows[0].hash, digest));
    assert_memory_equal(digest,
                        "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14\x9a\xfb\xf4\xc8\x99\x6f\xb9\x24"
                        "\x27\xae\x41\xe4\x64\x9b\x93\x4c\xa4\x95\x99\x1b\x78\x52\xb8\x55",
                        32);
    assert_true(str_eq_z(rows[1].path, "../../../bin/demo") && rows[1].hash.len == 0 && !rows[1].has_size);
    assert_true(str_eq_z(rows[2].path, "a,\"b\"\ncd") && rows[2].size_bytes == 12);
    assert_true(str_eq_z(rows[3].path, "demo-1.0.dist-info/RECORD") && !rows[3].has_size);
    assert_true(str_eq_z(rows[4].path, "last"));
    assert_int_equal(python_record_read(STR("a,,\n\"b,,\n"), &arena, &rows, &count, &err), -ERR_INVALID);
    assert_string_equal(err.message, "a quote in RECORD that does not end");
    assert_int_equal(count, 5);
    assert_int_equal(python_record_read(STR_NONE, &arena, &rows, &count, &err), 0);
    assert_int_equal(count, 0);
    static const char *const bad[] = {"",
                                      "sha256=",
                                      "sha512=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                                      "sha256=47DEQpj8HBSa+_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
                                      "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV",
                                      "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuF"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(python_record_sha256(str_z(bad[i]), digest));
}

static void test_direct_url(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_direct_url url;
    struct err err = ERR_INIT;
    assert_int_equal(python_direct_url_read(STR("{\"dir_info\": {\"editable\": true}, \"url\": \"file:///src/demo\"}"),
                                            &arena, &url, &err),
                     0);
    assert_true(url.editable && url.is_directory && !url.is_vcs && str_eq_z(url.url, "file:///src/demo"));
    assert_int_equal(
        python_direct_url_read(STR("{\"url\":\"https://h/r\",\"vcs_info\":{\"vcs\":\"git\",\"commit_id\":\"a1\"}}"),
                               &arena, &url, &err),
        0);
    assert_true(!url.editable && url.is_vcs && str_eq_z(url.commit, "a1"));
    assert_int_equal(python_direct_url_read(STR("{\"url\":\"u\",\"archive_info\":{}}"), &arena, &url, &err), 0);
    assert_true(url.is_archive && !url.is_directory);
    static const char *const bad[] = {"", "[]", "{}", "{\"url\": 1}",
                                      "{\"url\":\"u\",\"dir_info\":{\"editable\":\"yes\"}}"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(python_direct_url_read(str_z(bad[i]), &arena, &url, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'dir_info.editable' is a string, not a boolean");
}

static void test_small(void **state)
{
    (void)state;
    assert_true(str_eq_z(python_installer(STR("\n uv \n")), "uv"));
    assert_int_equal(python_installer(STR(" \n")).len, 0);
    struct str rest = STR("_demo\r\n\n demo \n"), name;
    assert_true(python_top_level_next(&rest, &name) && str_eq_z(name, "_demo"));
    assert_true(python_top_level_next(&rest, &name) && str_eq_z(name, "demo"));
    assert_false(python_top_level_next(&rest, &name));
}

static void test_limits(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct python_wheel wheel;
    struct python_metadata metadata;
    struct err err = ERR_INIT;
    for (unsigned i = 0; i <= LIMIT_PYTHON_LINES; i++)
        buf_add_z(&text, "Tag: a\n");
    assert_int_equal(python_wheel_read(buf_str(&text), &arena, &wheel, &err), -ERR_LIMIT);
    buf_reset(&text);
    for (unsigned i = 0; i <= LIMIT_PYTHON_LINES; i++)
        buf_add_z(&text, "Requires-Dist: a\n");
    assert_int_equal(python_metadata_read(buf_str(&text), &arena, &metadata, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "a METADATA with more than 65536 requirements");
}

static int read_all(struct err *err)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_metadata metadata;
    struct python_wheel wheel;
    struct python_record *rows;
    struct python_direct_url url;
    size_t count;
    int r = python_metadata_read(STR(METADATA), &arena, &metadata, err);
    if (!r)
        r = python_wheel_read(STR("Tag: a\n"), &arena, &wheel, err);
    if (!r)
        r = python_record_read(STR("\"a\"\"b\",,\nb,,\n"), &arena, &rows, &count, err);
    return r ? r : python_direct_url_read(STR("{\"url\":\"\\u0061\"}"), &arena, &url, err);
}

static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = read_all(&err);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        assert_int_equal(r, passed ? 0 : -ERR_NOMEM);
        if (passed)
            break;
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),  cmocka_unit_test(test_metadata),   cmocka_unit_test(test_wheel),
        cmocka_unit_test(test_record), cmocka_unit_test(test_direct_url), cmocka_unit_test(test_small),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
