/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/vec.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void test_heap(void **state)
{
    (void)state;
    void *none = mem_alloc(0);
    assert_non_null(none);
    mem_free(none);
    mem_free(NULL);
    assert_null(mem_calloc(SIZE_MAX, 2));
    assert_null(mem_realloc(NULL, SIZE_MAX / 2, 3));
    assert_null(mem_dup("x", SIZE_MAX));
    CLEANUP_MEM char *copy = mem_dup("a\0b", 3);
    assert_memory_equal(copy, "a\0b\0", 4);
    CLEANUP_MEM char *empty = mem_dup(NULL, 0);
    assert_string_equal(empty, "");
}

static void test_faults(void **state)
{
    (void)state;
    fault_arm(FAULT_ALLOC, 2);
    void *first = mem_alloc(1);
    assert_non_null(first);
    assert_null(mem_calloc(1, 1));
    void *grown = mem_realloc(first, 2, 1);
    assert_non_null(grown);
    mem_free(grown);
    assert_int_equal(fault_count(FAULT_ALLOC), 3);
    fault_disarm();
    void *third = mem_alloc(1);
    assert_non_null(third);
    mem_free(third);
    assert_int_equal(fault_count(FAULT_ALLOC), 3);
}

static void test_arena(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const size_t sizes[] = {0, 1, 16, 17, 5000, 3, 100000, 7, 3000000, 9, 16 * 1024};
    char *made[ARRAY_LEN(sizes)];
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        made[i] = arena_alloc(&arena, sizes[i]);
        assert_non_null(made[i]);
        assert_int_equal((uintptr_t)made[i] % 16, 0);
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(made[i][j], 0);
        memset(made[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(made[i][j], (int)i + 1);
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 16));
    assert_null(arena_array(&arena, SIZE_MAX / 4, 8));
    struct str copy = arena_str(&arena, STR("a\0b"));
    assert_int_equal(copy.len, 3);
    assert_memory_equal(copy.ptr, "a\0b\0", 4);
    assert_string_equal(arena_str(&arena, STR_NONE).ptr, "");
    assert_string_equal(arena_printf(&arena, "%s-%d-%300d", "x", 5, 7) + 300, "   7");
    arena_done(&arena);
    assert_null(arena.chunks);
    assert_int_equal(arena.used_bytes, 0);
}

static void test_arena_many(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    uint32_t *all[10000];
    for (uint32_t i = 0; i < 10000; i++) {
        all[i] = ARENA_ARRAY(&arena, 1 + i % 50, uint32_t);
        assert_non_null(all[i]);
        all[i][i % 50] = i;
    }
    for (uint32_t i = 0; i < 10000; i++)
        assert_int_equal(all[i][i % 50], i);
}

/* What is taken over is not copied, and goes with the arena (LeakSanitizer tells). */
static void test_arena_take(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf buf CLEANUP_BUF = BUF_INIT;
    assert_string_equal(arena_take_buf(&arena, &buf).ptr, "");
    for (int i = 0; i < 3; i++) {
        buf_addf(&buf, "block %d", i);
        const char *before = buf.ptr;
        struct str taken = arena_take_buf(&arena, &buf);
        assert_ptr_equal(taken.ptr, before);
        assert_int_equal(taken.len, 7);
        assert_null(buf.ptr);
    }
    buf_add_z(&buf, "kept");
    for (size_t i = 0; i < 4096; i++)
        assert_non_null(arena_alloc(&arena, 1024));
    buf.failed = true;
    assert_null(arena_take_buf(&arena, &buf).ptr);
    assert_null(arena_buf(&arena, &buf).ptr);
    assert_non_null(buf.ptr);
}

static void test_arena_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        fault_arm(FAULT_ALLOC, n);
        bool ok = arena_alloc(&arena, 100) && arena_alloc(&arena, 1 << 20) && arena_printf(&arena, "%40000d", 1) &&
                  arena_str(&arena, STR("x")).ptr;
        fault_disarm();
        if (ok) {
            assert_int_equal(n, 4);
            return;
        }
    }
}

static void test_vec(void **state)
{
    (void)state;
    VEC(struct str)
    names = {0};
    for (size_t i = 0; i < 1000; i++) {
        struct str *fresh = VEC_ADD(&names);
        if (!fresh)
            fail_msg("no memory");
        else
            *fresh = fresh->ptr ? STR("not cleared") : str_of(NULL, i);
    }
    assert_int_equal(names.len, 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(names.ptr[i].len, i);
    assert_true(VEC_PUSH(&names, STR("x")));
    assert_string_equal(names.ptr[1000].ptr, "x");
    size_t cap = names.cap;
    while (names.len < cap)
        assert_true(VEC_PUSH(&names, STR_NONE));
    fault_arm(FAULT_ALLOC, 1);
    assert_null(VEC_ADD(&names));
    assert_false(VEC_PUSH(&names, STR_NONE) && names.len != cap + 1);
    fault_disarm();
    VEC_DONE(&names);
    assert_null(names.ptr);
    assert_int_equal(names.len + names.cap, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap),       cmocka_unit_test(test_faults),       cmocka_unit_test(test_arena),
        cmocka_unit_test(test_arena_many), cmocka_unit_test(test_arena_faults), cmocka_unit_test(test_vec),
        cmocka_unit_test(test_arena_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
