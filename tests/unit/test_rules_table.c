/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule's descriptor is whole and in style: explain, docs/rules and SARIF's help are made of nothing else. */
#include "base/str.h"
#include "data/yaml.h"
#include "rules/judge.h"
#include "rules/rule.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
    ID_MAX = 32,
    SUMMARY_MAX = 90,
    RATIONALE_MIN = 120,
    RATIONALE_MAX = 1200,
    REMEDY_MIN = 30,
    REMEDY_MAX = 260,
};

static const struct rule *rule; /* under test, for messages */
static unsigned faults;

PRINTF_LIKE(2, 3)
static void want(bool holds, const char *format, ...)
{
    if (holds)
        return;
    va_list args;
    char text[256];
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    print_error("rule '%s': %s\n", rule->id, text);
    faults++;
}

static bool is_id(const char *text)
{
    for (const char *c = text; *c; c++) {
        bool joint = *c == '-' && c != text && c[1] >= 'a' && c[1] <= 'z';
        if (!joint && !(*c >= 'a' && *c <= 'z') && !char_is_digit(*c))
            return false;
    }
    return *text >= 'a' && *text <= 'z';
}

/* Valid UTF-8 without control characters; line breaks where they may stand. */
static bool is_text(const char *text, bool lines)
{
    struct str s = str_z(text);
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 && !(lines && s.ptr[i] == '\n'))
            return false;
    return s.len > 0 && str_utf8_valid(s) == s.len && str_trim(s).len == s.len;
}

static void check_names(size_t index)
{
    want(is_id(rule->id) && strlen(rule->id) <= ID_MAX, "is no id");
    for (size_t i = 0; i < index; i++)
        want(strcmp(rules[i]->id, rule->id) != 0, "is there twice");
    want(rule_find(str_z(rule->id)) == rule, "is not found by its id");
    want(rule->severity >= SEVERITY_NOTE && rule->severity <= SEVERITY_ERROR, "has no severity of its own");
    want(rule->surfaces && !(rule->surfaces >> SURFACES), "surfaces are not well set");
    want(rule->profiles && !(rule->profiles >> PROFILES), "profiles are not well set");
}

static void check_texts(void)
{
    size_t summary = strlen(rule->summary), rationale = strlen(rule->rationale);
    want(is_text(rule->summary, false) && summary <= SUMMARY_MAX, "the summary is empty, has lines or is too long: %zu",
         summary);
    want(rule->summary[summary - 1] != '.', "the summary ends with a full stop");
    want(!(rule->summary[0] >= 'A' && rule->summary[0] <= 'Z' && rule->summary[1] >= 'a' && rule->summary[1] <= 'z') ||
             strncmp(rule->summary, "Kubernetes", 10) == 0,
         "the summary is a sentence");
    want(is_text(rule->rationale, true) && rationale >= RATIONALE_MIN && rationale <= RATIONALE_MAX,
         "the rationale says too little or too much: %zu", rationale);
    want(rule->rationale[rationale - 1] == '.', "the rationale does not end with a full stop");
    want(rule->rationale[0] < 'a' || rule->rationale[0] > 'z', "the rationale does not begin as a sentence");
}

/* Words of other platforms than the one that the finding is of. */
static const char *const foreign[SURFACES][8] = {
    [SURFACE_DOCKERFILE] = {"Compose:", "Kubernetes:", "securityContext", "security_opt", "runAs"},
    [SURFACE_COMPOSE] = {"Kubernetes", "Dockerfile:", "securityContext", "emptyDir", "runAs", "Pod", "kubectl"},
    [SURFACE_KUBERNETES] = {"Compose", "Dockerfile:", "security_opt", "cap_drop", "tmpfs", "docker debug"},
};

static void check_remedy(enum surface surface)
{
    const char *remedy = rule_remedy(rule, surface);
    const char *name = surface_name(surface);
    size_t len = remedy ? strlen(remedy) : 0;
    want(len >= REMEDY_MIN && len <= REMEDY_MAX && is_text(remedy, false),
         "the remedy for %s says too little or too much, or has lines: %zu", name, len);
    if (len == 0)
        return;
    want((*remedy < 'a' || *remedy > 'z') && remedy[len - 1] == '.', "the remedy for %s is no sentence", name);
    for (size_t i = 0; i < ARRAY_LEN(foreign[surface]) && foreign[surface][i]; i++)
        want(!strstr(remedy, foreign[surface][i]), "the remedy for %s speaks of '%s'", name, foreign[surface][i]);
}

static void check_remedies(void)
{
    bool fallback = false;
    for (unsigned bit = 0; bit < SURFACES; bit++) {
        bool judged = rule->surfaces & 1U << bit;
        if (judged)
            check_remedy((enum surface)bit);
        want(judged || !rule->remedies[bit], "has a remedy for %s, which it does not judge",
             surface_name((enum surface)bit));
        fallback |= judged && !rule->remedies[bit];
    }
    want(fallback == (rule->remedy != NULL), "the common remedy is missing, or never used");
}

static void check_sources(void)
{
    size_t count = 0;
    for (const struct rule_source *source = rule->sources; source && source->title; source++, count++) {
        want(is_text(source->title, false), "a source has no title");
        want(source->url && str_starts(str_z(source->url), STR("https://")) && !strchr(source->url, ' ') &&
                 strlen(source->url) > 12,
             "source '%s' has no https address", source->title);
    }
    want(count > 0 && count <= 6, "has %zu sources", count);
}

static void check_examples(void)
{
    unsigned shown = 0;
    for (const struct rule_example *example = rule->examples; example && example->bad; example++) {
        unsigned bit = 1U << example->surface;
        struct str bad = str_z(example->bad), good = str_z(example->good);
        want(rule->surfaces & bit, "an example is of %s, which it does not judge", surface_name(example->surface));
        want(good.len > 0 && !str_eq(bad, good), "an example of %s shows nothing good", surface_name(example->surface));
        want(bad.len > 0 && bad.ptr[bad.len - 1] == '\n', "the bad %s does not end with a line",
             surface_name(example->surface));
        want(good.len > 0 && good.ptr[good.len - 1] == '\n', "the good %s does not end with a line",
             surface_name(example->surface));
        want(!strstr(example->bad, "```") && !strstr(example->good, "```"), "an example holds a fence");
        shown |= bit;
    }
    unsigned missing = rule->surfaces & ~shown & ~(unsigned)RULE_IMAGE;
    for (unsigned bit = 0; bit < SURFACES; bit++)
        want(!(missing & 1U << bit), "no example of %s", surface_name((enum surface)bit));
}

static void check_params(void)
{
    for (const struct rule_param *param = rule->params; param && param->name; param++) {
        want(is_id(param->name) && strcmp(param->name, "severity") != 0, "'%s' is no name of a parameter", param->name);
        want(param->summary && is_text(param->summary, false) && param->summary[strlen(param->summary) - 1] != '.',
             "parameter '%s' has no summary in style", param->name);
    }
}

static void test_descriptors(void **state)
{
    (void)state;
    faults = 0;
    for (size_t i = 0; rules[i]; i++) {
        rule = rules[i];
        if (!rule->id || !rule->summary || !rule->rationale || !rule->sources || !rule->examples)
            fail_msg("rule %zu ('%s') lacks a text", i, rule->id ? rule->id : "?");
        check_names(i);
        check_texts();
        check_remedies();
        check_sources();
        check_examples();
        check_params();
    }
    assert_int_equal(faults, 0);
}

/* What is asked of nothing is not known. */
static void test_names(void **state)
{
    (void)state;
    assert_null(rule_find(STR("")));
    assert_null(rule_find(STR("exec-for")));
    assert_null(rule_find(STR_NONE));
    assert_string_equal(severity_name(SEVERITY_OFF), "off");
    assert_string_equal(severity_name(SEVERITY_ERROR), "error");
    assert_string_equal(profile_name(PROFILE_PSS_RESTRICTED), "pss-restricted");
    assert_string_equal(surface_name(SURFACE_KUBERNETES), "kubernetes");
}

/* Defaults are read without YAML's reader where they are simple, and mean what it would read. */
static void test_defaults_are_yaml(void **state)
{
    (void)state;
    unsigned count = 0;
    for (size_t i = 0; rules[i]; i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct rule_value *values = NULL;
        assert_int_equal(rule_values_default(rules[i], &arena, &values, NULL), 0);
        for (size_t k = 0; rules[i]->params && rules[i]->params[k].name; k++) {
            const struct rule_param *param = &rules[i]->params[k];
            const struct data_node *node = NULL;
            struct rule_value wanted = {0};
            if (!param->default_text)
                continue;
            assert_int_equal(yaml_parse(str_z(param->default_text), NULL, &arena, &node, NULL), 0);
            assert_int_equal(rule_value_read(param, node, &arena, &wanted, NULL), 0);
            assert_int_equal(values[k].number, wanted.number);
            assert_int_equal(values[k].strings.count, wanted.strings.count);
            for (size_t n = 0; n < wanted.strings.count; n++)
                assert_true(str_eq(values[k].strings.items[n], wanted.strings.items[n]));
            count++;
        }
    }
    assert_true(count >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_defaults_are_yaml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
