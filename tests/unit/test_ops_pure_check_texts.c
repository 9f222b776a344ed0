/* SPDX-License-Identifier: Apache-2.0 */
/* That the answers equal the command line's is shown by tests/contract/check_texts.py. */
#include "base/fault.h"
#include "data/json.h"
#include "op/decode_json.h"
#include "op/services.h"
#include "op/table.h"
#include "ops_pure/check_result.h"
#include "ops_pure/check_texts.h"
#include "ops_pure/texts.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static int check(struct arena *arena, const char *arguments, struct check_result *result, struct err *err)
{
    const struct operation *op = &check_texts_operation;
    const struct op_services services = {.version = STR("0.1.0"), .threads = 1};
    const struct op_ctx ctx = {.arena = arena};
    const struct data_node *object = NULL;
    void *args = arena_alloc(arena, op->args_size);
    if (!args)
        return err_nomem(err);
    struct op_decoder decoder = op_decoder_init(op->params, args, arena, OP_SURFACE_JSON);
    int r = json_parse(str_z(arguments), arena, &object, err);
    if (r == 0)
        r = op_decode_object(&decoder, object, err);
    if (r == 0)
        r = op_decode_finish(&decoder, NULL, err);
    return r == 0 ? op->run(&services, &ctx, args, result, err) : r;
}

static const char several[] =
    "{\"files\":["
    "{\"name\":\"Dockerfile\",\"content\":\"FROM scratch\\nUSER root\\n\"},"
    "{\"name\":\"compose.yaml\",\"content\":\"services: {web: {image: x, env_file: web.env}}\\ninclude: [b.yaml]\"},"
    "{\"name\":\"compose.override.yaml\",\"content\":\"services: {web: {privileged: true}}\"},"
    "{\"name\":\"b.yaml\",\"content\":\"services: {b: {image: b}}\"},"
    "{\"name\":\"web.env\",\"content\":\"A=b\"},"
    "{\"name\":\"kustomization.yaml\",\"content\":\"patches: [{path: p.yaml}]\"},"
    "{\"name\":\"p.yaml\",\"content\":\"apiVersion: v1\\nkind: Pod\\nspec: {}\\n\"},"
    "{\"name\":\"pod.yaml\",\"content\":\"apiVersion: v1\\nkind: Pod\\nspec: {hostNetwork: true}\\n\"},"
    "{\"name\":\".barehull.yaml\",\"content\":\"fail-on: never\"}]}";

static void test_table(void **state)
{
    (void)state;
    static const struct operation *const items[] = {&check_texts_operation, NULL};
    struct err err = ERR_INIT;
    struct operation alone = check_texts_operation;
    alone.see_also = NULL; /* the others are not here */
    const struct operation *const one[] = {&alone, NULL};
    assert_int_equal(check_texts_operation.effects, OP_PURE);
    assert_ptr_equal(items[0], &check_texts_operation);
    if (op_table_check(&(struct op_table){one}, &err))
        fail_msg("%s", err.message);
}

static void assert_file(const struct check_result *result, size_t at, const char *name, const char *state,
                        const char *reason)
{
    assert_true(at < result->files.len);
    const struct check_file *file = &result->files.ptr[at];
    assert_true(str_eq_z(file->file, name));
    assert_true(str_eq_z(file->state, state));
    assert_true(str_eq_z(file->reason, reason));
}

static void test_files(void **state)
{
    (void)state;
    static const char none[] = "neither a Dockerfile nor a Compose file nor a Kubernetes manifest";
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct check_result result;
    struct err err = ERR_INIT;
    if (check(&arena, several, &result, &err))
        fail_msg("%s", err.message);
    assert_int_equal(result.files.len, 9);
    assert_file(&result, 0, "Dockerfile", "judged", "");
    assert_file(&result, 1, "compose.yaml", "judged", "");
    assert_file(&result, 2, "compose.override.yaml", "judged", "");
    assert_file(&result, 3, "b.yaml", "judged", "");
    assert_file(&result, 4, "web.env", "skipped", none);
    assert_file(&result, 6, "p.yaml", "not-judged",
                "a patch of a kustomization: build it first (kustomize build) and check the result");
    assert_file(&result, 7, "pod.yaml", "judged", "");
    assert_int_equal(check_texts_operation.status(&result), 3); /* the policy says that findings are no failure */
}

/* The kustomization is one of the texts. */
static void test_kustomized(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct str pod = STR("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: web}]}");
    const struct named_text named[] = {
        {STR("k8s/base/pod.yaml"), pod, LOOK_AUTO},
        {STR("other/pod.yaml"), pod, LOOK_AUTO},
        {STR("k8s/kustomization.yaml"), STR("resources: [base]\nimages: [{name: web, newTag: '1'}]"), LOOK_AUTO},
        {STR("k8s/base/kustomization.yaml"), STR("resources: [pod.yaml]"), LOOK_AUTO},
    };
    const struct texts *texts = NULL;
    const struct check_input *inputs = NULL;
    size_t count = 0;
    assert_int_equal(texts_new(named, ARRAY_LEN(named), &arena, &texts, &err), 0);
    assert_int_equal(texts_inputs(NULL, texts, STR_NONE, &arena, &inputs, &count, &err), 0);
    assert_int_equal(count, 4);
    assert_non_null(inputs[0].images);
    assert_int_equal(inputs[0].images->count, 1);
    assert_true(str_eq_z(inputs[0].images->items[0].name, "web"));
    assert_true(str_eq_z(inputs[0].images->items[0].file, "k8s/kustomization.yaml"));
    assert_null(inputs[1].images);
    assert_true(inputs[2].skipped.len > 0);
}

/* A text made by a program may hold what JSON's may not. */
static void test_foreign(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct named_text named[] = {
        {STR("Dockerfile"), str_of("FROM\0a", 6), LOOK_AUTO},
        {STR("./compose.yaml"), str_of("\xFF\xFEs\0", 4), LOOK_AUTO},
        {STR("pod.yaml"), STR_NONE, LOOK_KUBERNETES},
    };
    const struct texts *texts = NULL;
    const struct check_input *inputs = NULL;
    size_t count = 0;
    assert_int_equal(texts_new(named, ARRAY_LEN(named), &arena, &texts, &err), 0);
    assert_int_equal(texts_inputs(NULL, texts, STR_NONE, &arena, &inputs, &count, &err), 0);
    assert_int_equal(count, 3);
    assert_true(str_eq_z(inputs[0].not_judged, "'Dockerfile' is binary: it holds a NUL byte"));
    assert_true(str_eq_z(inputs[1].not_judged, "'compose.yaml' is UTF-16 or UTF-32 text"));
    assert_int_equal(inputs[2].not_judged.len, 0);
    assert_true(str_eq_z(texts_find(texts, STR("pod.yaml")), ""));
    assert_null(texts_find(texts, STR("pod.yam")).ptr);
    assert_null(texts_find(texts, STR_NONE).ptr);
}

/* Nothing outside is reached, however it is named. */
static void test_paths_stay_inside(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct named_text named[] = {
        {STR("a/compose.yaml"), STR("services: {a: {image: a}}"), LOOK_AUTO},
        {STR("b.yaml"), STR("services: {b: {image: b}}"), LOOK_AUTO},
    };
    static const struct {
        const char *path;
        bool there;
    } cases[] = {{"../b.yaml", true},        {"compose.yaml", true},  {"../a/compose.yaml", true},
                 {"b.yaml", false},          {"../../b.yaml", false}, {"../../files/b.yaml", true},
                 {"/files/b.yaml", false},   {"/etc/passwd", false},  {"../../etc/passwd", false},
                 {"../../../b.yaml", false}, {"..", false},           {"", false}};
    const struct texts *texts = NULL;
    const struct check_input *inputs = NULL;
    size_t count = 0;
    assert_int_equal(texts_new(named, ARRAY_LEN(named), &arena, &texts, &err), 0);
    assert_int_equal(texts_inputs(NULL, texts, STR_NONE, &arena, &inputs, &count, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str bytes = STR("before");
        const struct compose_files *files = &inputs[0].compose_files;
        assert_int_equal(files->read(files->self, str_z(cases[i].path), &arena, &bytes, &err), 0);
        if ((bytes.ptr != NULL) != cases[i].there)
            fail_msg("'%s' is %s", cases[i].path, bytes.ptr ? "there" : "not there");
    }
}

static void test_every_allocation_can_fail(void **state)
{
    (void)state;
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct check_result result;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        r = check(&arena, several, &result, &err);
        bool met = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (r != 0 && r != -ERR_NOMEM)
            fail_msg("allocation %d: %s", (int)n, err.message);
        if (r == 0 && met && n < 10)
            fail_msg("allocation %d failed unseen", (int)n);
        if (r == 0 && met)
            r = -1; /* one that can be done without */
        assert_true(n < 20000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_kustomized),
        cmocka_unit_test(test_foreign),
        cmocka_unit_test(test_paths_stay_inside),
        cmocka_unit_test(test_every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
