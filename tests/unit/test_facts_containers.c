/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_fixture.h"

#define POD "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n"

static void test_containers(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod =
        manifest_pod(&manifest, POD "  initContainers:\n"
                                    "  - {name: first}\n"
                                    "  - {name: beside, restartPolicy: Always}\n"
                                    "  containers:\n"
                                    "  - name: ${NAME}\n"
                                    "    image: ${IMAGE}\n"
                                    "  - image: 12\n"
                                    "  - odd\n"
                                    "  - {}\n"
                                    "  ephemeralContainers: [{name: debug, targetContainerName: a}]\n");
    static const enum workload_kind kinds[] = {WORKLOAD_INIT,      WORKLOAD_SIDECAR,   WORKLOAD_CONTAINER,
                                               WORKLOAD_CONTAINER, WORKLOAD_CONTAINER, WORKLOAD_EPHEMERAL};
    assert_int_equal(pod->workload_count, ARRAY_LEN(kinds));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        assert_int_equal(pod->workloads[i]->kind, kinds[i]);
        assert_int_equal(pod->workloads[i]->index, i);
        assert_ptr_equal(pod->workloads[i]->pod, pod);
    }
    assert_fact(pod->workloads[2]->image.fact, FACT_UNKNOWN, "${IMAGE}");
    assert_fact(pod->workloads[3]->image.fact, FACT_INVALID, "12");
    assert_str(place_text(pod->workloads[3]->at), "image");
    assert_str(place_text(pod->workloads[4]->at), "{}");
}

static void test_resources(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(
        &manifest, POD "  resources: {limits: {memory: 1Gi}}\n"
                       "  containers:\n"
                       "  - name: a\n"
                       "    resources:\n"
                       "      limits: {cpu: 500m, memory: 64Mi, ephemeral-storage: 1e9, nvidia.com/gpu: 1}\n"
                       "      requests: {cpu: 0.1}\n"
                       "  - name: b\n"
                       "    resources: {limits: {cpu: lots}, requests: {memory: 32Mi}}\n"
                       "  - name: c\n"
                       "    resources: {limits: }\n");
    const struct workload *a = pod->workloads[0], *b = pod->workloads[1], *c = pod->workloads[2];
    assert_int_equal(a->cpu_milli.value, 500);
    assert_int_equal(a->memory_bytes.value, 67108864);
    assert_int_equal(a->ephemeral_bytes.value, 1000000000);
    assert_int_equal(a->cpu_reservation_milli.value, 100);
    assert_fact(a->memory_reservation_bytes.fact, FACT_DEFAULT, "requests");
    assert_int_equal(a->memory_reservation_bytes.value, 67108864);
    assert_fact(b->cpu_milli.fact, FACT_INVALID, "lots");
    assert_fact(b->memory_bytes.fact, FACT_INHERITED, "1Gi");
    assert_int_equal(b->memory_bytes.value, 1 << 30);
    assert_string_equal(c->cpu_milli.fact.path, "limits.cpu");
    assert_at(c->cpu_milli.fact, "resources");
    assert_int_equal(pod->key_problem_count, 1);
}

static void test_env_and_ports(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod =
        manifest_pod(&manifest, POD "  containers:\n"
                                    "  - name: a\n"
                                    "    env:\n"
                                    "    - {name: A, value: one}\n"
                                    "    - {name: B}\n"
                                    "    - {name: C, valueFrom: {secretKeyRef: {name: s, key: k}}}\n"
                                    "    - {name: D, value: 8080}\n"
                                    "    - {name: E, value: '$(A)/${x}'}\n"
                                    "    - {name: F, value: $(A)}\n"
                                    "    envFrom: [{configMapRef: {name: c}}]\n"
                                    "    ports:\n"
                                    "    - containerPort: 8080\n"
                                    "    - {containerPort: 53, protocol: UDP, hostPort: 5353, name: dns,"
                                    " hostIP: 127.0.0.1}\n"
                                    "    - {containerPort: \"80\"}\n");
    const struct workload *a = pod->workloads[0];
    assert_int_equal(a->env_count, 6);
    assert_true(a->env_open);
    assert_fact(a->env[0].value.fact, FACT_KNOWN, "one");
    assert_str(a->env[0].name, "A");
    assert_str(place_text(a->env[0].name_at), "A");
    assert_fact(a->env[1].value.fact, FACT_DEFAULT, "B");
    assert_int_equal(a->env[2].value.fact.state, FACT_ABSENT);
    assert_true(a->env[2].from_elsewhere && !a->env[1].from_elsewhere);
    assert_fact(a->env[3].value.fact, FACT_INVALID, "8080");
    assert_int_equal(a->env[4].value.fact.state, FACT_UNKNOWN);
    assert_str(a->env[5].value.value, "$(A)");
    assert_int_equal(a->port_count, 3);
    assert_int_equal(a->ports[0].container.value, 8080);
    assert_str(a->ports[0].protocol, "tcp");
    assert_str(place_text(a->ports[0].at), "containerPort: 8080");
    assert_fact(a->ports[0].host.fact, FACT_ABSENT, "8080");
    assert_str(a->ports[1].protocol, "udp");
    assert_str(a->ports[1].name, "dns");
    assert_int_equal(a->ports[1].host.value, 5353);
    assert_str(a->ports[1].host_ip.value, "127.0.0.1");
    assert_int_equal(a->ports[2].container.fact.state, FACT_INVALID);
}

static void test_mounts(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod =
        manifest_pod(&manifest, "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n"
                                "  volumeClaimTemplates: [{metadata: {name: data}}]\n"
                                "  template:\n    spec:\n"
                                "      volumes:\n"
                                "      - name: bare\n"
                                "      - {name: ram, emptyDir: {medium: Memory, sizeLimit: 64Mi}}\n"
                                "      - {name: host, hostPath: {path: /etc, type: Directory}}\n"
                                "      - {name: conf, configMap: {name: c}}\n"
                                "      - {name: new, quantum: {}}\n"
                                "      - {name: null-source, hostPath: }\n"
                                "      - {name: data, emptyDir: {}}\n"
                                "      containers:\n"
                                "      - name: a\n"
                                "        volumeDevices: [{name: disk, devicePath: /dev/x}]\n"
                                "        volumeMounts:\n"
                                "        - {name: bare, mountPath: /tmp}\n"
                                "        - {name: ram, mountPath: /run, readOnly: true}\n"
                                "        - {name: host, mountPath: /host, mountPropagation: Bidirectional}\n"
                                "        - {name: conf, mountPath: /c}\n"
                                "        - {name: new, mountPath: /n}\n"
                                "        - {name: data, mountPath: /data}\n"
                                "        - {name: gone, mountPath: /g}\n"
                                "        - {name: null-source, mountPath: /z}\n");
    assert_int_equal(pod->volume_count, 8);
    const struct volume_fact *volumes = pod->volumes;
    assert_str(volumes[0].type, "emptyDir");
    assert_str(place_text(volumes[0].type_at), "bare");
    assert_int_equal(volumes[0].size_bytes.fact.state, FACT_ABSENT);
    assert_string_equal(volumes[0].size_bytes.fact.path, "emptyDir.sizeLimit");
    assert_int_equal(volumes[1].size_bytes.value, 67108864);
    assert_string_equal(volumes[1].size_bytes.fact.path, "sizeLimit");
    assert_str(place_text(volumes[2].type_at), "hostPath");
    assert_str(volumes[2].host_path.value, "/etc");
    assert_str(volumes[2].host_path_type.value, "Directory");
    assert_true(volumes[4].unknown_type && !volumes[3].unknown_type);
    assert_str(volumes[5].type, "emptyDir");
    assert_str(place_text(volumes[5].type_at), "hostPath");
    assert_str(volumes[7].type, "persistentVolumeClaim");

    const struct workload *a = pod->workloads[0];
    static const enum mount_kind kinds[] = {MOUNT_EMPTY_DIR, MOUNT_TMPFS,  MOUNT_BIND,    MOUNT_CONFIG,
                                            MOUNT_OTHER,     MOUNT_VOLUME, MOUNT_UNKNOWN, MOUNT_EMPTY_DIR};
    assert_int_equal(a->mount_count, ARRAY_LEN(kinds));
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        assert_int_equal(a->mounts[i].kind, kinds[i]);
    assert_str(a->mounts[0].target.value, "/tmp");
    assert_str(a->mounts[0].source.value, "bare");
    assert_ptr_equal(a->mounts[1].volume, &volumes[1]);
    assert_true(a->mounts[1].read_only.value);
    assert_int_equal(a->mounts[1].size_bytes.value, 67108864);
    assert_str(a->mounts[2].source.value, "/etc");
    assert_str(a->mounts[2].propagation.value, "Bidirectional");
    assert_true(a->mounts[3].read_only.fact.state == FACT_DEFAULT && a->mounts[3].read_only.value);
    assert_ptr_equal(a->mounts[5].volume, &volumes[7]);
    assert_null(a->mounts[6].volume);
    assert_str(a->devices.items[0].text.value, "/dev/x");
    assert_str(a->devices.items[0].value.value, "disk");
}

static void test_probes(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod =
        manifest_pod(&manifest, POD "  containers:\n"
                                    "  - name: a\n"
                                    "    livenessProbe:\n"
                                    "      httpGet: {path: /live, port: 8080, host: 127.0.0.1}\n"
                                    "      periodSeconds: 5\n"
                                    "    readinessProbe: {tcpSocket: {port: http}, failureThreshold: 9}\n"
                                    "    startupProbe: {exec: {command: [sh, -c, \"curl -f $URL\"]}}\n"
                                    "    lifecycle: {preStop: {sleep: {seconds: 5}}, postStart: {httpGet: {port: 1}}}\n"
                                    "  - name: b\n"
                                    "    livenessProbe: {grpc: {port: 9000, service: x}}\n"
                                    "    readinessProbe: {}\n"
                                    "    startupProbe: ${PROBE}\n"
                                    "    lifecycle:\n");
    const struct workload *a = pod->workloads[0], *b = pod->workloads[1];
    assert_int_equal(a->liveness.fact.state, FACT_KNOWN);
    assert_str(place_text(a->liveness.fact.key), "livenessProbe");
    assert_int_equal(a->liveness.action, PROBE_HTTP);
    assert_str(a->liveness.path.value, "/live");
    assert_fact(a->liveness.port.fact, FACT_KNOWN, "8080");
    assert_str(a->liveness.port.value, "8080");
    assert_str(a->liveness.scheme.value, "HTTP");
    assert_str(a->liveness.host.value, "127.0.0.1");
    assert_int_equal(a->liveness.period_s.value, 5);
    assert_int_equal(a->liveness.failure_threshold.value, 3);
    assert_int_equal(a->liveness.timeout_s.value, 1);
    assert_int_equal(a->readiness.action, PROBE_TCP);
    assert_str(a->readiness.port.value, "http");
    assert_int_equal(a->readiness.failure_threshold.value, 9);
    assert_int_equal(a->startup.action, PROBE_EXEC);
    assert_int_equal(a->startup.command.word_count, 3);
    assert_true(a->startup.command.shell_in_exec);
    assert_int_equal(a->startup.command.script.count, 1);
    assert_str(place_text(a->startup.command.script.commands[0].words[0].at), "curl");
    assert_int_equal(a->pre_stop.action, PROBE_SLEEP);
    assert_str(a->post_start.path.value, "/");
    assert_int_equal(b->liveness.action, PROBE_GRPC);
    assert_str(b->liveness.path.value, "x");
    assert_int_equal(b->readiness.fact.state, FACT_INVALID);
    assert_fact(b->startup.fact, FACT_UNKNOWN, "${PROBE}");
    assert_int_equal(b->pre_stop.fact.state, FACT_ABSENT);
}

static void test_commands(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(&manifest, POD "  containers:\n"
                                                        "  - name: a\n"
                                                        "    command: [/bin/sh, -c]\n"
                                                        "    args:\n"
                                                        "    - |\n"
                                                        "      echo one\n"
                                                        "      exec serve --port $PORT\n"
                                                        "  - name: b\n"
                                                        "    command: [serve, \"${PORT}\", 8080]\n"
                                                        "    args: serve\n"
                                                        "  - name: c\n"
                                                        "    args: [--port, '80']\n");
    const struct workload *a = pod->workloads[0], *b = pod->workloads[1], *c = pod->workloads[2];
    assert_false(a->entrypoint.shell_in_exec);
    assert_true(a->command.shell_in_exec);
    assert_int_equal(a->command.word_count, 1);
    assert_int_equal(a->command.script.count, 2);
    assert_str(place_text(a->command.script.commands[1].words[1].at), "serve");
    assert_str(place_text(a->command.script.commands[1].words[3].at), "$PORT");
    assert_int_equal(b->entrypoint.fact.state, FACT_INVALID); /* 8080 is no string */
    assert_int_equal(b->entrypoint.word_count, 3);
    assert_str(b->entrypoint.words[1].text, "${PORT}");
    assert_false(b->entrypoint.words[1].unknown);
    assert_fact(b->command.fact, FACT_INVALID, "serve");
    assert_int_equal(c->entrypoint.fact.state, FACT_ABSENT);
    assert_str(place_text(c->command.words[1].at), "'80'");
    assert_str(c->command.words[1].text, "80");
}

/* An anchor's values are told where they are used. */
static void test_aliases(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(&manifest, POD "  containers:\n"
                                                        "  - name: a\n"
                                                        "    securityContext: &sc {privileged: true}\n"
                                                        "  - name: b\n"
                                                        "    securityContext: *sc\n"
                                                        "  - <<: {securityContext: {privileged: true}}\n"
                                                        "    name: c\n");
    for (size_t i = 0; i < 3; i++)
        assert_true(pod->workloads[i]->privileged.fact.state == FACT_KNOWN && pod->workloads[i]->privileged.value);
    assert_at(pod->workloads[0]->privileged.fact, "true");
    assert_at(pod->workloads[1]->privileged.fact, "*sc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_containers), cmocka_unit_test(test_resources), cmocka_unit_test(test_env_and_ports),
        cmocka_unit_test(test_mounts),     cmocka_unit_test(test_probes),    cmocka_unit_test(test_commands),
        cmocka_unit_test(test_aliases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
