/* SPDX-License-Identifier: Apache-2.0 */
/* Override files over the project's file. */
#include "compose_fixture.h"

#include "base/fault.h"

/* BASE and OVER are what the service 'a' says; EXPECTED is the service merged. */
static void assert_merges(const char *base, const char *over, const char *expected)
{
    CLEANUP_BUF struct buf text = BUF_INIT, above = BUF_INIT, want = BUF_INIT;
    buf_addf(&text, "services: {a: {%s}}\n", base);
    buf_addf(&above, "services: {a: {%s}}\n", over);
    buf_addf(&want, "{a: {%s}}", expected);
    const struct fixture_file files[] = {{"compose.yaml", buf_z(&text)}, {"over.yaml", buf_z(&above)}, {NULL, NULL}};
    fixture_assert_services(files, 2, buf_z(&want));
}

static void test_plain(void **state)
{
    (void)state;
    assert_merges("image: a, user: '1'", "image: b, tty: true", "image: 'b', user: '1', tty: true");
    assert_merges("deploy: {resources: {limits: {cpus: '1', memory: 1G}}}",
                  "deploy: {resources: {limits: {memory: 2G}, reservations: {cpus: '2'}}}",
                  "deploy: {resources: {limits: {cpus: '1', memory: '2G'}, reservations: {cpus: '2'}}}");
    assert_merges("security_opt: [a]", "security_opt: [b, a]", "security_opt: ['a', 'b', 'a']");
    assert_merges("cap_drop: [ALL]", "cap_drop: [KILL, ALL]", "cap_drop: ['ALL', 'KILL']");
    assert_merges("image: a", "image: ", "image: 'a'");
    assert_merges("image: ", "image: a", "image: 'a'");
    assert_merges("expose: [1]", "expose: ", "expose: [1]");
    assert_merges("x-a: {b: 1}", "x-a: {c: 2}", "x-a: {b: 1, c: 2}");
    assert_merges("user: '1'", "user: 2", "user: 2");
}

static void test_replaced(void **state)
{
    (void)state;
    assert_merges("command: [a, b]", "command: [c]", "command: ['c']");
    assert_merges("command: [a, b]", "command: c d", "command: 'c d'");
    assert_merges("command: [a]", "command: ", "command: ~");
    assert_merges("entrypoint: a", "entrypoint: [b]", "entrypoint: ['b']");
    assert_merges("healthcheck: {test: [CMD, a], retries: 3}", "healthcheck: {test: b}",
                  "healthcheck: {test: 'b', retries: 3}");
    assert_merges("ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}", "ulimits: {nofile: {soft: 3}, nproc: {hard: 1}}",
                  "ulimits: {nofile: {soft: 3}, nproc: {hard: 1}}");
    assert_merges("logging: {driver: a, options: {x: 1}}", "logging: {driver: b, options: {y: 2}}",
                  "logging: {driver: 'b', options: {y: 2}}");
    assert_merges("logging: {driver: a, options: {x: 1}}", "logging: {options: {y: 2}}",
                  "logging: {driver: 'a', options: {x: 1, y: 2}}");
}

static void test_keyed(void **state)
{
    (void)state;
    assert_merges("environment: {A: 1, B: 2}", "environment: {B: 3, C: 4}", "environment: {A: 1, B: 3, C: 4}");
    assert_merges("environment: [A=1, B=2]", "environment: [B=3, C=4]", "environment: ['A=1', 'B=3', 'C=4']");
    assert_merges("environment: [A=1, B=2=x, D]", "environment: {B: 3}", "environment: {A: '1', B: 3, D: ~}");
    assert_merges("environment: {A: 1, B: 2}", "environment: [B=x=y, C]", "environment: {A: 1, B: 'x=y', C: ~}");
    assert_merges("environment: {A: 1}", "environment: {A: }", "environment: {A: ~}");
    assert_merges("environment: {A: 1}", "environment: ", "environment: {A: 1}");
    assert_merges("environment: ", "environment: {A: 1}", "environment: {A: 1}");
    assert_merges("environment: ['A=$$x', 'B=$N']", "environment: {C: 1}", "environment: {A: '$x', B: ?$N, C: 1}");
    assert_merges("labels: [a=1]", "labels: {a: 2}", "labels: {a: 2}");
    assert_merges("deploy: {labels: {a: 1}}", "deploy: {labels: [b=2]}", "deploy: {labels: {a: 1, b: '2'}}");
    assert_merges("build: {args: [A=1]}", "build: {args: {A: 2}}", "build: {args: {A: 2}}");
    assert_merges("sysctls: {a: 1}", "sysctls: [a=2]", "sysctls: {a: '2'}");
}

static void test_forms(void **state)
{
    (void)state;
    assert_merges("tmpfs: /tmp", "tmpfs: /run", "tmpfs: ['/tmp', '/run']");
    assert_merges("tmpfs: [/tmp]", "tmpfs: /tmp", "tmpfs: ['/tmp']");
    assert_merges("dns: 1.1.1.1", "dns: [8.8.8.8]", "dns: ['1.1.1.1', '8.8.8.8']");
    assert_merges("env_file: a", "env_file: [{path: b, required: false}, a]",
                  "env_file: ['a', {path: 'b', required: false}]");
    assert_merges("build: .", "build: {target: x}", "build: {context: '.', target: 'x'}");
    assert_merges("build: {context: a, target: x}", "build: b", "build: {context: 'b', target: 'x'}");
    assert_merges("depends_on: [x]", "depends_on: [x, y]", "depends_on: ['x', 'y']");
    assert_merges("depends_on: {x: {condition: service_healthy}}", "depends_on: [x, y]",
                  "depends_on: {x: {condition: 'service_started', required: true}, "
                  "y: {condition: 'service_started', required: true}}");
    assert_merges("networks: [a]", "networks: {b: {aliases: [c]}, a: }", "networks: {a: ~, b: {aliases: ['c']}}");
    assert_merges("extra_hosts: ['a:1', 'b:2']", "extra_hosts: {a: 3, c: [4, 5]}",
                  "extra_hosts: ['a:1', 'b:2', 'a=3', 'c=4', 'c=5']");
}

static void test_unique(void **state)
{
    (void)state;
    assert_merges("volumes: [va:/x, vb:/y]", "volumes: ['vc:/x:ro', {type: bind, source: d, target: /z}]",
                  "volumes: ['vc:/x:ro', 'vb:/y', {type: 'bind', source: 'd', target: '/z'}]");
    assert_merges("volumes: ['C:\\a:/x', /y]", "volumes: [{type: volume, target: /x}, vz:/y]",
                  "volumes: [{type: 'volume', target: '/x'}, 'vz:/y']");
    assert_merges("volumes: ['$N:/x']", "volumes: [b:/x]", "volumes: [?$N:/x, 'b:/x']");
    assert_merges("ports: ['80:80', '127.0.0.1:81:81/udp', 90]",
                  "ports: ['0.0.0.0:80:80/tcp', {target: 81, published: 81, host_ip: 127.0.0.1, protocol: udp}, '90']",
                  "ports: ['0.0.0.0:80:80/tcp', {target: 81, published: 81, host_ip: '127.0.0.1', protocol: 'udp'}, "
                  "'90']");
    assert_merges("ports: ['80:80', '81:80']", "ports: ['80:80/udp']", "ports: ['80:80', '81:80', '80:80/udp']");
    assert_merges("devices: [/dev/a:/dev/x]", "devices: [/dev/b:/dev/x:rwm, /dev/c]",
                  "devices: ['/dev/b:/dev/x:rwm', '/dev/c']");
    assert_merges("secrets: [s, {source: t, target: u}]", "secrets: [{source: s}, {source: v, target: u}]",
                  "secrets: [{source: 's'}, {source: 'v', target: 'u'}]");
    assert_merges("configs: [s]", "configs: [{source: t, target: /s}]", "configs: [{source: 't', target: '/s'}]");
    assert_merges("environment: [A=1, B=2, A=3]", "tty: true", "environment: ['A=3', 'B=2'], tty: true");
    assert_merges("environment: ['A=$N', A=1, '$N=2']", "tty: true", "environment: ['A=1', ?$N=2], tty: true");
    assert_merges("profiles: [a]", "profiles: [b, a]", "profiles: ['a', 'b']");
    assert_merges("networks: {n: {aliases: [a]}}", "networks: {n: {aliases: [a, b]}}",
                  "networks: {n: {aliases: ['a', 'b']}}");
}

static void test_reset_and_override(void **state)
{
    (void)state;
    assert_merges("image: a, ports: ['1:1']", "ports: !reset []", "image: 'a'");
    assert_merges("image: a, ports: ['1:1']", "ports: !override ['2:2']", "image: 'a', ports: ['2:2']");
    assert_merges("environment: {A: 1, B: 2}", "environment: {A: !reset null, C: 3}", "environment: {B: 2, C: 3}");
    assert_merges("environment: [A=1]", "environment: !override {B: 2}", "environment: {B: 2}");
    assert_merges("image: a, user: !reset '1'", "tty: true", "image: 'a', tty: true");
    assert_merges("image: a, user: !reset '1'", "user: '2'", "image: 'a', user: '2'");
    assert_merges("cap_drop: [A, !reset B, C]", "tty: true", "cap_drop: ['A', 'C'], tty: true");
    assert_merges("cap_drop: !override [A]", "cap_drop: [B]", "cap_drop: ['A', 'B']");
    const struct fixture_file files[] = {{"a.yaml", "services: {a: {image: x}, b: {image: y}}\nvolumes: {v: {}}"},
                                         {"b.yaml", "services: {a: !reset null, c: {image: z}}\nvolumes: !reset {}"},
                                         {"c.yaml", "services: {c: {tty: true}, a: {image: w}}"},
                                         {NULL, NULL}};
    fixture_assert_services(files, 3, "{a: {image: 'w'}, b: {image: 'y'}, c: {image: 'z', tty: true}}");
    fixture_assert_services(files, 2, "{b: {image: 'y'}, c: {image: 'z'}}");
}

static void test_spans(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {
        {"compose.yaml", "services:\n  a:\n    environment: [A=one, 'B=two', \"C=\\x33\"]\n    build: ctx\n"},
        {"over.yaml", "services:\n  a:\n    environment:\n      D: four\n    build: {target: t}\n"},
        {NULL, NULL}};
    struct compose_project project = fixture_project(files, 2, &arena);
    const struct data_node *a = data_get(data_get(project.root, "services"), "a");
    static const struct {
        const char *name, *key, *value;
        uint8_t source;
    } members[] = {
        {"A", "A", "one", 0}, {"B", "B", "two", 0}, {"C", "\"C=\\x33\"", "\"C=\\x33\"", 0}, {"D", "D", "four", 1}};
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        const struct data_node *member = data_get(data_get(a, "environment"), members[i].name);
        assert_int_equal(member->source, members[i].source);
        struct str bytes = project.sources[member->source].bytes;
        assert_true(str_eq_z(data_span_text(bytes, member->key_span), members[i].key));
        assert_true(str_eq_z(data_span_text(bytes, member->span), members[i].value));
    }
    const struct data_node *context = data_get(data_get(a, "build"), "context");
    assert_int_equal(context->source, 0);
    assert_true(str_eq_z(data_span_text(project.sources[0].bytes, context->span), "ctx"));
    assert_int_equal(context->key_span.len, 0);
}

static void test_kinds_differ(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    static const struct fixture_file files[] = {
        {"compose.yaml", "services: {a: {ports: [1], deploy: {replicas: 1}, image: x}}"},
        {"over.yaml", "services: {a: {ports: {b: 1}, deploy: 3, image: [y]}}"},
        {NULL, NULL}};
    struct compose_project project = fixture_project(files, 2, &arena);
    assert_int_equal(project.problem_count, 2);
    fixture_assert_problem(&project, 0, "over.yaml", "{b: 1}",
                           "'services.a.ports' is an object here and an array in 'compose.yaml'");
    fixture_assert_problem(&project, 1, "over.yaml", "3",
                           "'services.a.deploy' is a number here and an object in 'compose.yaml'");
    fixture_assert(data_get(project.root, "services"), "{a: {ports: [1], deploy: {replicas: 1}, image: ['y']}}");
}

static void test_many_members(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf base = BUF_INIT, over = BUF_INIT;
    buf_add_z(&base, "services:\n  a:\n    environment:\n");
    buf_add_z(&over, "services:\n  a:\n    environment:\n");
    for (unsigned i = 0; i < 5000; i++) {
        buf_addf(&base, "    - K%u=%u\n", i, i);
        buf_addf(&over, "      K%u: x\n", i + 2500);
    }
    const struct fixture_file files[] = {{"a.yaml", buf_z(&base)}, {"b.yaml", buf_z(&over)}, {NULL, NULL}};
    struct compose_project project = fixture_project(files, 2, &arena);
    const struct data_node *environment = data_get(data_get(data_get(project.root, "services"), "a"), "environment");
    assert_int_equal(environment->count, 7500);
    assert_true(str_eq_z(data_get(environment, "K0")->value, "0"));
    assert_true(str_eq_z(data_get(environment, "K4999")->value, "x"));
    assert_true(str_eq_z(data_get(environment, "K7499")->value, "x"));
}

static void test_memory_faults(void **state)
{
    (void)state;
    static const struct fixture_file files[] = {
        {"a.yaml", "services: {a: {environment: [A=1, 'B=$$'], build: ., tmpfs: /a, depends_on: [b], "
                   "extra_hosts: ['a:1'], ports: ['80:80', '81:81'], x: {a: 1}}}"},
        {"b.yaml", "services: {a: {environment: {C: 2}, build: {target: t}, tmpfs: /b, depends_on: {c: {}}, "
                   "extra_hosts: {b: 2}, ports: ['82:82'], x: [1]}}"},
        {NULL, NULL}};
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct compose_project project;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = fixture_try(files, 2, &arena, &project, &err);
        fault_disarm();
        if (r == 0) {
            assert_true(n > 20);
            break;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),        cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_keyed),        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_unique),       cmocka_unit_test(test_reset_and_override),
        cmocka_unit_test(test_spans),        cmocka_unit_test(test_kinds_differ),
        cmocka_unit_test(test_many_members), cmocka_unit_test(test_memory_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
