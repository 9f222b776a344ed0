/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hullops.c - the command line of barehull with operations made for tests: every type of parameter and field, every
 * error, work that can be interrupted, bytes on standard output. What is proven with it holds for all commands.
 */
#include "base/clock.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "op/text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- echo: what the decoder made of the arguments -------------------------------------------------------------- */

struct echo_args {
    struct str word, path, out_path;
    struct op_strings list, rest, argv;
    struct op_map map;
    bool flag, on;
    int64_t number;
    uint64_t size;
    int choice;
};

struct echo_pair {
    struct str key, value;
};

struct echo_result {
    struct str word, path, out_path, choice, absent, json;
    struct op_strings list, rest, argv;
    struct op_map map;
    OP_LIST(struct echo_pair) pairs;
    const struct echo_pair *first;
    struct echo_pair whole;
    bool flag, on;
    int64_t number;
    uint64_t size;
};

static const struct op_choice choices[] = {
    {"red", "the colour of rust"}, {"green", NULL}, {"blue", NULL}, {NULL, NULL}};

static const struct op_param echo_params[] = {
    {.name = "word",
     .type = OP_STRING,
     .flags = OP_POSITIONAL | OP_REQUIRED,
     .metavar = "WORD",
     .summary = "a word",
     OP_AT(struct echo_args, word)},
    {.name = "rest",
     .type = OP_STRING,
     .flags = OP_POSITIONAL | OP_REPEATED,
     .metavar = "MORE",
     .summary = "more words",
     OP_AT(struct echo_args, rest)},
    {.name = "path",
     .letter = 'p',
     .type = OP_PATH_IN,
     .summary = "a file to read",
     .env = "BAREHULL_MIRROR",
     OP_AT(struct echo_args, path)},
    {.name = "out-path",
     .type = OP_PATH_OUT,
     .flags = OP_DIRECTORY,
     .metavar = "DIR",
     .summary = "a directory to make",
     OP_AT(struct echo_args, out_path)},
    {.name = "list",
     .letter = 'l',
     .type = OP_STRING,
     .flags = OP_REPEATED,
     .summary = "words, one at a time",
     OP_AT(struct echo_args, list)},
    {.name = "map", .letter = 'm', .type = OP_MAP, .summary = "names and values", OP_AT(struct echo_args, map)},
    {.name = "argv", .type = OP_ARGV, .summary = "a command", OP_AT(struct echo_args, argv)},
    {.name = "flag", .letter = 'f', .type = OP_BOOL, .summary = "a flag", OP_AT(struct echo_args, flag)},
    {.name = "on",
     .type = OP_BOOL,
     .flags = OP_NEGATABLE,
     .default_text = "true",
     .summary = "do not do it",
     OP_AT(struct echo_args, on)},
    {.name = "number",
     .letter = 'n',
     .type = OP_INTEGER,
     .min = -5,
     .max = 10,
     .default_text = "3",
     .summary = "a number",
     OP_AT(struct echo_args, number)},
    {.name = "size",
     .type = OP_SIZE,
     .default_text = "10Mi",
     .summary = "how much, with a summary that is long enough to be broken into two lines of help at least",
     OP_AT(struct echo_args, size)},
    {.name = "choice",
     .letter = 'c',
     .type = OP_ENUM,
     .choices = choices,
     .default_text = "green",
     .summary = "a colour",
     OP_AT(struct echo_args, choice)},
    {.name = "secret", .type = OP_BOOL, .flags = OP_HIDDEN, .summary = "nobody knows", OP_AT(struct echo_args, flag)},
    {.name = NULL},
};

static const struct op_field pair_fields[] = {
    {.name = "key", .type = OP_F_STR, .summary = "the name", OP_AT(struct echo_pair, key)},
    {.name = "value", .type = OP_F_STR, .summary = "the value", OP_AT(struct echo_pair, value)},
    {.name = NULL},
};
static const struct op_record pair_record = {"pair", pair_fields, sizeof(struct echo_pair)};

static const struct op_field echo_fields[] = {
    {.name = "word", .type = OP_F_STR, .summary = "the word", OP_AT(struct echo_result, word)},
    {.name = "rest", .type = OP_F_STRS, .summary = "more", OP_AT(struct echo_result, rest)},
    {.name = "path", .type = OP_F_STR, .optional = true, .summary = "path", OP_AT(struct echo_result, path)},
    {.name = "out_path", .type = OP_F_STR, .optional = true, .summary = "path", OP_AT(struct echo_result, out_path)},
    {.name = "list", .type = OP_F_STRS, .optional = true, .summary = "list", OP_AT(struct echo_result, list)},
    {.name = "map", .type = OP_F_MAP, .optional = true, .summary = "map", OP_AT(struct echo_result, map)},
    {.name = "argv", .type = OP_F_STRS, .optional = true, .summary = "argv", OP_AT(struct echo_result, argv)},
    {.name = "pairs",
     .type = OP_F_OBJECTS,
     .record = &pair_record,
     .summary = "the map as objects",
     OP_AT(struct echo_result, pairs)},
    {.name = "first",
     .type = OP_F_POINTER,
     .record = &pair_record,
     .summary = "its first entry",
     OP_AT(struct echo_result, first)},
    {.name = "whole",
     .type = OP_F_OBJECT,
     .record = &pair_record,
     .summary = "an object in place",
     OP_AT(struct echo_result, whole)},
    {.name = "flag", .type = OP_F_BOOL, .summary = "flag", OP_AT(struct echo_result, flag)},
    {.name = "on", .type = OP_F_BOOL, .summary = "on", OP_AT(struct echo_result, on)},
    {.name = "number", .type = OP_F_I64, .summary = "number", OP_AT(struct echo_result, number)},
    {.name = "size", .type = OP_F_U64, .summary = "size", OP_AT(struct echo_result, size)},
    {.name = "choice",
     .type = OP_F_STR,
     .choices = choices,
     .summary = "the colour",
     OP_AT(struct echo_result, choice)},
    {.name = "absent", .type = OP_F_STR, .optional = true, .summary = "never there", OP_AT(struct echo_result, absent)},
    {.name = "json", .type = OP_F_JSON, .summary = "any JSON", OP_AT(struct echo_result, json)},
    {.name = NULL},
};
static const struct op_record echo_record = {"echo", echo_fields, sizeof(struct echo_result)};

static int echo_run(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *arguments,
                    void *result, struct err *err)
{
    const struct echo_args *args = arguments;
    struct echo_result *echo = result;
    struct echo_pair *pairs = ARENA_ARRAY(ctx->arena, args->map.len + 1, struct echo_pair);
    if (!pairs)
        return err_nomem(err);
    for (size_t i = 0; i < args->map.len; i++)
        pairs[i] = (struct echo_pair){args->map.ptr[i].key, args->map.ptr[i].value};
    *echo = (struct echo_result){
        .word = args->word,
        .path = args->path,
        .out_path = args->out_path,
        .choice = str_z(choices[args->choice].name),
        .json = STR("[1,null]"),
        .list = args->list,
        .rest = args->rest,
        .argv = args->argv,
        .map = args->map,
        .pairs = {pairs, args->map.len},
        .first = args->map.len > 0 ? pairs : NULL,
        .whole = {STR("a"), STR("b")},
        .flag = args->flag,
        .on = args->on,
        .number = args->number,
        .size = args->size,
    };
    if (args->flag)
        op_warn(ctx, "the flag is up for '%s'", args->word.ptr);
    return 0;
}

static void echo_render(const void *result, struct text_out *out)
{
    const struct echo_result *echo = result;
    text_label(out, "word", 10);
    text_str(out, echo->word);
    text_z(out, "\n");
    text_styled(out, TEXT_BOLD, "bold");
    text_z(out, out->verbose ? ", verbose\n" : "\n");
}

static int echo_status(const void *result)
{
    return str_eq_z(((const struct echo_result *)result)->word, "finding") ? 1 : 0;
}

static const struct op_exit echo_exits[] = {{1, "the word is \"finding\""}, {0, NULL}};

static const struct operation echo_operation = {
    .name = "echo",
    .group = "Tests",
    .summary = "show what became of the arguments",
    .description = "A first paragraph, long enough that it must be broken: the quick brown fox jumps over the dog.\n\n"
                   "A second one, with lines that stay:\n\n  kept   as it is\n  'and' this - \\ one\n\nAnd a last.",
    .params = echo_params,
    .args_size = sizeof(struct echo_args),
    .result = &echo_record,
    .effects = OP_READS_FILES,
    .exits = echo_exits,
    .run = echo_run,
    .render = echo_render,
    .status = echo_status,
};

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
};

static const struct op_param work_params[] = {
    {.name = "ms", .type = OP_INTEGER, .default_text = "300", .summary = "how long", OP_AT(struct work_args, ms)},
    {.name = "mark",
     .type = OP_PATH_OUT,
     .summary = "a file that is there while it works",
     OP_AT(struct work_args, mark)},
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

/* ------------------------------------------------------------------------------------------------------------- */

static const struct operation *const items[] = {
    &echo_operation,     &fail_operation,           &work_operation,        &raw_operation,
    &cli_help_operation, &cli_completion_operation, &cli_version_operation, NULL,
};
static const struct op_table table = {items};

int main(int argc, char **argv)
{
    static const struct cli_app app = {.operations = &table, .version = BAREHULL_VERSION};
    return cli_run(&app, argc, argv);
}
