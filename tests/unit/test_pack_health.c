/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "pack/health.h"
#include "probes/programs.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECOND_NS 1000000000LL

static void assert_test(const struct oci_healthcheck *health, const char *const *words)
{
    size_t count = 0;
    for (; words[count]; count++)
        assert_true(count < health->test.count && str_eq_z(health->test.items[count], words[count]));
    assert_int_equal(health->test.count, count);
}

static void test_nothing(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct build_options options = {.app = STR("/x/y")};
    struct oci_healthcheck health = {.retries = 9};
    assert_int_equal(health_make(&arena, &options, &health, NULL), 0);
    assert_null(health.test.items);
    assert_int_equal(health.retries, 0);
}

static void test_defaults(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct build_options options = {.health = STR("http://127.0.0.1:3000/health")};
    struct oci_healthcheck health;
    assert_int_equal(health_make(&arena, &options, &health, NULL), 0);
    assert_test(&health, (const char *const[]){"CMD", "/app/healthcheck", "http://127.0.0.1:3000/health", NULL});
    assert_int_equal(health.interval_ns, 30 * SECOND_NS);
    assert_int_equal(health.timeout_ns, 3 * SECOND_NS);
    assert_int_equal(health.start_period_ns, 10 * SECOND_NS);
    assert_int_equal(health.start_interval_ns, 0);
    assert_int_equal(health.retries, 3);
}

static void test_forms(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct build_options options = {.health = STR("/healthz?full=1"),
                                    .health_interval = STR("1m30s"),
                                    .health_timeout = STR("1500ms"),
                                    .health_start_period = STR("0s"),
                                    .health_retries = 5};
    struct oci_healthcheck health;
    assert_int_equal(health_make(&arena, &options, &health, NULL), 0);
    assert_test(&health,
                (const char *const[]){"CMD", "/app/healthcheck", "/healthz?full=1", "--timeout", "1500ms", NULL});
    assert_int_equal(health.interval_ns, 90 * SECOND_NS);
    assert_int_equal(health.timeout_ns, 5 * SECOND_NS / 2);
    assert_int_equal(health.start_period_ns, 0);
    assert_int_equal(health.retries, 5);
    static const char *const urls[] = {"http://localhost:8080", "http://[::1]:8080/x", "unix:/run/a.sock",
                                       "unix:/run/a.sock:/h",   "unix:@abstract",      "http://0.0.0.0:80/"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        options.health = str_z(urls[i]);
        assert_int_equal(health_make(&arena, &options, &health, NULL), 0);
        assert_true(str_eq_z(health.test.items[2], urls[i]));
    }
}

static void assert_refused(struct build_options options, const char *message)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct oci_healthcheck health;
    struct err err = ERR_INIT;
    assert_int_equal(health_make(&arena, &options, &health, &err), -ERR_USAGE);
    assert_string_equal(err.message, message);
    assert_true(err.hint[0] != '\0');
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *message;
    } urls[] = {
        {"https://127.0.0.1/health", "--health: TLS is not spoken: serve health in clear on loopback or a Unix socket, "
                                     "not at 'https://127.0.0.1/health'"},
        {"http://app.example.org/", "--health: neither an IP address nor 'localhost' (names are not looked up): "
                                    "'app.example.org'"},
        {"http://127.0.0.1:0/", "--health: a port is 1 to 65535, not '0'"},
        {"http://u:p@127.0.0.1/", "--health: a user in the URL, where anyone can read it: '@127.0.0.1'"},
        {"127.0.0.1:80", "--health: neither 'http://…', 'unix:…' nor a path: '127.0.0.1:80'"},
        {"/a b", "--health: a space, '#', control or non-ASCII character (write %XX) in '/a b'"},
        {"unix:app.sock", "--health: no path of a socket (absolute, or '@' and a name; at most 107 bytes): 'app.sock'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(urls); i++)
        assert_refused((struct build_options){.health = str_z(urls[i].url)}, urls[i].message);
    static const char *const times[] = {"30", "s", "1d", "-1s", "1.5s", "99999999h", "25h", "50ms", "1s ", " 1s", "0s"};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        char message[64];
        snprintf(message, sizeof(message), "'%s' is no time for --health-interval", times[i]);
        assert_refused((struct build_options){.health = STR("/"), .health_interval = str_z(times[i])}, message);
    }
    assert_refused((struct build_options){.health = STR("/"), .health_timeout = STR("301s")},
                   "'301s' is no time for --health-timeout");
    assert_refused((struct build_options){.health = STR("/"), .health_start_period = STR("soon")},
                   "'soon' is no time for --health-start-period");
    assert_refused((struct build_options){.health_retries = 2}, "there is no health check to set times of");
    assert_refused((struct build_options){.health_interval = STR("1s")}, "there is no health check to set times of");
}

static void test_probe(void **state)
{
    (void)state;
    static const enum elf_machine machines[] = {ELF_MACHINE_AMD64, ELF_MACHINE_ARM64};
    for (size_t i = 0; i < ARRAY_LEN(machines); i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct tree *tree CLEANUP_TREE = NULL;
        struct err err = ERR_INIT;
        const struct probe_program *program = probe_programs;
        assert_int_equal(tree_new(&arena, &tree, &err), 0);
        while (program->architecture && !str_eq_z(elf_machine_info(machines[i])->debian, program->architecture))
            program++;
        if (!program->architecture) { /* this program was built without it */
            assert_int_equal(health_put_probe(tree, machines[i], 7, &err), -ERR_UNSUPPORTED);
            assert_int_equal(tree_count(tree), 1);
            continue;
        }
        assert_int_equal(health_put_probe(tree, machines[i], 7, &err), 0);
        const struct tree_node *node = tree_get(tree, STR("app/healthcheck"));
        assert_non_null(node);
        assert_int_equal(node->mode, 0755);
        assert_int_equal(node->uid, 0);
        assert_int_equal(node->mtime, 7);
        assert_int_equal(node->size_bytes, program->len);
        assert_memory_equal(node->content.ptr, "\177ELF\2\1\1", 7);
        assert_int_equal((unsigned char)node->content.ptr[18], machines[i] == ELF_MACHINE_AMD64 ? 62 : 183);
        assert_int_equal(health_put_probe(tree, machines[i], 7, &err), -ERR_USAGE);
        assert_string_equal(err.message, "the place of the health probe, '/app/healthcheck', is taken by a file of "
                                         "yours");
    }
}

static void test_other_machines_have_none(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(tree_new(&arena, &tree, &err), 0);
    assert_int_equal(health_put_probe(tree, ELF_MACHINE_RISCV64, 0, &err), -ERR_UNSUPPORTED);
    assert_string_equal(err.message, "this barehull carries no health probe for riscv64");
}

static void test_every_allocation_can_fail(void **state)
{
    (void)state;
    struct build_options options = {.health = STR("/"), .health_timeout = STR("5s")};
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct oci_healthcheck health;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        r = health_make(&arena, &options, &health, &err);
        fault_disarm();
        assert_true(r == 0 || r == -ERR_NOMEM);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_other_machines_have_none),
        cmocka_unit_test(test_every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
