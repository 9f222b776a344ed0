/* SPDX-License-Identifier: Apache-2.0 */
#include "base/op.h"

#include "base/clock.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

struct heard {
    int count;
    char text[ERR_MESSAGE_MAX + 64];
};

static void hear_progress(void *self, struct str phase, struct str item, uint64_t done, uint64_t total)
{
    struct heard *heard = self;
    heard->count++;
    snprintf(heard->text, sizeof(heard->text), "%.*s %.*s %d/%d", STR_ARG(phase), STR_ARG(item), (int)done, (int)total);
}

static void hear_warning(void *self, struct str message)
{
    struct heard *heard = self;
    heard->count++;
    snprintf(heard->text, sizeof(heard->text), "%.*s", STR_ARG(message));
}

static void test_check(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    atomic_bool cancelled = false;
    struct op_ctx ctx = {.cancelled = &cancelled};
    assert_int_equal(op_check(&ctx, &err), 0);
    ctx.deadline_ns = clock_monotonic_ns() + 60000000000ULL;
    assert_int_equal(op_check(&ctx, &err), 0);
    ctx.deadline_ns = clock_monotonic_ns();
    assert_int_equal(op_check(&ctx, &err), -ERR_DEADLINE);
    assert_string_equal(err.message, "took longer than its deadline");
    cancelled = true; /* tells more than a deadline */
    assert_int_equal(op_check(&ctx, &err), -ERR_CANCELLED);
    assert_string_equal(err.message, "interrupted");
    atomic_bool part_cancelled = false; /* a part is called off with the whole, the whole not with a part */
    struct op_ctx part = {.cancelled = &part_cancelled, .parent = &ctx};
    assert_int_equal(op_check(&part, &err), -ERR_CANCELLED);
    cancelled = false;
    ctx.deadline_ns = 0;
    assert_int_equal(op_check(&part, &err), 0);
    part_cancelled = true;
    assert_int_equal(op_check(&part, &err), -ERR_CANCELLED);
    assert_int_equal(op_check(&ctx, &err), 0);
    assert_int_equal(op_check(&(struct op_ctx){.deadline_ns = 0}, NULL), 0);
}

static void test_sink(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct op_sink sink = {.progress = hear_progress, .warning = hear_warning, .self = &heard};
    struct op_ctx ctx = {.sink = &sink};
    op_progress(&ctx, STR("downloading"), STR("libc6"), 5, 9);
    assert_string_equal(heard.text, "downloading libc6 5/9");
    op_warn(&ctx, "'%s' is %d years old", "x", 3);
    assert_string_equal(heard.text, "'x' is 3 years old");
    op_warn(&ctx, "%5000d", 1);
    assert_int_equal(strlen(heard.text), ERR_MESSAGE_MAX - 1);
    assert_int_equal(heard.count, 3);
    sink = (struct op_sink){0};
    op_progress(&ctx, STR("x"), STR("y"), 0, 0);
    op_warn(&ctx, "nobody listens");
    op_progress(&(struct op_ctx){0}, STR("x"), STR("y"), 0, 0);
    op_warn(&(struct op_ctx){0}, "nobody listens");
    assert_int_equal(heard.count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
