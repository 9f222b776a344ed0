/* SPDX-License-Identifier: Apache-2.0 */
#include "proc/run.h"

#include "base/clock.h"
#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct op_ctx plain = {0};

#define SH(script)                                                                                                     \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        "sh", "-c", script, NULL                                                                                       \
    }

static void test_output_and_status(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct proc_result result;
    struct proc_run run = {.program = "sh",
                           .argv = SH("cat; echo told >&2; exit 7"),
                           .input = STR("from memory"),
                           .output = &out,
                           .output_limit_bytes = 100};
    assert_int_equal(proc_run(&run, &plain, &result, &err), 0);
    assert_int_equal(result.exit_status, 7);
    assert_int_equal(result.signal, 0);
    assert_string_equal(result.messages, "told\n");
    assert_string_equal(buf_z(&out), "from memory");
    assert_int_equal(proc_run_checked(&run, &plain, &err), -ERR_PROCESS);
    assert_string_equal(err.message, "'sh' failed with exit status 7: told");
}

static void test_signal(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct proc_run run = {.program = "/bin/sh", .argv = SH("kill -TERM $$"), .output_fd = -1};
    assert_int_equal(proc_run_checked(&run, &plain, &err), -ERR_PROCESS);
    assert_string_equal(err.message, "'/bin/sh' was killed by signal 15");
}

static void test_environment_and_descriptors(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    setenv("BAREHULL_TEST_LEAK", "1", 1);
    int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, on purpose */
    assert_true(leak >= 3);
    int given;
    assert_int_equal(proc_memory_fd("given", STR("through three"), &given, &err), 0);
    struct proc_fd fds[] = {{given, 3}};
    struct proc_run run = {.program = "sh",
                           .argv = SH("cat <&3; echo; echo $BAREHULL_TEST_LEAK$LC_ALL; echo /proc/self/fd/*"),
                           .fds = fds,
                           .fd_count = 1,
                           .output = &out,
                           .output_limit_bytes = 1000};
    assert_int_equal(proc_run_checked(&run, &plain, &err), 0);
    /* The highest is the shell's own listing of the directory. */
    assert_string_equal(buf_z(&out), "through three\nC\n/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 "
                                     "/proc/self/fd/3 /proc/self/fd/4\n");
    close(given);
    close(leak);
}

static void test_find(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(proc_find("barehull-no-such", "/nowhere:/bin", &out, &err), -ERR_NOT_FOUND);
    assert_string_equal(err.message, "program 'barehull-no-such' was not found in '/nowhere:/bin'");
    assert_int_equal(proc_find("./sh", NULL, &out, &err), -ERR_NOT_FOUND);
    assert_int_equal(proc_find("sh", "bin::.:/bin", &out, &err), 0);
    assert_string_equal(buf_z(&out), "/bin/sh");
    struct proc_run run = {.program = "/etc/passwd", .argv = SH(""), .output_fd = -1};
    struct proc_result result = {.exit_status = 42};
    assert_int_equal(proc_run(&run, &plain, &result, &err), -ERR_NOT_FOUND);
    assert_int_equal(result.exit_status, 42);
}

static void test_not_a_program(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    char path[] = "/tmp/barehull-proc-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0755), 0);
    assert_int_equal(write(fd,
                           "\x7f"
                           "ELFnot",
                           7),
                     7);
    close(fd);
    struct proc_run run = {.program = path, .argv = SH(""), .output_fd = -1};
    assert_int_equal(proc_run_checked(&run, &plain, &err), -ERR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "Exec format error"));
    unlink(path);
}

static void test_limits(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct proc_run run = {.program = "sh",
                           .argv = SH("while :; do echo yyyyyyyyyyyyyyyyyyyyyy; done"),
                           .output = &out,
                           .output_limit_bytes = 10000};
    assert_int_equal(proc_run_checked(&run, &plain, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "'sh' wrote more than 10000 bytes");
    struct proc_result result;
    struct proc_run chatty = {.program = "sh",
                              .argv = SH("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done >&2; exit 1"),
                              .output_fd = -1};
    assert_int_equal(proc_run(&chatty, &plain, &result, &err), 0);
    assert_int_equal(result.messages_len, PROC_MESSAGES_MAX);
    assert_non_null(strstr(result.messages, "line 2999\n"));
    assert_int_equal(proc_failure("sh", &result, &err), -ERR_PROCESS);
    assert_true(strlen(err.message) < 450);
}

static void *cancel_later(void *flag)
{
    usleep(50000);
    atomic_store((atomic_bool *)flag, true);
    return NULL;
}

static void test_cancel_and_deadline(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    atomic_bool cancelled = false;
    struct op_ctx ctx = {.cancelled = &cancelled};
    struct proc_run run = {.program = "sh", .argv = SH("sleep 30 & sleep 30"), .output_fd = -1};
    pthread_t thread;
    uint64_t start = clock_monotonic_ns();
    assert_int_equal(pthread_create(&thread, NULL, cancel_later, &cancelled), 0);
    assert_int_equal(proc_run_checked(&run, &ctx, &err), -ERR_CANCELLED);
    pthread_join(thread, NULL);
    assert_true(clock_monotonic_ns() - start < 1000000000ULL);
    struct op_ctx late = {.deadline_ns = clock_monotonic_ns() + 30000000};
    assert_int_equal(proc_run_checked(&run, &late, &err), -ERR_DEADLINE);
}

static void test_grandchild_keeps_pipe(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    uint64_t start = clock_monotonic_ns();
    struct proc_run run = {
        .program = "sh", .argv = SH("sleep 3 & echo first"), .output = &out, .output_limit_bytes = 100};
    assert_int_equal(proc_run_checked(&run, &plain, &err), 0);
    assert_string_equal(buf_z(&out), "first\n");
    assert_true(clock_monotonic_ns() - start < 1000000000ULL);
}

/* A zombie has no command line; who reaps it is not ours. */
static bool is_alive(const char *pid)
{
    char path[64], byte;
    (void)snprintf(path, sizeof(path), "/proc/%.20s/cmdline", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool alive = fd >= 0 && read(fd, &byte, 1) == 1;
    if (fd >= 0)
        close(fd);
    return alive;
}

static void test_grandchild_ends(void **state)
{
    (void)state;
    static const struct proc_confinement confinement = {.no_network = true};
    for (int confined = 0; confined < 2; confined++) {
        struct err err = ERR_INIT;
        struct buf out CLEANUP_BUF = BUF_INIT;
        struct proc_run run = {.program = "sh",
                               .argv = SH("sleep 100 >/dev/null 2>&1 & printf %s $!"),
                               .output = &out,
                               .output_limit_bytes = 100,
                               .confinement = confined ? &confinement : NULL};
        assert_int_equal(proc_run_checked(&run, &plain, &err), 0);
        bool alive = true;
        for (int i = 0; alive && i < 1000; i++) {
            alive = is_alive(buf_z(&out));
            usleep(1000);
        }
        assert_false(alive);
    }
}

static void test_no_processes(void **state)
{
    (void)state;
    static const struct proc_confinement confinement = {.no_processes = true};
    struct err err = ERR_INIT;
    struct proc_result result;
    struct proc_run run = {.program = "sh", .argv = SH("/bin/true; exit 0"), .confinement = &confinement};
    assert_int_equal(proc_run(&run, &plain, &result, &err), 0);
    assert_int_not_equal(result.exit_status, 0);
    assert_non_null(strstr(result.messages, "fork"));
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct err err = ERR_INIT;
        struct buf out CLEANUP_BUF = BUF_INIT;
        struct proc_run run = {.program = "sh", .argv = SH("echo x"), .output = &out, .output_limit_bytes = 10};
        fault_arm(FAULT_ALLOC, n);
        int rc = proc_run_checked(&run, &plain, &err);
        uint64_t passed = fault_count(FAULT_ALLOC);
        fault_disarm();
        if (passed < n) {
            assert_int_equal(rc, 0);
            assert_true(n > 2);
            break;
        }
        assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_output_and_status),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_environment_and_descriptors),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_not_a_program),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_cancel_and_deadline),
        cmocka_unit_test(test_grandchild_keeps_pipe),
        cmocka_unit_test(test_grandchild_ends),
        cmocka_unit_test(test_no_processes),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
