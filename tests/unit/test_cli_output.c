/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/color.h"
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_whole(void **state)
{
    (void)state;
    int ends[2];
    char seen[16] = "";
    bool left = true;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(cli_write(ends[1], "pipe", STR("text"), &left, NULL), 0);
    assert_int_equal(read(ends[0], seen, sizeof(seen)), 4);
    assert_string_equal(seen, "text");
    assert_int_equal(cli_write(ends[1], "pipe", STR_NONE, &left, NULL), 0);
    close(ends[0]);
    close(ends[1]);
}

static void test_reader_left(void **state)
{
    (void)state;
    int ends[2];
    bool left = false;
    struct err err = ERR_INIT;
    (void)signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    assert_int_equal(cli_write(ends[1], "standard output", STR("text"), &left, &err), -ERR_IO);
    assert_true(left);
    assert_string_equal(err.message, "can't write to standard output: Broken pipe");
    close(ends[1]);
}

static void test_full(void **state)
{
    (void)state;
    bool left = true;
    struct err err = ERR_INIT;
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(cli_write(fd, "standard output", STR("text"), &left, &err), -ERR_NO_SPACE);
    assert_false(left);
    close(fd);
}

/* A pipe that somebody made non-blocking is waited for. */
static void test_slow_reader(void **state)
{
    (void)state;
    static char text[200000];
    memset(text, 'x', sizeof(text));
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        bool left = false;
        close(ends[0]);
        _exit(cli_write(ends[1], "pipe", str_of(text, sizeof(text)), &left, NULL) ? 1 : 0);
    }
    close(ends[1]);
    size_t seen = 0;
    static char piece[65536];
    for (ssize_t count = 1; count != 0;) {
        count = read(ends[0], piece, sizeof(piece));
        seen += count > 0 ? (size_t)count : 0;
        if (count < 0 && errno == EAGAIN)
            (void)usleep(1000);
    }
    assert_int_equal(seen, sizeof(text));
    close(ends[0]);
}

static void test_colour(void **state)
{
    (void)state;
    struct config_env plain = {0}, none = {.no_color = true, .force_color = true}, force = {.force_color = true};
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_false(cli_use_color(CLI_COLOR_AUTO, &plain, fd));
    assert_true(cli_use_color(CLI_COLOR_ALWAYS, &none, fd));
    assert_false(cli_use_color(CLI_COLOR_NEVER, &force, fd));
    assert_true(cli_use_color(CLI_COLOR_AUTO, &force, fd));
    assert_false(cli_use_color(CLI_COLOR_AUTO, &none, fd));
    assert_int_equal(cli_terminal_width(&plain, fd), 80);
    plain.columns = 132;
    assert_int_equal(cli_terminal_width(&plain, fd), 132);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),       cmocka_unit_test(test_reader_left), cmocka_unit_test(test_full),
        cmocka_unit_test(test_slow_reader), cmocka_unit_test(test_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
