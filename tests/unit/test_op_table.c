/* SPDX-License-Identifier: Apache-2.0 */
#include "../cli/hull_echo.h"
#include "base/buf.h"
#include "op/table.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

struct args {
    struct str word, more;
    struct str_list list;
    bool flag;
    int choice;
};

struct answer {
    struct str text;
    uint64_t size;
};

static const struct op_choice choices[] = {{"red", NULL}, {"blue", NULL}, {NULL, NULL}};

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *args, void *result,
               struct err *err)
{
    (void)services, (void)ctx, (void)args, (void)result, (void)err;
    return 0;
}

static void render(const void *result, struct text_out *out)
{
    (void)result, (void)out;
}

/* A table that is well made, for the tests to spoil. */
struct sample {
    struct op_param params[6];
    struct op_field fields[3];
    struct op_record record;
    struct op_example examples[2];
    struct op_exit exits[3];
    const char *see_also[2];
    struct operation operation;
    const struct operation *items[2];
    struct op_table table;
};

static struct sample sample_make(void)
{
    return (struct sample){
        .params =
            {
                {.name = "word", .flags = OP_POSITIONAL | OP_REQUIRED, .summary = "a word", OP_AT(struct args, word)},
                {.name = "list", .letter = 'l', .flags = OP_REPEATED, .summary = "words", OP_AT(struct args, list)},
                {.name = "flag", .letter = 'f', .type = OP_BOOL, .summary = "a flag", OP_AT(struct args, flag)},
                {.name = "choice",
                 .type = OP_ENUM,
                 .choices = choices,
                 .default_text = "blue",
                 .summary = "a colour",
                 OP_AT(struct args, choice)},
                {.name = "more", .flags = OP_POSITIONAL, .summary = "MORE words", OP_AT(struct args, more)},
            },
        .fields =
            {
                {.name = "text", .type = OP_F_STR, .summary = "the text", OP_AT(struct answer, text)},
                {.name = "size_bytes", .type = OP_F_U64, .summary = "bytes", OP_AT(struct answer, size)},
            },
        .record = {.name = "answer", .size = sizeof(struct answer)},
        .examples = {{"barehull do it", "does it"}},
        .exits = {{1, "findings"}, {4, "not verified"}},
        .see_also = {"do-it"},
        .operation = {.name = "do-it",
                      .group = "Tests",
                      .summary = "do it",
                      .description = "Does it.",
                      .args_size = sizeof(struct args),
                      .run = run,
                      .render = render},
    };
}

/* Points the parts at each other; then checks. */
static int sample_check(struct sample *sample, struct err *err)
{
    sample->record.fields = sample->fields;
    sample->operation.params = sample->params;
    sample->operation.result = &sample->record;
    sample->operation.examples = sample->examples;
    sample->operation.exits = sample->exits;
    sample->operation.see_also = sample->see_also;
    sample->items[0] = &sample->operation;
    sample->table.items = sample->items;
    return op_table_check(&sample->table, err);
}

static void test_well_made(void **state)
{
    (void)state;
    struct sample sample = sample_make();
    struct err err = ERR_INIT;
    if (sample_check(&sample, &err))
        fail_msg("%s", err.message);
    static const struct operation *const items[] = {&hull_echo_operation, NULL};
    assert_int_equal(op_table_check(&(struct op_table){items}, &err), 0);
}

#define ASSERT_MISTAKE(message_, ...)                                                                                  \
    do {                                                                                                               \
        struct sample sample = sample_make();                                                                          \
        struct err err = ERR_INIT;                                                                                     \
        __VA_ARGS__;                                                                                                   \
        assert_int_equal(sample_check(&sample, &err), -ERR_INTERNAL);                                                  \
        assert_string_equal(err.message, "operation 'do-it': " message_);                                              \
    } while (0)

struct inside {
    struct str inner;
};
static const struct op_param sample_params_inside[] = {
    {.name = "inner", .type = OP_STRING, .summary = "a text", OP_AT(struct inside, inner)}, {.name = NULL}};
static const struct op_object sample_object = {sample_params_inside, sizeof(struct inside), 4};
static const struct op_object sample_small = {sample_params_inside, 8, 4};
static const struct op_object sample_none = {sample_params_inside, sizeof(struct inside), 0};

static struct op_param objects_param(const struct op_object *object)
{
    return (struct op_param){.name = "flag",
                             .type = OP_OBJECTS,
                             .object = object,
                             .summary = "a list",
                             .offset = 0,
                             .size = sizeof(struct str_list)};
}

static void test_params(void **state)
{
    (void)state;
    ASSERT_MISTAKE("'Flag' is no name for a parameter", sample.params[2].name = "Flag");
    ASSERT_MISTAKE("'a_b' is no name for a parameter", sample.params[2].name = "a_b");
    ASSERT_MISTAKE("'a-' is no name for a parameter", sample.params[2].name = "a-");
    ASSERT_MISTAKE(
        "'no-flag' is no name for a parameter",
        (sample.params[3].name = "flag", sample.params[3].flags = OP_NEGATABLE, sample.params[2].name = "no-flag"));
    ASSERT_MISTAKE("two parameters 'list'", sample.params[2].name = "list");
    ASSERT_MISTAKE("two options '-l'", sample.params[2].letter = 'l');
    ASSERT_MISTAKE("summary of parameter 'flag' is not in style", sample.params[2].summary = "A flag");
    ASSERT_MISTAKE("summary of parameter 'flag' is not in style", sample.params[2].summary = "a flag.");
    ASSERT_MISTAKE("summary of parameter 'flag' is not in style", sample.params[2].summary = NULL);
    ASSERT_MISTAKE("parameter 'flag' has no known type", sample.params[2].type = OP_TYPES);
    ASSERT_MISTAKE("parameter 'flag' can't be repeated", sample.params[2].flags = OP_REPEATED);
    ASSERT_MISTAKE("parameter 'flag' can't be pairs", sample.params[2].flags = OP_PAIRS);
    ASSERT_MISTAKE("there is no room to tell what was given", sample.operation.given_at = sizeof(struct args) - 8);
    ASSERT_MISTAKE("parameter 'word' can't be negated", sample.params[0].flags |= OP_NEGATABLE);
    ASSERT_MISTAKE("parameter 'word' can't be positional", sample.params[0].letter = 'w');
    ASSERT_MISTAKE("parameter 'flag' can't be what it says in JSON objects", sample.params[2].object = &sample_object);
    ASSERT_MISTAKE("parameter 'flag' can't be what it says in JSON objects",
                   sample.params[2] = objects_param(&sample_none));
    ASSERT_MISTAKE("parameter 'flag' can't be what it says in JSON objects",
                   (sample.params[2] = objects_param(&sample_object), sample.params[2].letter = 'f'));
    ASSERT_MISTAKE("field of parameter 'flag' does not fit its type",
                   (sample.params[2] = objects_param(&sample_object), sample.params[2].size = 1));
    ASSERT_MISTAKE("field of parameter 'inner' does not fit its type", sample.params[2] = objects_param(&sample_small));
    ASSERT_MISTAKE("field of parameter 'flag' does not fit its type", sample.params[2].size = 4);
    ASSERT_MISTAKE("field of parameter 'choice' does not fit its type", sample.params[3].size = 8);
    ASSERT_MISTAKE("field of parameter 'flag' does not fit its type", sample.params[2].offset = 4096);
    ASSERT_MISTAKE("parameter 'choice' and its choices disagree", sample.params[3].choices = NULL);
    ASSERT_MISTAKE("parameter 'flag' and its choices disagree", sample.params[2].choices = choices);
    ASSERT_MISTAKE("default of parameter 'choice' is none of its choices", sample.params[3].default_text = "pink");
    ASSERT_MISTAKE("parameter 'list' can't have a default", sample.params[1].default_text = "x");
    ASSERT_MISTAKE("positional parameter 'more' stands too late", sample.params[0].flags = OP_POSITIONAL,
                   sample.params[4].flags |= OP_REQUIRED);
}

static void test_results(void **state)
{
    (void)state;
    ASSERT_MISTAKE("a record of the result has no name", sample.record.name = "");
    ASSERT_MISTAKE("field 'answer.size-bytes' is not in style", sample.fields[1].name = "size-bytes");
    ASSERT_MISTAKE("field 'answer.text' is not in style", sample.fields[0].summary = "The text.");
    ASSERT_MISTAKE("two fields 'answer.text'", sample.fields[1].name = "text");
    ASSERT_MISTAKE("field 'answer.text' does not fit its type", sample.fields[0].type = OP_F_U64);
    ASSERT_MISTAKE("field 'answer.size_bytes' does not fit its type", sample.fields[1].offset = 100);
    ASSERT_MISTAKE("field 'answer.text' and its record disagree", sample.fields[0].record = &sample.record);
    ASSERT_MISTAKE("field 'answer.text' and its record disagree", sample.fields[0].type = OP_F_POINTER);
    ASSERT_MISTAKE("result is nested without end", sample.fields[1] = ((struct op_field){.name = "self",
                                                                                         .type = OP_F_POINTER,
                                                                                         .summary = "self",
                                                                                         .record = &sample.record,
                                                                                         .size = sizeof(void *)}));
}

static void test_rest(void **state)
{
    (void)state;
    ASSERT_MISTAKE("summary, description, group, run, render or result is missing",
                   sample.operation.summary = "do it.");
    ASSERT_MISTAKE("summary, description, group, run, render or result is missing", sample.operation.run = NULL);
    ASSERT_MISTAKE("example 'hull do it' is not in style", sample.examples[0].command = "hull do it");
    ASSERT_MISTAKE("exit status 4 is not in style", sample.exits[0].status = 4);
    ASSERT_MISTAKE("exit status 5 is not in style", sample.exits[1].status = 5);
    ASSERT_MISTAKE("sees also 'undo', which is not there", sample.see_also[0] = "undo");
}

static void test_lookups(void **state)
{
    (void)state;
    struct sample sample = sample_make();
    assert_int_equal(sample_check(&sample, NULL), 0);
    assert_ptr_equal(op_table_find(&sample.table, STR("do-it")), &sample.operation);
    assert_null(op_table_find(&sample.table, STR("do-i")));
    assert_ptr_equal(op_param_find(sample.params, STR("flag")), &sample.params[2]);
    assert_null(op_param_find(sample.params, STR("fla")));
    assert_null(op_param_find(NULL, STR("flag")));
    assert_ptr_equal(op_param_find_letter(sample.params, 'l'), &sample.params[1]);
    assert_null(op_param_find_letter(sample.params, '\0'));
    assert_int_equal(op_param_count(sample.params), 5);
    CLEANUP_BUF struct buf out = BUF_INIT;
    op_param_metavar(&sample.params[3], &out);
    assert_string_equal(buf_z(&out), "red|blue");
    char name[OP_NAME_MAX];
    op_param_json_name(&(struct op_param){.name = "dry-run-now"}, name);
    assert_string_equal(name, "dry_run_now");
    const char *names[4];
    assert_int_equal(op_effect_names(OP_NETWORK | OP_READS_FILES, names), 2);
    assert_string_equal(names[0], "reads-files");
    assert_string_equal(names[1], "network");
    assert_int_equal(op_effect_names(OP_PURE, names), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_made), cmocka_unit_test(test_params),  cmocka_unit_test(test_results),
        cmocka_unit_test(test_rest),      cmocka_unit_test(test_lookups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
