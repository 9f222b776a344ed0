/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/verdict.h"

#include <errno.h>

static void add_target(struct line *line, const struct target *target)
{
    line_add(line, TEXT(" '"));
    line_add_foreign(line, target_place(target));
    line_add(line, target->addresses[0].any.sa_family == AF_UNIX ? TEXT(":") : TEXT(""));
    line_add_foreign(line, target->path);
    line_add(line, TEXT("'"));
}

static void add_status(struct line *line, const struct settings *settings, const struct response *response)
{
    struct text excerpt = response_excerpt(response);
    add_target(line, &settings->target);
    line_add(line, TEXT(" answered "));
    line_add_number(line, response->status);
    if (response->status / 100 == 3)
        line_add(line, TEXT(", and redirects are not followed"));
    else if (response->status / 100 != 2 && excerpt.len > 0) {
        line_add(line, TEXT(": "));
        line_add_foreign(line, excerpt);
    }
}

static enum verdict judge_status(const struct settings *settings, const struct response *response, struct line *line)
{
    static const struct {
        char good[8], bad[12];
    } words[] = {
        [QUESTION_READY] = {"ready:", "not ready:"},
        [QUESTION_LIVE] = {"live:", "not live:"},
        [QUESTION_STARTUP] = {"up:", "not up yet:"},
    };
    enum verdict verdict = response->status / 100 == 2 ? VERDICT_HEALTHY : VERDICT_BROKEN;
    if (verdict == VERDICT_HEALTHY) {
        line_add(line, text_of(words[settings->question].good));
    } else if (response->status == 503) {
        verdict = settings->question == QUESTION_LIVE ? VERDICT_BROKEN : VERDICT_NOT_READY;
        line_add(line, text_of(words[settings->question].bad));
    } else {
        line_add(line, TEXT("wrong answer:"));
    }
    add_status(line, settings, response);
    return verdict;
}

static struct text fault_text(enum response_fault fault)
{
    switch (fault) {
    case RESPONSE_EMPTY:
        return TEXT(" closed the connection without an answer");
    case RESPONSE_CUT:
        return TEXT(" closed the connection before the answer was complete");
    case RESPONSE_TLS:
        return TEXT(" speaks TLS, not HTTP");
    case RESPONSE_NOT_HTTP:
        return TEXT(" does not speak HTTP/1");
    case RESPONSE_HEAD_TOO_LONG:
        return TEXT(" answered with a head longer than 65536 bytes");
    case RESPONSE_MALFORMED:
    default:
        return TEXT(" answered with malformed HTTP");
    }
}

static void tell_timeout(const struct settings *settings, const struct answer *answer, struct line *line)
{
    line_add(line, TEXT("timed out:"));
    add_target(line, &settings->target);
    if (answer->stage == ASK_CONNECTING)
        line_add(line, TEXT(" took no connection"));
    else if (answer->stage == ASK_SENDING)
        line_add(line, TEXT(" did not read the request"));
    else if (answer->response.head_bytes == 0)
        line_add(line, TEXT(" did not answer"));
    else
        line_add(line, TEXT(" did not complete its answer"));
    line_add(line, TEXT(" within "));
    line_add_number(line, settings->timeout_ms);
    line_add(line, TEXT(" ms"));
}

static void tell_failure(const struct settings *settings, int error, struct line *line)
{
    line_add(line, TEXT("not reachable:"));
    add_target(line, &settings->target);
    if (error == EACCES || error == EPERM) {
        line_add(line, TEXT(": permission denied"));
    } else {
        bool route = error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL;
        bool family = error == EAFNOSUPPORT;
        line_add(line, route ? TEXT(": no route to it") : family ? TEXT(": no such address family here") : TEXT(""));
        line_add(line, TEXT(" (errno "));
        line_add_number(line, (uint64_t)error);
        line_add(line, TEXT(")"));
    }
}

enum verdict verdict_of_answer(const struct settings *settings, const struct answer *answer, struct line *line)
{
    switch (answer->end) {
    case ASK_REFUSED:
        line_add(line, TEXT("refused:"));
        add_target(line, &settings->target);
        line_add(line, answer->error == ENOENT ? TEXT(" is not there") : TEXT(" takes no connections"));
        return VERDICT_REFUSED;
    case ASK_TIMED_OUT:
        tell_timeout(settings, answer, line);
        return VERDICT_TIMED_OUT;
    case ASK_ANSWERED:
        if (answer->response.state == RESPONSE_DONE)
            return judge_status(settings, &answer->response, line);
        line_add(line, TEXT("wrong answer:"));
        add_target(line, &settings->target);
        line_add(line, fault_text(answer->response.fault));
        return VERDICT_BROKEN;
    case ASK_FAILED:
    default:
        tell_failure(settings, answer->error, line);
        return VERDICT_BROKEN;
    }
}

void verdict_of_mistake(const struct settings *settings, struct line *line)
{
    line_add(line, TEXT("misconfigured: "));
    line_add(line, text_of(settings->fault.cause));
    line_add(line, TEXT(" '"));
    line_add_foreign(line, settings->fault.subject);
    line_add(line, TEXT("'"));
}
