/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "facts_fixture.h"

#define POD "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n"

/* --- objects ------------------------------------------------------------------------------------------------ */

#define TEMPLATE "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}"

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t pods;
        bool serves;
    } cases[] = {
        {"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c}]}\n", 1, true},
        {"apiVersion: v1\nkind: Pod\nspec: {restartPolicy: Never, containers: [{name: c}]}\n", 1, false},
        {"apiVersion: v1\nkind: PodTemplate\n" TEMPLATE, 1, true},
        {"apiVersion: v1\nkind: ReplicationController\nspec: {" TEMPLATE "}", 1, true},
        {"apiVersion: apps/v1\nkind: ReplicaSet\nspec: {" TEMPLATE "}", 1, true},
        {"apiVersion: apps/v1\nkind: Deployment\nspec: {" TEMPLATE "}", 1, true},
        {"apiVersion: extensions/v1beta1\nkind: Deployment\nspec: {" TEMPLATE "}", 1, true},
        {"apiVersion: apps/v1\nkind: DaemonSet\nspec: {" TEMPLATE "}", 1, true},
        {"apiVersion: apps/v1\nkind: StatefulSet\nspec: {" TEMPLATE "}", 1, true},
        {"apiVersion: batch/v1\nkind: Job\nspec: {" TEMPLATE "}", 1, false},
        {"apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {" TEMPLATE "}}}", 1, false},
        {"apiVersion: v1\nkind: Deployment\nspec: {" TEMPLATE "}", 0, false},
        {"apiVersion: example.com/v1\nkind: Job\nspec: {" TEMPLATE "}", 1, true},
        {"apiVersion: v1\nkind: Service\nspec: {ports: []}", 0, false},
        {"apiVersion: apps/v1\nkind: Deployment\nspec: {replicas: 3}", 0, false},
        {"apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: }}", 0, false},
        {"apiVersion: apps/v1\nkind: Deployment\nspec: [template]", 0, false},
        {"{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": []}}", 1, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_MANIFEST struct manifest manifest;
        manifest_read(&manifest, cases[i].text);
        assert_int_equal(manifest.objects, 1);
        assert_int_equal(manifest.count, cases[i].pods);
        if (manifest.count)
            assert_int_equal(manifest.pods[0]->serves, cases[i].serves);
    }
}

static void test_no_objects(void **state)
{
    (void)state;
    static const char *const texts[] = {"[]",
                                        "a: b",
                                        "text",
                                        "~",
                                        "apiVersion: v1",
                                        "kind: Pod",
                                        "apiVersion: 1\nkind: Pod",
                                        "apiVersion: v1\nkind: [Pod]",
                                        "[{apiVersion: v1, kind: Pod}]"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        CLEANUP_MANIFEST struct manifest manifest;
        manifest_read(&manifest, texts[i]);
        assert_int_equal(manifest.objects, 0);
        assert_int_equal(manifest.count, 0);
    }
    assert_false(kubernetes_is_object(NULL));
}

static void test_lists(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    manifest_read(&manifest, "apiVersion: v1\n"
                             "kind: List\n"
                             "items:\n"
                             "- {apiVersion: v1, kind: Service}\n"
                             "- null\n"
                             "- apiVersion: apps/v1\n"
                             "  kind: DeploymentList\n"
                             "  items:\n"
                             "  - metadata: {name: one}\n"
                             "    spec: {" TEMPLATE "}\n"
                             "  - {kind: Deployment, spec: {" TEMPLATE "}}\n"
                             "- apiVersion: v1\n"
                             "  kind: Pod\n"
                             "  metadata: {generateName: two-, namespace: prod}\n"
                             "  spec: {containers: []}\n");
    assert_int_equal(manifest.objects, 4);
    assert_int_equal(manifest.count, 3);
    const struct pod *one = manifest.pods[0], *other = manifest.pods[1], *two = manifest.pods[2];
    assert_str(one->kind, "Deployment");
    assert_str(one->name, "one");
    assert_str(place_text(one->at), "one");
    assert_str(other->name, "");
    assert_str(place_text(other->at), "Deployment");
    assert_str(two->name, "two-");
    assert_str(two->namespace_, "prod");
    assert_str(place_text(two->at), "two-");
    assert_int_equal(two->workload_count, 0);
}

static void test_deep_lists(void **state)
{
    (void)state;
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (unsigned i = 0; i < 60; i++)
        buf_add_z(&text, "{apiVersion: v1, kind: List, items: [");
    buf_add_z(&text, "{apiVersion: v1, kind: Pod, spec: {containers: []}}");
    for (unsigned i = 0; i < 60; i++)
        buf_add_z(&text, "]}");
    CLEANUP_MANIFEST struct manifest manifest;
    manifest_read(&manifest, buf_z(&text));
    assert_int_equal(manifest.objects, 1);
    assert_int_equal(manifest.count, 1);
}

/* --- a pod -------------------------------------------------------------------------------------------------- */

static void test_defaults(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(&manifest, POD "  containers:\n  - name: app\n    image: nginx:1.27\n");
    assert_int_equal(pod->surface, SURFACE_KUBERNETES);
    assert_fact(pod->host_network.fact, FACT_DEFAULT, "web");
    assert_false(pod->host_network.value || pod->host_pid.value || pod->host_ipc.value);
    assert_true(pod->host_users.value);
    assert_fact(pod->automount_token.fact, FACT_DEFAULT, "web");
    assert_true(pod->automount_token.value);
    assert_ptr_equal(pod->automount_token.fact.holder, pod->node);
    assert_string_equal(pod->automount_token.fact.path, "automountServiceAccountToken");
    assert_int_equal(pod->service_account.fact.state, FACT_DEFAULT);
    assert_str(pod->service_account.value, "default");
    assert_str(pod->restart_policy.value, "Always");
    assert_int_equal(pod->run_as_non_root.fact.state, FACT_ABSENT);
    assert_string_equal(pod->run_as_non_root.fact.path, "securityContext.runAsNonRoot");
    assert_int_equal(pod->annotations.fact.state, FACT_ABSENT);
    assert_int_equal(pod->volume_count, 0);
    assert_int_equal(pod->workload_count, 1);
    const struct workload *app = pod->workloads[0];
    assert_int_equal(app->kind, WORKLOAD_CONTAINER);
    assert_str(app->name, "app");
    assert_fact(app->read_only_root.fact, FACT_DEFAULT, "app");
    assert_false(app->read_only_root.value);
    assert_ptr_equal(app->read_only_root.fact.holder, app->node);
    assert_string_equal(app->read_only_root.fact.path, "securityContext.readOnlyRootFilesystem");
    assert_null(app->read_only_root.fact.node);
    assert_null(app->read_only_root.fact.key.source);
    assert_true(app->escalation.fact.state == FACT_DEFAULT && app->escalation.value);
    assert_true(app->privileged.fact.state == FACT_DEFAULT && !app->privileged.value);
    assert_str(app->proc_mount.value, "Default");
    assert_fact(app->drop.fact, FACT_ABSENT, "app");
    assert_fact(app->memory_bytes.fact, FACT_ABSENT, "app");
    assert_string_equal(app->memory_bytes.fact.path, "resources.limits.memory");
    assert_fact(app->image.fact, FACT_KNOWN, "nginx:1.27");
    assert_str(app->image_name.tag, "1.27");
    assert_int_equal(app->entrypoint.fact.state, FACT_ABSENT);
    assert_int_equal(app->liveness.fact.state, FACT_ABSENT);
    assert_int_equal(app->health.fact.state, FACT_ABSENT);
}

static const char posture[] = POD "  hostNetwork: true\n"
                                  "  hostPID: \"true\"\n"
                                  "  hostIPC: ${IPC}\n"
                                  "  os: {name: windows}\n"
                                  "  serviceAccount: old\n"
                                  "  securityContext:\n"
                                  "    runAsNonRoot: true\n"
                                  "    runAsUser: 1000\n"
                                  "    fsGroup: 0x10\n"
                                  "    supplementalGroups: [1, 2]\n"
                                  "    seccompProfile: {type: RuntimeDefault}\n"
                                  "    seLinuxOptions: {type: spc_t}\n"
                                  "    sysctls:\n"
                                  "    - {name: net.core.somaxconn, value: \"1024\"}\n"
                                  "  containers:\n"
                                  "  - name: plain\n"
                                  "  - name: own\n"
                                  "    securityContext:\n"
                                  "      runAsUser: 0\n"
                                  "      runAsNonRoot: yes\n"
                                  "      readOnlyRootFilesystem: true\n"
                                  "      allowPrivilegeEscalation: 0\n"
                                  "      seccompProfile: {type: Localhost, localhostProfile: a.json}\n"
                                  "      capabilities:\n"
                                  "        drop: [all]\n"
                                  "        add: [CAP_NET_ADMIN, 'SYS_TIME']\n"
                                  "      windowsOptions: {hostProcess: true}\n";

static void test_security(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(&manifest, posture);
    assert_true(pod->windows);
    assert_fact(pod->host_network.fact, FACT_KNOWN, "true");
    assert_str(place_text(pod->host_network.fact.key), "hostNetwork");
    assert_fact(pod->host_pid.fact, FACT_INVALID, "\"true\"");
    assert_fact(pod->host_ipc.fact, FACT_UNKNOWN, "${IPC}");
    assert_str(pod->service_account.value, "old");
    assert_int_equal(pod->fs_group.value, 16);
    assert_int_equal(pod->supplemental_groups.count, 2);
    assert_str(pod->supplemental_groups.items[1].text.value, "2");
    assert_str(pod->sysctls.items[0].text.value, "net.core.somaxconn");
    assert_str(pod->sysctls.items[0].value.value, "1024");
    assert_str(pod->seccomp.type, "RuntimeDefault");
    assert_fact(pod->seccomp.fact, FACT_KNOWN, "RuntimeDefault");

    const struct workload *plain = pod->workloads[0], *own = pod->workloads[1];
    assert_fact(plain->run_as_non_root.fact, FACT_INHERITED, "true");
    assert_true(plain->run_as_non_root.value);
    assert_fact(plain->run_as_user.fact, FACT_INHERITED, "1000");
    assert_str(plain->user.value, "1000");
    assert_fact(plain->seccomp.fact, FACT_INHERITED, "RuntimeDefault");
    assert_int_equal(plain->selinux.fact.state, FACT_INHERITED);
    assert_str(plain->selinux.type.value, "spc_t");
    assert_int_equal(plain->run_as_group.fact.state, FACT_ABSENT);

    assert_fact(own->run_as_user.fact, FACT_KNOWN, "0");
    assert_fact(own->run_as_non_root.fact, FACT_KNOWN, "yes");
    assert_true(own->run_as_non_root.value);
    assert_fact(own->escalation.fact, FACT_INVALID, "0");
    assert_str(own->seccomp.localhost, "a.json");
    assert_int_equal(own->drop.count, 1);
    assert_str(own->drop.items[0].text.value, "ALL");
    assert_at(own->drop.items[0].text.fact, "all");
    assert_at(own->drop.fact, "[all]");
    assert_str(own->add.items[0].text.value, "NET_ADMIN");
    assert_at(own->add.items[1].text.fact, "'SYS_TIME'");
    assert_true(own->host_process.value);
    assert_string_equal(own->proc_mount.fact.path, "procMount");
    assert_at(own->proc_mount.fact, "securityContext");
}

static void test_odd_security(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(&manifest, POD "  securityContext: {{ .Values.podSecurity }}\n"
                                                        "  containers:\n"
                                                        "  - name: a\n"
                                                        "    securityContext: \"${SC}\"\n"
                                                        "  - name: b\n"
                                                        "    securityContext: [runAsNonRoot]\n"
                                                        "  - name: c\n"
                                                        "    securityContext:\n"
                                                        "      readOnlyRootFilesystem:\n"
                                                        "      seccompProfile: {}\n"
                                                        "      capabilities: {drop: ALL}\n");
    const struct workload *a = pod->workloads[0], *b = pod->workloads[1], *c = pod->workloads[2];
    assert_fact(a->read_only_root.fact, FACT_UNKNOWN, "\"${SC}\"");
    assert_int_equal(a->run_as_non_root.fact.state, FACT_UNKNOWN);
    assert_fact(b->read_only_root.fact, FACT_INVALID, "[runAsNonRoot]");
    assert_fact(c->read_only_root.fact, FACT_DEFAULT, "readOnlyRootFilesystem");
    assert_fact(c->seccomp.fact, FACT_ABSENT, "seccompProfile");
    assert_string_equal(c->seccomp.fact.path, "type");
    assert_fact(c->drop.fact, FACT_INVALID, "ALL");
}

static void test_annotations(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(
        &manifest, "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {app: web, n: 1}\n  annotations:\n"
                   "    container.apparmor.security.beta.kubernetes.io/a: localhost/mine\n"
                   "    container.apparmor.security.beta.kubernetes.io/b: runtime/default\n"
                   "    seccomp.security.alpha.kubernetes.io/pod: unconfined\n"
                   "    container.seccomp.security.alpha.kubernetes.io/a: runtime/default\n"
                   "    port: ${PORT}\n"
                   "spec:\n  securityContext: {appArmorProfile: {type: Unconfined}}\n"
                   "  containers:\n  - {name: a}\n"
                   "  - {name: b, securityContext: {appArmorProfile: {type: Unconfined}}}\n  - {name: c}\n");
    assert_int_equal(pod->annotations.count, 5);
    assert_int_equal(pod->annotations.items[4].value.fact.state, FACT_UNKNOWN);
    assert_int_equal(pod->labels.items[1].value.fact.state, FACT_INVALID);
    assert_int_equal(pod->apparmor_annotations.count, 2);
    assert_str(pod->apparmor_annotations.items[1].text.value, "b");
    assert_int_equal(pod->seccomp_annotations.count, 2);
    assert_str(pod->seccomp_annotations.items[0].text.value, "");
    assert_str(pod->seccomp_annotations.items[0].value.value, "unconfined");
    assert_str(pod->workloads[0]->apparmor.type, "Localhost");
    assert_str(pod->workloads[0]->apparmor.localhost, "mine");
    assert_at(pod->workloads[0]->apparmor.fact, "localhost/mine");
    assert_str(pod->workloads[1]->apparmor.type, "Unconfined");
    assert_fact(pod->workloads[2]->apparmor.fact, FACT_INHERITED, "Unconfined");
}

/* --- memory ------------------------------------------------------------------------------------------------- */

static void test_faults(void **state)
{
    (void)state;
    static const char text[] = POD "  volumes: [{name: v}]\n"
                                   "  unknownKey: 1\n"
                                   "  securityContext: {sysctls: [{name: a, value: b}]}\n"
                                   "  containers:\n"
                                   "  - name: a\n"
                                   "    image: nginx\n"
                                   "    command: [sh, -c, 'echo a; b']\n"
                                   "    env: [{name: A, value: b}]\n"
                                   "    ports: [{containerPort: 1}]\n"
                                   "    volumeMounts: [{name: v, mountPath: /v}]\n"
                                   "    securityContext: {capabilities: {drop: [all]}}\n";
    struct source source = {STR_INIT("pod.yaml"), {text, sizeof(text) - 1}, 0, 1};
    const struct source *items[] = {&source};
    struct sources sources = {items, 1};
    CLEANUP_ARENA struct arena tree = ARENA_INIT;
    const struct data_node *root = parse(source.bytes, NULL, &tree);
    bool passed = false;
    for (uint64_t n = 1; !passed; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct pod *const *pods = NULL;
        size_t count = 0, objects = 0;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = facts_of_kubernetes(root, &sources, NULL, &arena, &pods, &count, &objects, &err);
        bool fired = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        passed = !fired;
        if (fired && r != 0) {
            assert_int_equal(r, -ERR_NOMEM);
            assert_null(pods);
        } else {
            assert_int_equal(r, 0);
            assert_int_equal(count, 1);
            assert_int_equal(pods[0]->workload_count, 1);
            assert_int_equal(pods[0]->key_problem_count, 1);
        }
        assert_true(n < 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),        cmocka_unit_test(test_no_objects),  cmocka_unit_test(test_lists),
        cmocka_unit_test(test_deep_lists),   cmocka_unit_test(test_defaults),    cmocka_unit_test(test_security),
        cmocka_unit_test(test_odd_security), cmocka_unit_test(test_annotations), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
