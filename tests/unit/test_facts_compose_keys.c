/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of Compose services that the platform does not take: which, where, and what was meant. */
#include "compose_facts_fixture.h"

struct problem {
    int kind;
    const char *at, *object, *suggestion, *expected;
};

static void assert_problems(const struct pod *pod, const struct problem *wanted, size_t count)
{
    for (size_t i = 0; i < pod->key_problem_count && i < count; i++) {
        const struct key_problem *got = &pod->key_problems[i];
        assert_text(place_text(got->at), wanted[i].at);
        if ((int)got->kind != wanted[i].kind)
            fail_msg("'%s': kind %d, not %d", wanted[i].at, (int)got->kind, wanted[i].kind);
        assert_string_equal(got->object, wanted[i].object);
        assert_string_equal(got->suggestion ? got->suggestion : "", wanted[i].suggestion ? wanted[i].suggestion : "");
        assert_string_equal(got->expected ? got->expected : "", wanted[i].expected ? wanted[i].expected : "");
    }
    assert_int_equal(pod->key_problem_count, count);
}

static void test_unknown_keys(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    read-only: true\n"
                       "    readOnly: true\n"
                       "    readOnlyRootFilesystem: true\n"
                       "    cap_drops: [ALL]\n"
                       "    securityContext: {}\n"
                       "    x-anything: 1\n"
                       "    blafasel: 1\n"
                       "    security_opt: ['no-new-privilege:true', 'x=y', \"${OPT}\"]\n"
                       "    healthcheck: {retrys: 3, periodSeconds: 1, x-y: 1}\n"
                       "    ports: [{target: 80, hostPort: 80}]\n"
                       "    volumes: [{type: bind, source: /x, target: /y, readonly: true, bind: {selinix: z}}]\n"
                       "    networks: {front: {alias: x}}\n",
                       NULL);
    static const struct problem problems[] = {
        {KEY_UNKNOWN, "read-only", "a service", "read_only", NULL},
        {KEY_UNKNOWN, "readOnly", "a service", "read_only", NULL},
        {KEY_UNKNOWN, "readOnlyRootFilesystem", "a service", "read_only", NULL},
        {KEY_UNKNOWN, "cap_drops", "a service", "cap_drop", NULL},
        {KEY_UNKNOWN, "securityContext", "a service", "security_opt", NULL},
        {KEY_UNKNOWN, "blafasel", "a service", NULL, NULL},
        {KEY_UNKNOWN, "retrys", "healthcheck of a service", "retries", NULL},
        {KEY_UNKNOWN, "periodSeconds", "healthcheck of a service", "interval", NULL},
        {KEY_UNKNOWN, "hostPort", "a port of a service", "published", NULL},
        {KEY_UNKNOWN, "readonly", "a mount of a service", "read_only", NULL},
        {KEY_UNKNOWN, "selinix", "bind of a mount", "selinux", NULL},
        {KEY_UNKNOWN, "alias", "a network of a service", "aliases", NULL},
        {KEY_UNKNOWN, "no-new-privilege", "security_opt of a service", "no-new-privileges", NULL},
        {KEY_UNKNOWN, "x", "security_opt of a service", NULL, NULL},
    };
    assert_problems(f.pods[0], problems, ARRAY_LEN(problems));
}

static void test_levels(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    limits: {memory: 5m}\n"
                       "    retries: 3\n"
                       "    replicas: 2\n"
                       "    deploy:\n"
                       "      limits: {}\n"
                       "      read_only: true\n"
                       "      resources: {memory: 5m, limits: {mem_limit: 5m}}\n",
                       NULL);
    static const struct problem problems[] = {
        {KEY_MISPLACED, "limits", "a service", NULL, "under 'deploy.resources'"},
        {KEY_MISPLACED, "retries", "a service", NULL, "under 'healthcheck'"},
        {KEY_MISPLACED, "replicas", "a service", NULL, "under 'deploy'"},
        {KEY_MISPLACED, "limits", "deploy of a service", NULL, "under 'deploy.resources'"},
        {KEY_MISPLACED, "read_only", "deploy of a service", NULL, "right in the service"},
        {KEY_MISPLACED, "memory", "resources of a service", NULL, "under 'deploy.resources.limits'"},
        {KEY_MISPLACED, "mem_limit", "resource limits of a service", NULL, "right in the service"},
    };
    assert_problems(f.pods[0], problems, ARRAY_LEN(problems));
}

static void test_types(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    user: 1000\n"
                       "    security_opt: {no-new-privileges: true}\n"
                       "    cap_drop: ALL\n"
                       "    read_only: maybe\n"
                       "    pids_limit: many\n"
                       "    mem_limit: lots\n"
                       "    cpus: half\n"
                       "    environment: [A: 1, B=2]\n"
                       "    deploy: {resources: {limits: {memory: 500}}}\n"
                       "    healthcheck: {test: [curl, x]}\n"
                       "  b: [x]\n"
                       "  c:\n",
                       NULL);
    static const struct problem problems[] = {
        {KEY_WRONG_TYPE, "1000", "a service", NULL, "a string (in quotes)"},
        {KEY_WRONG_TYPE, "{no-new-privileges: true}", "a service", NULL, "a list of strings"},
        {KEY_WRONG_TYPE, "ALL", "a service", NULL, "a list of strings"},
        {KEY_WRONG_TYPE, "maybe", "a service", NULL, "a boolean"},
        {KEY_WRONG_TYPE, "many", "a service", NULL, "a whole number"},
        {KEY_WRONG_TYPE, "lots", "a service", NULL, "a size such as 64m"},
        {KEY_WRONG_TYPE, "half", "a service", NULL, "a number"},
        {KEY_WRONG_TYPE, "A: 1", "a service", NULL, "a string (in quotes)"},
        {KEY_WRONG_TYPE, "500", "resource limits of a service", NULL, "a string (in quotes)"},
        {KEY_WRONG_TYPE, "curl", "healthcheck of a service", NULL, "CMD, CMD-SHELL or NONE as the first item"},
    };
    assert_problems(f.pods[0], problems, ARRAY_LEN(problems));
    static const struct problem services[] = {{KEY_WRONG_TYPE, "[x]", "services", NULL, "a mapping"},
                                              {KEY_WRONG_TYPE, "c", "services", NULL, "a mapping"}};
    assert_problems(f.pods[1], &services[0], 1);
    assert_problems(f.pods[2], &services[1], 1);
}

/* What is right in every form that the specification has, and what can't be known. */
static void test_nothing_wrong(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    user: \"${U:-1000}\"\n"
                       "    image: ${TAG:-5}\n"
                       "    hostname: ${NUMBER}\n"
                       "    read_only: yes\n"
                       "    tty: \"false\"\n"
                       "    privileged: ${P}\n"
                       "    pids_limit: \"5\"\n"
                       "    mem_limit: 512m\n"
                       "    mem_reservation: 1024\n"
                       "    cpus: \"0.5\"\n"
                       "    command:\n"
                       "    entrypoint: [a, \"${B:-5}\"]\n"
                       "    expose: [80, \"81\"]\n"
                       "    ports: [80, \"81\", {target: 1, published: \"2\"}]\n"
                       "    environment: {A: 1, B: true, C: , D: x}\n"
                       "    labels: [a=b]\n"
                       "    env_file: [.a, {path: .b, required: false}]\n"
                       "    depends_on: {b: {condition: service_started, required: true, restart: true}}\n"
                       "    networks: {front: , back: {aliases: [x]}}\n"
                       "    extra_hosts: {x: 1.2.3.4}\n"
                       "    ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}\n"
                       "    gpus: all\n"
                       "    deploy: {resources: {limits: {cpus: 0.5, memory: 1g}}, restart_policy: {condition: any}}\n"
                       "    healthcheck: {test: [CMD-SHELL, x], disable: false, retries: \"3\"}\n"
                       "    post_start: [{command: x, user: root}]\n"
                       "    secrets: [a, {source: b, mode: 0400}]\n"
                       "    build: {context: ., args: {A: 1}}\n"
                       "  b: {build: ., extends: {service: a, file: other.yaml}}\n",
                       NULL);
    for (size_t i = 0; i < f.count; i++)
        assert_problems(f.pods[i], NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_keys),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_nothing_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
