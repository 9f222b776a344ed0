/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/data/cli/arguments.test can't see: states after failure, and memory that runs out. */
#include "../cli/hull_echo.h"
#include "base/fault.h"
#include "cli/args.h"
#include "cli/commands.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static const struct operation *const items[] = {&hull_echo_operation, &cli_version_operation, NULL};
static const struct op_table table = {items};

static int parse(struct arena *arena, struct cli_args *args, struct err *err, const char *const *words)
{
    char *argv[32];
    int argc = 0;
    argv[argc++] = (char *)(uintptr_t) "barehull";
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    return cli_args_parse(&table, argc, argv, arena, NULL, args, err);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_no_command(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct cli_args args;
    assert_int_equal(parse(&arena, &args, NULL, (const char *const[]){NULL}), 0);
    assert_null(args.operation);
    assert_false(args.common.help);
    assert_int_equal(args.common.format, CLI_FORMAT_TEXT);
}

static void test_help_stops(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct cli_args args;
    assert_int_equal(parse(&arena, &args, NULL, WORDS("echo", "--help", "--unknown")), 0);
    assert_ptr_equal(args.operation, &hull_echo_operation);
    assert_true(args.common.help);
    assert_int_equal(parse(&arena, &args, NULL, WORDS("-qhz")), 0);
    assert_true(args.common.help && args.common.quiet);
    assert_int_equal(parse(&arena, &args, NULL, WORDS("--help=false", "version")), 0);
    assert_ptr_equal(args.operation, &cli_version_operation);
    assert_int_equal(parse(&arena, &args, NULL, WORDS("echo", "--", "--help")), 0);
    assert_false(args.common.help);
}

/* Who renders the error needs what was read before it. */
static void test_failure_keeps_what_was_read(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct cli_args args;
    struct err err = ERR_INIT;
    assert_int_equal(parse(&arena, &args, &err, WORDS("--color", "never", "echo", "--bad")), -ERR_USAGE);
    assert_int_equal(args.common.color, CLI_COLOR_NEVER);
    assert_ptr_equal(args.operation, &hull_echo_operation);
    assert_string_equal(err.message, "unknown option '--bad'");
    assert_string_equal(err.hint, "see 'barehull echo --help'");
}

static void test_ask_for_json(void **state)
{
    (void)state;
    char name[] = "b", format[] = "--format", json[] = "json", joined[] = "--format=json", end[] = "--",
         text[] = "text";
    assert_true(cli_args_ask_for_json(3, (char *[]){name, format, json}));
    assert_true(cli_args_ask_for_json(2, (char *[]){name, joined}));
    assert_false(cli_args_ask_for_json(2, (char *[]){name, format}));
    assert_false(cli_args_ask_for_json(3, (char *[]){name, format, text}));
    assert_false(cli_args_ask_for_json(3, (char *[]){name, end, joined}));
    assert_false(cli_args_ask_for_json(1, (char *[]){name}));
}

static void test_every_allocation_can_fail(void **state)
{
    (void)state;
    int rc = -1;
    for (uint64_t n = 1; rc; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct cli_args args;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        rc = parse(&arena, &args, &err, WORDS("echo", "w", "x", "y", "-m", "a=b", "--argv", "[\"a\"]", "-l", "1"));
        fault_disarm();
        assert_true(rc == 0 || rc == -ERR_NOMEM);
        assert_true(n < 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_command),
        cmocka_unit_test(test_help_stops),
        cmocka_unit_test(test_failure_keeps_what_was_read),
        cmocka_unit_test(test_ask_for_json),
        cmocka_unit_test(test_every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
