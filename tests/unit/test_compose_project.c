/* SPDX-License-Identifier: Apache-2.0 */
/* Projects: variables, `.env`, extends, include, and what is wrong with them. */
#include "compose_fixture.h"

#include "base/fault.h"
#include "base/limits.h"

static void test_as_parsed(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {
        {"compose.yaml",
         "name: demo\nservices:\n  web: &w\n    image: a:1\n    ports: [\"80:80\"]\n  two: *w\nx-y: {z: 1}\n"},
        {".env", "broken %\n"},
        {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_int_equal(project.source_count, 1);
    assert_int_equal(project.problem_count, 0);
    assert_false(project.incomplete);
    fixture_assert(project.root, "{name: 'demo', services: {web: {image: 'a:1', ports: ['80:80']}, "
                                 "two: {image: 'a:1', ports: ['80:80']}}, x-y: {z: 1}}");
    const struct data_node *two = data_get(data_get(project.root, "services"), "two");
    assert_int_equal(two->flags, DATA_ALIASED);
    assert_true(str_eq_z(data_span_text(project.sources[0].bytes, data_use_span(two)), "*w"));
    assert_ptr_equal(data_origin(two), data_get(data_get(project.root, "services"), "web"));
}

static void test_variables(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {{"deploy/compose.yaml", "services:\n"
                                                                        "  web:\n"
                                                                        "    image: \"repo:${TAG}\"\n"
                                                                        "    user: $UID_OF\n"
                                                                        "    read_only: ${RO}\n"
                                                                        "    tty: \"${RO}\"\n"
                                                                        "    cpus: ${N:-0.5}\n"
                                                                        "    hostname: ${EMPTY-}\n"
                                                                        "    init: ${NUL:-null}\n"
                                                                        "    mode: ${OCT:-0755}\n"
                                                                        "    \"$TAG\": key\n"
                                                                        "    command: [sh, -c, \"echo $$HOME $N\"]\n"
                                                                        "    price: a$$b\n"},
                                                {".env", "TAG=1.2\nRO=true\n"},
                                                {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_int_equal(project.problem_count, 0);
    assert_int_equal(project.source_count, 2);
    assert_true(str_eq_z(project.sources[1].name, "deploy/.env"));
    assert_true(str_eq_z(project.sources[1].directory, ""));
    const struct data_node *web = data_get(data_get(project.root, "services"), "web");
    fixture_assert(web, "{image: 'repo:1.2', user: ?$UID_OF, read_only: true, tty: 'true', cpus: 0.5, hostname: '', "
                        "init: 'null', mode: 0755, $TAG: 'key', command: ['sh', '-c', ?echo $$HOME $N], "
                        "price: 'a$b'}");
    const struct data_node *image = data_get(web, "image");
    assert_int_equal(image->flags, DATA_INTERPOLATED);
    assert_true(str_eq_z(data_span_text(project.sources[0].bytes, image->span), "\"repo:${TAG}\""));
    assert_int_equal(image->extra->origin_count, 1);
    assert_int_equal(image->extra->origins[0].source, 1);
    assert_true(str_eq_z(data_span_text(project.sources[1].bytes, image->extra->origins[0].span), "1.2"));
    assert_int_equal(data_get(web, "user")->flags, DATA_UNKNOWN);
    assert_int_equal(data_get(web, "mode")->flags, DATA_INTERPOLATED | DATA_OCTAL);
    assert_int_equal(data_get(web, "price")->flags, DATA_INTERPOLATED);
    assert_null(data_get(web, "price")->extra);
    assert_int_equal(data_get(web, "command")->first->flags, 0);
}

static void test_project_name(void **state)
{
    (void)state;
    static const struct fixture_file named[] = {
        {"compose.yaml", "services: {a: {image: \"${COMPOSE_PROJECT_NAME}/x\"}}\nname: my${S:-$$}\n"}, {NULL, NULL}};
    fixture_assert_services(named, 1, "{a: {image: 'my$/x'}}");
    static const struct fixture_file set[] = {
        {"compose.yaml", "services: {a: {image: \"${COMPOSE_PROJECT_NAME}/x\"}}\nname: my\n"},
        {".env", "COMPOSE_PROJECT_NAME=env"},
        {NULL, NULL}};
    fixture_assert_services(set, 1, "{a: {image: 'env/x'}}");
    static const struct fixture_file none[] = {
        {"compose.yaml", "services: {a: {image: \"${COMPOSE_PROJECT_NAME}/x\"}}\n"}, {NULL, NULL}};
    fixture_assert_services(none, 1, "{a: {image: ?${COMPOSE_PROJECT_NAME}/x}}");
}

static void test_faults_in_values(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {{"compose.yaml", "x-a: &a\n"
                                                                 "  user: ${1}\n"
                                                                 "services:\n"
                                                                 "  web:\n"
                                                                 "    <<: *a\n"
                                                                 "    image: 'it''s $V ${V!}'\n"
                                                                 "    hostname: \"a\\x24{V!}\"\n"
                                                                 "    command: |\n"
                                                                 "      echo $V\n"
                                                                 "      run ${N:?no $M}\n"
                                                                 "    labels:\n"
                                                                 "      - >-\n"
                                                                 "        a$$\n"
                                                                 "        ${\n"
                                                                 "  two: *a\n"},
                                                {".env", "V=1\nW=${2}\n"},
                                                {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_int_equal(project.problem_count, 6);
    fixture_assert_problem(&project, 0, "compose.yaml", "${1}", "no variable's name stands behind '${'");
    fixture_assert_problem(&project, 1, "compose.yaml", "${V!}",
                           "what stands behind the variable's name is no operator");
    fixture_assert_problem(&project, 2, "compose.yaml", "\"a\\x24{V!}\"",
                           "what stands behind the variable's name is no operator");
    fixture_assert_problem(&project, 3, "compose.yaml", "${N:?no $M}", "'N' has to be set: no");
    assert_int_equal(project.problems[3].kind, COMPOSE_PROBLEM_REQUIRED);
    fixture_assert_problem(&project, 4, "compose.yaml", "${", "no variable's name stands behind '${'");
    fixture_assert_problem(&project, 5, ".env", "${2}", "no variable's name stands behind '${'");
    assert_int_equal(project.problems[5].kind, COMPOSE_PROBLEM_SYNTAX);
    assert_false(project.incomplete);
    fixture_assert(data_get(data_get(project.root, "services"), "two"), "{user: ?${1}}");
}

static void test_extends(void **state)
{
    (void)state;
    static const struct fixture_file files[] = {
        {"compose.yaml", "services:\n"
                         "  c: {extends: {service: b}, tty: true}\n"
                         "  b: {extends: a, environment: {B: 2}, cap_drop: !override [NET_RAW], user: !reset null}\n"
                         "  a: {image: x, environment: [A=1], cap_drop: [ALL], user: '0', depends_on: [d]}\n"
                         "  d: {extends: {file: lib/base.yaml, service: base}, labels: {own: 1}}\n"
                         "  e: {extends: {file: lib/base.yaml, service: base}}\n"},
        {"lib/base.yaml", "services:\n"
                          "  base: {extends: {file: ../more.yaml, service: m}, image: \"i:${TAG}\", labels: [x=y]}\n"},
        {"more.yaml", "services: {m: {extends: n, privileged: true}, n: {init: true}}\n"},
        {".env", "TAG=5"},
        {NULL, NULL}};
    fixture_assert_services(
        files, 1,
        "{c: {image: 'x'^, environment: {A: '1'^, B: 2^}^, cap_drop: ['NET_RAW'^]^, depends_on: ['d'^]^, tty: true}, "
        "b: {image: 'x'^, environment: {A: '1'^, B: 2}^, cap_drop: ['NET_RAW'], depends_on: ['d'^]^}, "
        "a: {image: 'x', environment: ['A=1'], cap_drop: ['ALL'], user: '0', depends_on: ['d']}, "
        "d: {init: true^, privileged: true^, image: 'i:5'^, labels: {x: 'y'^, own: 1}^}, "
        "e: {init: true^, privileged: true^, image: 'i:5'^, labels: ['x=y'^]^}}");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_int_equal(project.source_count, 4);
    const struct data_node *services = data_get(project.root, "services");
    const struct data_node *init = data_get(data_get(services, "e"), "init");
    assert_true(str_eq_z(project.sources[init->source].name, "more.yaml"));
    const struct data_node *image = data_get(data_get(services, "e"), "image");
    assert_true(str_eq_z(project.sources[image->source].name, "lib/base.yaml"));
    assert_true(str_eq_z(project.sources[image->source].directory, "lib"));
    assert_true(str_eq_z(data_span_text(project.sources[image->source].bytes, image->span), "\"i:${TAG}\""));
    assert_int_equal(image->flags, DATA_INTERPOLATED | DATA_INHERITED);
}

static void test_extends_with_override(void **state)
{
    (void)state;
    static const struct fixture_file files[] = {
        {"compose.yaml", "services: {a: {extends: b, tty: true}, b: {image: x, ports: ['1:1']}}"},
        {"over.yaml", "services: {a: {ports: !reset []}, b: {image: y}, c: {extends: {file: compose.yaml, "
                      "service: a}, image: z}}"},
        {NULL, NULL}};
    fixture_assert_services(files, 2,
                            "{a: {image: 'x'^, tty: true}, b: {image: 'y', ports: ['1:1']}, "
                            "c: {image: 'z', ports: ['1:1'^]^, tty: true^}}");
}

static void test_extends_problems(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {{"compose.yaml",
                                                 "services:\n"
                                                 "  a: {extends: b, image: a}\n"
                                                 "  b: {extends: {service: a}, tty: true}\n"
                                                 "  c: {extends: c}\n"
                                                 "  d: {extends: nobody}\n"
                                                 "  e: {extends: {file: missing.yaml, service: x}, image: e}\n"
                                                 "  f: {extends: e, tty: true}\n"
                                                 "  g: {extends: {file: secret.yaml, service: x}}\n"
                                                 "  h: {extends: {file: \"$N\", service: x}}\n"
                                                 "  i: {extends: [a]}\n"
                                                 "  j: {extends: {file: base.yaml, service: y}}\n"
                                                 "  k: {extends: {file: list.yaml, service: y}}\n"
                                                 "  l: {extends: {file: base.yaml}}\n"},
                                                {"base.yaml", "services: {x: {image: x}}\n"},
                                                {"list.yaml", "- a\n"},
                                                {"secret.yaml", NULL},
                                                {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    static const char *const expected[][3] = {
        {"compose.yaml", "a", "'a' extends itself through this service"},
        {"compose.yaml", "c", "'c' extends itself through this service"},
        {"compose.yaml", "nobody", "there is no service 'nobody' in 'compose.yaml'"},
        {"compose.yaml", "missing.yaml", "'missing.yaml' can't be read: what it says is not judged"},
        {"compose.yaml", "secret.yaml", "'secret.yaml' can't be read: permission denied"},
        {"compose.yaml", "\"$N\"", "the file's name hangs on a variable that is not set: it is not read"},
        {"compose.yaml", "[a]", "'extends' names no service"},
        {"compose.yaml", "y", "there is no service 'y' in 'base.yaml'"},
        {"compose.yaml", "extends", "'extends' names no service"},
        {"list.yaml", "", "the file is an array, not a mapping"}};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        fixture_assert_problem(&project, i, expected[i][0], expected[i][1], expected[i][2]);
    assert_int_equal(project.problem_count, ARRAY_LEN(expected));
    assert_true(project.incomplete);
    const struct data_node *services = data_get(project.root, "services");
    fixture_assert(data_get(services, "f"),
                   "{extends: {file: 'missing.yaml'^, service: 'x'^}^, image: 'e'^, tty: true}");
    fixture_assert(data_get(services, "a"), "{extends: {service: 'a'^}^, tty: true^, image: 'a'}");
}

static void test_include(void **state)
{
    (void)state;
    static const struct fixture_file files[] = {
        {"compose.yaml", "include:\n"
                         "  - db/compose.yaml\n"
                         "  - path: [web/a.yaml, web/b.yaml]\n"
                         "    project_directory: .\n"
                         "    env_file: [web/one.env, web/two.env]\n"
                         "services: {main: {image: \"m:${TAG}\"}}\n"
                         "networks: {net: {internal: true}}\n"},
        {".env", "TAG=outer"},
        {"db/compose.yaml", "include: [deep/compose.yaml]\nname: other\nservices: {db: {image: \"d:${TAG}:${OWN}\", "
                            "extends: {file: base.yaml, service: b}}}\nnetworks: {net: {internal: true}}\n"},
        {"db/.env", "TAG=inner\nOWN=$TAG-own"},
        {"db/base.yaml", "services: {b: {tty: true}}"},
        {"db/deep/compose.yaml", "services: {deep: {image: \"x:${OWN}:${DEEP}\"}}\nvolumes: {v: }\n"},
        {"db/deep/.env", "DEEP=1"},
        {"web/a.yaml", "services: {web: {image: \"${ONE}${TWO}\", extends: {file: web/x.yaml, service: x}}}"},
        {"web/b.yaml", "services: {web: {tty: true}}"},
        {"web/x.yaml", "services: {x: {init: true}}"},
        {"web/one.env", "ONE=1\nTWO=no"},
        {"web/two.env", "TWO=2"},
        {NULL, NULL}};
    fixture_assert_services(files, 1,
                            "{main: {image: 'm:outer'}, db: {tty: true^, image: 'd:outer:outer-own'}, "
                            "deep: {image: 'x:outer-own:1'}, web: {init: true^, image: '12', tty: true}}");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_project project = fixture_project(files, 1, &arena);
    fixture_assert(data_get(project.root, "volumes"), "{v: ~}");
    fixture_assert(data_get(project.root, "networks"), "{net: {internal: true}}");
    assert_null(data_get(project.root, "include"));
    assert_null(data_get(project.root, "name"));
}

static void test_include_problems(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {
        {"compose.yaml", "include:\n"
                         "  - other.yaml\n"
                         "  - compose.yaml\n"
                         "  - missing.yaml\n"
                         "  - https://example.org/x.git\n"
                         "  - \"${N}/x.yaml\"\n"
                         "  - {env_file: x}\n"
                         "  - [other.yaml]\n"
                         "  - {path: third.yaml, env_file: gone.env}\n"
                         "services: {web: {image: a}}\n"},
        {"other.yaml", "include: [compose.yaml]\nservices: {web: {image: b}, extra: {image: c}}\n"},
        {"third.yaml", "services: {third: {image: \"t:$N\"}}\n"},
        {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    static const char *const expected[][3] = {
        {"compose.yaml", "compose.yaml", "'compose.yaml' is included by itself"},
        {"compose.yaml", "missing.yaml", "'missing.yaml' can't be read: what it says is not judged"},
        {"compose.yaml", "https://example.org/x.git",
         "'https://example.org/x.git' is not fetched: what it says is not judged"},
        {"compose.yaml", "\"${N}/x.yaml\"", "the file's name hangs on a variable that is not set: it is not read"},
        {"compose.yaml", "{env_file: x}", "'include[5]' names no file"},
        {"compose.yaml", "gone.env", "'gone.env' can't be read: what it says is not judged"},
        {"compose.yaml", "web", "'services.web' is in the included 'other.yaml' too, and differs"},
        {"other.yaml", "compose.yaml", "'compose.yaml' is included by itself"}};
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        fixture_assert_problem(&project, i, expected[i][0], expected[i][1], expected[i][2]);
    assert_int_equal(project.problem_count, ARRAY_LEN(expected));
    assert_true(project.incomplete);
    fixture_assert(data_get(project.root, "services"),
                   "{web: {image: 'a'}, extra: {image: 'c'}, third: {image: ?t:$N}}");
}

/* The file TEXT has one problem, at AT. */
static void assert_problem(const char *text, const char *at, const char *message)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct fixture_file files[] = {{"compose.yaml", text}, {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    fixture_assert_problem(&project, 0, "compose.yaml", at, message);
    assert_int_equal(project.problem_count, 1);
}

static void test_wrong_files(void **state)
{
    (void)state;
    assert_problem("", "", "the file is empty");
    assert_problem("# nothing\n---\n", "", "the file is empty");
    assert_problem("- a\n", "", "the file is an array, not a mapping");
    assert_problem("text", "", "the file is a string, not a mapping");
    assert_problem("web: {image: a}\n", "web", "the project has no 'services'");
    assert_problem("services: [a]\n", "services", "'services' is an array, not a mapping");
    assert_problem("services:\n", "services", "'services' is null, not a mapping");
    assert_problem("services: {a: text, b: {image: x}}\n", "a", "'services.a' is a string, not a mapping");
    assert_problem("services:\n  a:\n", "a", "'services.a' is null, not a mapping");
    assert_problem("services: {a: {image: x, image: y}}\n", "image", "the key 'image' was given on line 1 already");
    assert_problem("include: a.yaml\nservices: {a: {image: x}}\n", "a.yaml", "'include' is a string, not a list");
    assert_problem("services: {a: [}\n", "", "did not find expected node content");
    assert_problem("services: {a: {image: *x}}\n", "", "the alias '*x' has no anchor");
}

static void test_broken_override(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {
        {"a.yaml", "services: {a: {image: x}}\n---\nservices: {b: {image: y}}\n"},
        {"sub/b.yaml", "services:\n  a: {\n"},
        {NULL, NULL}};
    struct compose_project project = fixture_project(files, 2, &arena);
    assert_int_equal(project.problem_count, 1);
    assert_int_equal(project.problems[0].source, 1);
    assert_true(project.incomplete);
    assert_int_equal(project.problems[0].kind, COMPOSE_PROBLEM_SYNTAX);
    fixture_assert(project.root, "{services: {a: {image: 'x'}, b: {image: 'y'}}}");
}

static void test_casts(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {
        {"compose.yaml",
         "services: {a: {t: true, y: \"Yes\", n: 'off', s: text, v: $N, e: ~, i: 1, j: '0x1f', l: []}}"},
        {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    const struct data_node *a = data_get(data_get(project.root, "services"), "a");
    bool value = false;
    assert_true(compose_bool(data_get(a, "t"), &value) && value);
    assert_true(compose_bool(data_get(a, "y"), &value) && value);
    assert_true(compose_bool(data_get(a, "n"), &value) && !value);
    static const char *const no_bools[] = {"s", "v", "e", "i", "l", "none"};
    for (size_t i = 0; i < ARRAY_LEN(no_bools); i++)
        assert_false(compose_bool(data_get(a, no_bools[i]), &value));
}

/* COUNT services of which each extends the next and has ITEMS of its own. */
static struct compose_project read_chain(unsigned count, unsigned items, struct arena *arena)
{
    struct buf text = BUF_INIT;
    buf_add_z(&text, "services:\n");
    for (unsigned i = count; i-- > 0;) {
        buf_addf(&text, "  s%u:\n    x:\n", i);
        for (unsigned j = 0; j < items; j++)
            buf_addf(&text, "    - %u\n", j);
        if (i + 1 < count)
            buf_addf(&text, "    extends: s%u\n", i + 1);
    }
    struct str bytes = arena_buf(arena, &text);
    buf_done(&text);
    const struct fixture_file files[] = {{"compose.yaml", bytes.ptr}, {NULL, NULL}};
    return fixture_project(files, 1, arena);
}

static void test_bounds(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_project project = read_chain(60, 3, &arena);
    assert_int_equal(project.problem_count, 0);
    assert_int_equal(data_get(data_get(data_get(project.root, "services"), "s0"), "x")->count, 180);
    project = read_chain(1000, 10, &arena);
    assert_int_equal(project.root->count, 1);
    assert_true(project.problem_count > 0);
    assert_string_equal(project.problems[project.problem_count - 1].message,
                        "the services that extend each other stand for more than 262144 values");
}

static void test_many_problems(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "services:\n  a:\n    x:\n");
    for (unsigned i = 0; i < 2000; i++)
        buf_add_z(&text, "    - ${\n");
    const struct fixture_file files[] = {{"compose.yaml", buf_z(&text)}, {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_int_equal(project.problem_count, LIMIT_COMPOSE_PROBLEMS + 1);
    assert_string_equal(project.problems[LIMIT_COMPOSE_PROBLEMS].message,
                        "the project has more than 1000 problems: the rest is not told");
}

static void test_many_files(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static struct fixture_file files[302];
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "include:\n");
    for (unsigned i = 1; i < 301; i++) {
        files[i].name = arena_printf(&arena, "%u.yaml", i);
        files[i].text = arena_printf(&arena, "services: {s%u: {image: a}}", i);
        buf_addf(&text, "- %u.yaml\n", i);
    }
    files[0] = (struct fixture_file){"compose.yaml", buf_z(&text)};
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_int_equal(project.source_count, LIMIT_COMPOSE_SOURCES);
    assert_true(project.incomplete);
    assert_int_equal(project.problem_count, 301 - LIMIT_COMPOSE_SOURCES);
    assert_int_equal(data_get(project.root, "services")->count, LIMIT_COMPOSE_SOURCES - 1);
}

/* Each file includes the next one twice: what doubles with each is read within a limit. */
static void test_doubling(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static struct fixture_file files[14];
    for (unsigned i = 0; i < 12; i++) {
        files[i].name = i == 0 ? "compose.yaml" : arena_printf(&arena, "%u.yaml", i);
        files[i].text =
            arena_printf(&arena, "include: [%u.yaml, %u.yaml]\nservices: {s%u: {image: a}}\n", i + 1, i + 1, i);
    }
    files[12] = (struct fixture_file){"12.yaml", "services: {last: {image: a}}\n"};
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_true(project.incomplete);
    assert_string_equal(project.problems[0].message,
                        "the project's files are too many or too large, each as often as it is read");
    assert_int_equal(data_get(project.root, "services")->count, 13);
}

static void test_many_documents(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf text = BUF_INIT;
    for (unsigned i = 0; i < 20; i++)
        buf_addf(&text, "---\nservices: {s%u: {image: a}}\n", i);
    const struct fixture_file files[] = {{"compose.yaml", buf_z(&text)}, {NULL, NULL}};
    struct compose_project project = fixture_project(files, 1, &arena);
    assert_int_equal(project.problem_count, 1);
    assert_string_equal(project.problems[0].message, "the file has more than 16 documents");
    assert_true(project.incomplete);
    assert_int_equal(data_get(project.root, "services")->count, LIMIT_COMPOSE_DOCUMENTS);
}

static void test_without_files(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct compose_source given = {
        .name = STR("-"),
        .bytes = STR("include: [a.yaml]\nservices: {b: {image: $T, extends: {file: c.yaml, service: d}}}")};
    struct compose_project project;
    assert_int_equal(compose_project_read(NULL, &given, 1, NULL, &arena, &project, NULL), 0);
    assert_int_equal(project.problem_count, 2);
    fixture_assert_problem(&project, 0, "-", "a.yaml", "'a.yaml' can't be read: what it says is not judged");
    fixture_assert_problem(&project, 1, "-", "c.yaml", "'c.yaml' can't be read: what it says is not judged");
    assert_string_equal(project.problems[1].hint, "give the file along with this one");
    fixture_assert(data_get(project.root, "services"), "{b: {image: ?$T, extends: {file: 'c.yaml', service: 'd'}}}");
}

static void test_memory_faults(void **state)
{
    (void)state;
    static const struct fixture_file files[] = {
        {"compose.yaml", "include: [sub/c.yaml, gone.yaml]\nname: n\nservices: {a: {extends: b, image: \"$T\", "
                         "environment: [A=1, A=2], ports: ['1:1', '2:2']}, b: {tty: true}, "
                         "c: {extends: {file: base.yaml, service: x}, user: '${'}}\n"},
        {"over.yaml", "services: {a: {user: !reset 1, ports: ['3:3']}}"},
        {".env", "T=\"x\\n$U\"\n%\n"},
        {"base.yaml", "services: {x: {init: true, init: false}}"},
        {"sub/c.yaml", "services: {d: {image: \"$T\"}, b: {tty: false}}"},
        {NULL, NULL}};
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct compose_project project;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = fixture_try(files, 2, &arena, &project, &err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 40);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_parsed),        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_project_name),     cmocka_unit_test(test_faults_in_values),
        cmocka_unit_test(test_extends),          cmocka_unit_test(test_extends_with_override),
        cmocka_unit_test(test_extends_problems), cmocka_unit_test(test_include),
        cmocka_unit_test(test_include_problems), cmocka_unit_test(test_wrong_files),
        cmocka_unit_test(test_broken_override),  cmocka_unit_test(test_casts),
        cmocka_unit_test(test_bounds),           cmocka_unit_test(test_many_problems),
        cmocka_unit_test(test_many_files),       cmocka_unit_test(test_doubling),
        cmocka_unit_test(test_many_documents),   cmocka_unit_test(test_without_files),
        cmocka_unit_test(test_memory_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
