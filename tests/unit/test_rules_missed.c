/* SPDX-License-Identifier: Apache-2.0 */
/* What is missing leads to the key that was meant: for every rule, and never to the key of another container. */
#include "base/fault.h"
#include "data/yaml.h"
#include "facts/read.h"
#include "rules/judge.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static const struct rule_value *default_values(const struct standard *standard, const struct rule *rule)
{
    const struct arena *arena = standard->self;
    struct rule_value *values = NULL;
    assert_int_equal(rule_values_default(rule, (struct arena *)(uintptr_t)arena, &values, NULL), 0);
    return values;
}

/* "rule subject: key" of each finding with a related place. */
static void leads(const char *text, const char *expected)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct source source = {.name = STR("a.yaml"), .bytes = str_z(text), .line = 1};
    const struct source *const items[] = {&source};
    const struct sources sources = {items, 1};
    const struct yaml_options options = {.schema = YAML_KUBERNETES};
    const struct data_node *root = NULL;
    const struct pod *const *pods = NULL;
    size_t count = 0, objects = 0;
    struct err err = ERR_INIT;
    assert_int_equal(yaml_parse(source.bytes, &options, &arena, &root, &err), 0);
    assert_int_equal(facts_of_kubernetes(root, &sources, NULL, &arena, &pods, &count, &objects, &err), 0);
    assert_int_equal(count, 1);
    const struct standard standard = {.kubernetes_minor = 37, .values = default_values, .self = &arena};
    struct findings findings = {0};
    assert_int_equal(judge_pod(NULL, &standard, pods[0], &arena, &findings, &err), 0);
    CLEANUP_BUF struct buf out = BUF_INIT;
    for (size_t i = 0; i < findings.count; i++) {
        const struct finding *finding = &findings.items[i];
        for (size_t k = 0; k < finding->related_count; k++) {
            struct place at = finding->related[k].at;
            struct str line = str_head(source.bytes, at.span.offset);
            unsigned number = 1;
            for (size_t b = 0; b < line.len; b++)
                number += line.ptr[b] == '\n';
            buf_addf(&out, "%s of %s: %.*s, line %u\n", finding->rule->id, finding->subject, STR_ARG(place_text(at)),
                     number);
        }
    }
    assert_string_equal(buf_z(&out), expected);
}

#define DEPLOYMENT "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n"

static void test_containers(void **state)
{
    (void)state;
    leads(DEPLOYMENT "spec:\n  template:\n    spec:\n      containers:\n"
                     "        - name: a\n          image: a:1\n          livenessprobe: {}\n"
                     "          resources: {limit: {memory: 1Mi}}\n          securityContext:\n"
                     "            readOnlyRootFileSystem: true\n            allow_privilege_escalation: false\n"
                     "            runAsNonroot: true\n            Capabilities: {drop: [ALL]}\n"
                     "        - name: b\n          image: b:1\n          securityContext: {}\n",
          "non-root-user of container 'a' of Deployment 'd': runAsNonroot, line 15\n"
          "healthcheck-present of container 'a' of Deployment 'd': livenessprobe, line 10\n"
          "read-only-root of container 'a' of Deployment 'd': readOnlyRootFileSystem, line 13\n"
          "drop-capabilities of container 'a' of Deployment 'd': Capabilities, line 16\n"
          "no-privilege-escalation of container 'a' of Deployment 'd': allow_privilege_escalation, line 14\n"
          "resource-limits of container 'a' of Deployment 'd': limit, line 11\n"
          "resource-limits of container 'a' of Deployment 'd': limit, line 11\n");
}

static void test_levels(void **state)
{
    (void)state;
    leads(DEPLOYMENT "spec:\n  securityContext: {runAsNonRoot: true}\n  automountServiceAccountToken: false\n"
                     "  template:\n    spec:\n      securityContext: {readOnlyRootFilesystem: true}\n"
                     "      containers:\n        - {name: a, image: 'a:1'}\n",
          "non-root-user of container 'a' of Deployment 'd': securityContext, line 5\n"
          "read-only-root of container 'a' of Deployment 'd': readOnlyRootFilesystem, line 9\n"
          "no-token-mount of Deployment 'd': automountServiceAccountToken, line 6\n");
}

static const struct rule_value *nothing_set(const struct standard *standard, const struct rule *rule)
{
    (void)standard;
    (void)rule;
    return NULL;
}

static void test_fault(void **state)
{
    (void)state;
    const struct source source = {.name = STR("a.yaml"),
                                  .bytes = STR("apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: a, "
                                               "securityContext: {readonlyRootFilesystem: true}}]}\n"),
                                  .line = 1};
    const struct source *const items[] = {&source};
    const struct sources sources = {items, 1};
    CLEANUP_ARENA struct arena facts = ARENA_INIT;
    const struct data_node *root = NULL;
    const struct pod *const *pods = NULL;
    size_t count = 0, objects = 0;
    assert_int_equal(yaml_parse(source.bytes, NULL, &facts, &root, NULL), 0);
    assert_int_equal(facts_of_kubernetes(root, &sources, NULL, &facts, &pods, &count, &objects, NULL), 0);
    bool fired = true;
    for (uint64_t n = 1; fired; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct standard standard = {
            .profile = PROFILE_PSS_RESTRICTED, .kubernetes_minor = 37, .values = nothing_set};
        struct findings findings = {0};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = judge_pod(NULL, &standard, pods[0], &arena, &findings, &err);
        fired = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        assert_int_equal(r, fired ? -(int)ERR_NOMEM : 0);
        assert_true(n < 2000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containers),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
