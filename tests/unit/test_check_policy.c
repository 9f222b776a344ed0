/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "check/policy.h"
#include "check/policy_date.h"
#include "rules/families.h"

#include <setjmp.h>

#include <cmocka.h>

static int read_text(const char *text, struct arena *arena, struct policy *ret_policy, struct err *err)
{
    return policy_read(STR(".barehull.yaml"), str_z(text), arena, ret_policy, err);
}

static const char full[] = "profile: pss-restricted\n"
                           "kubernetes: 1.29\n"
                           "fail-on: error\n"
                           "fail-on-unknown: true\n"
                           "allowed-bases: [registry.example/base]\n"
                           "exclude: charts/\n"
                           "rules:\n"
                           "  not-rendered: off\n"
                           "  valid-waivers: {severity: note}\n"
                           "waivers:\n"
                           "  - rule: valid-syntax\n"
                           "    paths: [legacy/, '*.old.yaml']\n"
                           "    reason: until the rewrite\n"
                           "    expires: 2027-01-31\n"
                           "  - {rule: ['*'], reason: \" why \"}\n"
                           "policy: {locked: true}\n";

static void test_everything(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct policy policy;
    struct err err = ERR_INIT;
    assert_int_equal(read_text(full, &arena, &policy, &err), 0);
    assert_int_equal(policy.standard.profile, PROFILE_PSS_RESTRICTED);
    assert_int_equal(policy.standard.kubernetes_minor, 29);
    assert_int_equal(policy.fail_on, FAIL_ON_ERROR);
    assert_true(policy.fail_on_unknown);
    assert_true(policy.locked);
    assert_int_equal(policy.standard.allowed_bases.count, 1);
    assert_true(str_eq(policy.standard.allowed_bases.items[0], STR("registry.example/base")));
    assert_int_equal(policy.exclude.count, 1);
    assert_true(str_eq(policy.exclude.items[0], STR("charts/")));
    assert_ptr_equal(policy.standard.self, &policy);
    assert_int_equal(policy.standard.severity(&policy.standard, &not_rendered_rule), SEVERITY_OFF);
    assert_int_equal(policy.standard.severity(&policy.standard, &valid_waivers_rule), SEVERITY_NOTE);
    assert_int_equal(policy.standard.severity(&policy.standard, &valid_syntax_rule), SEVERITY_ERROR);
    assert_int_equal(policy.waiver_count, 2);
    assert_true(str_eq(policy.waivers[0].reason, STR("until the rewrite")));
    assert_int_equal(policy.waivers[0].expires_day, 20849);
    assert_true(str_eq(place_text(policy.waivers[1].at), STR("{rule: ['*'], reason: \" why \"}")));
    assert_true(str_eq(policy.waivers[1].reason, STR("why")));
}

static void test_paths(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct policy policy;
    assert_int_equal(read_text(full, &arena, &policy, NULL), 0);
    const struct policy_waiver *waiver = &policy.waivers[0];
    assert_true(policy_waiver_covers(&policy, waiver, STR("legacy/a/Dockerfile")));
    assert_true(policy_waiver_covers(&policy, waiver, STR("web.old.yaml")));
    assert_false(policy_waiver_covers(&policy, waiver, STR("legacy2/Dockerfile")));
    assert_false(policy_waiver_covers(&policy, waiver, STR("a/web.old.yaml.bak")));
    assert_true(policy_waiver_covers(&policy, &policy.waivers[1], STR("anything")));
    policy.today = 20848;
    assert_true(policy_waiver_covers(&policy, waiver, STR("legacy/a")));
    policy.today = 20849;
    assert_false(policy_waiver_covers(&policy, waiver, STR("legacy/a")));
}

static void test_default(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct policy policy;
    static const char *const empty[] = {"", "# nothing\n", "---\n", "profile:\n"};
    for (size_t i = 0; i < ARRAY_LEN(empty); i++) {
        assert_int_equal(read_text(empty[i], &arena, &policy, NULL), 0);
        assert_int_equal(policy.standard.profile, PROFILE_STANDARD);
        assert_int_equal(policy.standard.kubernetes_minor, KUBERNETES_MINOR_NEWEST);
        assert_int_equal(policy.fail_on, FAIL_ON_WARNING);
        assert_int_equal(policy.waiver_count, 0);
    }
}

static void test_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"profil: standard\n",
         "'.barehull.yaml': line 1, column 1: there is no key 'profil' here: did you mean 'profile'?"},
        {"profile: pss-restrict\n", "'.barehull.yaml': line 1, column 10: 'pss-restrict' is none of standard, "
                                    "pss-baseline, pss-restricted"},
        {"rules:\n  valid-sintax: off\n",
         "'.barehull.yaml': line 2, column 3: there is no rule 'valid-sintax': did you mean 'valid-syntax'?"},
        {"rules:\n  valid-syntax: loud\n",
         "'.barehull.yaml': line 2, column 17: 'loud' is none of off, note, warning, error"},
        {"rules: [a]\n", "'.barehull.yaml': line 1, column 8: 'rules' is to be a mapping of rules and not an array"},
        {"rules: {valid-syntax: {budget: 1}}\n", "'.barehull.yaml': line 1, column 24: there is no key 'budget' here"},
        {"waivers:\n- rule: valid-syntax\n", "'.barehull.yaml': line 2, column 3: a waiver needs a 'reason'"},
        {"waivers:\n- {reason: x}\n", "'.barehull.yaml': line 2, column 3: a waiver needs 'rule'"},
        {"waivers:\n- {rule: x, reason: y}\n", "'.barehull.yaml': line 2, column 3: there is no rule 'x'"},
        {"waivers:\n- {rule: valid-syntax, reason: y, expires: soon}\n",
         "'.barehull.yaml': line 2, column 44: 'expires' is to be a day such as 2027-01-31"},
        {"waivers:\n- valid-syntax\n",
         "'.barehull.yaml': line 2, column 3: a waiver is to be a mapping with 'rule' and 'reason'"},
        {"kubernetes: \"1.99\"\n",
         "'.barehull.yaml': line 1, column 13: 'kubernetes' is to be a version from 1.0 to 1.37"},
        {"policy: {lock: true}\n",
         "'.barehull.yaml': line 1, column 10: there is no key 'lock' here: did you mean 'locked'?"},
        {"policy: {locked: yes}\n",
         "'.barehull.yaml': line 1, column 18: 'locked' is to be true or false and not a string"},
        {"exclude: {a: b}\n",
         "'.barehull.yaml': line 1, column 10: 'exclude' is to be a text or a list of texts and not an object"},
        {"exclude: [1]\n",
         "'.barehull.yaml': line 1, column 11: an item of 'exclude' is to be a text and not a number"},
        {"- a\n", "'.barehull.yaml': line 1, column 1: the document is to be a mapping and not an array"},
        {"profile: standard\n---\na: 1\n", "'.barehull.yaml': line 4, column 1: a second document is not read"},
        {"a: 1\nb: 2\n", "'.barehull.yaml': line 1, column 1: there is no key 'a' here; line 2, column 1: there is no "
                         "key 'b' here"},
        {"a: [\n", "'.barehull.yaml': line 2, column 1: "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct policy policy;
        struct err err = ERR_INIT;
        int r = read_text(cases[i].text, &arena, &policy, &err);
        if (r != -(int)ERR_INVALID || !str_starts(str_z(err.message), str_z(cases[i].message)))
            fail_msg("%s: %s", cases[i].text, err.message);
    }
}

static void test_many_problems(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct policy policy;
    struct err err = ERR_INIT;
    for (int i = 0; i < 100; i++)
        buf_addf(&text, "k%d: 1\n", i);
    assert_int_equal(policy_read(STR("p"), buf_str(&text), &arena, &policy, &err), -(int)ERR_INVALID);
    assert_true(str_ends(str_z(err.message), STR("; and 94 more")));
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t day; /* -1: none */
    } cases[] = {
        {"1970-01-01", 0},       {"1970-12-31", 364}, {"2000-02-29", 11016}, {"2026-11-22", 20779},
        {"9999-12-31", 2932896}, {"2027-02-29", -1},  {"2027-00-10", -1},    {"2027-13-01", -1},
        {"2027-04-31", -1},      {"2027-1-01", -1},   {"2027-01-01 ", -1},   {"", -1},
        {"1969-12-31", -1},      {"2027/01/01", -1},  {"+027-01-01", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t day = -1;
        assert_int_equal(policy_date_parse(str_z(cases[i].text), &day), cases[i].day >= 0);
        assert_int_equal(day, cases[i].day);
    }
}

static void test_versions(void **state)
{
    (void)state;
    unsigned minor = 0;
    struct err err = ERR_INIT;
    assert_int_equal(policy_kubernetes_minor(STR("1.24"), &minor, &err), 0);
    assert_int_equal(minor, 24);
    assert_int_equal(policy_kubernetes_minor(STR("v1.8"), &minor, &err), 0);
    assert_int_equal(minor, 8);
    assert_int_equal(policy_kubernetes_minor(STR("latest"), &minor, &err), 0);
    assert_int_equal(minor, KUBERNETES_MINOR_NEWEST);
    assert_int_equal(policy_kubernetes_minor(STR("2.0"), &minor, &err), -(int)ERR_USAGE);
    assert_string_equal(err.message, "'2.0' is no version of the Pod Security Standards that is known here");
    assert_string_equal(err.hint, "give 1.0 to 1.37, or latest");
    assert_int_equal(policy_kubernetes_minor(STR("1.38"), &minor, &err), -(int)ERR_USAGE);
    assert_int_equal(minor, KUBERNETES_MINOR_NEWEST);
}

static void test_schema(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct json_writer json;
    struct err err = ERR_INIT;
    json_writer_init(&json, &out, JSON_COMPACT);
    policy_schema_write(&json);
    assert_int_equal(json_writer_check(&json, &err), 0);
    struct str text = buf_str(&out);
    assert_true(str_starts(text, STR("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"")));
    for (size_t i = 0; rules[i]; i++)
        assert_true(str_find(text, str_z(rules[i]->id)) < text.len);
}

static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct policy policy;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = read_text(full, &arena, &policy, &err);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        if (passed) {
            assert_int_equal(r, 0);
            return;
        }
        assert_int_equal(r, -(int)ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything), cmocka_unit_test(test_paths),         cmocka_unit_test(test_default),
        cmocka_unit_test(test_wrong),      cmocka_unit_test(test_many_problems), cmocka_unit_test(test_dates),
        cmocka_unit_test(test_versions),   cmocka_unit_test(test_schema),        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
