/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "pack/entrypoint.h"

struct fixture {
    struct arena arena;
    struct application app;
    struct base_record record;
    struct str paths[2];
};

static void begin(struct fixture *f)
{
    *f = (struct fixture){.arena = ARENA_INIT, .paths = {STR("/usr/bin/jq"), STR("/usr/bin/python3.11")}};
    f->record.paths = (struct data_strs){f->paths, ARRAY_LEN(f->paths)};
    assert_int_equal(tree_new(&f->arena, &f->app.tree, NULL), 0);
    assert_int_equal(tree_new(&f->arena, &f->app.dependencies, NULL), 0);
    assert_int_equal(tree_put_file(f->app.tree, STR("app/server"), 0755, STR("x"), NULL), 0);
    assert_int_equal(tree_put_file(f->app.tree, STR("app/data"), 0644, STR("x"), NULL), 0);
    assert_int_equal(tree_put_link(f->app.tree, STR("app/loop"), STR("loop"), NULL), 0);
    assert_int_equal(tree_put_link(f->app.tree, STR("app/current"), STR("/app/.venv"), NULL), 0);
    struct tree *dependencies = f->app.dependencies;
    assert_int_equal(tree_put_link(dependencies, STR("app/.venv/bin/python"), STR("python3"), NULL), 0);
    assert_int_equal(tree_put_link(dependencies, STR("app/.venv/bin/python3"), STR("/bin/python3.11"), NULL), 0);
    assert_int_equal(tree_put_link(dependencies, STR("app/.venv/bin/broken"), STR("../../../../nowhere"), NULL), 0);
    assert_int_equal(tree_put_file(dependencies, STR("app/.venv/bin/tool"), 0755, STR("x"), NULL), 0);
}

static void end(struct fixture *f)
{
    tree_free(f->app.tree);
    tree_free(f->app.dependencies);
    arena_done(&f->arena);
}

static void test_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool startable;
    } cases[] = {
        {"/app/server", true},
        {"/app//../app/./server", true},
        {"/app/data", false},
        {"/app/nothing", false},
        {"/app", false},
        {"/usr/bin/jq", true},
        {"/bin/jq", true},
        {"/usr/bin/python3.1", false},
        {"/app/.venv/bin/python", true},
        {"/app/current/bin/python", true},
        {"/app/current/bin/tool", true},
        {"/app/.venv/bin/broken", false},
        {"/app/loop", false},
        {"/", false},
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool startable = !cases[i].startable;
        assert_int_equal(entrypoint_is_startable(&f.app, &f.record, str_z(cases[i].path), &startable, NULL), 0);
        if (startable != cases[i].startable)
            fail_msg("'%s'", cases[i].path);
    }
    end(&f);
}

static void test_faults(void **state)
{
    (void)state;
    struct fixture f;
    bool startable = false;
    int r = -1;
    begin(&f);
    for (unsigned n = 1; r < 0 && n < 100; n++) {
        fault_arm(FAULT_ALLOC, n);
        r = entrypoint_is_startable(&f.app, &f.record, STR("/app/current/bin/python"), &startable, NULL);
        fault_disarm();
        assert_true(r == 0 || r == -(int)ERR_NOMEM);
    }
    assert_true(r == 0 && startable);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
