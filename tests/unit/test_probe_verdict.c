/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/verdict.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define URL "http://127.0.0.1:8080/x"

static void check(enum question question, const struct answer *answer, enum verdict verdict, const char *words)
{
    static struct line line;
    struct settings settings = {.question = question, .timeout_ms = 1500};
    line.len = 0;
    assert_null(target_from_url(TEXT(URL), &settings.target).cause);
    enum verdict got = verdict_of_answer(&settings, answer, &line);
    if (got != verdict || !text_eq(line_text(&line), text_of(words)))
        fail_msg("%d, '%.*s' instead of %d, '%s'", got, (int)line.len, line.bytes, verdict, words);
}

static void answered(enum question question, const char *text, enum verdict verdict, const char *words)
{
    struct answer answer = {.end = ASK_ANSWERED, .stage = ASK_READING};
    response_init(&answer.response);
    response_feed(&answer.response, text, strlen(text));
    response_close(&answer.response, false);
    check(question, &answer, verdict, words);
}

static void test_answers(void **state)
{
    (void)state;
    static const char busy[] = "HTTP/1.1 503 Busy\r\n\r\ndraining\n";
    answered(QUESTION_READY, "HTTP/1.1 204 x\r\n\r\n", VERDICT_HEALTHY, "ready: '" URL "' answered 204");
    answered(QUESTION_LIVE, "HTTP/1.1 200 x\r\n\r\nok", VERDICT_HEALTHY, "live: '" URL "' answered 200");
    answered(QUESTION_STARTUP, "HTTP/1.1 299 x\r\n\r\n", VERDICT_HEALTHY, "up: '" URL "' answered 299");
    answered(QUESTION_READY, busy, VERDICT_NOT_READY, "not ready: '" URL "' answered 503: draining");
    answered(QUESTION_STARTUP, busy, VERDICT_NOT_READY, "not up yet: '" URL "' answered 503: draining");
    answered(QUESTION_LIVE, busy, VERDICT_BROKEN, "not live: '" URL "' answered 503: draining");
    answered(QUESTION_READY, "HTTP/1.1 500 x\r\n\r\n\x1b[2J\xff", VERDICT_BROKEN,
             "wrong answer: '" URL "' answered 500: ?[2J?");
    answered(QUESTION_READY, "HTTP/1.1 301 x\r\n\r\nmoved", VERDICT_BROKEN,
             "wrong answer: '" URL "' answered 301, and redirects are not followed");
    answered(QUESTION_READY, "", VERDICT_BROKEN, "wrong answer: '" URL "' closed the connection without an answer");
    answered(QUESTION_READY, "HTTP/1.1", VERDICT_BROKEN,
             "wrong answer: '" URL "' closed the connection before the answer was complete");
    answered(QUESTION_READY, "HTTP/1.1\n", VERDICT_BROKEN, "wrong answer: '" URL "' answered with malformed HTTP");
    answered(QUESTION_READY, "\x16\x03", VERDICT_BROKEN, "wrong answer: '" URL "' speaks TLS, not HTTP");
    answered(QUESTION_READY, "hello", VERDICT_BROKEN, "wrong answer: '" URL "' does not speak HTTP/1");
}

static void test_others(void **state)
{
    (void)state;
    struct answer answer = {.end = ASK_REFUSED, .error = ECONNREFUSED};
    check(QUESTION_READY, &answer, VERDICT_REFUSED, "refused: '" URL "' takes no connections");
    answer.error = ENOENT;
    check(QUESTION_READY, &answer, VERDICT_REFUSED, "refused: '" URL "' is not there");
    answer = (struct answer){.end = ASK_TIMED_OUT};
    check(QUESTION_LIVE, &answer, VERDICT_TIMED_OUT, "timed out: '" URL "' took no connection within 1500 ms");
    answer.stage = ASK_SENDING;
    check(QUESTION_LIVE, &answer, VERDICT_TIMED_OUT, "timed out: '" URL "' did not read the request within 1500 ms");
    answer.stage = ASK_READING;
    check(QUESTION_LIVE, &answer, VERDICT_TIMED_OUT, "timed out: '" URL "' did not answer within 1500 ms");
    answer.response.head_bytes = 1;
    check(QUESTION_LIVE, &answer, VERDICT_TIMED_OUT, "timed out: '" URL "' did not complete its answer within 1500 ms");
    answer = (struct answer){.end = ASK_FAILED, .error = EACCES};
    check(QUESTION_READY, &answer, VERDICT_BROKEN, "not reachable: '" URL "': permission denied");
    answer.error = ENETUNREACH;
    check(QUESTION_READY, &answer, VERDICT_BROKEN, "not reachable: '" URL "': no route to it (errno 101)");
    answer.error = EMFILE;
    check(QUESTION_READY, &answer, VERDICT_BROKEN, "not reachable: '" URL "' (errno 24)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
