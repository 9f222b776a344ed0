/* SPDX-License-Identifier: Apache-2.0 */
/* Over real sockets of this process: what the kernel queues answers in place of a server. */
#include "probe/ask.h"
#include "probe/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)

/* A listening abstract Unix socket that nobody accepts from; NAME gets its URL. */
static int listen_quietly(char name[64], int queue)
{
    struct address address;
    snprintf(name, 64, "unix:@barehull-test-%d-%d:/readyz", (int)getpid(), queue);
    struct text path = text_behind(text_of(name), 5);
    assert_true(address_unix(text_head(path, text_find(path, ':')), &address));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, &address.any, address.len), 0);
    assert_int_equal(listen(fd, queue), 0);
    return fd;
}

static uint64_t ask_url(const char *url, uint64_t timeout_ms, struct answer *ret_answer)
{
    struct target target = {0};
    assert_null(target_from_url(text_of(url), &target).cause);
    uint64_t start = sys_now_ns();
    ask(&target, start + timeout_ms * MS, ret_answer);
    return (sys_now_ns() - start) / MS;
}

static void test_nobody_answers(void **state)
{
    (void)state;
    char name[64];
    struct answer answer;
    int fd = listen_quietly(name, 5);
    uint64_t took = ask_url(name, 150, &answer);
    assert_int_equal(answer.end, ASK_TIMED_OUT);
    assert_int_equal(answer.stage, ASK_READING);
    assert_in_range(took, 149, 400);
    close(fd);
}

/* The queue holds one connection; the second would wait for ever, if there were no deadline. */
static void test_full_queue(void **state)
{
    (void)state;
    char name[64];
    struct answer answer;
    int fd = listen_quietly(name, 0);
    struct address address;
    struct text path = text_behind(text_of(name), 5);
    address_unix(text_head(path, text_find(path, ':')), &address);
    int first = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(first, &address.any, address.len), 0);
    uint64_t took = ask_url(name, 100, &answer);
    assert_int_equal(answer.end, ASK_TIMED_OUT);
    assert_int_equal(answer.stage, ASK_CONNECTING);
    assert_in_range(took, 99, 350);
    close(first);
    close(fd);
}

static void test_refused(void **state)
{
    (void)state;
    struct answer answer;
    ask_url("unix:/nonexistent/socket:/x", 1000, &answer);
    assert_int_equal(answer.end, ASK_REFUSED);
    assert_int_equal(answer.error, ENOENT);
    ask_url("http://localhost:1/x", 1000, &answer);
    assert_int_equal(answer.end, ASK_REFUSED);
    assert_int_equal(answer.error, ECONNREFUSED);
    ask_url("unix:/dev/null:/x", 1000, &answer);
    assert_int_equal(answer.end, ASK_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_answers),
        cmocka_unit_test(test_full_queue),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
