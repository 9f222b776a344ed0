/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "pack/output.h"

#include <string.h>

#define MAX 4

struct parsed {
    struct arena arena;
    struct str items[MAX];
    struct build_options options;
    struct outputs outputs;
    struct err err;
};

static int parse(struct parsed *parsed, const char *const *texts, size_t count)
{
    *parsed = (struct parsed){.arena = ARENA_INIT, .err = ERR_INIT};
    for (size_t i = 0; i < count; i++)
        parsed->items[i] = str_z(texts[i]);
    parsed->options = (struct build_options){
        .app = STR("./Some_Server"), .name = STR("team/app:1.0"), .outputs = {parsed->items, count}};
    return outputs_parse(&parsed->arena, &parsed->options, 7, &parsed->outputs, &parsed->err);
}

static void test_names(void **state)
{
    (void)state;
    struct parsed parsed;
    assert_int_equal(parse(&parsed, NULL, 0), 0);
    assert_int_equal(parsed.outputs.count, 1);
    assert_string_equal(parsed.outputs.items[0].name.path, "./some-server-image");
    assert_int_equal(parsed.outputs.items[0].name.transport, OCI_TRANSPORT_LAYOUT);
    assert_true(str_eq_z(parsed.outputs.items[0].name.ref, "1.0"));
    assert_true(str_eq_z(parsed.outputs.reference, "team/app:1.0"));
    arena_done(&parsed.arena);

    assert_int_equal(parse(&parsed, (const char *[]){"docker-archive:-", "oci:a", "oci:a:two"}, 3), 0);
    assert_int_equal(parsed.outputs.items[0].stdout_fd, 7);
    assert_int_equal(parsed.outputs.items[0].tags.count, 1);
    assert_true(str_eq_z(parsed.outputs.items[0].tags.items[0], "team/app:1.0"));
    assert_true(str_eq_z(parsed.outputs.items[1].name.ref, "1.0"));
    assert_true(str_eq_z(parsed.outputs.items[2].name.ref, "two"));
    arena_done(&parsed.arena);
}

/* A debug variant never takes the name of the image itself. */
static void test_debug_names(void **state)
{
    (void)state;
    static const char *const names[][2] = {
        {"app", "app:debug"},
        {"app:latest", "app:debug"},
        {"app:1.0", "app:1.0-debug"},
        {"app:debug", "app:debug"},
        {"app:1-debug", "app:1-debug"},
        {"host:5000/a/b", "host:5000/a/b:debug"},
        {"host:5000/a:2", "host:5000/a:2-debug"},
    };
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct str outputs[] = {STR("oci:a"), STR("oci:a:x"), STR("docker-archive:b:team/app:1"),
                            STR("oci-archive:c:latest")};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct build_options options = {
            .app = STR("x"), .name = str_z(names[i][0]), .debug = true, .outputs = {outputs, ARRAY_LEN(outputs)}};
        struct outputs parsed;
        assert_int_equal(outputs_parse(&arena, &options, -1, &parsed, NULL), 0);
        assert_true(str_eq_z(parsed.reference, names[i][1]));
        assert_true(str_ends(str_z(names[i][1]), parsed.items[0].name.ref));
        assert_true(str_eq_z(parsed.items[1].name.ref, "x-debug"));
        assert_true(str_eq_z(parsed.items[2].name.ref, "team/app:1-debug"));
        assert_true(str_eq_z(parsed.items[3].name.ref, "debug"));
    }
    char long_name[140] = "app:";
    memset(long_name + 4, 'x', 125);
    struct build_options options = {.app = STR("x"), .name = str_z(long_name), .debug = true};
    struct outputs parsed;
    struct err err = ERR_INIT;
    assert_int_equal(outputs_parse(&arena, &options, -1, &parsed, &err), -(int)ERR_USAGE);
    assert_non_null(strstr(err.message, "of the debug variant is too long"));
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *texts[MAX];
        const char *message;
    } cases[] = {
        {{"oci-archive:-", "docker-archive:-"}, "two outputs go to '-'"},
        {{"oci-archive:x.tar", "oci:y", "docker-archive:x.tar"}, "two outputs go to 'x.tar'"},
        {{"oci:x", "oci:x"}, "two outputs go to 'x'"},
        {{"oci:x", "oci:x:1.0"}, "two outputs go to 'x'"},
        {{"oci:x", "oci-archive:x"}, "two outputs go to 'x'"},
        {{"x.tar"}, "the output 'x.tar' does not say what to write"},
        {{"oci:"}, "'oci:' has no path"},
        {{""}, "'' has no path"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        size_t count = 0;
        while (cases[i].texts[count])
            count++;
        struct parsed parsed;
        assert_int_equal(parse(&parsed, cases[i].texts, count), -(int)ERR_USAGE);
        assert_string_equal(parsed.err.message, cases[i].message);
        assert_true(parsed.err.hint[0] != '\0');
        assert_int_equal(parsed.outputs.count, 0);
        arena_done(&parsed.arena);
    }
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct parsed parsed;
        fault_arm(FAULT_ALLOC, n);
        int r = parse(&parsed, (const char *[]){"oci:a", "docker-archive:b"}, 2);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        arena_done(&parsed.arena);
        assert_int_equal(r, passed ? 0 : -(int)ERR_NOMEM);
        if (passed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_debug_names),
                                       cmocka_unit_test(test_refuses), cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
