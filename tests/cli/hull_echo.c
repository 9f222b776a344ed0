/* SPDX-License-Identifier: Apache-2.0 */
#include "hull_echo.h"

#include "op/text.h"

struct echo_args {
    struct str word, path, out_path;
    struct str_list list, rest, argv;
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
    struct str_list list, rest, argv;
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

const struct operation hull_echo_operation = {
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
