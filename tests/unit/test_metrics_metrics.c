/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/metrics.h"

#include "base/fault.h"
#include "base/limits.h"

#include <setjmp.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { REQUESTS, ANSWERS, OPEN, SECONDS };

static const uint64_t bounds[] = {25000, 1000000, 2500000000, 0};

static const struct metric_family families[] = {
    [REQUESTS] = {"requests_total",
                  "Requests with a \\ in it,\nand a \"line\" end.",
                  METRIC_COUNTER,
                  {"route", "code"}},
    [ANSWERS] = {"answers_total", "Answers.", METRIC_COUNTER},
    [OPEN] = {"open", "What is open.", METRIC_GAUGE, {"kind"}},
    [SECONDS] = {"seconds", "How long.", METRIC_HISTOGRAM, {"route"}, bounds},
    {NULL},
};

static struct metrics *make(void)
{
    struct metrics *metrics = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(metrics_new(families, &metrics, &err), 0);
    return metrics;
}

static struct metric *request(struct metrics *metrics, struct str route, struct str code)
{
    return metrics_series(metrics, REQUESTS, (struct str[]){route, code});
}

static void assert_page(struct metrics *metrics, const char *expected)
{
    CLEANUP_BUF struct buf page = BUF_INIT;
    metrics_write(metrics, &page);
    assert_int_equal(buf_check(&page, NULL), 0);
    assert_string_equal(buf_z(&page), expected);
}

#define HEAD_REQUESTS                                                                                                  \
    "# HELP requests_total Requests with a \\\\ in it,\\nand a \"line\" end.\n# TYPE requests_total counter\n"
#define HEAD_ANSWERS "# HELP answers_total Answers.\n# TYPE answers_total counter\n"
#define HEAD_OPEN    "# HELP open What is open.\n# TYPE open gauge\n"
#define HEAD_SECONDS "# HELP seconds How long.\n# TYPE seconds histogram\n"

static void test_empty(void **state)
{
    (void)state;
    struct metrics *metrics = make();
    assert_page(metrics, HEAD_REQUESTS HEAD_ANSWERS "answers_total 0\n" HEAD_OPEN HEAD_SECONDS);
    metrics_free(metrics);
    metrics_free(NULL);
}

static void test_page(void **state)
{
    (void)state;
    struct metrics *metrics = make();
    metric_add(request(metrics, STR("/v1"), STR("404")), 1);
    metric_add(request(metrics, STR("/"), STR("200")), 41);
    metric_add(request(metrics, STR("/"), STR("200")), 1);
    request(metrics, STR("/"), STR("")); /* asked for is there */
    metric_add(metrics_series(metrics, ANSWERS, NULL), UINT64_MAX);
    metric_change(metrics_series(metrics, OPEN, &STR("down")), -3);
    metric_set(metrics_series(metrics, OPEN, &STR("set")), INT64_MIN);
    struct metric *up = metrics_series(metrics, OPEN, &STR("up"));
    metric_change(up, 3);
    metric_change(up, -1);
    struct metric *seconds = metrics_series(metrics, SECONDS, &STR("/"));
    metric_observe(seconds, 0);
    metric_observe(seconds, 25000);      /* a bound belongs to its bucket */
    metric_observe(seconds, 25001);      /* and what is above does not */
    metric_observe(seconds, 2500000001); /* above all */
    assert_int_equal(metric_value(seconds), 4);
    assert_int_equal(metric_value(request(metrics, STR("/"), STR("200"))), 42);
    assert_page(metrics,
                HEAD_REQUESTS "requests_total{route=\"/\",code=\"\"} 0\n"
                              "requests_total{route=\"/\",code=\"200\"} 42\n"
                              "requests_total{route=\"/v1\",code=\"404\"} 1\n" HEAD_ANSWERS
                              "answers_total 18446744073709551615\n" HEAD_OPEN "open{kind=\"down\"} -3\n"
                              "open{kind=\"set\"} -9223372036854775808\n"
                              "open{kind=\"up\"} 2\n" HEAD_SECONDS "seconds_bucket{route=\"/\",le=\"0.000025\"} 2\n"
                              "seconds_bucket{route=\"/\",le=\"0.001\"} 3\n"
                              "seconds_bucket{route=\"/\",le=\"2.5\"} 3\n"
                              "seconds_bucket{route=\"/\",le=\"+Inf\"} 4\n"
                              "seconds_sum{route=\"/\"} 2.500050002\n"
                              "seconds_count{route=\"/\"} 4\n");
    metrics_free(metrics);
}

static void test_escaping(void **state)
{
    (void)state;
    struct metrics *metrics = make();
    metric_add(request(metrics, STR("a\"b\\c\nd"), STR("\t\xC3\xA9")), 7);
    assert_page(metrics, HEAD_REQUESTS "requests_total{route=\"a\\\"b\\\\c\\nd\",code=\"\t\xC3\xA9\"} 7\n" HEAD_ANSWERS
                                       "answers_total 0\n" HEAD_OPEN HEAD_SECONDS);
    metrics_free(metrics);
}

static void test_same_series(void **state)
{
    (void)state;
    struct metrics *metrics = make();
    char route[] = "/v1/rules";
    struct metric *metric = request(metrics, str_z(route), STR("200"));
    route[1] = 'X'; /* what was given is copied */
    assert_true(str_eq_z(metric_label(metric, 0), "/v1/rules"));
    assert_true(str_eq_z(metric_label(metric, 1), "200"));
    assert_ptr_equal(request(metrics, STR("/v1/rules"), STR("200")), metric);
    assert_ptr_not_equal(request(metrics, str_z(route), STR("200")), metric);
    assert_ptr_not_equal(request(metrics, STR("/v1/rules2"), STR("00")), metric); /* no mere joining */
    assert_ptr_equal(request(metrics, STR("other"), STR("other")), request(metrics, STR("\xFF"), STR("200")));
    metrics_free(metrics);
}

static void test_folding(void **state)
{
    (void)state;
    struct metrics *metrics = make();
    char long_name[LIMIT_METRIC_LABEL_BYTES + 1];
    for (size_t i = 0; i < sizeof(long_name); i++)
        long_name[i] = 'x';
    struct metric *others = request(metrics, STR("other"), STR("other"));
    assert_ptr_equal(request(metrics, str_of(long_name, sizeof(long_name)), STR("")), others);
    assert_ptr_not_equal(request(metrics, str_of(long_name, sizeof(long_name) - 1), STR("")), others);
    unsigned own = 1;
    for (unsigned i = 0; i < 2 * LIMIT_METRIC_SERIES; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%u", i);
        struct metric *metric = request(metrics, str_z(text), STR("200"));
        metric_add(metric, 1);
        own += metric != others;
    }
    assert_int_equal(own, LIMIT_METRIC_SERIES - 1);
    assert_int_equal(metric_value(others), LIMIT_METRIC_SERIES + 2);
    assert_int_equal(metric_value(request(metrics, STR("0"), STR("200"))), 1);
    CLEANUP_BUF struct buf page = BUF_INIT;
    metrics_write(metrics, &page);
    assert_true(str_find(buf_str(&page), STR("\nrequests_total{route=\"other\",code=\"other\"} 1026\n")) < page.len);
    metrics_free(metrics);
}

static void test_durations(void **state)
{
    (void)state;
    size_t count = 0;
    for (; metric_buckets_duration[count]; count++)
        assert_true(count == 0 || metric_buckets_duration[count] > metric_buckets_duration[count - 1]);
    assert_int_equal(count, 19);
    assert_int_equal(metric_buckets_duration[0], 25000);
    assert_int_equal(metric_buckets_duration[count - 1], 30000000000);
}

enum { THREADS = 4, TIMES = 5000, KINDS = 50 };

static void *count_much(void *metrics)
{
    for (unsigned i = 0; i < TIMES; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%u", i % KINDS);
        metric_add(request(metrics, str_z(text), STR("200")), 1);
        metric_observe(metrics_series(metrics, SECONDS, &STR("/")), i);
        metric_change(metrics_series(metrics, OPEN, &STR("up")), i % 2 ? -1 : 1);
        if (i % 1000 == 0) {
            CLEANUP_BUF struct buf page = BUF_INIT;
            metrics_write(metrics, &page);
        }
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct metrics *metrics = make();
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_much, metrics), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < KINDS; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%u", i);
        assert_int_equal(metric_value(request(metrics, str_z(text), STR("200"))), THREADS * TIMES / KINDS);
    }
    assert_int_equal(metric_value(metrics_series(metrics, SECONDS, &STR("/"))), THREADS * TIMES);
    assert_int_equal(metric_value(metrics_series(metrics, OPEN, &STR("up"))), 0);
    assert_int_equal(metric_value(request(metrics, STR("other"), STR("other"))), 0);
    metrics_free(metrics);
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        assert_in_range(n, 1, 20);
        struct metrics *metrics = NULL;
        struct err err = ERR_INIT;
        CLEANUP_BUF struct buf page = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        int result = metrics_new(families, &metrics, &err);
        if (result == 0) {
            struct metric *metric = request(metrics, STR("/"), STR("200"));
            metric_add(metric, 1);
            metrics_write(metrics, &page);
        }
        bool reached = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (result < 0) {
            assert_int_equal(err.code, ERR_NOMEM);
            assert_null(metrics);
        } else if (reached && !page.failed) { /* nothing was lost: it went to the others */
            assert_int_equal(metric_value(request(metrics, STR("other"), STR("other"))), 1);
            assert_int_equal(metric_value(request(metrics, STR("/"), STR("200"))), 0);
        } else {
            assert_int_equal(metric_value(request(metrics, STR("/"), STR("200"))), 1);
        }
        metrics_free(metrics);
        if (!reached)
            return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_page),        cmocka_unit_test(test_escaping),
        cmocka_unit_test(test_folding), cmocka_unit_test(test_same_series), cmocka_unit_test(test_durations),
        cmocka_unit_test(test_threads), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
