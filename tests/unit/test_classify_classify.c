/* SPDX-License-Identifier: Apache-2.0 */
#include "classify/classify.h"
#include "classify/template.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum classify_name kind;
    } cases[] = {
        {"Dockerfile", NAME_DOCKERFILE},
        {"Dockerfile.prod", NAME_DOCKERFILE},
        {"Dockerfile-dev", NAME_DOCKERFILE},
        {"Dockerfile_x", NAME_DOCKERFILE},
        {"web.Dockerfile", NAME_DOCKERFILE},
        {"web.dockerfile", NAME_DOCKERFILE},
        {".dockerfile", NAME_OTHER},
        {"Containerfile", NAME_DOCKERFILE},
        {"Containerfile.arm64", NAME_DOCKERFILE},
        {"dockerfile", NAME_DOCKERFILE_MAYBE},
        {"Dockerfile.go", NAME_DOCKERFILE_MAYBE},
        {"DockerfileParser.java", NAME_DOCKERFILE_MAYBE},
        {"Dockerfiles", NAME_DOCKERFILE_MAYBE},
        {"Dockerfile.md", NAME_OTHER},
        {"Dockerfile.dockerignore", NAME_OTHER},
        {"Dockerfile~", NAME_OTHER},
        {"Dockerfile.bak", NAME_OTHER},
        {"Dockerfile.orig", NAME_OTHER},
        {".Dockerfile.swp", NAME_OTHER},
        {"#Dockerfile#", NAME_OTHER},
        {"MyDockerfile", NAME_OTHER},
        {"Dockerfile.yaml", NAME_YAML},
        {"compose.yaml", NAME_COMPOSE},
        {"compose.prod.yml", NAME_COMPOSE},
        {"docker-compose.yml", NAME_COMPOSE},
        {"docker-compose-test.yaml", NAME_COMPOSE},
        {"composer.yaml", NAME_YAML},
        {"compose.json", NAME_JSON},
        {"k.YML", NAME_YAML},
        {"k.yaml~", NAME_OTHER},
        {"k.json", NAME_JSON},
        {".yaml", NAME_OTHER},
        {"", NAME_OTHER},
        {"main.c", NAME_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (classify_name(str_z(cases[i].name)) != cases[i].kind)
            fail_msg("'%s' is taken for %d", cases[i].name, classify_name(str_z(cases[i].name)));
    assert_true(classify_is_compose_default(STR("compose.yml")));
    assert_false(classify_is_compose_default(STR("compose.prod.yml")));
    assert_true(str_eq_z(classify_template_stem(STR("Dockerfile.j2")), "Dockerfile"));
    assert_true(str_eq_z(classify_template_stem(STR("a.yaml.gotmpl")), "a.yaml"));
    assert_int_equal(classify_template_stem(STR(".j2")).len, 0);
    assert_int_equal(classify_template_stem(STR("a.yaml")).len, 0);
    assert_true(classify_is_dockerfile(STR("# syntax=x\n\n  from scratch\n")));
    assert_true(classify_is_dockerfile(STR("\xEF\xBB\xBF"
                                           "ARG A=1\r\n")));
    assert_false(classify_is_dockerfile(STR("package main\nFROM x\n")));
    assert_false(classify_is_dockerfile(STR("# nothing\n")));
}

/* The answer, the same for the whole and for ever longer beginnings. */
static enum classify_content content(const char *text)
{
    struct classifier whole = {0}, grown = {0};
    enum classify_content answer = classify_content(&whole, str_z(text), true);
    enum classify_content piecewise = CONTENT_MORE;
    for (size_t len = 0; len <= strlen(text) && piecewise == CONTENT_MORE; len++)
        piecewise = classify_content(&grown, str_of(text, len), false);
    if (piecewise == CONTENT_MORE)
        piecewise = classify_content(&grown, str_z(text), true);
    assert_int_equal(answer, piecewise);
    return answer;
}

static void test_content(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum classify_content kind;
    } cases[] = {
        {"", CONTENT_OTHER},
        {"\n# only\n", CONTENT_OTHER},
        {"apiVersion: v1\nkind: Pod\n", CONTENT_KUBERNETES},
        {"kind: Pod\napiVersion: v1", CONTENT_KUBERNETES},
        {"kind: Pod\r\napiVersion: v1\r\n", CONTENT_KUBERNETES},
        {"\xEF\xBB\xBF"
         "apiVersion: v1\nkind: Pod\n",
         CONTENT_KUBERNETES},
        {"%YAML 1.1\n--- # x\n\n  apiVersion: v1\n  kind: Pod\n", CONTENT_KUBERNETES},
        {"\"apiVersion\": v1\n'kind': Pod\n", CONTENT_KUBERNETES},
        {"apiVersion : v1\nkind : Pod\n", CONTENT_KUBERNETES},
        {"apiVersion: v1\nitems:\n- kind: Pod\n  apiVersion: v1\nkind: List\n", CONTENT_KUBERNETES},
        {"a: 1\n---\nb: 2\n---\napiVersion: v1\nkind: Pod\n", CONTENT_KUBERNETES},
        {"a: 1\n...\napiVersion: v1\nkind: Pod\n", CONTENT_KUBERNETES},
        {"apiVersion: v1\n---\nkind: Pod\n", CONTENT_OTHER},
        {"apiVersion: v2\nname: chart\n", CONTENT_OTHER},
        {"spec:\n  apiVersion: v1\n  kind: Pod\n", CONTENT_OTHER},
        {"apiVersion:v1\nkind:Pod\n", CONTENT_OTHER},
        {"apiVersionX: v1\nkinds: Pod\n", CONTENT_OTHER},
        {"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n", CONTENT_OTHER},
        {"apiVersion: x/v1\nkind: \"CustomResourceDefinition\" # c\n---\napiVersion: v1\nkind: Pod\n",
         CONTENT_KUBERNETES},
        {"kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n", CONTENT_OTHER},
        {"apiVersion: v1\nkind: Config\n", CONTENT_OTHER},
        {"{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}", CONTENT_KUBERNETES},
        {"\n {\n \"kind\" : \"Pod\",\n\"apiVersion\":\"v1\"}", CONTENT_KUBERNETES},
        {"{\"apiVersion\":\"v1\",\"items\":[{\"a\":[1,{}]}],\"kind\":\"List\"}", CONTENT_KUBERNETES},
        {"{apiVersion: v1, kind: Pod}", CONTENT_KUBERNETES},
        {"{apiVersion: v1, kind: Kustomization}\n---\na: 1\n", CONTENT_OTHER},
        {"{\"a\":1}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}", CONTENT_KUBERNETES},
        {"{\"a\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}}", CONTENT_OTHER},
        {"{\"a\":\"apiVersion\",\"b\":\"kind\"}", CONTENT_OTHER},
        {"{\"a\\\"\":\"}\",\"apiVersion\":\"v1\",\"kind\":\"Pod\"}", CONTENT_KUBERNETES},
        {"{\"a\":[\"apiVersion\",\"kind\"]}", CONTENT_OTHER},
        {"{\"name\":\"x\",\"version\":\"1\"}", CONTENT_OTHER},
        {"{", CONTENT_OTHER},
        {"}{", CONTENT_OTHER},
        {"services:\n  web:\n    image: a\n", CONTENT_COMPOSE},
        {"services: # x\n\n  web:\n", CONTENT_COMPOSE},
        {"services: {web: {image: a}}\n", CONTENT_COMPOSE},
        {"{\"services\":{\"web\":{}}}", CONTENT_COMPOSE},
        {"services:\n  - docker\n", CONTENT_OTHER},
        {"services:\n- docker\n", CONTENT_OTHER},
        {"services:\nother:\n  a: 1\n", CONTENT_OTHER},
        {"jobs:\n  a:\n    services:\n      db:\n", CONTENT_OTHER},
        {"openapi: 3.0.0\npaths: {}\n", CONTENT_OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (content(cases[i].text) != cases[i].kind)
            fail_msg("taken for %d: %s", content(cases[i].text), cases[i].text);
    struct classifier classifier = {0};
    assert_int_equal(classify_content(&classifier, STR("apiVersion: v1\ndata:\n"), false), CONTENT_MORE);
    assert_true(classify_is_promising(&classifier));
}

static void test_template(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool template;
    } cases[] = {
        {"a: 1\n", false},
        {"a: {{ .Values.x }}\n", true},
        {"{{- if .Values.x }}\na: 1\n{{- end }}\n", true},
        {"{% if x %}\na: 1\n{% endif %}\n", true},
        {"{# note #}\na: 1\n", true},
        {"  {{ include \"x\" . }}\n", true},
        {"- {{ x }}\n", true},
        {"a: [{{ x }}, 1]\n", true},
        {"image: app:{{ tag }}\n", true},
        {"image: app:{% if x %}1{% endif %}\n", true},
        {"a: x # {{ y }}\n", false},
        {"# {{ y }}\na: 1\n", false},
        {"a: \"{{ $labels.instance }} is down\"\n", false},
        {"a: '{{ $labels.instance }} it''s {{ x }}'\n", false},
        {"a: \"x\n  {{ $labels }}\n  y\"\nb: 1\n", false},
        {"a: \"\\\"{{ x }}\"\n", false},
        {"a: |\n  {{ x }}\n  {% y %}\nb: 1\n", false},
        {"a: |-\n  x\n\n  {{ x }}\nb: {{ y }}\n", true},
        {"a:\n  - |\n    {{ x }}\n  - >+2 # c\n    {{ y }}\n", false},
        {"- a: |\n    {{ x }}\n  b: 1\n", false},
        {"- a: |\n    x\n  b: {{ x }}\n", true},
        {"a: !!str |\n  {{ x }}\n", false},
        {"--- |\n{{ x }}\n", false},
        {"a: |\n  x\n---\n{{ x }}\n", true},
        {"on: ${{ github.ref }}\n", false},
        {"a: x${{ y }}\n", false},
        {"args: [--format={{.Names}}]\n", false},
        {"command: docker ps --format {{.Names}}\n", false},
        {"env:\n  - NAME={{ x }}\n", true},
        {"hostname: web-{{.Node.Hostname}}\n", false},
        {"a: \"{{ .Values.image }}\"\n", true},
        {"a: '{{- .Release.Name }}-x'\n", true},
        {"a: it's {{ .Values.x }}\n", true},
        {"{\"a\":{\"b\":{}}}\n", false},
        {"{\"a\":\"{{ x }}\"}\n", false},
        {"{\"a\":{{ x }}}\n", true},
        {"a: {b: {c: 1}}\n", false},
        {"key-{{ x }}: 1\n", true},
        {"a: \"open\n{{ x }}", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (template_is_yaml(str_z(cases[i].text)) != cases[i].template)
            fail_msg("%s a template: %s", cases[i].template ? "not" : "taken for", cases[i].text);
    assert_true(template_is_dockerfile(STR("FROM {{ base }}\nRUN x\n")));
    assert_true(template_is_dockerfile(STR("FROM a\n{% if x %}\nRUN x\n{% endif %}\n")));
    assert_false(template_is_dockerfile(STR("FROM a\nRUN docker ps --format '{{.Names}}'\n# {{ x }}\n")));
    assert_false(template_is_dockerfile(STR("FROM a\nRUN <<E\n{{ x }}\nE\n")));
    assert_false(template_is_dockerfile(STR("FROM a\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_content),
        cmocka_unit_test(test_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
