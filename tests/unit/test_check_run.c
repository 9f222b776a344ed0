/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "check/check.h"
#include "rules/families.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* An input in memory: one stretch, or one for each piece. */
struct text {
    struct str pieces[4];
    size_t count, next;
    uint64_t offset;
    uint32_t line;
    unsigned done;
    struct err fails;
};

static int next_piece(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line, struct err *err)
{
    struct text *text = self;
    if (text->fails.code) {
        *err = text->fails;
        return -(int)err->code;
    }
    *ret_offset = text->offset;
    *ret_line = text->line + 1;
    *ret_bytes = text->next < text->count ? text->pieces[text->next++] : STR_NONE;
    for (size_t i = 0; i < ret_bytes->len; i++)
        text->line += ret_bytes->ptr[i] == '\n';
    text->offset += ret_bytes->len;
    return 0;
}

static void done(void *self)
{
    ((struct text *)self)->done++;
}

static struct check_input input_of(enum surface surface, const char *name, struct text *text, const char *bytes)
{
    text->pieces[text->count++] = str_z(bytes);
    return (struct check_input){
        .surface = surface, .name = str_z(name), .next = next_piece, .done = done, .self = text};
}

/* Judges by RULES alone (blank-separated ids) with the policy of YAML (or NULL). */
static int run(const char *yaml, const char *only, const struct check_input *inputs, size_t count, struct arena *arena,
               struct policy *policy, struct report *report, struct err *err)
{
    struct op_ctx ctx = {.arena = arena};
    int r = policy_read(STR("p.yaml"), str_z(yaml ? yaml : ""), arena, policy, err);
    for (size_t i = 0; r == 0 && rules[i]; i++)
        if (only && !strstr(only, rules[i]->id)) {
            policy->settings[i].has_severity = true;
            policy->settings[i].severity = SEVERITY_OFF;
        }
    return r == 0 ? check_run(&ctx, policy, inputs, count, 1, arena, report, err) : r;
}

static const char pod[] = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: b\n"
                          "    securityContext:\n      privileged: true\n";

static void test_places(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text text = {0};
    const struct check_input input = input_of(SURFACE_KUBERNETES, "a/pod.yaml", &text, pod);
    struct policy policy;
    struct report report;
    struct err err = ERR_INIT;
    assert_int_equal(run(NULL, "no-privileged", &input, 1, &arena, &policy, &report, &err), 0);
    assert_int_equal(report.finding_count, 1);
    const struct report_finding *finding = &report.findings[0];
    assert_string_equal(finding->rule->id, "no-privileged");
    assert_true(str_eq(finding->at.file, STR("a/pod.yaml")));
    assert_int_equal(finding->at.line, 8);
    assert_int_equal(finding->at.column, 19);
    assert_int_equal(finding->at.end_line, 8);
    assert_int_equal(finding->at.end_column, 23);
    assert_int_equal(finding->at.offset, strlen(pod) - 5);
    assert_true(str_eq(finding->at.text, STR("true")));
    assert_true(str_eq(finding->excerpt, STR("      privileged: true")));
    assert_true(str_eq(finding->subject, STR("container 'b' of Pod 'a'")));
    assert_int_equal(report.errors, 1);
    assert_int_equal(report.judged, 1);
    assert_int_equal(report.files[0].documents, 1);
    assert_int_equal(report.bytes, strlen(pod));
    assert_int_equal(check_status(&report), 1);
    assert_int_equal(text.done, 1);
}

/* What to do is told for the platform that is judged, whatever else the rule knows. */
static void test_remedies(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text texts[2] = {0};
    const struct check_input inputs[] = {
        input_of(SURFACE_COMPOSE, "compose.yaml", &texts[0], "services:\n  b:\n    privileged: true\n"),
        input_of(SURFACE_KUBERNETES, "pod.yaml", &texts[1], pod),
    };
    struct policy policy;
    struct report report;
    struct err err = ERR_INIT;
    assert_int_equal(run(NULL, "no-privileged", inputs, 2, &arena, &policy, &report, &err), 0);
    assert_int_equal(report.finding_count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(str_eq_z(report.findings[i].remedy, rule_remedy(&no_privileged_rule, inputs[i].surface)));
    assert_false(str_eq(report.findings[0].remedy, report.findings[1].remedy));
}

static void test_stretches(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text text = {0};
    struct check_input input = input_of(SURFACE_KUBERNETES, "pod.yaml", &text, pod);
    text.pieces[text.count++] = STR("---\n# \xC3\xA9\n");
    text.pieces[text.count++] = STR("---\r\napiVersion: v1\r\nkind: Pod\r\nspec: {hostPID: false, containers: [{name: "
                                    "\"\xE2\x82\xAC\", securityContext: {privileged: true}}]}\r\n");
    struct policy policy;
    struct report report;
    assert_int_equal(run(NULL, "no-privileged", &input, 1, &arena, &policy, &report, NULL), 0);
    assert_int_equal(report.finding_count, 2);
    assert_int_equal(report.findings[1].at.line, 14);
    assert_int_equal(report.findings[1].at.column, 79); /* the euro is three bytes and one character */
    assert_int_equal(report.findings[1].at.offset, text.offset - strlen("true}}]}\r\n"));
    assert_true(str_eq(report.findings[1].at.text, STR("true")));
    assert_false(str_ends(report.findings[1].excerpt, STR("\r")));
}

static void test_broken_hides_nothing(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text text = {0};
    struct check_input input = input_of(SURFACE_KUBERNETES, "pod.yaml", &text,
                                        "apiVersion: v1\nkind: [\n---\napiVersion: v1\nkind: Pod\nkind: Pod\nspec:\n"
                                        "  containers: [{name: b, securityContext: {privileged: true}}]\n");
    struct policy policy;
    struct report report;
    assert_int_equal(run(NULL, "valid-syntax no-privileged", &input, 1, &arena, &policy, &report, NULL), 0);
    assert_int_equal(report.finding_count, 3);
    assert_string_equal(report.findings[0].rule->id, "valid-syntax");
    assert_int_equal(report.findings[0].at.line, 3);
    assert_true(str_eq(report.findings[1].message, STR("the key 'kind' stands twice in one mapping")));
    assert_int_equal(report.findings[1].at.line, 6);
    assert_string_equal(report.findings[2].rule->id, "no-privileged");
    assert_int_equal(report.findings[2].at.line, 8);
}

static void test_waivers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *policy;
        size_t waived, errors, warnings;
    } cases[] = {
        {"# barehull: allow no-privileged -- why\n", NULL, 1, 0, 0},
        {"# barehull: allow * -- why\n", NULL, 1, 0, 0},
        {"# barehull: allow no-privileged\n", NULL, 0, 1, 1},
        {"# barehull: allow no-privileges -- why\n", NULL, 0, 1, 1},
        {"# barehull: allow no-host-path -- why\n", NULL, 0, 1, 1},
        {"# barehull: permit no-privileged -- why\n", NULL, 0, 1, 1},
        {"# barehull: allow no-privileged -- why\n", "policy: {locked: true}", 0, 1, 1},
        {"", "waivers: [{rule: no-privileged, paths: [k8s/], reason: why}]", 1, 0, 0},
        {"", "waivers: [{rule: no-privileged, paths: [other/], reason: why}]", 0, 1, 0},
        {"", "waivers: [{rule: no-host-path, paths: [k8s/], reason: why}]", 0, 1, 1},
        {"", "waivers: [{rule: no-privileged, reason: why, expires: 2020-01-01}]", 0, 1, 1},
        {"", "{waivers: [{rule: no-privileged, reason: why}], policy: {locked: true}}", 1, 0, 0},
        {"", "rules: {no-privileged: warning}", 0, 0, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        char bytes[512];
        assert_true(snprintf(bytes, sizeof(bytes), "%s%s", cases[i].text, pod) > 0);
        struct text text = {0};
        const struct check_input input = input_of(SURFACE_KUBERNETES, "k8s/pod.yaml", &text, bytes);
        struct policy policy;
        struct report report;
        struct op_ctx ctx = {.arena = &arena};
        assert_int_equal(policy_read(STR("p"), str_z(cases[i].policy ? cases[i].policy : ""), &arena, &policy, NULL),
                         0);
        policy.today = 20779;
        for (size_t r = 0; rules[r]; r++)
            if (rules[r] != rule_find(STR("no-privileged")) && rules[r] != rule_find(STR("no-host-path")) &&
                rules[r] != &valid_waivers_rule) {
                policy.settings[r].has_severity = true;
                policy.settings[r].severity = SEVERITY_OFF;
            }
        assert_int_equal(check_run(&ctx, &policy, &input, 1, 1, &arena, &report, NULL), 0);
        if (report.waived != cases[i].waived || report.errors != cases[i].errors ||
            report.warnings != cases[i].warnings)
            fail_msg("case %zu: %zu waived, %zu errors, %zu warnings", i, report.waived, report.errors,
                     report.warnings);
    }
}

/* Where a comment stands decides what it covers. */
static void test_waiver_places(void **state)
{
    (void)state;
    static const char head[] = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    static const struct {
        const char *text;
        size_t waived;
    } cases[] = {
        {"spec:\n  # barehull: allow no-privileged -- r\n  containers:\n  - name: b\n    securityContext: {privileged: "
         "true}\n  - name: c\n    securityContext: {privileged: true}\n",
         2},
        {"spec:\n  containers:\n  # barehull: allow no-privileged -- r\n  - name: b\n    securityContext: {privileged: "
         "true}\n  - name: c\n    securityContext: {privileged: true}\n",
         1},
        {"spec:\n  containers:\n  - name: b\n    securityContext: {privileged: true} # barehull: allow no-privileged "
         "-- r\n"
         "  - name: c\n    securityContext: {privileged: true}\n",
         1},
        {"spec:\n  containers:\n  - name: b\n    # barehull: allow no-privileged -- r\n\n    # more\n    "
         "securityContext:\n"
         "      privileged: true\n  - name: c\n    securityContext: {privileged: true}\n",
         1},
        {"spec:\n  containers:\n  - name: b\n    args: [\"# barehull: allow no-privileged -- r\"]\n    "
         "securityContext: "
         "{privileged: true}\n",
         0},
        {"spec:\n  containers:\n  - name: b\n    args:\n    - |\n      # barehull: allow no-privileged -- r\n    "
         "securityContext: {privileged: true}\n",
         0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        char bytes[1024];
        assert_true(snprintf(bytes, sizeof(bytes), "%s%s", head, cases[i].text) > 0);
        struct text text = {0};
        const struct check_input input = input_of(SURFACE_KUBERNETES, "pod.yaml", &text, bytes);
        struct policy policy;
        struct report report;
        assert_int_equal(run(NULL, "no-privileged", &input, 1, &arena, &policy, &report, NULL), 0);
        if (report.waived != cases[i].waived)
            fail_msg("case %zu: %zu waived", i, report.waived);
    }
}

static void test_dockerfile_waivers(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text text = {0};
    const struct check_input input = input_of(SURFACE_DOCKERFILE, "Dockerfile", &text,
                                              "FROM scratch\n# barehull: allow valid-syntax -- r\nCOPY\nCOPY\nRUN a "
                                              "\\\n# barehull: allow valid-waivers -- r\n b\n");
    struct policy policy;
    struct report report;
    assert_int_equal(run(NULL, "valid-syntax valid-waivers", &input, 1, &arena, &policy, &report, NULL), 0);
    assert_int_equal(report.waived, 1);
    assert_int_equal(report.errors, 1);
    assert_int_equal(report.warnings, 1); /* the one inside RUN is not needed */
    assert_int_equal(report.findings[report.finding_count - 1].at.line, 6);
}

static void test_not_judged(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text good = {0}, broken = {0};
    struct check_input inputs[4] = {
        input_of(SURFACE_KUBERNETES, "good.yaml", &good, "apiVersion: v1\nkind: Service\n"),
        input_of(SURFACE_KUBERNETES, "gone.yaml", &broken, ""),
        {.surface = SURFACE_KUBERNETES,
         .name = STR("chart.yaml"),
         .not_judged = STR("a Helm template"),
         .template = true},
        {.surface = SURFACE_KUBERNETES, .name = STR("x.json"), .skipped = STR("not ours")},
    };
    err_set(&broken.fails, ERR_IO, "the disk is gone");
    struct policy policy;
    struct report report;
    assert_int_equal(run(NULL, "not-rendered", inputs, 4, &arena, &policy, &report, NULL), 0);
    assert_int_equal(report.judged, 1);
    assert_int_equal(report.not_judged, 2);
    assert_int_equal(report.skipped, 1);
    assert_int_equal(report.notes, 1);
    assert_true(str_eq(report.files[1].reason, STR("the disk is gone")));
    assert_true(str_eq(report.files[2].reason, STR("a Helm template")));
    assert_true(str_eq(report.findings[0].message, STR("not judged: a Helm template")));
    assert_int_equal(check_status(&report), 3);
    assert_int_equal(broken.done, 1);
    /* Waived by path, a template is no hole any more. */
    good.next = good.offset = good.line = 0;
    assert_int_equal(run("waivers: [{rule: not-rendered, paths: [chart.yaml], reason: rendered in CI}]", "not-rendered",
                         &inputs[2], 1, &arena, &policy, &report, NULL),
                     0);
    assert_int_equal(report.not_judged, 0);
    assert_int_equal(check_status(&report), 2); /* nothing was read */
    assert_int_equal(run(NULL, "", inputs, 1, &arena, &policy, &report, NULL), 0);
    assert_int_equal(check_status(&report), 0);
    assert_int_equal(run(NULL, "", NULL, 0, &arena, &policy, &report, NULL), 0);
    assert_int_equal(check_status(&report), 2);
}

/* The same findings in the same order, whatever the number of threads. */
static void test_threads(void **state)
{
    (void)state;
    enum { COUNT = 40 };
    static char names[COUNT][16];
    struct buf seen[2] = {BUF_INIT, BUF_INIT};
    for (unsigned threads = 1; threads <= 2; threads++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct text texts[COUNT] = {0};
        struct check_input inputs[COUNT];
        struct op_ctx ctx = {.arena = &arena};
        struct policy policy;
        struct report report;
        for (size_t i = 0; i < COUNT; i++) {
            assert_true(snprintf(names[i], sizeof(names[i]), "%zu.yaml", i) > 0);
            inputs[i] = input_of(SURFACE_KUBERNETES, names[i], &texts[i], pod);
        }
        assert_int_equal(policy_default(&arena, &policy, NULL), 0);
        assert_int_equal(check_run(&ctx, &policy, inputs, COUNT, threads, &arena, &report, NULL), 0);
        for (size_t i = 0; i < report.finding_count; i++)
            buf_addf(&seen[threads - 1], "%.*s %u %s\n", STR_ARG(report.findings[i].at.file),
                     report.findings[i].at.line, report.findings[i].rule->id);
    }
    assert_true(seen[0].len > 0);
    assert_true(str_eq(buf_str(&seen[0]), buf_str(&seen[1])));
    buf_done(&seen[0]);
    buf_done(&seen[1]);
}

static void test_cancelled(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text text = {0};
    const struct check_input input = input_of(SURFACE_KUBERNETES, "pod.yaml", &text, pod);
    atomic_bool cancelled = true;
    struct op_ctx ctx = {.arena = &arena, .cancelled = &cancelled};
    struct policy policy;
    struct report report;
    struct err err = ERR_INIT;
    assert_int_equal(policy_default(&arena, &policy, NULL), 0);
    assert_int_equal(check_run(&ctx, &policy, &input, 1, 1, &arena, &report, &err), -(int)ERR_CANCELLED);
}

/* Two projects that read one file tell its finding once; another file, or another place, is another finding. */
/* HEAD, COUNT times LINE with its number for each '#', and TAIL; in the arena. */
static char *many(struct arena *arena, const char *head, size_t count, const char *line, const char *tail)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, head);
    for (size_t i = 0; i < count; i++)
        for (const char *c = line; *c; c++)
            if (*c == '#')
                buf_addf(&text, "%zu", i);
            else
                buf_add_char(&text, *c);
    buf_add_z(&text, tail);
    struct str copy = arena_buf(arena, &text);
    assert_non_null(copy.ptr);
    return (char *)(uintptr_t)copy.ptr;
}

static void expect_large(enum surface surface, const char *bytes, const char *reason, size_t findings)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text text = {0};
    const struct check_input input = input_of(surface, "a.yaml", &text, bytes);
    struct policy policy;
    struct report report;
    assert_int_equal(run(NULL, "no-privileged", &input, 1, &arena, &policy, &report, NULL), 0);
    assert_string_equal(report.files[0].reason.ptr ? report.files[0].reason.ptr : "", reason);
    assert_int_equal(report.files[0].state, *reason ? REPORT_NOT_JUDGED : REPORT_JUDGED);
    assert_int_equal(report.finding_count, findings);
    int unread = surface == SURFACE_COMPOSE ? 2 : 3; /* nothing of the project, or of one pod of the file */
    assert_int_equal(check_status(&report), findings > 0 ? 1 : *reason ? unread : 0);
}

/* What costs more than its text is bounded: told, and what stands beside it is judged. */
static void test_large(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const char head[] = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n";
    static const char list[] = "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: web}\n  spec:\n"
                               "    containers:\n";
    static const char beside[] = "- spec: {containers: [{securityContext: {privileged: true}}]}\n";
    CLEANUP_BUF struct buf other = BUF_INIT;
    buf_addf(&other, "---\n%s", pod);
    assert_int_equal(buf_check(&other, NULL), 0);
    const char *other_pod = arena_buf(&arena, &other).ptr;
    expect_large(SURFACE_KUBERNETES, many(&arena, head, LIMIT_KUBERNETES_CONTAINERS, "  - {}\n", ""), "", 0);
    expect_large(SURFACE_KUBERNETES, many(&arena, head, LIMIT_KUBERNETES_CONTAINERS + 1, "  - {}\n", other_pod),
                 "in part: a Pod has more than 2000 containers", 1);
    expect_large(SURFACE_KUBERNETES, many(&arena, list, LIMIT_KUBERNETES_CONTAINERS + 1, "    - {}\n", beside),
                 "in part: Pod 'web' has more than 2000 containers", 1);
    expect_large(SURFACE_KUBERNETES,
                 many(&arena, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{}]\n  volumes:\n",
                      LIMIT_KUBERNETES_POD_VALUES, "  - {}\n", ""),
                 "in part: Pod 'a' has more than 65536 values in its pod", 0);
    expect_large(SURFACE_COMPOSE, many(&arena, "services:\n", LIMIT_COMPOSE_SERVICES, "  a#: {}\n", ""), "", 0);
    expect_large(SURFACE_COMPOSE,
                 many(&arena, "services:\n", LIMIT_COMPOSE_SERVICES + 1, "  a#: {privileged: true}\n", ""),
                 "the project has more than 2000 services", 0);
}

struct calling_off {
    struct text text;
    atomic_bool *cancelled;
};

static int next_and_call_off(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line,
                             struct err *err)
{
    struct calling_off *calling_off = self;
    int r = next_piece(&calling_off->text, ret_bytes, ret_offset, ret_line, err);
    atomic_store(calling_off->cancelled, true);
    return r;
}

/* Called off while a large text is read: the reader itself stops, in the middle of a document. */
static void test_called_off_in_a_text(void **state)
{
    (void)state;
    static const struct {
        enum surface surface;
        const char *name, *head, *line, *tail;
    } cases[] = {
        {SURFACE_KUBERNETES, "a.yaml", "apiVersion: v1\nkind: Pod\ndata:\n", "- {}\n", ""},
        {SURFACE_KUBERNETES, "a.json", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"data\":[", "{},", "{}]}"},
        {SURFACE_COMPOSE, "compose.yaml", "services: {a: {image: a}}\nx-a:\n", "- {}\n", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        atomic_bool cancelled = false;
        struct calling_off calling_off = {.cancelled = &cancelled};
        struct check_input input = input_of(cases[i].surface, cases[i].name, &calling_off.text,
                                            many(&arena, cases[i].head, 100000, cases[i].line, cases[i].tail));
        input.next = next_and_call_off;
        input.self = &calling_off;
        struct policy policy;
        struct report report;
        struct err err = ERR_INIT;
        const struct op_ctx ctx = {.arena = &arena, .cancelled = &cancelled};
        assert_int_equal(policy_read(STR("p.yaml"), STR(""), &arena, &policy, &err), 0);

        assert_int_equal(check_run(&ctx, &policy, &input, 1, 1, &arena, &report, &err), -ERR_CANCELLED);
    }
}

static void test_told_once(void **state)
{
    (void)state;
    static const char once[] = "services:\n  a: {image: b, privileged: true}\n";
    static const char below[] = "services:\n\n  a: {image: b, privileged: true}\n";
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct text texts[4] = {0};
    const struct check_input inputs[4] = {
        input_of(SURFACE_COMPOSE, "one.yaml", &texts[0], once),
        input_of(SURFACE_COMPOSE, "one.yaml", &texts[1], once),
        input_of(SURFACE_COMPOSE, "two.yaml", &texts[2], once),
        input_of(SURFACE_COMPOSE, "one.yaml", &texts[3], below),
    };
    struct policy policy;
    struct report report;
    assert_int_equal(run(NULL, "no-privileged", inputs, 4, &arena, &policy, &report, NULL), 0);
    assert_int_equal(report.finding_count, 3);
    assert_int_equal(report.errors, 3);
    assert_int_equal(report.judged, 4);
    assert_true(str_eq(report.findings[1].at.file, STR("two.yaml")));
    assert_int_equal(report.findings[2].at.line, 3);
}

/* One input of each surface, with findings, waivers and mistakes; every allocation fails once. */
static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct text texts[3] = {0};
        struct check_input inputs[3] = {
            input_of(SURFACE_KUBERNETES, "pod.yaml", &texts[0], pod),
            input_of(SURFACE_COMPOSE, "compose.yaml", &texts[1],
                     "services:\n  # barehull: allow no-privileged -- r\n  a: {image: b, privileged: true}\n"),
            input_of(SURFACE_DOCKERFILE, "Dockerfile", &texts[2], "FROM a\nCOPY\nENTRYPOINT x\n"),
        };
        struct policy policy;
        struct report report;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = run("waivers: [{rule: exec-form, reason: r}]", NULL, inputs, 3, &arena, &policy, &report, &err);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        if (passed) {
            assert_int_equal(r, 0);
            assert_true(n > 10);
            return;
        }
        if (r != -(int)ERR_NOMEM)
            fail_msg("allocation %llu", (unsigned long long)n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_remedies),
        cmocka_unit_test(test_stretches),
        cmocka_unit_test(test_broken_hides_nothing),
        cmocka_unit_test(test_waivers),
        cmocka_unit_test(test_waiver_places),
        cmocka_unit_test(test_dockerfile_waivers),
        cmocka_unit_test(test_not_judged),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_called_off_in_a_text),
        cmocka_unit_test(test_told_once),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
