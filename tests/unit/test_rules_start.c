/* SPDX-License-Identifier: Apache-2.0 */
/* The rules over starting, health and secrets, run over whole texts: exact findings, and every failure of memory. */
#include "base/fault.h"
#include "data/yaml.h"
#include "facts/read.h"
#include "rules/families.h"
#include "rules/judge.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct rule *const own[] = {
    &exec_form_rule,        &no_shell_syntax_rule,     &entrypoint_resolves_rule,
    &libc_matches_rule,     &interpreter_matches_rule, &no_secrets_rule,
    &healthcheck_runs_rule, &healthcheck_present_rule, NULL,
};

static enum severity severity_of(const struct standard *standard, const struct rule *rule)
{
    (void)standard;
    for (size_t i = 0; own[i]; i++)
        if (own[i] == rule)
            return rule->severity;
    return SEVERITY_OFF;
}

/* No parameter is set, and no default stands for one. */
static const struct rule_value *values_of(const struct standard *standard, const struct rule *rule)
{
    (void)standard;
    (void)rule;
    return NULL;
}

static const struct standard standard = {
    .profile = PROFILE_STANDARD, .kubernetes_minor = 34, .severity = severity_of, .values = values_of};

static int judge_dockerfile(const char *text, struct arena *arena, struct findings *findings, struct err *err)
{
    struct source *source = ARENA_NEW(arena, struct source);
    struct dockerfile *file = ARENA_NEW(arena, struct dockerfile);
    struct build build;
    if (!source || !file)
        return err_nomem(err);
    *source = (struct source){.name = STR("Dockerfile"), .bytes = str_z(text), .line = 1};
    int r = dockerfile_read(source->bytes, arena, file, err);
    if (r == 0)
        r = facts_of_dockerfile(source, file, STR_NONE, arena, &build, err);
    if (r == 0)
        r = judge_build(NULL, &standard, &build, arena, findings, err);
    return r;
}

static int judge_manifest(const char *text, struct arena *arena, struct findings *findings, struct err *err)
{
    struct source *source = ARENA_NEW(arena, struct source);
    const struct yaml_options options = {.schema = YAML_KUBERNETES};
    const struct data_node *root = NULL;
    const struct pod *const *pods = NULL;
    size_t count = 0, objects = 0;
    if (!source)
        return err_nomem(err);
    *source = (struct source){.name = STR("pod.yaml"), .bytes = str_z(text), .line = 1};
    const struct source *items[] = {source};
    const struct sources sources = {items, 1};
    int r = yaml_parse(source->bytes, &options, arena, &root, err);
    if (r == 0)
        r = facts_of_kubernetes(root, &sources, NULL, arena, &pods, &count, &objects, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = judge_pod(NULL, &standard, pods[i], arena, findings, err);
    return r;
}

/* "RULE severity 'text at the place'" of each finding. */
static void assert_findings(const struct findings *findings, const char *const *wanted)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->items[i];
        char shown[256];
        struct str text = place_text(finding->at);
        snprintf(shown, sizeof(shown), "%s %s %.*s", finding->rule->id,
                 finding->kind == FINDING_UNKNOWN ? "unknown" : severity_name(finding->severity), STR_ARG(text));
        if (!wanted[i])
            fail_msg("one too many: %s", shown);
        assert_string_equal(shown, wanted[i]);
        assert_non_null(finding->message);
        assert_true(finding->message[0] != '\0' && finding->message[strlen(finding->message) - 1] != '.');
    }
    assert_null(wanted[findings->count]);
}

static void test_three_lines(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct findings findings = {0};
    static const char text[] = "FROM gcr.io/distroless/cc-debian12:nonroot\n"
                               "HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/healthz || exit 1\n"
                               "ENTRYPOINT [\"/app\",\"$PORT\"]\n";
    static const char *const wanted[] = {
        "exec-form error curl -f http://localhost:8080/healthz || exit 1",
        "no-shell-syntax error \"$PORT\"",
        "healthcheck-runs error curl",
        NULL,
    };
    assert_int_equal(judge_dockerfile(text, &arena, &findings, NULL), 0);
    assert_findings(&findings, wanted);
}

static const char dockerfile[] = "FROM rust:1.80 AS build\n"
                                 "ARG NPM_TOKEN\n"
                                 "ENV DB_PASSWORD=hunter2 TOKEN=$NPM_TOKEN\n"
                                 "RUN cargo build --release && curl https://u:pa55@host/\n"
                                 "FROM python:3.12 AS venv\n"
                                 "RUN python -m venv /venv\n"
                                 "FROM gcr.io/distroless/static-debian12:nonroot AS other\n"
                                 "COPY --from=build /src/target/release/app id_rsa /srv/\n"
                                 "WORKDIR /x\n"
                                 "COPY --from=venv /venv .\n"
                                 "ENTRYPOINT [\"tini\", \"--\", \"sh\", \"-c\", \"curl $X | jq\"]\n"
                                 "FROM other\n"
                                 "HEALTHCHECK CMD curl -f http://localhost/ || exit 1\n"
                                 "ENTRYPOINT [\"/x/y\", \"$PORT\", \"&&\", \"~/x\"]\n"
                                 "CMD ['single']\n";

static const char manifest[] = "apiVersion: v1\n"
                               "kind: Pod\n"
                               "metadata: {name: demo}\n"
                               "spec:\n"
                               "  containers:\n"
                               "    - name: web\n"
                               "      image: gcr.io/distroless/static-debian12:nonroot\n"
                               "      command: [sh]\n"
                               "      args: [-c, \"exec /app $PORT\"]\n"
                               "      env: [{name: API_TOKEN, value: abcdef}]\n"
                               "      startupProbe:\n"
                               "        exec: {command: [curl, \"$(X)\", \"$Y\"]}\n";

static void test_manifest(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct findings findings = {0};
    static const char *const wanted[] = {
        "exec-form error sh",          "no-shell-syntax error \"$Y\"",    "no-secrets error abcdef",
        "healthcheck-runs error curl", "healthcheck-present warning web", NULL,
    };
    assert_int_equal(judge_manifest(manifest, &arena, &findings, NULL), 0);
    assert_findings(&findings, wanted);
}

static void test_broken_files(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "FROM",
        "FROM \n",
        "ENTRYPOINT",
        "CMD [\"\"]",
        "FROM scratch\nENTRYPOINT []\nCMD [\"\"]\n",
        "FROM scratch\nHEALTHCHECK CMD\nCOPY a\nCOPY\nENV\nARG\nENV A\nLABEL =\n",
        "FROM scratch\nENV PASSWORD\n",
        "FROM scratch\nHEALTHCHECK CMD [\"\"]\nENTRYPOINT [\"\", \"$\", \"${\", \"$(\"]\nCOPY --from= / ..\n",
        "FROM a AS a\nFROM a\nCOPY --from=9 /x /y\nONBUILD\nONBUILD ENV PASSWORD=x\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct findings findings = {0};
        assert_int_equal(judge_dockerfile(texts[i], &arena, &findings, NULL), 0);
    }
}

/* Until nothing fails: memory that is short is an error, and the findings before it do not matter. */
static void sweep(int (*run)(const char *, struct arena *, struct findings *, struct err *), const char *text)
{
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct findings findings = {0};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = run(text, &arena, &findings, &err);
        bool hit = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        if (!hit) {
            assert_int_equal(r, 0);
            assert_true(findings.count > 4);
            return;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

static void test_faults(void **state)
{
    (void)state;
    sweep(judge_dockerfile, dockerfile);
    sweep(judge_manifest, manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_lines),
        cmocka_unit_test(test_manifest),
        cmocka_unit_test(test_broken_files),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
