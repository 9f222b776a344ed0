/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "python/entry.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define TEXT                                                                                                           \
    "lost = a:b\n; no comment\n[console_scripts]\r\nuvicorn = uvicorn.main:main\r\n\r\n# x = y:z\n"                    \
    "  spaced=pkg . mod\nfull = pkg.mod : App.run [a, b]\nmodule=pkg.mod\nbad = pkg:mod:attr\nnothing\n"               \
    "empty =\n= a:b\n[ flask.commands ]\nuvicorn = other:x\n[console_scripts]\nuvicorn = later:main\n"

static void expect(const struct python_entry *entry, unsigned line, const char *group, const char *name,
                   const char *module, const char *attr, const char *extras)
{
    assert_int_equal(entry->line, line);
    assert_true(str_eq_z(entry->group, group) && str_eq_z(entry->name, name));
    assert_true(str_eq_z(entry->module, module) && str_eq_z(entry->attr, attr) && str_eq_z(entry->extras, extras));
}

static void test_read(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_entry *entries;
    size_t count;
    struct err err = ERR_INIT;
    assert_int_equal(python_entries_read(STR(TEXT), &arena, &entries, &count, &err), 0);
    assert_int_equal(count, 10);
    expect(&entries[0], 4, "console_scripts", "uvicorn", "uvicorn.main", "main", "");
    expect(&entries[1], 7, "console_scripts", "spaced", "", "", "");
    assert_false(entries[1].valid);
    expect(&entries[2], 8, "console_scripts", "full", "pkg.mod", "App.run", "a, b");
    expect(&entries[3], 9, "console_scripts", "module", "pkg.mod", "", "");
    for (size_t i = 4; i < 8; i++)
        assert_false(entries[i].valid);
    assert_true(str_eq_z(entries[4].value, "pkg:mod:attr"));
    expect(&entries[8], 15, "flask.commands", "uvicorn", "other", "x", "");
    const struct python_entry *found = python_entry_find(entries, count, STR("console_scripts"), STR("uvicorn"));
    assert_ptr_equal(found, &entries[9]);
    assert_null(python_entry_find(entries, count, STR("gui_scripts"), STR("uvicorn")));
    assert_null(python_entry_find(entries, count, STR("console_scripts"), STR("bad")));
    assert_int_equal(python_entries_read(STR_NONE, &arena, &entries, &count, &err), 0);
    assert_int_equal(count, 0);
    assert_int_equal(python_entries_read(STR("["), &arena, &entries, &count, &err), 0);
    assert_int_equal(python_entries_read(STR("[]\na=["), &arena, &entries, &count, &err), 0);
    assert_true(count == 1 && !entries[0].valid);
}

static void test_limits(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct python_entry *entries;
    size_t count;
    struct err err = ERR_INIT;
    buf_add_z(&text, "[a]\n");
    for (unsigned i = 0; i <= LIMIT_PYTHON_LINES; i++)
        buf_add_z(&text, "a=b\n");
    assert_int_equal(python_entries_read(buf_str(&text), &arena, &entries, &count, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "an entry_points.txt with more than 65536 entries");
    buf_add_fill(&text, 'a', LIMIT_PYTHON_TEXT_BYTES);
    assert_int_equal(python_entries_read(buf_str(&text), &arena, &entries, &count, &err), -ERR_LIMIT);
}

static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct python_entry *entries;
        size_t count;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = python_entries_read(STR(TEXT), &arena, &entries, &count, &err);
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
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
