/* SPDX-License-Identifier: Apache-2.0 */
/* Compose services as pods: identity, images, users, namespaces, confinement, resources, environment. */
#include "compose_facts_fixture.h"

#include "base/fault.h"

static void test_identity(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  web:\n"
                       "    image: nginx:1.27\n"
                       "    build: {context: ./app, dockerfile: Docker.file, target: run}\n"
                       "    restart: always\n"
                       "    labels: {a: 1, b: x}\n"
                       "    deploy: {labels: [c=2, d]}\n"
                       "    depends_on: {migrate: {condition: service_completed_successfully}}\n"
                       "  migrate:\n"
                       "    build: .\n"
                       "  model: {provider: {type: x}}\n"
                       "  none:\n",
                       NULL);
    assert_int_equal(f.count, 4);
    const struct pod *pod = f.pods[0];
    assert_int_equal(pod->surface, SURFACE_COMPOSE);
    assert_text(pod->kind, "service");
    assert_text(pod->name, "web");
    assert_text(place_text(pod->at), "web");
    assert_true(pod->serves);
    assert_fact(pod->restart_policy.fact, FACT_KNOWN, "always");
    assert_int_equal(pod->annotations.count, 2);
    assert_fact(pod->annotations.items[0].text.fact, FACT_KNOWN, "a");
    assert_fact(pod->annotations.items[0].value.fact, FACT_KNOWN, "1");
    assert_int_equal(pod->labels.count, 2);
    assert_fact(pod->labels.items[0].value.fact, FACT_KNOWN, "2");
    assert_text(pod->labels.items[1].text.value, "d");
    assert_int_equal(pod->labels.items[1].value.fact.state, FACT_ABSENT);
    const struct workload *web = facts_fixture_workload(&f, 0);
    assert_int_equal(web->kind, WORKLOAD_SERVICE);
    assert_ptr_equal(web->pod, pod);
    assert_fact(web->image.fact, FACT_KNOWN, "nginx:1.27");
    assert_text(web->image.fact.key.source ? place_text(web->image.fact.key) : STR(""), "image");
    assert_text(web->image_name.repository, "library/nginx");
    assert_true(web->built.value);
    assert_fact(web->build_context.fact, FACT_KNOWN, "./app");
    assert_fact(web->build_file.fact, FACT_KNOWN, "Docker.file");
    assert_fact(web->build_target.fact, FACT_KNOWN, "run");
    const struct workload *migrate = facts_fixture_workload(&f, 1);
    assert_false(f.pods[1]->serves);
    assert_fact(migrate->image.fact, FACT_ABSENT, "migrate");
    assert_fact(migrate->build_context.fact, FACT_KNOWN, ".");
    assert_fact(migrate->build_target.fact, FACT_ABSENT, "migrate");
    assert_int_equal(f.pods[2]->workload_count, 0);
    const struct workload *none = facts_fixture_workload(&f, 3);
    assert_fact(none->read_only_root.fact, FACT_DEFAULT, "none");
    assert_fact(none->memory_bytes.fact, FACT_ABSENT, "none");
    assert_string_equal(none->memory_bytes.fact.path, "deploy.resources.limits.memory");
}

static void test_users(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a: {user: '65532:1000'}\n"
                       "  b: {user: www-data}\n"
                       "  c: {user: \"${ID}:7\"}\n"
                       "  d: {user: 0}\n"
                       "  e: {user: ''}\n"
                       "  f: {user: \"${ID:-12}:${G:-13}\"}\n"
                       "  g: {user: [1]}\n"
                       "  h: {user: '4294967295'}\n",
                       NULL);
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_fact(w->user.fact, FACT_KNOWN, "'65532:1000'");
    assert_fact(w->run_as_user.fact, FACT_KNOWN, "65532");
    assert_fact(w->run_as_group.fact, FACT_KNOWN, "1000");
    assert_int_equal(w->run_as_user.value, 65532);
    assert_int_equal(w->run_as_group.value, 1000);
    w = facts_fixture_workload(&f, 1);
    assert_fact(w->run_as_user.fact, FACT_INVALID, "www-data");
    assert_int_equal(w->run_as_group.fact.state, FACT_ABSENT);
    w = facts_fixture_workload(&f, 2);
    assert_fact(w->user.fact, FACT_UNKNOWN, "\"${ID}:7\"");
    assert_fact(w->run_as_user.fact, FACT_UNKNOWN, "${ID}");
    assert_fact(w->run_as_group.fact, FACT_KNOWN, "7");
    w = facts_fixture_workload(&f, 3);
    assert_fact(w->run_as_user.fact, FACT_KNOWN, "0");
    assert_int_equal(w->run_as_user.value, 0);
    assert_int_equal(facts_fixture_workload(&f, 4)->user.fact.state, FACT_ABSENT);
    w = facts_fixture_workload(&f, 5);
    assert_int_equal(w->run_as_user.value, 12);
    assert_int_equal(w->run_as_group.value, 13);
    assert_fact(w->run_as_user.fact, FACT_KNOWN, "\"${ID:-12}:${G:-13}\"");
    assert_int_equal(facts_fixture_workload(&f, 6)->user.fact.state, FACT_INVALID);
    assert_int_equal(facts_fixture_workload(&f, 7)->run_as_user.fact.state, FACT_INVALID);
}

static void test_namespaces(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a: {network_mode: host, pid: host, ipc: host, uts: host, cgroup: host, userns_mode: host}\n"
                       "  b: {network_mode: 'service:a', pid: 'container:x', ipc: private, userns_mode: keep-id}\n"
                       "  c: {networks: [front, outside]}\n"
                       "  d: {networks: {host: {}}, sysctls: [net.a=1, 'net.b'], ipc: \"${IPC}\"}\n"
                       "  e: {sysctls: {net.c: 2}}\n"
                       "networks:\n"
                       "  outside: {external: true, name: host}\n"
                       "  host: {}\n",
                       NULL);
    const struct pod *a = f.pods[0], *b = f.pods[1], *c = f.pods[2], *d = f.pods[3], *e = f.pods[4];
    const struct fact_bool *all[] = {&a->host_network, &a->host_pid,    &a->host_ipc,
                                     &a->host_uts,     &a->host_cgroup, &a->host_users};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        assert_fact(all[i]->fact, FACT_KNOWN, "host");
        assert_true(all[i]->value);
    }
    assert_fact(b->host_network.fact, FACT_KNOWN, "'service:a'");
    assert_false(b->host_network.value || b->host_pid.value || b->host_ipc.value || b->host_users.value);
    assert_fact(b->host_uts.fact, FACT_DEFAULT, "b");
    assert_fact(c->host_network.fact, FACT_KNOWN, "outside");
    assert_true(c->host_network.value);
    assert_true(c->host_users.value);
    assert_int_equal(c->host_users.fact.state, FACT_DEFAULT);
    assert_false(d->host_network.value);
    assert_fact(d->host_ipc.fact, FACT_UNKNOWN, "\"${IPC}\"");
    assert_int_equal(d->sysctls.count, 2);
    assert_text(d->sysctls.items[0].text.value, "net.a");
    assert_fact(d->sysctls.items[0].value.fact, FACT_KNOWN, "1");
    assert_fact(d->sysctls.items[1].text.fact, FACT_KNOWN, "net.b");
    assert_fact(e->sysctls.items[0].text.fact, FACT_KNOWN, "net.c");
    assert_text(e->sysctls.items[0].value.value, "2");
}

static void test_confinement(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    read_only: \"true\"\n"
                       "    privileged: No\n"
                       "    cap_drop: [all]\n"
                       "    cap_add: [CAP_net_raw, \"${CAP}\", cap_chown]\n"
                       "    security_opt:\n"
                       "      - no-new-privileges\n"
                       "      - seccomp:unconfined\n"
                       "      - apparmor=docker-default\n"
                       "      - label:type:x_t\n"
                       "      - systempaths=unconfined\n"
                       "    devices: ['/dev/a:/dev/b:rw', {source: /dev/c}]\n"
                       "  b: {security_opt: ['no-new-privileges:false', 'seccomp=./p.json', 'label=disable']}\n"
                       "  c: {security_opt: ['no-new-privileges=True'], read_only: maybe}\n"
                       "  d: {security_opt: ['no-new-privileges:yes', 'apparmor:own']}\n"
                       "  e: {security_opt: [\"${OPT}\", 'seccomp=builtin']}\n"
                       "  f: {security_opt: {no-new-privileges: true}, cap_drop: ALL}\n"
                       "  g: {security_opt: []}\n",
                       NULL);
    const struct workload *a = facts_fixture_workload(&f, 0);
    assert_fact(a->read_only_root.fact, FACT_KNOWN, "\"true\"");
    assert_true(a->read_only_root.value);
    assert_fact(a->privileged.fact, FACT_KNOWN, "No");
    assert_false(a->privileged.value);
    assert_text(a->drop.items[0].text.value, "ALL");
    assert_fact(a->drop.items[0].text.fact, FACT_KNOWN, "all");
    assert_int_equal(a->add.count, 3);
    assert_text(a->add.items[0].text.value, "NET_RAW");
    assert_fact(a->add.items[1].text.fact, FACT_UNKNOWN, "${CAP}");
    assert_text(a->add.items[2].text.value, "CHOWN");
    assert_fact(a->escalation.fact, FACT_KNOWN, "no-new-privileges");
    assert_false(a->escalation.value);
    assert_fact(a->seccomp.fact, FACT_KNOWN, "seccomp:unconfined");
    assert_text(a->seccomp.type, "Unconfined");
    assert_text(a->apparmor.type, "RuntimeDefault");
    assert_fact(a->selinux.type.fact, FACT_KNOWN, "type:x_t");
    assert_text(a->selinux.type.value, "x_t");
    assert_int_equal(a->unmasked.count, 1);
    assert_fact(a->unmasked.fact, FACT_KNOWN, "systempaths=unconfined");
    assert_fact(a->devices.items[0].text.fact, FACT_KNOWN, "/dev/a");
    assert_fact(a->devices.items[1].text.fact, FACT_KNOWN, "/dev/c");
    const struct workload *b = facts_fixture_workload(&f, 1);
    assert_true(b->escalation.value);
    assert_fact(b->escalation.fact, FACT_KNOWN, "'no-new-privileges:false'");
    assert_text(b->seccomp.type, "Localhost");
    assert_text(b->seccomp.localhost, "./p.json");
    assert_text(b->selinux.type.value, "disable");
    const struct workload *c = facts_fixture_workload(&f, 2);
    assert_false(c->escalation.value);
    assert_fact(c->read_only_root.fact, FACT_INVALID, "maybe");
    assert_fact(c->seccomp.fact, FACT_DEFAULT, "security_opt");
    const struct workload *d = facts_fixture_workload(&f, 3);
    assert_int_equal(d->escalation.fact.state, FACT_INVALID);
    assert_text(d->apparmor.localhost, "own");
    const struct workload *e = facts_fixture_workload(&f, 4);
    assert_fact(e->escalation.fact, FACT_UNKNOWN, "\"${OPT}\"");
    assert_text(e->seccomp.type, "RuntimeDefault");
    assert_int_equal(e->seccomp.fact.state, FACT_KNOWN);
    assert_int_equal(e->apparmor.fact.state, FACT_UNKNOWN);
    const struct workload *g = facts_fixture_workload(&f, 5);
    assert_int_equal(g->escalation.fact.state, FACT_DEFAULT);
    assert_true(g->escalation.value);
    assert_text(g->drop.items[0].text.value, "ALL");
    assert_fact(facts_fixture_workload(&f, 6)->escalation.fact, FACT_DEFAULT, "security_opt");
}

static void test_resources(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    deploy:\n"
                       "      resources:\n"
                       "        limits: {memory: 64M, cpus: '0.5', pids: 100}\n"
                       "        reservations: {memory: 32mb, cpus: 0.25}\n"
                       "    mem_limit: 1g\n"
                       "    shm_size: 1024\n"
                       "  b: {mem_limit: 536870912, cpus: 1.5, pids_limit: -1, mem_reservation: 1k}\n"
                       "  c: {cpu_quota: 50000, cpu_period: 25000, mem_limit: lots}\n"
                       "  d: {mem_limit: \"${M}\", deploy: {resources: {limits: {memory: 0}}}}\n"
                       "  e: {deploy: {resources: {limits: 5}}, cpu_shares: 5}\n"
                       "  f: {mem_limit: , deploy: {replicas: 2}}\n"
                       "  g: {mem_limit: 0, cpu_quota: -1}\n",
                       NULL);
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_fact(w->memory_bytes.fact, FACT_KNOWN, "64M");
    assert_int_equal(w->memory_bytes.value, 64 << 20);
    assert_fact(w->cpu_milli.fact, FACT_KNOWN, "'0.5'");
    assert_int_equal(w->cpu_milli.value, 500);
    assert_int_equal(w->pids.value, 100);
    assert_int_equal(w->memory_reservation_bytes.value, 32 << 20);
    assert_int_equal(w->cpu_reservation_milli.value, 250);
    assert_int_equal(w->shm_bytes.value, 1024);
    w = facts_fixture_workload(&f, 1);
    assert_int_equal(w->memory_bytes.value, 536870912);
    assert_int_equal(w->cpu_milli.value, 1500);
    assert_fact(w->pids.fact, FACT_KNOWN, "-1");
    assert_int_equal(w->pids.value, -1);
    assert_int_equal(w->memory_reservation_bytes.value, 1024);
    w = facts_fixture_workload(&f, 2);
    assert_fact(w->cpu_milli.fact, FACT_KNOWN, "50000");
    assert_int_equal(w->cpu_milli.value, 2000);
    assert_fact(w->memory_bytes.fact, FACT_INVALID, "lots");
    w = facts_fixture_workload(&f, 3);
    assert_fact(w->memory_bytes.fact, FACT_UNKNOWN, "\"${M}\"");
    w = facts_fixture_workload(&f, 4);
    assert_fact(w->memory_bytes.fact, FACT_INVALID, "5");
    assert_int_equal(w->cpu_milli.fact.state, FACT_INVALID);
    w = facts_fixture_workload(&f, 5);
    assert_fact(w->memory_bytes.fact, FACT_ABSENT, "mem_limit");
    assert_fact(w->cpu_milli.fact, FACT_ABSENT, "deploy");
    assert_string_equal(w->cpu_milli.fact.path, "resources.limits.cpus");
    w = facts_fixture_workload(&f, 6);
    assert_fact(w->memory_bytes.fact, FACT_KNOWN, "0");
    assert_int_equal(w->memory_bytes.value, 0);
    assert_int_equal(w->cpu_milli.value, 0);
}

static void test_environment(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a: {environment: [A=1, 'B', \"C=x=$V\", \"D=$SECRET\", E=], env_file: .env}\n"
                       "  b:\n"
                       "    environment:\n"
                       "      A: true\n"
                       "      B:\n"
                       "      C: \"it's ${V} $$\"\n"
                       "  c: {environment: {A: [1]}}\n",
                       "V=val\n");
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_true(w->env_open);
    assert_int_equal(w->env_count, 5);
    assert_text(w->env[0].name, "A");
    assert_text(place_text(w->env[0].name_at), "A");
    assert_fact(w->env[0].value.fact, FACT_KNOWN, "1");
    assert_int_equal(w->env[1].value.fact.state, FACT_ABSENT);
    assert_text(w->env[2].value.value, "x=val");
    assert_fact(w->env[2].value.fact, FACT_KNOWN, "x=$V");
    assert_fact(w->env[3].value.fact, FACT_UNKNOWN, "$SECRET");
    assert_text(w->env[3].name, "D");
    assert_int_equal(w->env[4].value.fact.state, FACT_KNOWN);
    assert_text(w->env[4].value.value, "");
    w = facts_fixture_workload(&f, 1);
    assert_false(w->env_open);
    assert_text(w->env[0].value.value, "true");
    assert_int_equal(w->env[1].value.fact.state, FACT_ABSENT);
    assert_text(place_text(w->env[1].value.fact.at), "B");
    assert_text(w->env[2].value.value, "it's val $");
    w = facts_fixture_workload(&f, 2);
    assert_int_equal(w->env[0].value.fact.state, FACT_INVALID);
}

static void test_inherited(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  base: {read_only: true, cap_drop: [ALL], ports: [\"127.0.0.1:1:2\"], user: '7:8'}\n"
                       "  web: {extends: base, cap_drop: [CHOWN]}\n",
                       NULL);
    const struct workload *w = facts_fixture_workload(&f, 1);
    assert_fact(w->read_only_root.fact, FACT_INHERITED, "true");
    assert_true(w->read_only_root.value);
    assert_fact(w->run_as_user.fact, FACT_INHERITED, "7");
    assert_int_equal(w->drop.count, 2);
    assert_fact(w->ports[0].host_ip.fact, FACT_INHERITED, "127.0.0.1");
}

static void test_no_services(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}", "[]", "services:", "services: [a]", "services: x", "name: x", ""};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        CLEANUP_FACTS struct facts_fixture f;
        facts_fixture_init(&f, texts[i], NULL);
        assert_int_equal(f.count, 0);
    }
}

static void test_faults(void **state)
{
    (void)state;
    const struct fixture_file files[] = {{"compose.yaml",
                                          "services:\n"
                                          "  a:\n"
                                          "    image: nginx\n"
                                          "    comand: x\n"
                                          "    entrypoint: [sh, -c, 'a && b']\n"
                                          "    command: serve \"a b\"\n"
                                          "    security_opt: [systempaths=unconfined]\n"
                                          "    cap_add: [chown]\n"
                                          "    devices: [/dev/a]\n"
                                          "    ports: ['80:80']\n"
                                          "    volumes: ['a:/b:ro,z', {type: tmpfs, target: /t, tmpfs: {size: 1}}]\n"
                                          "    tmpfs: /tmp:size=1m\n"
                                          "    secrets: [s]\n"
                                          "    environment: {A: b}\n"
                                          "    healthcheck: {test: \"a\\tb\"}\n"},
                                         {NULL, NULL}};
    int rc = -1;
    for (uint64_t n = 1; rc != 0; n++) {
        struct facts_fixture f;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        rc = facts_fixture_read(&f, files, &err);
        fault_disarm();
        if (rc != 0)
            assert_int_equal(err.code, ERR_NOMEM);
        facts_fixture_done(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity),    cmocka_unit_test(test_users),       cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_confinement), cmocka_unit_test(test_resources),   cmocka_unit_test(test_environment),
        cmocka_unit_test(test_inherited),   cmocka_unit_test(test_no_services), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
