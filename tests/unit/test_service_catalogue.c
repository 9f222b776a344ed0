/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/fault.h"
#include "data/json.h"
#include "report/rule_page.h"
#include "service/catalogue.h"
#include "service/catalogue_text.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t rule_count(void)
{
    size_t n = 0;
    while (rules[n])
        n++;
    return n;
}

static void assert_str(struct str got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    assert_memory_equal(got.ptr, expected, got.len);
}

/* GOT is what tests/data/catalogue/NAME holds; UPDATE=1 writes it anew. */
static void assert_file(struct str got, const char *name)
{
    char path[512];
    static char wanted[1 << 16];
    (void)snprintf(path, sizeof(path), "%s/catalogue/%s", TEST_DATA, name);
    bool update = getenv("UPDATE") && strcmp(getenv("UPDATE"), "1") == 0;
    FILE *file = fopen(path, update ? "w+e" : "re");
    assert_non_null(file);
    if (update) {
        assert_int_equal(fwrite(got.ptr, 1, got.len, file), got.len);
        rewind(file);
    }
    size_t len = fread(wanted, 1, sizeof(wanted) - 1, file);
    (void)fclose(file);
    wanted[len] = '\0';
    assert_str(got, wanted);
}

/* --- resources -------------------------------------------------------------------------------------------------- */

/* Reads URI and returns the text of its one content. */
static int read_text(const char *uri, struct arena *arena, struct str *ret_text, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    json_array(&json);
    int rc = catalogue_resources.read(NULL, str_z(uri), arena, &json, err);
    if (rc) {
        assert_true(out.failed || strcmp(buf_z(&out), "[") == 0);
        return rc;
    }
    json_end(&json);
    rc = json_writer_check(&json, err);
    if (rc)
        return rc;
    struct str bytes = arena_buf(arena, &out);
    if (!bytes.ptr)
        return err_nomem(err);
    const struct data_node *root;
    rc = json_parse(bytes, arena, &root, err);
    if (rc)
        return rc;
    assert_int_equal(root->count, 1);
    assert_int_equal(root->first->count, 3);
    assert_str(data_get(root->first, "uri")->value, uri);
    assert_str(data_get(root->first, "mimeType")->value, "text/markdown");
    *ret_text = data_get(root->first, "text")->value;
    return 0;
}

static void test_list(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct mcp_resource resource;
    assert_int_equal(catalogue_resources.count(NULL), rule_count() + 1);
    assert_int_equal(catalogue_resources.describe(NULL, 0, &arena, &resource, NULL), 0);
    assert_str(resource.uri, "barehull://standard");
    assert_str(resource.name, "standard");
    assert_str(resource.title, "The barehull standard");
    assert_str(resource.mime_type, "text/markdown");
    for (size_t i = 0; rules[i]; i++) {
        char uri[128];
        (void)snprintf(uri, sizeof(uri), "barehull://rules/%s", rules[i]->id);
        assert_int_equal(catalogue_resources.describe(NULL, i + 1, &arena, &resource, NULL), 0);
        assert_str(resource.uri, uri);
        assert_str(resource.name, rules[i]->id);
        assert_str(resource.title, "");
        assert_str(resource.description, rules[i]->summary);
        assert_str(resource.mime_type, "text/markdown");
    }
    assert_str(catalogue_resources.templates[0].uri, "barehull://rules/{id}");
    assert_str(catalogue_resources.templates[0].name, "rule");
    assert_int_equal(catalogue_resources.templates[1].uri.len, 0);
}

static void test_read_rules(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    for (size_t i = 0; rules[i]; i++) {
        CLEANUP_BUF struct buf page = BUF_INIT;
        char uri[128], title[128];
        struct str text;
        (void)snprintf(uri, sizeof(uri), "barehull://rules/%s", rules[i]->id);
        (void)snprintf(title, sizeof(title), "# %s\n\n", rules[i]->id);
        assert_int_equal(read_text(uri, &arena, &text, NULL), 0);
        rule_page_markdown(rules[i], RULE_PAGE_ALONE, &page);
        assert_str(text, buf_z(&page));
        assert_true(str_starts(text, str_z(title)));
        /* Nothing that leads into files that a client does not have. */
        assert_int_equal(str_find(text, STR("](..")), text.len);
        assert_int_equal(str_find(text, STR("<!--")), text.len);
        assert_true(str_find(text, STR("\n## Exceptions\n")) < text.len);
    }
}

static size_t occurrences(struct str text, struct str part)
{
    size_t n = 0;
    for (size_t at; (at = str_find(text, part)) < text.len; n++)
        text = str_skip(text, at + part.len);
    return n;
}

static void test_read_standard(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str text;
    assert_int_equal(read_text("barehull://standard", &arena, &text, NULL), 0);
    assert_true(str_starts(text, STR("# The barehull standard\n\n")));
    for (size_t i = 0; rules[i]; i++) {
        char link[256];
        (void)snprintf(link, sizeof(link), "| [%s](barehull://rules/%s) | %s | ", rules[i]->id, rules[i]->id,
                       severity_name(rules[i]->severity));
        assert_int_equal(occurrences(text, str_z(link)), 1);
    }
    assert_int_equal(occurrences(text, STR("](barehull://rules/")), rule_count());
    assert_int_equal(occurrences(text, STR("\n### ")), 3);
    assert_int_equal(occurrences(text, STR("| [loopback-ports](barehull://rules/loopback-ports) | warning | compose | "
                                           "standard | ")),
                     1);
    /* Each profile of the code is told of. */
    for (unsigned profile = 0; profile < PROFILES; profile++) {
        char name[64];
        (void)snprintf(name, sizeof(name), "`%s`", profile_name((enum profile)profile));
        assert_true(occurrences(text, str_z(name)) > 0);
    }
}

static void test_read_nothing(void **state)
{
    (void)state;
    static const char *const uris[] = {"",
                                       "barehull://",
                                       "barehull://rules",
                                       "barehull://rules/",
                                       "barehull://rules/exec-forms",
                                       "barehull://rules/exec-form/",
                                       "barehull://rules/exec-form#x",
                                       "barehull://rules/Exec-Form",
                                       "barehull://rules//exec-form",
                                       "barehull://standard/",
                                       "BAREHULL://standard",
                                       "file:///etc/passwd",
                                       " barehull://standard"};
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct str text;
    for (size_t i = 0; i < ARRAY_LEN(uris); i++)
        assert_int_equal(read_text(uris[i], &arena, &text, &err), -ERR_NOT_FOUND);
    assert_string_equal(err.message, "there is no resource ' barehull://standard'");
}

/* --- prompts ---------------------------------------------------------------------------------------------------- */

static const struct mcp_prompt *prompt_of(const char *name)
{
    for (size_t i = 0; catalogue_prompts[i].name; i++)
        if (strcmp(catalogue_prompts[i].name, name) == 0)
            return &catalogue_prompts[i];
    fail();
    return NULL;
}

/* ARGUMENTS: a JSON object, or NULL. Two messages: an embedded resource, and a text. */
static int get_prompt(const char *name, const char *arguments, struct arena *arena, struct str *ret_uri,
                      struct str *ret_resource, struct str *ret_text, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    const struct mcp_prompt *prompt = prompt_of(name);
    const struct data_node *given = NULL, *root;
    int rc = arguments ? json_parse(str_z(arguments), arena, &given, err) : 0;
    if (rc)
        return rc;
    struct json_writer json;
    json_writer_init(&json, &out, JSON_COMPACT);
    json_array(&json);
    rc = prompt->get(prompt, given, arena, &json, err);
    if (rc)
        return rc;
    json_end(&json);
    rc = json_writer_check(&json, err);
    struct str bytes = arena_buf(arena, &out);
    rc = rc || bytes.ptr ? rc : err_nomem(err);
    rc = rc ? rc : json_parse(bytes, arena, &root, err);
    if (rc)
        return rc;
    assert_int_equal(root->count, 2);
    const struct data_node *first = data_get(root->first, "content"), *second = data_get(root->first->next, "content");
    assert_str(data_get(root->first, "role")->value, "user");
    assert_str(data_get(root->first->next, "role")->value, "user");
    assert_str(data_get(first, "type")->value, "resource");
    assert_str(data_get(second, "type")->value, "text");
    const struct data_node *resource = data_get(first, "resource");
    assert_str(data_get(resource, "mimeType")->value, "text/markdown");
    *ret_uri = data_get(resource, "uri")->value;
    *ret_resource = data_get(resource, "text")->value;
    *ret_text = data_get(second, "text")->value;
    return 0;
}

static void assert_prompt(const char *name, const char *arguments, const char *uri, const char *file)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str got_uri, resource, text, read;
    assert_int_equal(get_prompt(name, arguments, &arena, &got_uri, &resource, &text, NULL), 0);
    assert_str(got_uri, uri);
    assert_int_equal(read_text(uri, &arena, &read, NULL), 0);
    assert_true(str_eq(resource, read));
    assert_file(text, file);
}

static void test_harden(void **state)
{
    (void)state;
    assert_prompt("harden-service", NULL, "barehull://standard", "harden-nothing.md");
    assert_prompt("harden-service",
                  "{\"service\":\" an API that answers on 8080\\n\",\"language\":\"Python\",\"platform\":\"both\","
                  "\"files\":\"FROM python:3.12\\nCMD python app.py\"}",
                  "barehull://standard", "harden-all.md");
    assert_prompt("harden-service", "{\"language\":\"zig\",\"platform\":\"kubernetes\"}", "barehull://standard",
                  "harden-unknown.md");
    assert_prompt("harden-service", "{\"service\":\"\",\"language\":\"  \",\"platform\":\"compose\",\"files\":\"\"}",
                  "barehull://standard", "harden-compose.md");
}

static void test_explain(void **state)
{
    (void)state;
    assert_prompt("explain-finding", "{\"rule\":\"exec-form\"}", "barehull://rules/exec-form", "explain-rule.md");
    assert_prompt("explain-finding",
                  "{\"rule\":\" exec-form \",\"message\":\"ENTRYPOINT is in shell form\",\"surface\":\"dockerfile\","
                  "\"excerpt\":\"FROM x\\n# ````\\nENTRYPOINT /app\"}",
                  "barehull://rules/exec-form", "explain-all.md");
}

static void assert_refused(const char *name, const char *arguments, const char *message, const char *hint)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str uri, resource, text;
    struct err err = ERR_INIT;
    assert_int_equal(get_prompt(name, arguments, &arena, &uri, &resource, &text, &err), -ERR_USAGE);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
}

static void test_refused(void **state)
{
    (void)state;
    assert_refused("harden-service", "{\"platform\":\"nomad\"}",
                   "'platform' is 'nomad': use compose, kubernetes or both", "");
    assert_refused("explain-finding", "{\"rule\":\"exec-from\"}", "unknown rule 'exec-from'",
                   "did you mean 'exec-form'? 'barehull explain' lists all");
    assert_refused("explain-finding", "{\"rule\":\"\"}", "unknown rule ''", "'barehull explain' lists all");
    assert_refused("explain-finding", "{\"rule\":\"exec-form\",\"surface\":\"image\"}",
                   "'surface' is 'image': 'exec-form' is judged on dockerfile, compose, kubernetes", "");
    assert_refused("explain-finding", "{\"rule\":\"loopback-ports\",\"surface\":\"kubernetes\"}",
                   "'surface' is 'kubernetes': 'loopback-ports' is judged on compose", "");
    assert_refused("explain-finding", "{\"rule\":\"exec-form\",\"surface\":\"Dockerfile\"}",
                   "'surface' is 'Dockerfile': 'exec-form' is judged on dockerfile, compose, kubernetes", "");
}

static void test_arguments(void **state)
{
    (void)state;
    const struct mcp_prompt *harden = prompt_of("harden-service"), *explain = prompt_of("explain-finding");
    static const char *const harden_names[] = {"service", "language", "platform", "files"};
    static const char *const explain_names[] = {"rule", "message", "excerpt", "surface"};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(harden->arguments[i].name, harden_names[i]);
        assert_false(harden->arguments[i].required);
        assert_string_equal(explain->arguments[i].name, explain_names[i]);
        assert_int_equal(explain->arguments[i].required, i == 0);
    }
    assert_null(harden->arguments[4].name);
    assert_null(explain->arguments[4].name);
    assert_null(catalogue_prompts[2].name);
}

/* --- completion ------------------------------------------------------------------------------------------------- */

/* The values, split by ' '. */
static void assert_completed(const struct mcp_completion *completion, const char *expected)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf got = BUF_INIT;
    struct str_list values = {NULL, 99};
    assert_int_equal(catalogue_complete(NULL, completion, &arena, &values, NULL), 0);
    for (size_t i = 0; i < values.len; i++)
        buf_addf(&got, "%s%.*s", i > 0 ? " " : "", STR_ARG(values.ptr[i]));
    assert_string_equal(buf_z(&got), expected);
}

static void assert_argument(const char *prompt, const char *argument, const char *typed, const char *expected)
{
    assert_completed(
        &(struct mcp_completion){
            .kind = MCP_REFERENCE_PROMPT, .name = str_z(prompt), .argument = str_z(argument), .value = str_z(typed)},
        expected);
}

static void test_complete_rules(void **state)
{
    (void)state;
    assert_argument("explain-finding", "rule", "exec", "exec-form");
    assert_argument("explain-finding", "rule", "EXEC-f", "exec-form");
    assert_argument("explain-finding", "rule", "no-shell", "no-shell no-shell-syntax");
    /* Who begins with it, then who has it inside. */
    assert_argument("explain-finding", "rule", "re",
                    "read-only-root resource-limits restricted-volumes not-rendered entrypoint-resolves "
                    "interpreter-matches no-secrets healthcheck-present");
    assert_argument("explain-finding", "rule", "user", "non-root-user numeric-user");
    assert_argument("explain-finding", "rule", "exec-form ", "");
    assert_argument("explain-finding", "rule", "exec-form-and-more-than-any-id-could-hold-in-itself", "");
    assert_argument("explain-finding", "rule", "\xC3\xA9", "");
    assert_completed(&(struct mcp_completion){.kind = MCP_REFERENCE_RESOURCE,
                                              .name = STR("barehull://rules/{id}"),
                                              .argument = STR("id"),
                                              .value = STR("host")},
                     "no-host-namespaces no-host-path no-host-port no-host-process no-probe-host");
}

static void test_complete_all(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct mcp_completion completion = {MCP_REFERENCE_PROMPT, STR("explain-finding"), STR("rule"), STR_NONE, NULL};
    struct str_list values;
    assert_int_equal(catalogue_complete(NULL, &completion, &arena, &values, NULL), 0);
    assert_int_equal(values.len, rule_count());
    for (size_t i = 0; rules[i]; i++)
        assert_str(values.ptr[i], rules[i]->id);
    assert_true(rule_count() < MCP_COMPLETIONS_MAX);
}

static void test_complete_words(void **state)
{
    (void)state;
    assert_argument("explain-finding", "surface", "", "dockerfile compose kubernetes");
    assert_argument("explain-finding", "surface", "k", "kubernetes dockerfile");
    assert_argument("harden-service", "platform", "", "both compose kubernetes");
    assert_argument("harden-service", "platform", "ku", "kubernetes");
    assert_argument("harden-service", "language", "", "c c++ go java javascript python rust typescript");
    assert_argument("harden-service", "language", "ja", "java javascript");
    assert_argument("harden-service", "language", "script", "javascript typescript");
    assert_argument("harden-service", "language", "cobol", "");
}

static void test_complete_nothing(void **state)
{
    (void)state;
    assert_argument("explain-finding", "message", "", "");
    assert_argument("explain-finding", "", "", "");
    assert_argument("harden-service", "rule", "", "");
    assert_argument("nothing", "rule", "", "");
    assert_completed(&(struct mcp_completion){.kind = MCP_REFERENCE_RESOURCE,
                                              .name = STR("explain-finding"),
                                              .argument = STR("rule")},
                     "");
    assert_completed(&(struct mcp_completion){.kind = MCP_REFERENCE_RESOURCE,
                                              .name = STR("barehull://rules/{id}"),
                                              .argument = STR("rule")},
                     "");
}

static void test_complete_given(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct mcp_completion completion = {MCP_REFERENCE_PROMPT, STR("explain-finding"), STR("surface"), STR_NONE, NULL};
    assert_int_equal(json_parse(STR("{\"rule\":\"numeric-user\"}"), &arena, &completion.given, NULL), 0);
    assert_completed(&completion, "dockerfile kubernetes");
    assert_int_equal(json_parse(STR("{\"rule\":\"nothing\"}"), &arena, &completion.given, NULL), 0);
    assert_completed(&completion, "dockerfile compose kubernetes");
    completion.argument = STR("rule");
    completion.value = STR("lo");
    assert_int_equal(json_parse(STR("{\"surface\":\"compose\"}"), &arena, &completion.given, NULL), 0);
    assert_completed(&completion, "loopback-ports");
    assert_int_equal(json_parse(STR("{\"surface\":\"kubernetes\"}"), &arena, &completion.given, NULL), 0);
    assert_completed(&completion, "");
    assert_int_equal(json_parse(STR("{\"surface\":[\"compose\"]}"), &arena, &completion.given, NULL), 0);
    assert_completed(&completion, "loopback-ports verified-downloads");
}

/* --- faults ----------------------------------------------------------------------------------------------------- */

static int whole(struct arena *arena, struct err *err)
{
    struct str text, uri, resource;
    struct mcp_resource described;
    struct str_list values;
    struct mcp_completion completion = {MCP_REFERENCE_PROMPT, STR("explain-finding"), STR("rule"), STR("no"), NULL};
    int rc = catalogue_resources.describe(NULL, 1, arena, &described, err);
    rc = rc ? rc : read_text("barehull://standard", arena, &text, err);
    rc = rc ? rc : read_text("barehull://rules/exec-form", arena, &text, err);
    rc = rc ? rc
            : get_prompt("explain-finding", "{\"rule\":\"exec-form\",\"message\":\"m\",\"surface\":\"compose\"}", arena,
                         &uri, &resource, &text, err);
    rc = rc ? rc : get_prompt("harden-service", "{\"files\":\"FROM x\"}", arena, &uri, &resource, &text, err);
    return rc ? rc : catalogue_complete(NULL, &completion, arena, &values, err);
}

static void test_faults(void **state)
{
    (void)state;
    int rc = -1;
    uint64_t n = 0;
    while (rc) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, ++n);
        rc = whole(&arena, &err);
        fault_disarm();
        if (rc)
            assert_int_equal(rc, -ERR_NOMEM);
        assert_int_equal(-rc, err.code);
    }
    assert_true(n > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),           cmocka_unit_test(test_read_rules),
        cmocka_unit_test(test_read_standard),  cmocka_unit_test(test_read_nothing),
        cmocka_unit_test(test_harden),         cmocka_unit_test(test_explain),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_complete_rules), cmocka_unit_test(test_complete_all),
        cmocka_unit_test(test_complete_words), cmocka_unit_test(test_complete_nothing),
        cmocka_unit_test(test_complete_given), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
