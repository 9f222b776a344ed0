/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "python/pth.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define TEXT                                                                                                           \
    "\xef\xbb\xbf/src/demo  \r\n# comment\n\n \t\n  ../lib\nimport _virtualenv\n"                                      \
    "import\t__editable___demo_0_1_finder; __editable___demo_0_1_finder.install()\n import x\nimportant\n"             \
    "import __editable___broken"

static void expect(const struct python_pth_line *line, unsigned number, enum python_pth_kind kind, const char *text,
                   const char *finder)
{
    assert_int_equal(line->line, number);
    assert_int_equal(line->kind, kind);
    assert_true(str_eq_z(line->text, text) && str_eq_z(line->finder, finder));
}

static void test_lines(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_pth_line *lines;
    size_t count;
    struct err err = ERR_INIT;
    assert_int_equal(python_pth_read(STR(TEXT), &arena, &lines, &count, &err), 0);
    assert_int_equal(count, 7);
    expect(&lines[0], 1, PYTHON_PTH_PATH, "/src/demo", "");
    expect(&lines[1], 5, PYTHON_PTH_PATH, "  ../lib", "");
    expect(&lines[2], 6, PYTHON_PTH_IMPORT, "import _virtualenv", "");
    expect(&lines[3], 7, PYTHON_PTH_FINDER,
           "import\t__editable___demo_0_1_finder; __editable___demo_0_1_finder.install()",
           "__editable___demo_0_1_finder");
    expect(&lines[4], 8, PYTHON_PTH_PATH, " import x", "");
    expect(&lines[5], 9, PYTHON_PTH_PATH, "important", "");
    expect(&lines[6], 10, PYTHON_PTH_IMPORT, "import __editable___broken", "");
    assert_int_equal(python_pth_read(STR_NONE, &arena, &lines, &count, &err), 0);
    assert_int_equal(count, 0);
}

static void test_files(void **state)
{
    (void)state;
    assert_int_equal(python_path_file(STR("distutils-precedence.pth")), PYTHON_FILE_PTH);
    assert_int_equal(python_path_file(STR("__editable__.demo-0.1.pth")), PYTHON_FILE_PTH_EDITABLE);
    assert_int_equal(python_path_file(STR("easy-install.pth")), PYTHON_FILE_PTH_EASY_INSTALL);
    assert_int_equal(python_path_file(STR(".hidden.pth")), PYTHON_FILE_PTH_IGNORED);
    assert_int_equal(python_path_file(STR("demo.egg-link")), PYTHON_FILE_EGG_LINK);
    assert_int_equal(python_path_file(STR("__editable___demo_0_1_finder.py")), PYTHON_FILE_FINDER);
    assert_int_equal(python_path_file(STR("demo.pth.bak")), PYTHON_FILE_OTHER);
    assert_int_equal(python_path_file(STR("")), PYTHON_FILE_OTHER);
    assert_true(str_eq_z(python_egg_link(STR("\n/src/demo \r\n../")), "/src/demo"));
    assert_int_equal(python_egg_link(STR("\n \n")).len, 0);
}

#define FINDER                                                                                                         \
    "from __future__ import annotations\nMAPPING: dict[str, str] = {'demo': '/src/demo', \"o'k\" :\n"                  \
    " '/src/it\\'s' , }\nNAMESPACES: dict[str, list[str]] = {}\n"

static void test_finder(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_finder_entry *entries;
    size_t count;
    struct err err = ERR_INIT;
    assert_int_equal(python_finder_read(STR(FINDER), &arena, &entries, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_true(str_eq_z(entries[0].package, "demo") && str_eq_z(entries[0].path, "/src/demo"));
    assert_true(str_eq_z(entries[1].package, "o'k") && str_eq_z(entries[1].path, "/src/it\\'s"));
    static const char *const none[] = {"",
                                       "MAPPING = {",
                                       "MAPPING = {}\n",
                                       "MAPPING = {'a'}",
                                       "MAPPING = {'a': b}",
                                       "  MAPPING = {'a': 'b'}",
                                       "MAPPING = {'a': 'b",
                                       "MAPPING = {'a\n': 'b'}"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_int_equal(python_finder_read(str_z(none[i]), &arena, &entries, &count, &err), 0);
        assert_int_equal(count, 0);
    }
    assert_int_equal(python_finder_read(STR("MAPPING = {'a': 'b'"), &arena, &entries, &count, &err), 0);
    assert_int_equal(count, 1);
}

static void test_limits(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct python_pth_line *lines;
    struct python_finder_entry *entries;
    size_t count;
    struct err err = ERR_INIT;
    for (unsigned i = 0; i <= LIMIT_PYTHON_LINES; i++)
        buf_add_z(&text, "a\n");
    assert_int_equal(python_pth_read(buf_str(&text), &arena, &lines, &count, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "a .pth file of more than 65536 lines");
    buf_reset(&text);
    buf_add_z(&text, "MAPPING = {");
    for (unsigned i = 0; i <= LIMIT_PYTHON_LINES; i++)
        buf_add_z(&text, "'a':'b',");
    assert_int_equal(python_finder_read(buf_str(&text), &arena, &entries, &count, &err), -ERR_LIMIT);
    buf_add_fill(&text, ' ', LIMIT_PYTHON_TEXT_BYTES);
    assert_int_equal(python_finder_read(buf_str(&text), &arena, &entries, &count, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "a finder of an editable install of more than 1048576 bytes");
    assert_int_equal(python_pth_read(buf_str(&text), &arena, &lines, &count, &err), -ERR_LIMIT);
}

static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct python_pth_line *lines;
        struct python_finder_entry *entries;
        size_t count;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = python_pth_read(STR(TEXT), &arena, &lines, &count, &err);
        if (!r)
            r = python_finder_read(STR(FINDER), &arena, &entries, &count, &err);
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
        cmocka_unit_test(test_lines),  cmocka_unit_test(test_files),  cmocka_unit_test(test_finder),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
