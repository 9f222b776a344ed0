/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each case of the Pod Security Standards (pss_cases.h) in both profiles and every version: exactly the rules that are
 * named fire, in exactly the versions that are named, and nothing is left unknown.
 */
#include "base/fault.h"
#include "base/num.h"
#include "data/yaml.h"
#include "facts/read.h"
#include "pss_cases.h"
#include "rules/judge.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NEWEST 37
#define GOOD   "allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"

/* The three lists that the standards visit, and the name of the container that a case changes. */
static const char *const lists[] = {"initContainers", "containers", "ephemeralContainers"};

static bool in_container(enum pss_where where)
{
    return where == IN_CONTAINER || where == IN_SECURITY || where == AS_SECURITY;
}

static void add_container(struct buf *out, const struct pss_case *item, const char *name, bool changed)
{
    enum pss_where where = changed ? item->where : IN_SPEC;
    buf_addf(out, "{name: %s, securityContext: {%s", name, where == AS_SECURITY ? item->text : GOOD);
    buf_addf(out, "%s%s}", where == IN_SECURITY ? ", " : "", where == IN_SECURITY ? item->text : "");
    buf_addf(out, "%s%s}", where == IN_CONTAINER ? ", " : "", where == IN_CONTAINER ? item->text : "");
}

/* The pod of ITEM; the container that it changes is in lists[LIST]. */
static struct str manifest(const struct pss_case *item, size_t list, struct arena *arena)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    const char *text = item->text;
    buf_addf(&out, "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {%s}}\n",
             item->where == IN_ANNOTATIONS ? text : "");
    if (item->where == AS_SPEC) {
        buf_addf(&out, "spec: {%s}\n", text);
        return arena_buf(arena, &out);
    }
    buf_addf(&out, "spec: {securityContext: {%s",
             item->where == AS_POD ? text : "runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}");
    buf_addf(&out, "%s%s}", item->where == IN_POD ? ", " : "", item->where == IN_POD ? text : "");
    static const char *const names[] = {"i", "c", "e"};
    for (size_t i = 0; i < 3; i++) {
        buf_addf(&out, ", %s: [", lists[i]);
        add_container(&out, item, names[i], i == list && in_container(item->where));
        buf_add_z(&out, "]");
    }
    buf_addf(&out, "%s%s}\n", item->where == IN_SPEC && text[0] ? ", " : "", item->where == IN_SPEC ? text : "");
    return arena_buf(arena, &out);
}

static const struct pod *read_pod(struct str text, struct arena *arena)
{
    struct source *source = ARENA_NEW(arena, struct source);
    const struct source **items = ARENA_ARRAY(arena, 1, const struct source *);
    *source = (struct source){.name = STR("pod.yaml"), .bytes = text, .line = 1};
    items[0] = source;
    struct sources *sources = ARENA_NEW(arena, struct sources);
    *sources = (struct sources){items, 1};
    struct yaml_options options = {.schema = YAML_KUBERNETES};
    const struct data_node *root = NULL;
    struct err err = ERR_INIT;
    if (yaml_parse(text, &options, arena, &root, &err) != 0)
        fail_msg("%.*s", STR_ARG(text));
    const struct pod *const *pods = NULL;
    size_t count = 0, objects = 0;
    assert_int_equal(facts_of_kubernetes(root, sources, NULL, arena, &pods, &count, &objects, &err), 0);
    assert_int_equal(count, 1);
    return pods[0];
}

/* The parameters of every rule as they are when nobody sets them; `self` of a standard. */
struct defaults {
    struct arena arena;
    const struct rule_value *values[256];
};

static const struct rule_value *default_values(const struct standard *standard, const struct rule *rule)
{
    const struct defaults *defaults = standard->self;
    size_t i = 0;
    while (rules[i] != rule)
        i++;
    return defaults->values[i];
}

static int setup(void **state)
{
    static struct defaults defaults = {.arena = ARENA_INIT};
    for (size_t i = 0; rules[i]; i++) {
        struct rule_value *values = NULL;
        assert_int_equal(rule_values_default(rules[i], &defaults.arena, &values, NULL), 0);
        defaults.values[i] = values;
    }
    *state = &defaults;
    return 0;
}

static int teardown(void **state)
{
    struct defaults *defaults = *state;
    arena_done(&defaults->arena);
    return 0;
}

/* The ids of the rules that fired, each once, joined by a space. */
static struct str fired(const struct defaults *defaults, const struct pod *pod, enum profile profile, unsigned minor,
                        struct arena *arena)
{
    struct standard standard = {
        .profile = profile, .kubernetes_minor = minor, .values = default_values, .self = defaults};
    struct findings findings = {0};
    struct err err = ERR_INIT;
    assert_int_equal(judge_pod(NULL, &standard, pod, arena, &findings, &err), 0);
    struct buf out CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < findings.count; i++) {
        const struct finding *finding = &findings.items[i];
        if (i == 0 || finding->rule != findings.items[i - 1].rule)
            buf_addf(&out, "%s%s%s", out.len ? " " : "", finding->kind == FINDING_UNKNOWN ? "?" : "",
                     finding->rule->id);
    }
    return arena_buf(arena, &out);
}

static bool holds(const char *range, unsigned minor)
{
    struct str last = str_z(range), first;
    uint32_t from = 0, to = NEWEST;
    if (last.len == 0 || !str_next(&last, '-', &first))
        return false;
    assert_true(num_parse_u32(first, &from));
    assert_true(last.len == 0 || num_parse_u32(last, &to));
    return minor >= from && minor <= to;
}

static size_t judge_case(const struct defaults *defaults, const struct pss_case *item, size_t list)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str text = manifest(item, list, &arena);
    const struct pod *pod = read_pod(text, &arena);
    size_t wrong = 0;
    for (unsigned minor = 0; minor <= NEWEST; minor++)
        for (unsigned profile = PROFILE_PSS_BASELINE; profile <= PROFILE_PSS_RESTRICTED; profile++) {
            const char *range = profile == PROFILE_PSS_BASELINE ? item->baseline : item->restricted;
            struct str expected = holds(range, minor) ? str_z(item->rules) : STR("");
            struct str found = fired(defaults, pod, (enum profile)profile, minor, &arena);
            if (str_eq(found, expected))
                continue;
            if (wrong++ == 0)
                print_error("%s 1.%u: '%.*s' instead of '%.*s':\n%.*s", profile_name((enum profile)profile), minor,
                            STR_ARG(found), STR_ARG(expected), STR_ARG(text));
        }
    return wrong;
}

static void test_every_case_in_every_version(void **state)
{
    size_t wrong = 0, count = 0;
    for (const struct pss_case *item = pss_cases; item->rules; item++)
        for (size_t list = 0; list < (in_container(item->where) ? 3 : 1); list++, count++)
            wrong += judge_case(*state, item, list) != 0;
    assert_true(count >= 300);
    assert_int_equal(wrong, 0);
}

/* Judging with the n-th allocation failing, for every n: a clean error, and nothing leaks. */
static void test_short_memory(void **state)
{
    CLEANUP_ARENA struct arena facts = ARENA_INIT;
    const struct pod *pod =
        read_pod(STR("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostPID: true, volumes: [{name: v, nfs: {"
                     "server: s, path: /}}, {name: w, hostPath: {path: /etc}}], securityContext: {sysctls: [{name: "
                     "kernel.msgmax, value: '1'}]}, containers: [{name: c, securityContext: {privileged: true, "
                     "procMount: Unmasked, capabilities: {add: [NET_RAW]}}}]}\n"),
                 &facts);
    struct standard standard = {
        .profile = PROFILE_PSS_RESTRICTED, .kubernetes_minor = NEWEST, .values = default_values, .self = *state};
    CLEANUP_ARENA struct arena plenty = ARENA_INIT;
    struct findings all = {0};
    assert_int_equal(judge_pod(NULL, &standard, pod, &plenty, &all, NULL), 0);
    assert_true(all.count >= 10);
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct findings findings = {0};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = judge_pod(NULL, &standard, pod, &arena, &findings, &err);
        fault_disarm();
        if (r == 0) {
            assert_int_equal(findings.count, all.count);
            assert_true(n > 1);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_case_in_every_version),
        cmocka_unit_test(test_short_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
