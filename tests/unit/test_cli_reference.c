/* SPDX-License-Identifier: Apache-2.0 */
/* Pages are compared as a whole in tests/data/cli/help.test; here: that a page cut short is never taken for whole. */
#include "../cli/hull_echo.h"
#include "base/fault.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/reference.h"
#include "cli/render.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static const struct operation *const items[] = {&hull_echo_operation, &cli_help_operation, &cli_version_operation,
                                                &cli_completion_operation, NULL};
static const struct op_table table = {items};

static void make(unsigned what, struct buf *out)
{
    struct text_out text = {.buf = out, .width = 80};
    const struct operation *operation = what % 2 ? &hull_echo_operation : NULL;
    if (what < 6)
        reference_write(&text, (enum reference_style)(what / 2), &table, operation, "1.2.3");
    else if (what == 6)
        completion_bash(out, &table);
    else if (what == 7)
        completion_zsh(out, &table);
    else if (what == 8)
        completion_fish(out, &table);
    else
        cli_render_error(out, &(struct err){.code = ERR_IO, .message = "m", .hint = "h"}, what == 9, true);
}

static void test_every_allocation_can_fail(void **state)
{
    (void)state;
    for (unsigned what = 0; what < 11; what++) {
        CLEANUP_BUF struct buf whole = BUF_INIT;
        make(what, &whole);
        assert_int_equal(buf_check(&whole, NULL), 0);
        bool failed = true;
        for (uint64_t n = 1; failed; n++) {
            CLEANUP_BUF struct buf out = BUF_INIT;
            fault_arm(FAULT_ALLOC, n);
            make(what, &out);
            fault_disarm();
            failed = out.failed;
            if (!failed && !str_eq(buf_str(&out), buf_str(&whole)))
                fail_msg("page %u: allocation %u failed, and the page looks whole", what, (unsigned)n);
            assert_true(n < 2000);
        }
    }
}

static void test_render_error(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = {.code = ERR_DIGEST, .message = "'x' is \"bad\"", .hint = ""};
    cli_render_error(&out, &err, true, false);
    cli_render_error(&out, &err, false, false);
    cli_render_warning(&out, STR("w\n"), false, false);
    cli_render_warning(&out, STR("w\n"), true, false);
    assert_string_equal(buf_z(&out), "{\"error\":{\"code\":\"digest\",\"message\":\"'x' is \\\"bad\\\"\"}}\n"
                                     "barehull: error: 'x' is \"bad\"\n"
                                     "barehull: warning: w\\x0a\n"
                                     "{\"warning\":{\"message\":\"w\\n\"}}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_allocation_can_fail),
        cmocka_unit_test(test_render_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
