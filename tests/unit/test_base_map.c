/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum { MANY = 20000 };

static void test_order_and_values(void **state)
{
    (void)state;
    static char keys[MANY][16];
    static int values[MANY];
    CLEANUP_MAP struct map map = MAP_INIT;
    assert_null(map_get(&map, STR("x")));
    assert_false(map_has(&map, STR("x")));
    for (int i = 0; i < MANY; i++) {
        snprintf(keys[i], sizeof(keys[i]), "k%d", i);
        assert_true(map_set(&map, str_z(keys[i]), &values[i]));
    }
    assert_int_equal(map.len, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_ptr_equal(map_get(&map, str_z(keys[i])), &values[i]);
        assert_ptr_equal(map.entries[i].key.ptr, keys[i]);
    }
    assert_null(map_get(&map, STR("k")));
    assert_null(map_get(&map, STR("k20000")));
    assert_true(map_set(&map, STR("k7"), NULL)); /* replaces the value, keeps key and place */
    assert_int_equal(map.len, MANY);
    assert_ptr_equal(map.entries[7].key.ptr, keys[7]);
    assert_null(map_get(&map, STR("k7")));
    assert_true(map_has(&map, STR("k7")));
}

static void test_ugly_keys(void **state)
{
    (void)state;
    CLEANUP_MAP struct map map = MAP_INIT;
    int a, b, c;
    assert_true(map_set(&map, STR_NONE, &a));
    assert_true(map_set(&map, STR("\0"), &b));
    assert_true(map_set(&map, STR("\0\0"), &c));
    assert_ptr_equal(map_get(&map, STR("")), &a);
    assert_ptr_equal(map_get(&map, STR("\0")), &b);
    assert_ptr_equal(map_get(&map, STR("\0\0")), &c);
    void **slot = map_slot(&map, STR("new"));
    assert_non_null(slot);
    assert_null(*slot);
    *slot = &a;
    assert_ptr_equal(*map_slot(&map, STR("new")), &a);
    assert_int_equal(map.len, 4);
}

static void test_faults(void **state)
{
    (void)state;
    static const char *const keys[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"};
    for (uint64_t n = 1;; n++) {
        CLEANUP_MAP struct map map = MAP_INIT;
        fault_arm(FAULT_ALLOC, n);
        size_t done = 0;
        while (done < ARRAY_LEN(keys) && map_set(&map, str_z(keys[done]), &map))
            done++;
        fault_disarm();
        assert_int_equal(map.len, done);
        for (size_t i = 0; i < ARRAY_LEN(keys); i++)
            assert_int_equal(map_has(&map, str_z(keys[i])), i < done);
        if (done == ARRAY_LEN(keys)) {
            assert_int_equal(n, 5);
            return;
        }
        assert_true(map_set(&map, str_z(keys[done]), &map)); /* works again */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_values),
        cmocka_unit_test(test_ugly_keys),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
