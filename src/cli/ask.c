/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ask.h"

#include "base/limits.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "op/text.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { LOOK_MS = 200 }; /* how long a signal that came just before poll may go unseen */

bool cli_can_ask(int in_fd, int out_fd)
{
    return isatty(in_fd) && isatty(out_fd);
}

static int say(const struct cli_asking *asking, const struct buf *words, struct err *err)
{
    bool reader_left = false;
    int r = buf_check(words, err);
    return r ? r : cli_write(asking->out_fd, "standard error", buf_str(words), &reader_left, err);
}

static void add_list(struct text_out *out, struct str_list list)
{
    for (size_t i = 0; i < list.len; i++) {
        text_z(out, i ? ", " : "");
        text_str(out, list.ptr[i]);
    }
}

static int put_question(const struct cli_asking *asking, const struct op_question *question, struct err *err)
{
    CLEANUP_BUF struct buf words = BUF_INIT;
    struct text_out out = {.buf = &words, .color = asking->color, .width = 80};
    text_style(&out, TEXT_BOLD);
    text_str(&out, question->text);
    text_style(&out, TEXT_PLAIN);
    if (question->choices.len || question->why.len) {
        text_style(&out, TEXT_DIM);
        text_z(&out, " (");
        add_list(&out, question->choices);
        text_z(&out, question->choices.len && question->why.len ? "; " : "");
        text_str(&out, question->why);
        text_z(&out, ")");
        text_style(&out, TEXT_PLAIN);
    }
    if (question->suggested.len) {
        text_z(&out, " [");
        text_style(&out, TEXT_CYAN);
        text_str(&out, question->suggested);
        text_style(&out, TEXT_PLAIN);
        text_z(&out, "]");
    }
    text_z(&out, ": ");
    return say(asking, &words, err);
}

/* One byte, or none at the end of input; looks at CTX meanwhile. */
static int read_byte(const struct cli_asking *asking, const struct op_ctx *ctx, char *byte, bool *ret_ended,
                     struct err *err)
{
    for (;;) {
        struct pollfd wait = {.fd = asking->in_fd, .events = POLLIN};
        int r = op_check(ctx, err);
        if (r != 0)
            return r;
        int ready = poll(&wait, 1, LOOK_MS);
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        ssize_t got = ready < 0 ? -1 : read(asking->in_fd, byte, 1);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0 && errno != EIO) /* EIO: the terminal is gone */
            return err_errno(err, errno, "can't read from standard input");
        *ret_ended = got <= 0;
        return 0;
    }
}

/* A line; what is beyond the limit is read and dropped, and *RET_TOO_LONG is set. */
static int read_line(const struct cli_asking *asking, const struct op_ctx *ctx, struct buf *line, bool *ret_ended,
                     bool *ret_too_long, struct err *err)
{
    for (;;) {
        char byte = '\0';
        int r = read_byte(asking, ctx, &byte, ret_ended, err);
        if (r != 0 || *ret_ended || byte == '\n')
            return r;
        if (line->len < LIMIT_ANSWER_BYTES)
            buf_add_char(line, byte);
        else
            *ret_too_long = true;
    }
}

static bool has_control(struct str answer)
{
    for (size_t i = 0; i < answer.len; i++)
        if ((unsigned char)answer.ptr[i] < 0x20 || answer.ptr[i] == 0x7f)
            return true;
    return str_utf8_valid(answer) != answer.len;
}

static bool is_choice(struct str_list choices, struct str answer)
{
    for (size_t i = 0; i < choices.len; i++)
        if (str_eq(choices.ptr[i], answer))
            return true;
    return false;
}

/* False, with WHY_NOT, when ANSWER won't do. */
static bool judge(const struct op_question *question, struct str answer, bool too_long, struct text_out *why_not)
{
    if (too_long) {
        text_f(why_not, "an answer has at most %u bytes", LIMIT_ANSWER_BYTES);
        return false;
    }
    if (has_control(answer)) {
        text_z(why_not, "an answer is plain text: this has control characters, or is no UTF-8");
        return false;
    }
    if (question->choices.len && !is_choice(question->choices, answer)) {
        text_z(why_not, "answer one of ");
        add_list(why_not, question->choices);
        return false;
    }
    if (question->accepts) {
        CLEANUP_BUF struct buf words = BUF_INIT;
        bool accepted = question->accepts(question->self, answer, &words);
        text_str(why_not, buf_str(&words));
        why_not->buf->failed |= words.failed;
        return accepted;
    }
    if (answer.len == 0)
        text_z(why_not, "an answer is needed");
    return answer.len > 0;
}

/* What could not be sent is nobody's to read: the answer's failure tells. */
static void end_line(const struct cli_asking *asking)
{
    bool reader_left = false;
    (void)cli_write(asking->out_fd, "standard error", STR("\n"), &reader_left, NULL);
}

static int refuse(const struct cli_asking *asking, const struct buf *why_not, struct err *err)
{
    CLEANUP_BUF struct buf words = BUF_INIT;
    struct text_out out = {.buf = &words, .color = asking->color, .width = 80};
    int r = buf_check(why_not, err);
    if (r != 0)
        return r;
    text_z(&out, "  ");
    text_style(&out, TEXT_YELLOW);
    buf_add_str(&words, buf_str(why_not));
    text_style(&out, TEXT_PLAIN);
    text_z(&out, "\n");
    return say(asking, &words, err);
}

/* Asks once; *RET_ANSWER.ptr stays NULL when the answer won't do. */
static int ask_once(const struct cli_asking *asking, const struct op_ctx *ctx, const struct op_question *question,
                    struct str *ret_answer, struct err *err)
{
    CLEANUP_BUF struct buf line = BUF_INIT;
    CLEANUP_BUF struct buf why_not = BUF_INIT;
    bool ended = false, too_long = false;
    int r = put_question(asking, question, err);
    if (r == 0)
        r = read_line(asking, ctx, &line, &ended, &too_long, err);
    if (r != 0 || ended)
        end_line(asking);
    if (r == 0 && ended) {
        err_set(err, ERR_CANCELLED, "called off at a question: '%.*s'", STR_ARG(question->text));
        return err_hint(err, "nothing was written; with --yes nothing is asked");
    }
    if (r == 0)
        r = buf_check(&line, err);
    if (r != 0)
        return r;
    struct str answer = str_trim(buf_str(&line));
    if (answer.len == 0)
        answer = question->suggested;
    struct text_out out = {.buf = &why_not, .width = 80};
    if (!judge(question, answer, too_long, &out))
        return refuse(asking, &why_not, err);
    *ret_answer = arena_str(ctx->arena, answer);
    return ret_answer->ptr ? 0 : err_nomem(err);
}

int cli_ask(const struct cli_asking *asking, const struct op_ctx *ctx, const struct op_question *question,
            struct str *ret_answer, struct err *err)
{
    struct str answer = STR_NONE;
    int r = 0;
    if (asking->progress)
        cli_progress_pause(asking->progress);
    while (r == 0 && !answer.ptr)
        r = ask_once(asking, ctx, question, &answer, err);
    if (r == 0)
        *ret_answer = answer;
    return r;
}
