/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "certificate_fixture.h"
#include "pack/rootfs.h"

#include <string.h>

struct fixture {
    struct arena arena;
    struct tree *tree;
};

static void begin(struct fixture *fixture)
{
    *fixture = (struct fixture){.arena = ARENA_INIT};
    assert_int_equal(tree_new(&fixture->arena, &fixture->tree, NULL), 0);
}

static void end(struct fixture *fixture)
{
    tree_free(fixture->tree);
    arena_done(&fixture->arena);
}

static void expect(const struct tree *tree, const char *path, enum tree_type type, uint32_t mode, uint32_t uid)
{
    const struct tree_node *node = tree_get(tree, str_z(path));
    if (!node || node->type != type || node->mode != mode || node->uid != uid || node->gid != 0)
        fail_msg("'%s' is not as it should be", path);
}

static void test_skeleton(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(rootfs_put_skeleton(f.tree, &f.arena, ELF_MACHINE_AMD64, NULL), 0);
    expect(f.tree, "tmp", TREE_DIR, 01777, 0);
    expect(f.tree, "var/tmp", TREE_DIR, 01777, 0);
    expect(f.tree, "root", TREE_DIR, 0700, 0);
    expect(f.tree, "home/nonroot", TREE_DIR, 0775, 65532);
    expect(f.tree, "etc/passwd", TREE_FILE, 0644, 0);
    expect(f.tree, "lib64", TREE_SYMLINK, 0777, 0);
    assert_true(str_eq_z(tree_get(f.tree, STR("lib"))->target, "usr/lib"));
    assert_true(str_starts(tree_get(f.tree, STR("etc/passwd"))->content, STR("root:x:0:0:root:/root:/sbin/nologin\n")));
    assert_true(str_find(tree_get(f.tree, STR("etc/nsswitch.conf"))->content, STR("files dns")) <
                tree_get(f.tree, STR("etc/nsswitch.conf"))->content.len);
    assert_null(tree_get(f.tree, STR("etc/shadow")));
    end(&f);

    begin(&f); /* arm64 has its loader in /lib */
    assert_int_equal(rootfs_put_skeleton(f.tree, &f.arena, ELF_MACHINE_ARM64, NULL), 0);
    assert_null(tree_get(f.tree, STR("lib64")));
    end(&f);
}

static int put(struct fixture *f, const char *path, enum tree_type type, const char *target, struct err *err)
{
    struct tree_node node = {.path = str_z(path), .type = type, .mode = 0750, .uid = 5, .content = STR("x")};
    if (target)
        node = (struct tree_node){.path = str_z(path), .type = type, .mode = 0777, .target = str_z(target)};
    if (type == TREE_DIR)
        node.content = STR_NONE;
    return rootfs_put(f->tree, &node, err);
}

static void test_put(void **state)
{
    (void)state;
    struct fixture f;
    struct err err = ERR_INIT;
    begin(&f);
    assert_int_equal(put(&f, "lib/x/y.so", TREE_FILE, NULL, &err), 0);
    expect(f.tree, "usr/lib/x/y.so", TREE_FILE, 0750, 5);
    assert_null(tree_get(f.tree, STR("lib")));
    assert_int_equal(put(&f, "tmp/a/b", TREE_FILE, NULL, &err), 0); /* its layer must not change /tmp */
    expect(f.tree, "tmp", TREE_DIR, 01777, 0);
    assert_int_equal(put(&f, "home/nonroot", TREE_DIR, NULL, &err), 0);
    expect(f.tree, "home/nonroot", TREE_DIR, 0775, 65532);
    assert_int_equal(put(&f, "lib", TREE_SYMLINK, "usr/lib", &err), 0); /* left out */
    assert_int_equal(put(&f, "bin", TREE_SYMLINK, "/usr/bin", &err), 0);
    assert_null(tree_get(f.tree, STR("lib")));
    assert_null(tree_get(f.tree, STR("bin")));
    static const char *const taken[] = {"tmp", "usr", "lib", "lib64", "etc/ssl/certs", "home/nonroot"};
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        err = (struct err)ERR_INIT;
        assert_int_equal(put(&f, taken[i], TREE_FILE, NULL, &err), -(int)ERR_USAGE);
        assert_non_null(strstr(err.message, taken[i]));
        assert_non_null(strstr(err.hint, taken[i]));
    }
    end(&f);
}

static void test_user(void **state)
{
    (void)state;
    struct image_user extra = {.name = STR("app"), .uid = 10001, .gid = 10002};
    struct image_user usual = {.name = STR_NONE, .uid = 65532, .gid = 65532};
    struct fixture f;
    struct err err = ERR_INIT;
    begin(&f);
    assert_int_equal(rootfs_put_user(f.tree, &f.arena, &usual, &err), 0);
    assert_int_equal(tree_count(f.tree), 1);
    assert_int_equal(rootfs_put_user(f.tree, &f.arena, &extra, &err), 0);
    expect(f.tree, "home/app", TREE_DIR, 0775, 10001);
    assert_true(str_find(tree_get(f.tree, STR("etc/passwd"))->content, STR("\napp:x:10001:10002:app:/home/app:")) <
                tree_get(f.tree, STR("etc/passwd"))->content.len);
    end(&f);

    begin(&f); /* an included file would be lost */
    assert_int_equal(put(&f, "etc/group", TREE_FILE, NULL, &err), 0);
    assert_int_equal(rootfs_put_user(f.tree, &f.arena, &extra, &err), -(int)ERR_USAGE);
    assert_non_null(strstr(err.message, "'app'"));
    assert_true(err.hint[0] != '\0');
    end(&f);
}

static void test_shells(void **state)
{
    (void)state;
    assert_true(rootfs_is_shell(STR("usr/bin/sh")));
    assert_true(rootfs_is_shell(STR("usr/sbin/dpkg")));
    assert_false(rootfs_is_shell(STR("usr/bin/ssh")));
    assert_false(rootfs_is_shell(STR("app/bash")));
    assert_false(rootfs_is_shell(STR("usr/bin/bash/x")));
}

static void test_bundle(void **state)
{
    (void)state;
    static const struct tree_node entries[] = {
        {.path = STR_INIT("usr/share/ca-certificates/b.crt"), .type = TREE_FILE, .content = STR_INIT("B")},
        {.path = STR_INIT("usr/share/ca-certificates/a/a.crt"), .type = TREE_FILE, .content = STR_INIT("A\n")},
        {.path = STR_INIT("usr/share/ca-certificates/readme"), .type = TREE_FILE, .content = STR_INIT("no")},
        {.path = STR_INIT("usr/share/doc/c.crt"), .type = TREE_FILE, .content = STR_INIT("no")},
    };
    struct fixture f;
    struct err err = ERR_INIT;
    begin(&f);
    assert_int_equal(rootfs_put_ca_bundle(f.tree, &f.arena, entries, ARRAY_LEN(entries), STR(CERTIFICATE_ROOT), &err),
                     0);
    const struct tree_node *bundle = tree_get(f.tree, STR("etc/ssl/certs/ca-certificates.crt"));
    assert_true(str_eq_z(bundle->content, "A\nB\n" CERTIFICATE_ROOT));
    assert_ptr_equal(tree_lookup(f.tree, STR("usr/lib/ssl/cert.pem")), bundle);
    assert_int_equal(rootfs_put_ca_bundle(f.tree, &f.arena, entries + 2, 2, STR_NONE, &err), -(int)ERR_INVALID);
    end(&f);
}

static int make_all(struct fixture *f)
{
    struct image_user extra = {.name = STR("app"), .uid = 10001, .gid = 10001};
    int r = tree_new(&f->arena, &f->tree, NULL);
    if (r == 0)
        r = rootfs_put_skeleton(f->tree, &f->arena, ELF_MACHINE_AMD64, NULL);
    if (r == 0) {
        tree_remove(f->tree, STR("etc"));
        r = rootfs_put_user(f->tree, &f->arena, &extra, NULL);
    }
    return r == 0 ? put(f, "lib/x", TREE_FILE, NULL, NULL) : r;
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct fixture f = {.arena = ARENA_INIT};
        fault_arm(FAULT_ALLOC, n);
        int r = make_all(&f);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        end(&f);
        assert_int_equal(r, passed ? 0 : -(int)ERR_NOMEM);
        if (passed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_skeleton), cmocka_unit_test(test_put),
                                       cmocka_unit_test(test_user),     cmocka_unit_test(test_shells),
                                       cmocka_unit_test(test_bundle),   cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
