/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "pack/busybox.h"

#include <stdio.h>

static int applets(struct str program, char *ret_joined, size_t size)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf joined CLEANUP_BUF = BUF_INIT;
    struct str_list list = {0};
    int r = busybox_applets(program, &arena, &list, NULL);
    for (size_t i = 0; i < list.len; i++)
        buf_addf(&joined, "%.*s ", STR_ARG(list.ptr[i]));
    (void)snprintf(ret_joined, size, "%s", joined.len ? buf_z(&joined) : "");
    return r;
}

static void expect(struct str program, const char *expected)
{
    char joined[128];
    assert_int_equal(applets(program, joined, sizeof(joined)), 0);
    assert_string_equal(joined, expected);
}

static void expect_refused(struct str program)
{
    char joined[128];
    assert_int_equal(applets(program, joined, sizeof(joined)), -(int)ERR_INVALID);
}

static void test_table(void **state)
{
    (void)state;
    expect(STR("[\0[[\0ls\0sh\0\0"), "[ [[ ls sh ");
    expect(STR("\x7f"
               "ELF\0[\0[[\0acpid\0ash\0sh\0uname\0\0/bin/sh\0"),
           "[ [[ acpid ash sh uname ");
    expect(STR("x[\0[[\0no table\0\0[\0[[\0sh\0\0"), "[ [[ sh "); /* the end of another text is no table */
}

static void test_refused(void **state)
{
    (void)state;
    expect_refused(STR(""));
    expect_refused(STR("\0[\0ls\0sh\0\0"));
    expect_refused(STR("\0[\0[[\0ls\0sh"));              /* no end */
    expect_refused(STR("\0[\0[[\0ls\0sh\0"));            /* no empty name */
    expect_refused(STR("\0[\0[[\0sh\0ls\0\0"));          /* no order */
    expect_refused(STR("\0[\0[[\0sh\0sh\0\0"));          /* twice */
    expect_refused(STR("\0[\0[[\0ls\0\0"));              /* no shell */
    expect_refused(STR("\0[\0[[\0../sh\0sh\0\0"));       /* no name */
    expect_refused(STR("\0[\0[[\0sh\0\0[\0[[\0sh\0\0")); /* two */
    expect_refused(STR("\0[\0[[\0aaaaaaaaaabbbbbbbbbbccccccccccdd\0sh\0\0"));
}

static void test_faults(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct str_list list;
    fault_arm(FAULT_ALLOC, 1);
    assert_int_equal(busybox_applets(STR("[\0[[\0sh\0\0"), &arena, &list, NULL), -(int)ERR_NOMEM);
    fault_disarm();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
