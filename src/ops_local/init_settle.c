/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "init/plan_check.h"
#include "ops_local/init_work.h"

#include <inttypes.h>

int init_check_port(const char *option, struct str value, struct err *err)
{
    uint64_t port;
    if (num_parse_u64(value, &port) && (port == 0 || (port >= 1024 && port <= 65535)))
        return 0;
    return init_refuse(err, option, value, "is neither from 1024 to 65535 nor 0");
}

static void add_list(struct buf *out, struct str_list list)
{
    for (size_t i = 0; i < list.len; i++)
        buf_addf(out, "%s%.*s", i ? ", " : "", STR_ARG(list.ptr[i]));
}

/* "main.go:12 listens on it; also 9090". */
static void add_reason(struct buf *out, const struct survey_answer *answer)
{
    if (answer->value.len == 0)
        return;
    buf_add_str(out, answer->path);
    if (answer->path.len && answer->line)
        buf_addf(out, ":%" PRIu32, answer->line);
    if (answer->why)
        buf_addf(out, "%s%s", out->len ? " " : "", answer->why);
    if (answer->rivals.len) {
        buf_add_z(out, out->len ? "; also " : "also ");
        add_list(out, answer->rivals);
    }
}

static bool accepts(void *self, struct str answer, struct buf *why_not)
{
    const struct init_question *question = self;
    struct err problem = ERR_INIT;
    if (answer.len == 0) {
        if (!question->optional)
            buf_add_z(why_not, "an answer is needed");
        return question->optional;
    }
    if (!question->check || question->check(question->option, answer, &problem) == 0)
        return true;
    buf_add_z(why_not, problem.message);
    return false;
}

static int ask(struct init_work *work, const struct init_question *question, struct err *err)
{
    struct survey_answer *answer = question->answer;
    CLEANUP_BUF struct buf why = BUF_INIT;
    add_reason(&why, answer);
    int r = buf_check(&why, err);
    if (r != 0)
        return r;
    const struct op_question asked = {
        .text = str_z(question->text),
        .suggested = answer->value.len ? answer->value : question->fallback,
        .why = buf_str(&why),
        .accepts = accepts,
        .self = (void *)(uintptr_t)question,
    };
    struct str said = STR_NONE;
    r = work->services->ask(work->services, work->ctx, &asked, &said, err);
    if (r != 0)
        return r;
    if (str_eq(said, answer->value))
        answer->rivals.len = 0;
    else
        *answer = (struct survey_answer){.value = said, .why = "as answered"};
    return 0;
}

int init_settle(struct init_work *work, const struct init_question *question, struct err *err)
{
    struct survey_answer *answer = question->answer;
    if (question->said || (answer->value.len && answer->rivals.len == 0))
        return 0;
    if (work->asks)
        return ask(work, question, err);
    if (answer->value.len) {
        CLEANUP_BUF struct buf rivals = BUF_INIT;
        add_list(&rivals, answer->rivals);
        int r = buf_check(&rivals, err);
        if (r != 0)
            return r;
        op_warn(work->ctx, "%s '%.*s' was taken, and %.*s %s as likely: --%s says which", question->option,
                STR_ARG(answer->value), STR_ARG(buf_str(&rivals)), answer->rivals.len == 1 ? "is" : "are",
                question->option);
        return 0;
    }
    if (question->without)
        op_warn(work->ctx, "%s", question->without);
    return 0;
}
