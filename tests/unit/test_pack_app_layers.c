/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "io/file.h"
#include "io/store.h"
#include "pack/app_layers.h"
#include "pack/layer_key.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fixture {
    struct arena arena;
    struct op_ctx ctx;
    struct pool *pool;
    struct store *store;
    struct tree *dependencies, *app;
    char dir[64];
};

static void begin(struct fixture *f)
{
    *f = (struct fixture){.arena = ARENA_INIT, .dir = "/tmp/barehull-app-layers.XXXXXX"};
    f->ctx.arena = &f->arena;
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(store_open(f->dir, &f->store, NULL), 0);
    assert_int_equal(pool_new(2, &f->pool, NULL), 0);
    assert_int_equal(tree_new(&f->arena, &f->dependencies, NULL), 0);
    assert_int_equal(tree_new(&f->arena, &f->app, NULL), 0);
    assert_int_equal(tree_put_file(f->dependencies, STR("app/lib/a.py"), 0644, STR("import b\n"), NULL), 0);
    assert_int_equal(tree_put_link(f->dependencies, STR("app/bin/python"), STR("/usr/bin/python3.11"), NULL), 0);
    assert_int_equal(tree_put_file(f->app, STR("app/app.py"), 0644, STR("import a\n"), NULL), 0);
}

static void end(struct fixture *f)
{
    tree_free(f->dependencies);
    tree_free(f->app);
    pool_free(f->pool);
    store_free(f->store);
    assert_int_equal(file_remove_tree(AT_FDCWD, f->dir, NULL), 0);
    arena_done(&f->arena);
}

static void key_of(struct fixture *f, char key[65])
{
    assert_int_equal(layer_key(&f->ctx, f->pool, f->dependencies, key, NULL), 0);
}

/* Every fact of a node is in the key; the way to its bytes is not. */
static void test_key(void **state)
{
    (void)state;
    struct fixture f;
    char first[65], key[65], path[128];
    begin(&f);
    key_of(&f, first);
    struct tree_node file = {.path = STR("app/lib/a.py"), .type = TREE_FILE, .mode = 0644, .size_bytes = 9};
    (void)snprintf(path, sizeof(path), "%s/a.py", f.dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "import b\n", 9), 9);
    close(fd);
    file.host_path = str_z(path);
    assert_int_equal(tree_put(f.dependencies, &file, NULL), 0);
    key_of(&f, key);
    assert_string_equal(key, first);

    static const struct tree_node others[] = {
        {.path = STR_INIT("app/lib/a.py"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("import c\n")},
        {.path = STR_INIT("app/lib/a.py"), .type = TREE_FILE, .mode = 0755, .content = STR_INIT("import b\n")},
        {.path = STR_INIT("app/lib/a.py"),
         .type = TREE_FILE,
         .mode = 0644,
         .mtime = 1,
         .content = STR_INIT("import b\n")},
        {.path = STR_INIT("app/lib/a.py"),
         .type = TREE_FILE,
         .mode = 0644,
         .uid = 1,
         .content = STR_INIT("import b\n")},
        {.path = STR_INIT("app/lib/a.py"), .type = TREE_SYMLINK, .mode = 0644, .target = STR_INIT("import b\n")},
        {.path = STR_INIT("app/lib/b.py"), .type = TREE_FILE, .mode = 0644, .content = STR_INIT("import b\n")},
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct tree_node node = others[i];
        node.size_bytes = node.content.len;
        assert_int_equal(tree_put(f.dependencies, &node, NULL), 0);
        key_of(&f, key);
        assert_string_not_equal(key, first);
    }
    (void)unlink(path);
    assert_int_equal(tree_put(f.dependencies, &file, NULL), 0);
    struct err err = ERR_INIT;
    assert_int_equal(layer_key(&f.ctx, f.pool, f.dependencies, key, &err), -(int)ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, path));
    end(&f);
}

static int make(struct fixture *f, struct str identity, struct app_layers *layers, bool *ret_found)
{
    *layers = (struct app_layers){.ctx = &f->ctx, .store = f->store, .pool = f->pool, .compression = COMPRESS_GZIP};
    int r = app_layers_find_dependencies(layers, f->dependencies, identity, ret_found, NULL);
    if (r == 0) {
        app_layers_start(layers, f->dependencies, f->app);
        r = app_layers_finish(layers, false, NULL);
    }
    return r;
}

static void test_layers(void **state)
{
    (void)state;
    struct fixture f;
    struct app_layers first, second, other;
    bool found;
    begin(&f);
    assert_int_equal(make(&f, STR("pyc 1"), &first, &found), 0);
    assert_false(found);
    assert_int_equal(first.count, 2);
    assert_true(str_eq_z(first.roles[0], "dependencies"));
    assert_true(str_eq_z(first.roles[1], "app"));
    assert_false(first.layers[0].cached);

    assert_int_equal(tree_put_file(f.app, STR("app/app.py"), 0644, STR("import x\n"), NULL), 0);
    assert_int_equal(make(&f, STR("pyc 1"), &second, &found), 0);
    assert_true(found && second.layers[0].cached);
    assert_true(digest_eq(&first.layers[0].digest, &second.layers[0].digest));
    assert_false(digest_eq(&first.layers[1].digest, &second.layers[1].digest));
    assert_false(second.layers[1].cached);

    assert_int_equal(make(&f, STR("pyc 2"), &other, &found), 0);
    assert_false(found);
    app_layers_done(&first);
    app_layers_done(&second);
    app_layers_done(&other);

    other = (struct app_layers){.ctx = &f.ctx, .store = f.store, .pool = f.pool, .compression = COMPRESS_GZIP};
    app_layers_start(&other, NULL, f.app); /* a compiled program has no dependencies of its own */
    assert_int_equal(app_layers_finish(&other, false, NULL), 0);
    assert_int_equal(other.count, 1);
    app_layers_done(&other);
    end(&f);
}

static void test_called_off(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct app_layers layers = {.ctx = &f.ctx, .store = f.store, .pool = f.pool, .compression = COMPRESS_GZIP};
    app_layers_start(&layers, f.dependencies, f.app);
    (void)app_layers_finish(&layers, true, NULL);
    assert_int_equal(layers.count, 0);
    app_layers_done(&layers);
    end(&f);
}

static void test_faults(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    int r = -1;
    for (unsigned n = 1; r < 0 && n < 300; n++) {
        struct app_layers layers;
        bool found;
        fault_arm(FAULT_ALLOC, n);
        r = make(&f, STR("pyc 1"), &layers, &found);
        fault_disarm();
        assert_true(r == 0 || r == -(int)ERR_NOMEM);
        (void)app_layers_finish(&layers, true, NULL);
        app_layers_done(&layers);
    }
    assert_int_equal(r, 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_called_off),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
