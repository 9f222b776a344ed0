/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hullops.c - the command line of barehull with operations made for tests: every type of parameter and field, every
 * error, work that can be interrupted, bytes on standard output. What is proven with it holds for all commands.
 */
#include "base/clock.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "hull_echo.h"
#include "io/file.h"
#include "op/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- fail: every error -------------------------------------------------------------------------------------- */

struct fail_args {
    int code;
    struct str message, hint;
};

static const struct op_choice codes[] = {
#define X(code, name, exit_status, http_status, rpc_code) {name, NULL},
    ERR_TABLE(X)
#undef X
        {NULL, NULL},
};

static const struct op_param fail_params[] = {
    {.name = "code",
     .type = OP_ENUM,
     .flags = OP_POSITIONAL | OP_REQUIRED,
     .metavar = "CODE",
     .choices = codes,
     .summary = "which error",
     OP_AT(struct fail_args, code)},
    {.name = "message",
     .type = OP_STRING,
     .default_text = "it failed",
     .summary = "what it says",
     OP_AT(struct fail_args, message)},
    {.name = "hint", .type = OP_STRING, .summary = "the remedy", OP_AT(struct fail_args, hint)},
    {.name = NULL},
};

struct nothing {
    struct str done;
};
static const struct op_field nothing_fields[] = {
    {.name = "done", .type = OP_F_STR, .summary = "what was done", OP_AT(struct nothing, done)},
    {.name = NULL},
};
static const struct op_record nothing_record = {"nothing", nothing_fields, sizeof(struct nothing)};

static void nothing_render(const void *result, struct text_out *out)
{
    text_str(out, ((const struct nothing *)result)->done);
    text_z(out, "\n");
}

static int fail_run(const struct op_services *services UNUSED, const struct op_ctx *ctx UNUSED, const void *arguments,
                    void *result UNUSED, struct err *err)
{
    const struct fail_args *args = arguments;
    int rc = err_set(err, (enum err_code)(args->code + 1), "%s", args->message.ptr);
    return args->hint.ptr ? err_hint(err, "%s", args->hint.ptr) : rc;
}

static const struct operation fail_operation = {
    .name = "fail",
    .group = "Tests",
    .summary = "fail with an error",
    .description = "Fails.",
    .params = fail_params,
    .args_size = sizeof(struct fail_args),
    .result = &nothing_record,
    .effects = OP_NETWORK,
    .run = fail_run,
    .render = nothing_render,
};

/* --- work: takes its time, and undoes ------------------------------------------------------------------------ */

struct work_args {
    int64_t ms;
    struct str mark;
    bool stubborn;
    bool items;
};

static const struct op_param work_params[] = {
    {.name = "ms", .type = OP_INTEGER, .default_text = "300", .summary = "how long", OP_AT(struct work_args, ms)},
    {.name = "mark",
     .type = OP_PATH_OUT,
     .summary = "a file that is there while it works",
     OP_AT(struct work_args, mark)},
    {.name = "items", .type = OP_BOOL, .summary = "count items, not bytes", OP_AT(struct work_args, items)},
    {.name = "stubborn", .type = OP_BOOL, .summary = "do not look whether to stop", OP_AT(struct work_args, stubborn)},
    {.name = NULL},
};

static int work_run(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *arguments,
                    void *result, struct err *err)
{
    const struct work_args *args = arguments;
    uint64_t start = clock_monotonic_ns(), length = (uint64_t)args->ms * 1000000;
    int rc = 0;
    if (args->mark.ptr)
        close(open(args->mark.ptr, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    for (uint64_t now = start; now - start < length && !rc; now = clock_monotonic_ns()) {
        if (args->items)
            op_progress_items(ctx, STR("working"), STR_NONE, (now - start) / 10000000, length / 10000000);
        else
            op_progress(ctx, STR("working"), STR("on/a/long/path/\033[31mred"), (now - start) / 1000, length / 1000);
        (void)usleep(5000);
        rc = args->stubborn ? 0 : op_check(ctx, err);
    }
    op_progress_items(ctx, STR("counting"), STR_NONE, 2, 3);
    if (args->mark.ptr)
        unlink(args->mark.ptr);
    ((struct nothing *)result)->done = STR("worked");
    return rc;
}

static const struct operation work_operation = {
    .name = "work",
    .group = "Tests",
    .summary = "work for a while",
    .description = "Works.",
    .params = work_params,
    .args_size = sizeof(struct work_args),
    .result = &nothing_record,
    .effects = OP_WRITES_FILES,
    .run = work_run,
    .render = nothing_render,
};

/* --- raw: bytes of its own on standard output ----------------------------------------------------------------- */

struct raw_args {
    bool twice, fetch;
};

static const struct op_param raw_params[] = {
    {.name = "twice", .type = OP_BOOL, .summary = "claim it twice", OP_AT(struct raw_args, twice)},
    {.name = "fetch", .type = OP_BOOL, .summary = "ask for the network", OP_AT(struct raw_args, fetch)},
    {.name = NULL},
};

static int raw_run(const struct op_services *services, const struct op_ctx *ctx UNUSED, const void *arguments,
                   void *result, struct err *err)
{
    const struct raw_args *args = arguments;
    struct transport *transport = NULL;
    int fd = -1;
    int rc = services->claim_stdout(services, &fd, err);
    if (!rc && args->twice)
        rc = services->claim_stdout(services, &fd, err);
    if (!rc && args->fetch)
        rc = services->open_transport(services, &transport, err);
    if (rc)
        return rc;
    if (write(fd, "bytes\n", 6) != 6)
        return err_set(err, ERR_IO, "can't write");
    ((struct nothing *)result)->done = STR("sent");
    return 0;
}

static const struct operation raw_operation = {
    .name = "raw",
    .group = "Tests",
    .summary = "write bytes to standard output",
    .description = "Writes.",
    .params = raw_params,
    .args_size = sizeof(struct raw_args),
    .result = &nothing_record,
    .effects = OP_NETWORK,
    .run = raw_run,
    .render = nothing_render,
};

/* --- forms: an answer in forms of its own --------------------------------------------------------------------- */

static int forms_run(const struct op_services *services UNUSED, const struct op_ctx *ctx UNUSED,
                     const void *arguments UNUSED, void *result, struct err *err UNUSED)
{
    ((struct nothing *)result)->done = STR("formed");
    return 0;
}

static int write_stars(const void *result, struct buf *out, struct err *err)
{
    buf_addf(out, "*%.*s*\n", STR_ARG(((const struct nothing *)result)->done));
    return buf_check(out, err);
}

static int write_nothing(const void *result UNUSED, struct buf *out UNUSED, struct err *err UNUSED)
{
    return 0;
}

static int write_failure(const void *result UNUSED, struct buf *out UNUSED, struct err *err)
{
    return err_set(err, ERR_INTERNAL, "this form always fails");
}

static int forms_status(const void *result UNUSED)
{
    return 1;
}

static const struct op_format forms[] = {
    {"stars", "text/plain", "between stars", write_stars},
    {"empty", "text/plain", "no bytes at all", write_nothing},
    {"broken", "text/plain", "fails", write_failure},
    {.name = NULL},
};

static const struct op_exit forms_exits[] = {{1, "always"}, {0, NULL}};

static const struct operation forms_operation = {
    .name = "forms",
    .group = "Tests",
    .summary = "answer in several forms",
    .description = "Answers.",
    .args_size = 1,
    .result = &nothing_record,
    .effects = OP_PURE,
    .exits = forms_exits,
    .run = forms_run,
    .render = nothing_render,
    .formats = forms,
    .status = forms_status,
};

/* --- ask: questions ------------------------------------------------------------------------------------------- */

static bool is_even(void *self UNUSED, struct str answer, struct buf *why_not)
{
    bool even = answer.len > 0 && strchr("02468", answer.ptr[answer.len - 1]);
    if (!even)
        buf_addf(why_not, "'%.*s' is not even", STR_ARG(answer));
    return even;
}

static int ask_run(const struct op_services *services, const struct op_ctx *ctx, const void *arguments UNUSED,
                   void *result, struct err *err)
{
    static const struct str colours[] = {STR_INIT("red"), STR_INIT("blue")};
    const struct op_question questions[] = {
        {.text = STR("a number"), .suggested = STR("42"), .why = STR("x\033[31m.c:1 has it"), .accepts = is_even},
        {.text = STR("a colour"), .suggested = STR("red"), .choices = {colours, 2}},
        {.text = STR("a word")},
    };
    struct str *done = &((struct nothing *)result)->done;
    struct str answers[3];
    if (!services->ask) {
        *done = STR("nobody is there");
        return 0;
    }
    op_progress_items(ctx, STR("thinking"), STR_NONE, 1, 3);
    for (size_t i = 0; i < 3; i++) {
        int rc = services->ask(services, ctx, &questions[i], &answers[i], err);
        if (rc)
            return rc;
    }
    *done = str_z(
        arena_printf(ctx->arena, "<%.*s|%.*s|%.*s>", STR_ARG(answers[0]), STR_ARG(answers[1]), STR_ARG(answers[2])));
    return done->ptr ? 0 : err_nomem(err);
}

static const struct operation ask_operation = {
    .name = "ask",
    .group = "Tests",
    .summary = "ask a person",
    .description = "Asks.",
    .args_size = 1,
    .result = &nothing_record,
    .effects = OP_WRITES_FILES,
    .run = ask_run,
    .render = nothing_render,
};

/* ------------------------------------------------------------------------------------------------------------- */

static const struct operation *const items[] = {
    &hull_echo_operation, &fail_operation,     &work_operation,           &raw_operation,         &forms_operation,
    &ask_operation,       &cli_help_operation, &cli_completion_operation, &cli_version_operation, NULL,
};
static const struct op_table table = {items};

static int write_file(const char *path, struct str text, struct err *err)
{
    return file_write_all(AT_FDCWD, path, 0644, text, err);
}

int main(int argc, char **argv)
{
    static const struct cli_app app = {.operations = &table, .version = BAREHULL_VERSION, .write_file = write_file};
    return cli_run(&app, argc, argv);
}
