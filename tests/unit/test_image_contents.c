/* SPDX-License-Identifier: Apache-2.0 */
/* Contents and packages of images: those of barehull's kind, of a full Debian, and damaged ones. */
#include "../lib/make_image.h"
#include "base/fault.h"
#include "elf_fixture.h"
#include "image/contents.h"

#define LIBC "usr/lib/x86_64-linux-gnu/libc.so.6"

struct view {
    struct op_ctx ctx;
    struct oci_image *image;
    struct image_contents contents;
};

static int look(struct bench *bench, struct view *view, struct err *err)
{
    struct oci_image_name name;
    *view = (struct view){.ctx = {.arena = &bench->arena}};
    int r = oci_image_name_parse(str_z(bench_path(bench, "l")), &bench->arena, &name, err);
    if (r == 0)
        r = oci_image_open(&name, NULL, &bench->arena, &view->image, err);
    return r == 0 ? image_contents_read(&view->ctx, view->image, &view->contents, err) : r;
}

static void unlook(struct view *view)
{
    image_contents_done(&view->contents);
    oci_image_close(view->image);
}

static void make(struct bench *bench, const struct tree_node *nodes, size_t count)
{
    struct str layer = bench_tar(bench, nodes, count);
    bench_index(bench, "l", bench_image(bench, "l", "amd64", &layer, 1, ""));
}

static struct str built(struct bench *bench, const struct elf_fixture *fixture)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(fixture, &bytes);
    return arena_str(&bench->arena, buf_str(&bytes));
}

/* A merged root; a md5sums of an unmerged package; a program that needs one library that is there and one that isn't.
 */
static void make_usual(struct bench *bench)
{
    struct tree_node nodes[] = {
        LINK("lib", "usr/lib"),
        F("app/server", ""),
        F("etc/plain", "hello"),
        LINK("etc/os-release", "../usr/lib/os-release"),
        F("usr/lib/os-release", "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12\"\nODD\nEMPTY=\n"),
        F(LIBC, ""),
        F("var/lib/dpkg/status.d/libc6", "Package: libc6\nVersion: 2.36\nArchitecture: amd64\nSource: glibc\n"),
        F("var/lib/dpkg/status.d/libc6.md5sums", "00000000000000000000000000000000  lib/x86_64-linux-gnu/libc.so.6\n"
                                                 "00000000000000000000000000000000  ../../etc/plain\n"
                                                 "00000000000000000000000000000000  not/there\nrubbish\n"),
        F("var/lib/dpkg/status.d/broken", "no paragraph at all"),
    };
    nodes[1].content = built(bench, &(struct elf_fixture){.interpreter = "/lib/x86_64-linux-gnu/ld.so",
                                                          .needed = {"libc.so.6", "libgone.so"}});
    nodes[5].content = built(bench, &(struct elf_fixture){.soname = "libc.so.6"});
    make(bench, nodes, ARRAY_LEN(nodes));
}

static void test_usual(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct view view;
    make_usual(&bench);
    assert_int_equal(look(&bench, &view, NULL), 0);
    const struct image_contents *contents = &view.contents;
    assert_int_equal(contents->package_count, 1);
    assert_true(str_eq_z(contents->packages[0].name, "libc6"));
    assert_true(str_eq_z(contents->packages[0].source, "glibc"));
    assert_int_equal(contents->packages[0].files, 1);
    assert_ptr_equal(image_contents_owner(contents, STR(LIBC)), &contents->packages[0]);
    assert_null(image_contents_owner(contents, STR("etc/plain")));
    assert_true(str_eq_z(image_contents_os(contents, STR("PRETTY_NAME")), "Debian GNU/Linux 12"));
    assert_true(str_eq_z(image_contents_os(contents, STR("ID")), "debian"));
    assert_int_equal(image_contents_os(contents, STR("EMPTY")).len, 0);
    assert_int_equal(image_contents_os(contents, STR("ODD")).len, 0);
    struct str bytes;
    assert_false(image_contents_bytes(contents, tree_get(contents->tree, STR("etc/plain")), &bytes));
    assert_false(contents->truncated);
    assert_int_equal(contents->layers[0].files, 7);

    struct elf_closure *closure = NULL;
    assert_int_equal(image_contents_closure(contents, STR("/etc/plain"), &closure, NULL), 0);
    assert_null(closure);
    assert_int_equal(image_contents_closure(contents, STR("/app/server"), &closure, NULL), 0);
    assert_non_null(elf_closure_find(closure, STR("libc.so.6")));
    assert_null(elf_closure_find(closure, STR("libgone.so")));
    elf_closure_free(closure);
    unlook(&view);
    bench_done(&bench);
}

static void test_full_debian(void **state)
{
    (void)state;
    static const struct tree_node nodes[] = {
        F("usr/bin/a", "1"),
        F("usr/bin/b", "22"),
        F("var/lib/dpkg/info/b:amd64.list", "/.\n/usr\n/usr/bin\n/usr/bin/b\n"),
        F("var/lib/dpkg/info/a.list", "/usr/bin/a\n/usr/bin/b\n"),
        F("var/lib/dpkg/status", "Package: b\nStatus: install ok installed\nVersion: 2\nArchitecture: amd64\n\n"
                                 "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n"
                                 "Package: c\nStatus: deinstall ok config-files\nVersion: 3\n"),
    };
    struct bench bench = bench_new();
    struct view view;
    make(&bench, nodes, ARRAY_LEN(nodes));
    assert_int_equal(look(&bench, &view, NULL), 0);
    assert_int_equal(view.contents.package_count, 2);
    assert_true(str_eq_z(view.contents.packages[0].name, "a"));
    assert_int_equal(view.contents.packages[0].files, 2); /* the first that lists a file has it */
    assert_int_equal(view.contents.packages[0].unpacked_bytes, 3);
    assert_int_equal(view.contents.packages[1].files, 0);
    unlook(&view);
    bench_done(&bench);
}

static void test_faults(void **state)
{
    (void)state;
    static const enum fault_kind kinds[] = {FAULT_ALLOC, FAULT_IO};
    struct bench bench = bench_new();
    make_usual(&bench);
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
        for (uint64_t n = 1;; n++) {
            struct view view;
            struct err err = ERR_INIT;
            fault_arm(kinds[k], n);
            int r = look(&bench, &view, &err);
            bool passed = fault_count(kinds[k]) < n;
            fault_disarm();
            unlook(&view);
            if (passed) {
                assert_int_equal(r, 0);
                break;
            }
            assert_true(r == 0 || err.message[0] != '\0');
        }
    bench_done(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_usual), cmocka_unit_test(test_full_debian),
                                       cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
