/* SPDX-License-Identifier: Apache-2.0 */
/* Ports and mounts of Compose services, in each form. */
#include "compose_facts_fixture.h"

struct port {
    int64_t host, container; /* -1: none */
    const char *ip;
    enum fact_state ip_state;
    const char *ip_text;
    const char *protocol;
    bool range;
};

static void assert_port(const struct port_fact *got, const struct port *want)
{
    assert_int_equal(got->host.fact.state == FACT_KNOWN ? got->host.value : -1, want->host);
    assert_int_equal(got->container.fact.state == FACT_KNOWN ? got->container.value : -1, want->container);
    assert_text(got->host_ip.value, want->ip);
    assert_fact(got->host_ip.fact, want->ip_state, want->ip_text);
    assert_text(got->protocol, want->protocol);
    assert_int_equal(got->range, want->range);
    assert_true(got->published);
}

static void test_short_ports(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    ports:\n"
                       "      - \"127.0.0.1:8080:80/udp\"\n"
                       "      - 9000-9005:9100-9105\n"
                       "      - '[::1]:1:2'\n"
                       "      - '::1:3:4'\n"
                       "      - '8080'\n"
                       "      - 8081\n"
                       "      - 127.0.0.1::5\n"
                       "      - :6:7\n"
                       "      - 70000:8\n"
                       "      - ''\n"
                       "      - \"${A}:9:10\"\n"
                       "      - \"${P}:11\"\n"
                       "      - \"127.0.0.1:${P}:${Q:-12}\"\n"
                       "      - \"${ALL}\"\n"
                       "      - \"${P:-13}:14\"\n",
                       NULL);
    static const struct port ports[] = {
        {8080, 80, "127.0.0.1", FACT_KNOWN, "127.0.0.1", "udp", false},
        {9000, 9100, "0.0.0.0", FACT_DEFAULT, "9000-9005:9100-9105", "tcp", true},
        {1, 2, "::1", FACT_KNOWN, "[::1]", "tcp", false},
        {3, 4, "::1", FACT_KNOWN, "::1", "tcp", false},
        {-1, 8080, "0.0.0.0", FACT_DEFAULT, "'8080'", "tcp", false},
        {-1, 8081, "0.0.0.0", FACT_DEFAULT, "8081", "tcp", false},
        {-1, 5, "127.0.0.1", FACT_KNOWN, "127.0.0.1", "tcp", false},
        {6, 7, "0.0.0.0", FACT_DEFAULT, ":6:7", "tcp", false},
        {-1, 8, "0.0.0.0", FACT_DEFAULT, "70000:8", "tcp", false},
        {-1, -1, "0.0.0.0", FACT_DEFAULT, "''", "tcp", false},
        {9, 10, "${A}", FACT_UNKNOWN, "${A}", "tcp", false},
        {-1, 11, "${P}", FACT_UNKNOWN, "${P}", "tcp", false},
        {-1, 12, "127.0.0.1", FACT_KNOWN, "127.0.0.1", "tcp", false},
        {-1, -1, "0.0.0.0", FACT_UNKNOWN, "\"${ALL}\"", "tcp", false},
        {13, 14, "0.0.0.0", FACT_DEFAULT, "\"${P:-13}:14\"", "tcp", false},
    };
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_int_equal(w->port_count, ARRAY_LEN(ports));
    for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
        if (i == 12) /* a value with an unresolved variable is as written as a whole */
            continue;
        assert_port(&w->ports[i], &ports[i]);
    }
    assert_fact(w->ports[0].host.fact, FACT_KNOWN, "8080");
    assert_fact(w->ports[0].container.fact, FACT_KNOWN, "80");
    assert_fact(w->ports[4].host.fact, FACT_ABSENT, "'8080'");
    assert_int_equal(w->ports[8].host.fact.state, FACT_INVALID);
    assert_fact(w->ports[12].host_ip.fact, FACT_KNOWN, "127.0.0.1");
    assert_fact(w->ports[12].host.fact, FACT_UNKNOWN, "${P}");
}

static void test_long_ports(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    ports:\n"
                       "      - {target: 80, published: \"8080-8090\", host_ip: 127.0.0.1, protocol: udp, name: x}\n"
                       "      - target: 81\n"
                       "        mode: host\n"
                       "      - {published: 5, host_ip: '', target: \"${T}\"}\n"
                       "  b: {ports: x}\n"
                       "  c: {ports: [[1]]}\n",
                       NULL);
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_int_equal(w->port_count, 3);
    assert_port(&w->ports[0], &(struct port){8080, 80, "127.0.0.1", FACT_KNOWN, "127.0.0.1", "udp", true});
    assert_text(w->ports[0].name, "x");
    assert_port(&w->ports[1],
                &(struct port){-1, 81, "0.0.0.0", FACT_DEFAULT, "target: 81\n        mode: host", "tcp", false});
    assert_int_equal(w->ports[2].container.fact.state, FACT_UNKNOWN);
    assert_int_equal(w->ports[2].host.value, 5);
    assert_int_equal(w->ports[2].host_ip.fact.state, FACT_DEFAULT);
    assert_int_equal(facts_fixture_workload(&f, 1)->port_count, 0);
    assert_int_equal(facts_fixture_workload(&f, 2)->port_count, 0);
}

struct mount {
    enum mount_kind kind;
    const char *source, *target;
    bool read_only;
    int64_t size; /* -1: none */
    size_t options;
    const char *at;
};

static void assert_mounts(const struct workload *workload, const struct mount *wanted, size_t count)
{
    assert_int_equal(workload->mount_count, count);
    for (size_t i = 0; i < count; i++) {
        const struct mount_fact *got = &workload->mounts[i];
        const struct mount *want = &wanted[i];
        if (got->kind != want->kind)
            fail_msg("mount %zu: kind %d, not %d", i, got->kind, want->kind);
        assert_text(got->source.value, want->source);
        assert_text(got->target.value, want->target);
        assert_int_equal(got->read_only.value, want->read_only);
        assert_int_equal(got->size_bytes.fact.state == FACT_KNOWN ? got->size_bytes.value : -1, want->size);
        assert_int_equal(got->options.count, want->options);
        assert_text(place_text(got->at), want->at);
    }
}

static void test_short_mounts(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    volumes:\n"
                       "      - ./a:/b:ro,z\n"
                       "      - data:/data\n"
                       "      - /anon\n"
                       "      - C:\\x:D:\\y:ro\n"
                       "      - ~/h:/h:rshared\n"
                       "      - \\\\.\\pipe\\x:\\\\.\\pipe\\x\n"
                       "      - nowhere:/n\n"
                       "      - mem:/mem\n"
                       "      - bound:/bound:ro\n"
                       "      - nfs:/nfs\n"
                       "      - \"${X}:/x\"\n"
                       "      - \"./${X}:/y\"\n"
                       "      - \"${X}\"\n"
                       "volumes:\n"
                       "  data:\n"
                       "  mem: {driver_opts: {type: tmpfs, device: tmpfs, o: \"size=10m,uid=3\"}}\n"
                       "  bound: {driver: local, driver_opts: {type: none, o: bind, device: /srv}}\n"
                       "  nfs: {driver_opts: {type: nfs, o: \"addr=1.2.3.4,rw\", device: ':/x'}}\n",
                       NULL);
    static const struct mount mounts[] = {
        {MOUNT_BIND, "./a", "/b", true, -1, 2, "./a:/b:ro,z"},
        {MOUNT_VOLUME, "data", "/data", false, -1, 0, "data:/data"},
        {MOUNT_VOLUME, "", "/anon", false, -1, 0, "/anon"},
        {MOUNT_BIND, "C:\\x", "D:\\y", true, -1, 1, "C:\\x:D:\\y:ro"},
        {MOUNT_BIND, "~/h", "/h", false, -1, 1, "~/h:/h:rshared"},
        {MOUNT_BIND, "\\\\.\\pipe\\x", "\\\\.\\pipe\\x", false, -1, 0, "\\\\.\\pipe\\x:\\\\.\\pipe\\x"},
        {MOUNT_UNKNOWN, "nowhere", "/n", false, -1, 0, "nowhere:/n"},
        {MOUNT_TMPFS, "mem", "/mem", false, 10 << 20, 2, "mem:/mem"},
        {MOUNT_BIND, "/srv", "/bound", true, -1, 1, "bound:/bound:ro"},
        {MOUNT_VOLUME, "nfs", "/nfs", false, -1, 0, "nfs:/nfs"},
        {MOUNT_UNKNOWN, "${X}", "/x", false, -1, 0, "\"${X}:/x\""},
        {MOUNT_BIND, "./${X}", "/y", false, -1, 0, "\"./${X}:/y\""},
        {MOUNT_UNKNOWN, "", "${X}", false, -1, 0, "\"${X}\""},
    };
    const struct workload *w = facts_fixture_workload(&f, 0);
    assert_mounts(w, mounts, ARRAY_LEN(mounts));
    assert_fact(w->mounts[0].source.fact, FACT_KNOWN, "./a");
    assert_fact(w->mounts[0].target.fact, FACT_KNOWN, "/b");
    assert_fact(w->mounts[0].read_only.fact, FACT_KNOWN, "ro");
    assert_fact(w->mounts[4].propagation.fact, FACT_KNOWN, "rshared");
    assert_fact(w->mounts[7].size_bytes.fact, FACT_KNOWN, "10m");
    assert_fact(w->mounts[8].source.fact, FACT_KNOWN, "/srv");
    assert_fact(w->mounts[10].source.fact, FACT_UNKNOWN, "${X}");
    assert_fact(w->mounts[10].target.fact, FACT_KNOWN, "/x");
    assert_fact(w->mounts[11].source.fact, FACT_UNKNOWN, "./${X}");
    assert_fact(w->mounts[12].target.fact, FACT_UNKNOWN, "${X}");
}

static void test_long_mounts(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(&f,
                       "services:\n"
                       "  a:\n"
                       "    volumes:\n"
                       "      - {type: tmpfs, target: /t, tmpfs: {size: 64m, mode: 0755}}\n"
                       "      - {type: bind, source: ./a, target: /b, read_only: true, bind: {propagation: rslave}}\n"
                       "      - {type: volume, source: data, target: /d}\n"
                       "      - {type: volume, target: /e}\n"
                       "      - {type: npipe, source: x, target: y}\n"
                       "      - {type: cluster, source: c, target: /c}\n"
                       "      - {type: image, source: i, target: /i}\n"
                       "      - {type: \"${TYPE}\", target: /u}\n"
                       "      - {source: /s, target: /s}\n"
                       "    use_api_socket: true\n"
                       "    volumes_from: [other]\n"
                       "volumes: {data: {external: true}}\n",
                       NULL);
    const struct workload *w = facts_fixture_workload(&f, 0);
    static const enum mount_kind kinds[] = {MOUNT_TMPFS, MOUNT_BIND,    MOUNT_VOLUME, MOUNT_VOLUME,
                                            MOUNT_BIND,  MOUNT_VOLUME,  MOUNT_OTHER,  MOUNT_UNKNOWN,
                                            MOUNT_BIND,  MOUNT_UNKNOWN, MOUNT_BIND};
    assert_int_equal(w->mount_count, ARRAY_LEN(kinds));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_int_equal(w->mounts[i].kind, kinds[i]);
    assert_int_equal(w->mounts[0].size_bytes.value, 64 << 20);
    assert_fact(w->mounts[0].size_bytes.fact, FACT_KNOWN, "64m");
    assert_text(w->mounts[0].options.items[1].text.value, "mode");
    assert_fact(w->mounts[0].options.items[1].value.fact, FACT_KNOWN, "0755");
    assert_fact(w->mounts[1].read_only.fact, FACT_KNOWN, "true");
    assert_fact(w->mounts[1].propagation.fact, FACT_KNOWN, "rslave");
    assert_int_equal(w->mounts[9].target.fact.state, FACT_UNKNOWN);
    assert_text(place_text(w->mounts[9].at), "other");
    assert_text(w->mounts[10].source.value, "/var/run/docker.sock");
}

static void test_tmpfs_and_files(void **state)
{
    (void)state;
    CLEANUP_FACTS struct facts_fixture f;
    facts_fixture_init(
        &f,
        "services:\n"
        "  a:\n"
        "    tmpfs: [\"/tmp:size=64m,noexec,mode=1777\", /run, \"/s:size=${S}\", \"${T}\", '/p:size=50%']\n"
        "    configs: [conf, {source: c2, target: /etc/c2}]\n"
        "    secrets: [key, {source: k2, target: k3}]\n"
        "  b: {tmpfs: /tmp}\n",
        NULL);
    const struct workload *w = facts_fixture_workload(&f, 0);
    static const struct mount mounts[] = {
        {MOUNT_TMPFS, "", "/tmp", false, 64 << 20, 3, "\"/tmp:size=64m,noexec,mode=1777\""},
        {MOUNT_TMPFS, "", "/run", false, -1, 0, "/run"},
        {MOUNT_TMPFS, "", "/s", false, -1, 1, "\"/s:size=${S}\""},
        {MOUNT_TMPFS, "", "${T}", false, -1, 0, "\"${T}\""},
        {MOUNT_TMPFS, "", "/p", false, -1, 1, "'/p:size=50%'"},
        {MOUNT_CONFIG, "conf", "/conf", true, -1, 0, "conf"},
        {MOUNT_CONFIG, "c2", "/etc/c2", true, -1, 0, "{source: c2, target: /etc/c2}"},
        {MOUNT_CONFIG, "key", "/run/secrets/key", true, -1, 0, "key"},
        {MOUNT_CONFIG, "k2", "/run/secrets/k3", true, -1, 0, "{source: k2, target: k3}"},
    };
    assert_mounts(w, mounts, ARRAY_LEN(mounts));
    assert_fact(w->mounts[0].options.items[1].text.fact, FACT_KNOWN, "noexec");
    assert_fact(w->mounts[0].options.items[2].value.fact, FACT_KNOWN, "1777");
    assert_int_equal(w->mounts[0].options.items[1].value.fact.state, FACT_ABSENT);
    assert_fact(w->mounts[0].size_bytes.fact, FACT_KNOWN, "64m");
    assert_int_equal(w->mounts[1].size_bytes.fact.state, FACT_ABSENT);
    assert_fact(w->mounts[2].size_bytes.fact, FACT_UNKNOWN, "${S}");
    assert_int_equal(w->mounts[3].size_bytes.fact.state, FACT_UNKNOWN);
    assert_int_equal(w->mounts[4].size_bytes.fact.state, FACT_UNKNOWN);
    assert_int_equal(facts_fixture_workload(&f, 1)->mount_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short_ports), cmocka_unit_test(test_long_ports),      cmocka_unit_test(test_short_mounts),
        cmocka_unit_test(test_long_mounts), cmocka_unit_test(test_tmpfs_and_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
