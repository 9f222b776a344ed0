/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/process.h"

#include "base/clock.h"
#include "base/num.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static uint64_t value_of(const struct buf *page, const char *name)
{
    char line[128];
    snprintf(line, sizeof(line), "\n%s ", name);
    struct str rest = str_skip(buf_str(page), str_find(buf_str(page), str_z(line)) + strlen(line));
    uint64_t value;
    size_t end = str_find_char(rest, '\n');
    if (str_find_char(rest, '.') < end)
        end = str_find_char(rest, '.');
    assert_true(num_parse_u64(str_head(rest, end), &value));
    return value;
}

static void test_values(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf page = BUF_INIT, more = BUF_INIT;
    metrics_write_process(&page);
    assert_int_equal(buf_check(&page, NULL), 0);
    int extra = open("/dev/null", O_RDONLY);
    metrics_write_process(&more);
    close(extra);
    assert_int_equal(value_of(&more, "process_open_fds"), value_of(&page, "process_open_fds") + 1);
    assert_in_range(value_of(&page, "process_max_fds"), 16, UINT64_MAX);
    assert_int_equal(value_of(&page, "process_threads"), 1);
    assert_in_range(value_of(&page, "process_resident_memory_bytes"), 100000, 1ULL << 32);
    assert_in_range(value_of(&page, "process_virtual_memory_bytes"), value_of(&page, "process_resident_memory_bytes"),
                    UINT64_MAX);
    uint64_t now = (uint64_t)clock_unix_seconds();
    assert_in_range(value_of(&page, "process_start_time_seconds"), now - 300, now + 1);
    assert_int_equal(value_of(&page, "process_start_time_seconds"), value_of(&more, "process_start_time_seconds"));
    assert_in_range(value_of(&page, "process_cpu_seconds_total"), 0, 300);
}

static void test_text(void **state)
{
    (void)state;
    static const char *const names[] = {
        "process_cpu_seconds_total counter",
        "process_resident_memory_bytes gauge",
        "process_virtual_memory_bytes gauge",
        "process_threads gauge",
        "process_start_time_seconds gauge",
        "process_open_fds gauge",
        "process_max_fds gauge",
    };
    CLEANUP_BUF struct buf page = BUF_INIT;
    metrics_write_process(&page);
    struct str rest = buf_str(&page), line;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_true(str_next_line(&rest, &line));
        assert_true(str_starts(line, STR("# HELP process_")));
        assert_true(str_next_line(&rest, &line));
        assert_true(str_starts(line, STR("# TYPE ")));
        assert_true(str_eq_z(str_skip(line, 7), names[i]));
        assert_true(str_next_line(&rest, &line));
    }
    assert_false(str_next_line(&rest, &line));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
