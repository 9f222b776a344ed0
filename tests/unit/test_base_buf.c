/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/alloc.h"
#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void test_additions(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf buf = BUF_INIT;
    assert_string_equal(buf_z(&buf), "");
    buf_add(&buf, NULL, 0);
    buf_add_str(&buf, STR("a\0b"));
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.ptr, "a\0b\0", 4);
    buf_truncate(&buf, 1);
    buf_truncate(&buf, 9);
    buf_add_z(&buf, "-z");
    buf_add_char(&buf, '!');
    buf_add_fill(&buf, 'x', 3);
    buf_add_u64(&buf, 0);
    buf_add_u64(&buf, UINT64_MAX);
    buf_add_hex(&buf, "\x00\xff\x1a", 3);
    buf_addf(&buf, "[%s|%5d|%c]", "text", -42, 'c');
    assert_string_equal(buf_z(&buf), "a-z!xxx01844674407370955161500ff1a[text|  -42|c]");
    assert_int_equal(buf_check(&buf, NULL), 0);
    char *at = buf_extend(&buf, 2);
    memcpy(at, "yz", 2);
    assert_true(str_ends(buf_str(&buf), STR("]yz")));
}

static void test_long_format(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf buf = BUF_INIT;
    for (int width = 60; width < 70; width++) { /* around the first capacity */
        buf_reset(&buf);
        buf_addf(&buf, "%*d", width, 7);
        assert_int_equal(buf.len, width);
        assert_int_equal(strlen(buf.ptr), width);
        assert_int_equal(buf.ptr[width - 1], '7');
        buf_done(&buf);
    }
    buf_addf(&buf, "%100000s", "end");
    assert_int_equal(buf.len, 100000);
    assert_string_equal(buf.ptr + 99997, "end");
}

static void test_take(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT;
    size_t len = 99;
    assert_null(buf_take(&buf, &len));
    assert_int_equal(len, 99);
    buf_add_z(&buf, "mine");
    char *text = buf_take(&buf, &len);
    assert_string_equal(text, "mine");
    assert_int_equal(len, 4);
    assert_null(buf.ptr);
    assert_int_equal(buf.len, 0);
    mem_free(text);
}

static void test_failure_sticks(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_BUF struct buf buf = BUF_INIT;
    buf_add_z(&buf, "kept");
    assert_false(buf_reserve(&buf, SIZE_MAX));
    buf_add_z(&buf, " not added");
    buf_addf(&buf, "%d", 1);
    assert_null(buf_extend(&buf, 1));
    assert_string_equal(buf_z(&buf), "kept");
    assert_int_equal(buf_check(&buf, &err), -ERR_NOMEM);
    assert_string_equal(err.message, "out of memory");
    assert_null(buf_take(&buf, NULL));
    buf_reset(&buf);
    buf_add_hex(&buf, "x", SIZE_MAX / 2 + 1);
    assert_int_equal(buf_check(&buf, NULL), -ERR_NOMEM);
    buf_reset(&buf);
    buf_add_z(&buf, "again");
    assert_int_equal(buf_check(&buf, NULL), 0);
    assert_string_equal(buf_z(&buf), "again");
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_BUF struct buf buf = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        for (int i = 0; i < 100; i++)
            buf_addf(&buf, "%010d", i);
        fault_disarm();
        if (buf_check(&buf, NULL) == 0) {
            assert_int_equal(buf.len, 1000);
            assert_true(n > 3);
            return;
        }
        assert_true(buf.len < 1000 && buf.len % 10 == 0);
        assert_string_equal(buf.ptr ? buf.ptr + buf.len : "", "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_additions),      cmocka_unit_test(test_long_format), cmocka_unit_test(test_take),
        cmocka_unit_test(test_failure_sticks), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
