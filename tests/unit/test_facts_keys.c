/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_fixture.h"

#include "facts/kubernetes_keys.h"

#define POD "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n"

struct wanted {
    int kind;
    const char *at, *object, *suggestion, *expected;
};

static void assert_text(const char *found, const char *wanted)
{
    if (wanted)
        assert_string_equal(found ? found : "nothing", wanted);
    else
        assert_null(found);
}

static void assert_problems(const char *text, const struct wanted *wanted, size_t count)
{
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(&manifest, text);
    for (size_t i = 0; i < pod->key_problem_count && i < count; i++) {
        const struct key_problem *problem = &pod->key_problems[i];
        assert_str(place_text(problem->at), wanted[i].at);
        assert_int_equal(problem->kind, wanted[i].kind);
        assert_string_equal(problem->object, wanted[i].object);
        assert_text(problem->suggestion, wanted[i].suggestion);
        assert_text(problem->expected, wanted[i].expected);
    }
    assert_int_equal(pod->key_problem_count, count);
}
#define PROBLEMS(text, ...)                                                                                            \
    do {                                                                                                               \
        const struct wanted wanted_[] = {__VA_ARGS__};                                                                 \
        assert_problems((text), wanted_, ARRAY_LEN(wanted_));                                                          \
    } while (0)

static void test_spelling(void **state)
{
    (void)state;
    PROBLEMS(
        POD "  containers:\n  - name: a\n    securityContext:\n      readOnlyRootFileSystem: true\n"
            "      read_only_root_filesystem: true\n      previleged: true\n      somethingElse: 1\n",
        {KEY_UNKNOWN, "readOnlyRootFileSystem", "securityContext of a container", "readOnlyRootFilesystem", NULL},
        {KEY_UNKNOWN, "read_only_root_filesystem", "securityContext of a container", "readOnlyRootFilesystem", NULL},
        {KEY_UNKNOWN, "previleged", "securityContext of a container", "privileged", NULL},
        {KEY_UNKNOWN, "somethingElse", "securityContext of a container", NULL, NULL});
    PROBLEMS(POD "  hostpid: true\n  containers: [{name: a, imagePullPolice: Always, Env: []}]\n",
             {KEY_UNKNOWN, "hostpid", "the spec of a pod", "hostPID", NULL},
             {KEY_UNKNOWN, "imagePullPolice", "a container", "imagePullPolicy", NULL},
             {KEY_UNKNOWN, "Env", "a container", "env", NULL});
}

static void test_levels(void **state)
{
    (void)state;
    PROBLEMS(POD "  securityContext:\n    readOnlyRootFilesystem: true\n    capabilities: {drop: [ALL]}\n"
                 "    ReadOnlyRootFileSystem: true\n"
                 "  runAsNonRoot: true\n"
                 "  image: nginx\n"
                 "  containers:\n  - name: a\n    privileged: false\n    hostNetwork: true\n"
                 "    resources: {memory: 1Gi}\n"
                 "    securityContext: {fsGroup: 1, drop: [ALL]}\n"
                 "    livenessProbe: {path: /, httpGet: {port: 1, periodSeconds: 3}}\n",
             {KEY_MISPLACED, "runAsNonRoot", "the spec of a pod", NULL, "in the pod's securityContext"},
             {KEY_MISPLACED, "image", "the spec of a pod", NULL, "in a container"},
             {KEY_MISPLACED, "readOnlyRootFilesystem", "securityContext of a pod", NULL,
              "in each container's securityContext"},
             {KEY_MISPLACED, "capabilities", "securityContext of a pod", NULL, "in each container's securityContext"},
             {KEY_MISPLACED, "ReadOnlyRootFileSystem", "securityContext of a pod", "readOnlyRootFilesystem",
              "in each container's securityContext"},
             {KEY_MISPLACED, "privileged", "a container", NULL, "in the container's securityContext"},
             {KEY_MISPLACED, "hostNetwork", "a container", NULL, "in the pod's spec"},
             {KEY_MISPLACED, "fsGroup", "securityContext of a container", NULL, "in the pod's securityContext"},
             {KEY_MISPLACED, "drop", "securityContext of a container", NULL, "in capabilities"},
             {KEY_MISPLACED, "memory", "resources", NULL, "in limits or requests"},
             {KEY_MISPLACED, "path", "a probe", NULL, "in httpGet"},
             {KEY_MISPLACED, "periodSeconds", "httpGet", NULL, "in the probe itself"});
    PROBLEMS("apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    containers: []\n    spec: {}\n",
             {KEY_MISPLACED, "containers", "a pod template", NULL, "in the template's spec"});
}

static void test_types(void **state)
{
    (void)state;
    PROBLEMS(POD "  hostNetwork: \"true\"\n"
                 "  terminationGracePeriodSeconds: \"30\"\n"
                 "  nodeSelector: {disk: true}\n"
                 "  containers:\n  - name: a\n    image: 1.27\n    args: [-v, 3]\n    command: serve\n"
                 "    ports: [{containerPort: http}]\n"
                 "    env:\n    - {name: A, value: 1}\n    - {name: B, value: yes}\n"
                 "    resources: {limits: {cpu: 1core, memory: 1.5}}\n"
                 "    livenessProbe: {httpGet: {port: [1]}}\n"
                 "    securityContext: []\n",
             {KEY_WRONG_TYPE, "\"true\"", "the spec of a pod", NULL, "a boolean"},
             {KEY_WRONG_TYPE, "\"30\"", "the spec of a pod", NULL, "a whole number"},
             {KEY_WRONG_TYPE, "true", "the spec of a pod", NULL, "a string"},
             {KEY_WRONG_TYPE, "1.27", "a container", NULL, "a string"},
             {KEY_WRONG_TYPE, "3", "a container", NULL, "a string"},
             {KEY_WRONG_TYPE, "serve", "a container", NULL, "a list of strings"},
             {KEY_WRONG_TYPE, "[]", "a container", NULL, "a mapping"},
             {KEY_WRONG_TYPE, "1core", "limits and requests", NULL, "a quantity"},
             {KEY_WRONG_TYPE, "1", "an entry of env", NULL, "a string"},
             {KEY_WRONG_TYPE, "yes", "an entry of env", NULL, "a string"},
             {KEY_WRONG_TYPE, "http", "a port of a container", NULL, "a whole number"},
             {KEY_WRONG_TYPE, "[1]", "httpGet", NULL, "a whole number or a string"});
}

static void test_nothing_wrong(void **state)
{
    (void)state;
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod =
        manifest_pod(&manifest, POD "  hostNetwork: ${NET}\n"
                                    "  priority: 1e3\n"
                                    "  overhead: {cpu: 250m}\n"
                                    "  securityContext:\n"
                                    "  volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}, null]\n"
                                    "  containers:\n  - name: a\n    image: nginx\n    stdin: off\n"
                                    "    env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]\n"
                                    "    resources: {limits: {cpu: 1, hugepages-2Mi: 4Mi, nvidia.com/gpu: 1}}\n"
                                    "    livenessProbe: {httpGet: {port: http, httpHeaders: [{name: a, value: b}]}}\n");
    assert_int_equal(pod->key_problem_count, 0);
    assert_null(pod->key_problems);
}

/* Names beyond the first few are told without a guess at what was meant. */
static void test_many(void **state)
{
    (void)state;
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_add_z(&text, POD "  containers: []\n");
    for (unsigned i = 0; i < 200; i++)
        buf_addf(&text, "  hostNetwork%03u: 1\n", i);
    CLEANUP_MANIFEST struct manifest manifest;
    const struct pod *pod = manifest_pod(&manifest, buf_z(&text));
    assert_int_equal(pod->key_problem_count, 200);
    assert_string_equal(pod->key_problems[0].suggestion, "hostNetwork");
    assert_null(pod->key_problems[199].suggestion);
}

/* A name that a table has twice, or that no reader could tell from another, would hide a key. */
static void test_tables(void **state)
{
    (void)state;
    static const struct key_table *const tables[] = {
        &key_template, &key_metadata,  &key_pod,     &key_container, &key_pod_security, &key_container_security,
        &key_seccomp,  &key_apparmor,  &key_selinux, &key_windows,   &key_capabilities, &key_sysctl,
        &key_os,       &key_resources, &key_amounts, &key_env,       &key_port,         &key_mount,
        &key_device,   &key_probe,     &key_hook,    &key_http,      &key_tcp,          &key_grpc,
        &key_exec,     &key_lifecycle, &key_volume,  &key_empty_dir, &key_host_path};
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        const struct key_table *table = tables[t];
        assert_true(table->slots <= table->count && table->object);
        for (size_t i = 0; i < table->count; i++) {
            assert_true(table->keys[i].name.len > 0);
            assert_ptr_equal(key_find(table, table->keys[i].name), &table->keys[i]);
        }
    }
    assert_null(key_find(&key_pod, STR("hostnetwork")));
    assert_null(key_find(&key_pod, STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelling),      cmocka_unit_test(test_levels), cmocka_unit_test(test_types),
        cmocka_unit_test(test_nothing_wrong), cmocka_unit_test(test_many),   cmocka_unit_test(test_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
