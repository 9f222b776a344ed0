/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/kubernetes_keys.h"

#include <string.h>

#define KEY(text, kind)                                                                                                \
    {                                                                                                                  \
        STR_INIT(text), KEY_##kind, NULL                                                                               \
    }
#define KEY_INTO(text, kind, table)                                                                                    \
    {                                                                                                                  \
        STR_INIT(text), KEY_##kind, &(table)                                                                           \
    }
#define TABLE(what, list, slot_count, ...)                                                                             \
    {                                                                                                                  \
        .object = (what), .keys = (list), .count = ARRAY_LEN(list), .slots = (slot_count), __VA_ARGS__                 \
    }

const struct key_def *key_find(const struct key_table *table, struct str key)
{
    const struct key_def *end = table->keys + table->count;
    for (const struct key_def *def = table->keys; def < end && key.len > 0; def++)
        if (def->name.len == key.len && def->name.ptr[0] == key.ptr[0] && memcmp(def->name.ptr, key.ptr, key.len) == 0)
            return def;
    return NULL;
}

/* --- the template ------------------------------------------------------------------------------------------- */

static const struct key_def template_keys[] = {KEY("metadata", OBJECT), KEY("spec", OBJECT)};
static const struct key_neighbour template_neighbours[] = {
    {&key_pod, "in the template's spec"}, {&key_metadata, "in the template's metadata"}, {NULL, NULL}};
const struct key_table key_template = TABLE("a pod template", template_keys, 0, .neighbours = template_neighbours);

/* What is around it: the spec of each kind that makes pods. */
static const struct key_neighbour spec_neighbours[] = {
    {&key_pod, "in the template's spec"},
    {&key_pod_security, "in the securityContext of the template's spec"},
    {&key_container, "in a container of the template"},
    {&key_container_security, "in a container's securityContext"},
    {&key_metadata, "in the metadata"},
    {NULL, NULL}};
#define SPEC(what, list) TABLE(what, list, 0, .neighbours = spec_neighbours)

static const struct key_def selector_keys[] = {KEY("matchLabels", TEXT_MAP), KEY("matchExpressions", LIST)};
static const struct key_table key_selector = TABLE("a selector", selector_keys, 0);

static const struct key_def deployment_keys[] = {
    KEY("replicas", WHOLE),
    KEY_INTO("selector", OBJECT, key_selector),
    KEY("template", OBJECT),
    KEY("strategy", OBJECT),
    KEY("minReadySeconds", WHOLE),
    KEY("revisionHistoryLimit", WHOLE),
    KEY("paused", BOOL),
    KEY("progressDeadlineSeconds", WHOLE),
    KEY("podReplacementPolicy", TEXT),
    KEY("rollbackTo", OBJECT), /* extensions/v1beta1 */
};
const struct key_table key_deployment = SPEC("the spec of a Deployment", deployment_keys);

static const struct key_def stateful_set_keys[] = {
    KEY("replicas", WHOLE),
    KEY_INTO("selector", OBJECT, key_selector),
    KEY("template", OBJECT),
    KEY("serviceName", TEXT),
    KEY("volumeClaimTemplates", LIST),
    KEY("updateStrategy", OBJECT),
    KEY("podManagementPolicy", TEXT),
    KEY("minReadySeconds", WHOLE),
    KEY("revisionHistoryLimit", WHOLE),
    KEY("persistentVolumeClaimRetentionPolicy", OBJECT),
    KEY("ordinals", OBJECT),
};
const struct key_table key_stateful_set = SPEC("the spec of a StatefulSet", stateful_set_keys);

static const struct key_def daemon_set_keys[] = {
    KEY_INTO("selector", OBJECT, key_selector),
    KEY("template", OBJECT),
    KEY("updateStrategy", OBJECT),
    KEY("minReadySeconds", WHOLE),
    KEY("revisionHistoryLimit", WHOLE),
    KEY("templateGeneration", WHOLE), /* extensions/v1beta1 */
};
const struct key_table key_daemon_set = SPEC("the spec of a DaemonSet", daemon_set_keys);

static const struct key_def replica_set_keys[] = {
    KEY("replicas", WHOLE),
    KEY_INTO("selector", OBJECT, key_selector),
    KEY("template", OBJECT),
    KEY("minReadySeconds", WHOLE),
};
const struct key_table key_replica_set = SPEC("the spec of a ReplicaSet", replica_set_keys);

static const struct key_def replication_controller_keys[] = {
    KEY("replicas", WHOLE),
    KEY("selector", TEXT_MAP),
    KEY("template", OBJECT),
    KEY("minReadySeconds", WHOLE),
};
const struct key_table key_replication_controller =
    SPEC("the spec of a ReplicationController", replication_controller_keys);

static const struct key_def job_keys[] = {
    KEY("template", OBJECT),
    KEY("backoffLimit", WHOLE),
    KEY("completions", WHOLE),
    KEY("parallelism", WHOLE),
    KEY("activeDeadlineSeconds", WHOLE),
    KEY("ttlSecondsAfterFinished", WHOLE),
    KEY("completionMode", TEXT),
    KEY("suspend", BOOL),
    KEY_INTO("selector", OBJECT, key_selector),
    KEY("manualSelector", BOOL),
    KEY("podFailurePolicy", OBJECT),
    KEY("successPolicy", OBJECT),
    KEY("backoffLimitPerIndex", WHOLE),
    KEY("maxFailedIndexes", WHOLE),
    KEY("podReplacementPolicy", TEXT),
    KEY("managedBy", TEXT),
};
const struct key_table key_job = SPEC("the spec of a Job", job_keys);

static const struct key_def cron_job_keys[] = {
    KEY("schedule", TEXT),
    KEY("jobTemplate", OBJECT),
    KEY("concurrencyPolicy", TEXT),
    KEY("suspend", BOOL),
    KEY("successfulJobsHistoryLimit", WHOLE),
    KEY("failedJobsHistoryLimit", WHOLE),
    KEY("startingDeadlineSeconds", WHOLE),
    KEY("timeZone", TEXT),
};
static const struct key_neighbour cron_job_neighbours[] = {{&key_job, "in the spec of jobTemplate"},
                                                           {&key_pod, "in the template's spec"},
                                                           {&key_container, "in a container of the template"},
                                                           {&key_metadata, "in the metadata"},
                                                           {NULL, NULL}};
const struct key_table key_cron_job =
    TABLE("the spec of a CronJob", cron_job_keys, 0, .neighbours = cron_job_neighbours);

static const struct key_neighbour job_template_neighbours[] = {
    {&key_job, "in the spec of jobTemplate"}, {&key_pod, "in the template's spec"}, {NULL, NULL}};
const struct key_table key_job_template = TABLE("jobTemplate", template_keys, 0, .neighbours = job_template_neighbours);

static const struct key_def metadata_keys[] = {
    [METADATA_LABELS] = KEY("labels", TEXT_MAP),
    [METADATA_ANNOTATIONS] = KEY("annotations", TEXT_MAP),
    [METADATA_NAME] = KEY("name", TEXT),
    [METADATA_GENERATE_NAME] = KEY("generateName", TEXT),
    [METADATA_NAMESPACE] = KEY("namespace", TEXT),
    KEY("creationTimestamp", ANY),
    KEY("deletionGracePeriodSeconds", WHOLE),
    KEY("deletionTimestamp", ANY),
    KEY("finalizers", TEXTS),
    KEY("generation", WHOLE),
    KEY("managedFields", LIST),
    KEY("ownerReferences", LIST),
    KEY("resourceVersion", TEXT),
    KEY("selfLink", TEXT),
    KEY("uid", TEXT),
};
const struct key_table key_metadata = TABLE("metadata of a pod template", metadata_keys, METADATA_SLOTS);

static const struct key_def pod_keys[] = {
    [POD_CONTAINERS] = KEY("containers", LIST),
    [POD_VOLUMES] = KEY("volumes", LIST),
    [POD_SECURITY] = KEY("securityContext", OBJECT),
    [POD_INIT_CONTAINERS] = KEY("initContainers", LIST),
    [POD_RESTART_POLICY] = KEY("restartPolicy", TEXT),
    [POD_SERVICE_ACCOUNT_NAME] = KEY("serviceAccountName", TEXT),
    [POD_AUTOMOUNT_TOKEN] = KEY("automountServiceAccountToken", BOOL),
    [POD_HOST_NETWORK] = KEY("hostNetwork", BOOL),
    [POD_HOST_PID] = KEY("hostPID", BOOL),
    [POD_HOST_IPC] = KEY("hostIPC", BOOL),
    [POD_HOST_USERS] = KEY("hostUsers", BOOL),
    [POD_OS] = KEY("os", OBJECT),
    [POD_SERVICE_ACCOUNT] = KEY("serviceAccount", TEXT),
    [POD_RESOURCES] = KEY("resources", OBJECT),
    [POD_EPHEMERAL_CONTAINERS] = KEY("ephemeralContainers", LIST),
    KEY("terminationGracePeriodSeconds", WHOLE),
    KEY("dnsPolicy", TEXT),
    KEY("schedulerName", TEXT),
    KEY("nodeSelector", TEXT_MAP),
    KEY("tolerations", LIST),
    KEY("affinity", OBJECT),
    KEY("imagePullSecrets", LIST),
    KEY("priorityClassName", TEXT),
    KEY("topologySpreadConstraints", LIST),
    KEY("nodeName", TEXT),
    KEY("enableServiceLinks", BOOL),
    KEY("hostname", TEXT),
    KEY("subdomain", TEXT),
    KEY("dnsConfig", OBJECT),
    KEY("hostAliases", LIST),
    KEY("shareProcessNamespace", BOOL),
    KEY("activeDeadlineSeconds", WHOLE),
    KEY("runtimeClassName", TEXT),
    KEY("priority", WHOLE),
    KEY("preemptionPolicy", TEXT),
    KEY("readinessGates", LIST),
    KEY("schedulingGates", LIST),
    KEY("setHostnameAsFQDN", BOOL),
    KEY("hostnameOverride", TEXT),
    KEY("overhead", QUANTITIES),
    KEY("resourceClaims", LIST),
    KEY("workloadRef", OBJECT),
    KEY("schedulingGroup", OBJECT),
};
static const struct key_neighbour pod_neighbours[] = {{&key_pod_security, "in the pod's securityContext"},
                                                      {&key_container_security, "in a container's securityContext"},
                                                      {&key_container, "in a container"},
                                                      {&key_metadata, "in the template's metadata"},
                                                      {NULL, NULL}};
const struct key_table key_pod = TABLE("the spec of a pod", pod_keys, POD_SLOTS, .neighbours = pod_neighbours);

static const struct key_def os_keys[] = {[OS_NAME] = KEY("name", TEXT)};
const struct key_table key_os = TABLE("os", os_keys, OS_SLOTS);

/* --- securityContext ---------------------------------------------------------------------------------------- */

#define SECURITY_KEYS                                                                                                  \
    [SECURITY_RUN_AS_NON_ROOT] = KEY("runAsNonRoot", BOOL), [SECURITY_RUN_AS_USER] = KEY("runAsUser", WHOLE),          \
    [SECURITY_RUN_AS_GROUP] = KEY("runAsGroup", WHOLE), [SECURITY_SECCOMP] = KEY("seccompProfile", OBJECT),            \
    [SECURITY_APPARMOR] = KEY("appArmorProfile", OBJECT), [SECURITY_SELINUX] = KEY("seLinuxOptions", OBJECT),          \
    [SECURITY_WINDOWS] = KEY("windowsOptions", OBJECT)

static const struct key_def container_security_keys[] = {
    SECURITY_KEYS,
    [SECURITY_READ_ONLY_ROOT] = KEY("readOnlyRootFilesystem", BOOL),
    [SECURITY_ESCALATION] = KEY("allowPrivilegeEscalation", BOOL),
    [SECURITY_CAPABILITIES] = KEY("capabilities", OBJECT),
    [SECURITY_PRIVILEGED] = KEY("privileged", BOOL),
    [SECURITY_PROC_MOUNT] = KEY("procMount", TEXT),
};
static const struct key_neighbour container_security_neighbours[] = {
    {&key_pod_security, "in the pod's securityContext"},
    {&key_capabilities, "in capabilities"},
    {&key_container, "in the container"},
    {&key_pod, "in the pod's spec"},
    {NULL, NULL}};
const struct key_table key_container_security =
    TABLE("securityContext of a container", container_security_keys, SECURITY_CONTAINER_SLOTS,
          .neighbours = container_security_neighbours);

static const struct key_def pod_security_keys[] = {
    SECURITY_KEYS,
    [SECURITY_FS_GROUP] = KEY("fsGroup", WHOLE),
    [SECURITY_SUPPLEMENTAL_GROUPS] = KEY("supplementalGroups", WHOLES),
    [SECURITY_SYSCTLS] = KEY("sysctls", LIST),
    KEY("fsGroupChangePolicy", TEXT),
    KEY("seLinuxChangePolicy", TEXT),
    KEY("supplementalGroupsPolicy", TEXT),
};
static const struct key_neighbour pod_security_neighbours[] = {
    {&key_container_security, "in each container's securityContext"},
    {&key_capabilities, "in capabilities in a container's securityContext"},
    {&key_pod, "in the pod's spec"},
    {NULL, NULL}};
const struct key_table key_pod_security =
    TABLE("securityContext of a pod", pod_security_keys, SECURITY_POD_SLOTS, .neighbours = pod_security_neighbours);

static const struct key_def profile_keys[] = {
    [PROFILE_TYPE] = KEY("type", TEXT),
    [PROFILE_LOCALHOST] = KEY("localhostProfile", TEXT),
};
const struct key_table key_seccomp = TABLE("seccompProfile", profile_keys, PROFILE_SLOTS);
const struct key_table key_apparmor = TABLE("appArmorProfile", profile_keys, PROFILE_SLOTS);

static const struct key_def selinux_keys[] = {
    [SELINUX_TYPE] = KEY("type", TEXT),
    [SELINUX_USER] = KEY("user", TEXT),
    [SELINUX_ROLE] = KEY("role", TEXT),
    KEY("level", TEXT),
};
const struct key_table key_selinux = TABLE("seLinuxOptions", selinux_keys, SELINUX_SLOTS);

static const struct key_def windows_keys[] = {
    [WINDOWS_HOST_PROCESS] = KEY("hostProcess", BOOL),
    KEY("runAsUserName", TEXT),
    KEY("gmsaCredentialSpec", TEXT),
    KEY("gmsaCredentialSpecName", TEXT),
};
const struct key_table key_windows = TABLE("windowsOptions", windows_keys, WINDOWS_SLOTS);

static const struct key_def capabilities_keys[] = {
    [CAPABILITIES_DROP] = KEY("drop", TEXTS),
    [CAPABILITIES_ADD] = KEY("add", TEXTS),
};
const struct key_table key_capabilities = TABLE("capabilities", capabilities_keys, CAPABILITIES_SLOTS);

static const struct key_def sysctl_keys[] = {
    [SYSCTL_NAME] = KEY("name", TEXT),
    [SYSCTL_VALUE] = KEY("value", TEXT),
};
const struct key_table key_sysctl = TABLE("a sysctl", sysctl_keys, SYSCTL_SLOTS);

/* --- a container -------------------------------------------------------------------------------------------- */

static const struct key_table key_env_from, key_value_from, key_resize, key_restart_rule, key_claim;

static const struct key_def container_keys[] = {
    [CONTAINER_NAME] = KEY("name", TEXT),
    [CONTAINER_IMAGE] = KEY("image", TEXT),
    [CONTAINER_PORTS] = KEY("ports", LIST),
    [CONTAINER_ENV] = KEY("env", LIST),
    [CONTAINER_RESOURCES] = KEY("resources", OBJECT),
    [CONTAINER_VOLUME_MOUNTS] = KEY("volumeMounts", LIST),
    [CONTAINER_SECURITY] = KEY("securityContext", OBJECT),
    [CONTAINER_ARGS] = KEY("args", TEXTS),
    [CONTAINER_COMMAND] = KEY("command", TEXTS),
    [CONTAINER_LIVENESS] = KEY("livenessProbe", OBJECT),
    [CONTAINER_READINESS] = KEY("readinessProbe", OBJECT),
    [CONTAINER_STARTUP] = KEY("startupProbe", OBJECT),
    [CONTAINER_ENV_FROM] = KEY_INTO("envFrom", LIST, key_env_from),
    [CONTAINER_LIFECYCLE] = KEY("lifecycle", OBJECT),
    [CONTAINER_RESTART_POLICY] = KEY("restartPolicy", TEXT),
    [CONTAINER_VOLUME_DEVICES] = KEY("volumeDevices", LIST),
    KEY("imagePullPolicy", TEXT),
    KEY("workingDir", TEXT),
    KEY("terminationMessagePath", TEXT),
    KEY("terminationMessagePolicy", TEXT),
    KEY("stdin", BOOL),
    KEY("stdinOnce", BOOL),
    KEY("tty", BOOL),
    KEY_INTO("resizePolicy", LIST, key_resize),
    KEY_INTO("restartPolicyRules", LIST, key_restart_rule),
    KEY("targetContainerName", TEXT),
};
static const struct key_neighbour container_neighbours[] = {
    {&key_container_security, "in the container's securityContext"},
    {&key_pod, "in the pod's spec"},
    {&key_pod_security, "in the pod's securityContext"},
    {&key_probe, "in a probe"},
    {NULL, NULL}};
const struct key_table key_container =
    TABLE("a container", container_keys, CONTAINER_SLOTS, .neighbours = container_neighbours);

static const struct key_def resize_keys[] = {KEY("resourceName", TEXT), KEY("restartPolicy", TEXT)};
static const struct key_table key_resize = TABLE("a resizePolicy", resize_keys, 0);
static const struct key_def restart_rule_keys[] = {KEY("action", TEXT), KEY("exitCodes", OBJECT)};
static const struct key_table key_restart_rule = TABLE("a rule of restartPolicyRules", restart_rule_keys, 0);

static const struct key_def reference_keys[] = {KEY("name", TEXT), KEY("optional", BOOL)};
static const struct key_table key_reference = TABLE("a source of envFrom", reference_keys, 0);
static const struct key_def env_from_keys[] = {
    KEY_INTO("configMapRef", OBJECT, key_reference),
    KEY_INTO("secretRef", OBJECT, key_reference),
    KEY("prefix", TEXT),
};
static const struct key_table key_env_from = TABLE("an entry of envFrom", env_from_keys, 0);

static const struct key_def env_keys[] = {
    [ENV_NAME] = KEY("name", TEXT),
    [ENV_VALUE] = KEY("value", TEXT),
    [ENV_VALUE_FROM] = KEY_INTO("valueFrom", OBJECT, key_value_from),
};
static const struct key_neighbour env_neighbours[] = {{&key_value_from, "in valueFrom"}, {NULL, NULL}};
const struct key_table key_env = TABLE("an entry of env", env_keys, ENV_SLOTS, .neighbours = env_neighbours);

static const struct key_def key_ref_keys[] = {KEY("name", TEXT), KEY("key", TEXT), KEY("optional", BOOL)};
static const struct key_table key_key_ref = TABLE("a key reference", key_ref_keys, 0);
static const struct key_def field_ref_keys[] = {KEY("fieldPath", TEXT), KEY("apiVersion", TEXT)};
static const struct key_table key_field_ref = TABLE("fieldRef", field_ref_keys, 0);
static const struct key_def resource_ref_keys[] = {KEY("resource", TEXT), KEY("containerName", TEXT),
                                                   KEY("divisor", QUANTITY)};
static const struct key_table key_resource_ref = TABLE("resourceFieldRef", resource_ref_keys, 0);
static const struct key_def file_ref_keys[] = {KEY("volumeName", TEXT), KEY("path", TEXT), KEY("key", TEXT),
                                               KEY("optional", BOOL)};
static const struct key_table key_file_ref = TABLE("fileKeyRef", file_ref_keys, 0);
static const struct key_def value_from_keys[] = {
    KEY_INTO("secretKeyRef", OBJECT, key_key_ref),
    KEY_INTO("configMapKeyRef", OBJECT, key_key_ref),
    KEY_INTO("fieldRef", OBJECT, key_field_ref),
    KEY_INTO("fileKeyRef", OBJECT, key_file_ref),
    KEY_INTO("resourceFieldRef", OBJECT, key_resource_ref),
};
static const struct key_table key_value_from = TABLE("valueFrom", value_from_keys, 0);

static const struct key_def port_keys[] = {
    [PORT_CONTAINER] = KEY("containerPort", WHOLE), [PORT_NAME] = KEY("name", TEXT),
    [PORT_PROTOCOL] = KEY("protocol", TEXT),        [PORT_HOST] = KEY("hostPort", WHOLE),
    [PORT_HOST_IP] = KEY("hostIP", TEXT),
};
const struct key_table key_port = TABLE("a port of a container", port_keys, PORT_SLOTS);

static const struct key_def claim_keys[] = {KEY("name", TEXT), KEY("request", TEXT)};
static const struct key_table key_claim = TABLE("a resource claim", claim_keys, 0);
static const struct key_def resources_keys[] = {
    [RESOURCES_LIMITS] = KEY("limits", OBJECT),
    [RESOURCES_REQUESTS] = KEY("requests", OBJECT),
    KEY_INTO("claims", LIST, key_claim),
};
static const struct key_neighbour resources_neighbours[] = {{&key_amounts, "in limits or requests"}, {NULL, NULL}};
const struct key_table key_resources =
    TABLE("resources", resources_keys, RESOURCES_SLOTS, .neighbours = resources_neighbours);

static bool is_extended_resource(struct str key)
{
    return str_has_char(key, '/') || str_starts(key, STR("hugepages-"));
}

static const struct key_def amount_keys[] = {
    [AMOUNT_MEMORY] = KEY("memory", QUANTITY),
    [AMOUNT_CPU] = KEY("cpu", QUANTITY),
    [AMOUNT_EPHEMERAL] = KEY("ephemeral-storage", QUANTITY),
    KEY("pids", QUANTITY), /* of a pod as a whole */
};
const struct key_table key_amounts =
    TABLE("limits and requests", amount_keys, AMOUNT_SLOTS, .open = is_extended_resource);

/* --- probes ------------------------------------------------------------------------------------------------- */

static const struct key_def probe_keys[] = {
    [PROBE_HTTP_GET] = KEY("httpGet", OBJECT),
    [PROBE_INITIAL_DELAY] = KEY("initialDelaySeconds", WHOLE),
    [PROBE_PERIOD] = KEY("periodSeconds", WHOLE),
    [PROBE_TIMEOUT] = KEY("timeoutSeconds", WHOLE),
    [PROBE_FAILURES] = KEY("failureThreshold", WHOLE),
    [PROBE_EXEC_ACTION] = KEY("exec", OBJECT),
    [PROBE_TCP_SOCKET] = KEY("tcpSocket", OBJECT),
    [PROBE_GRPC_ACTION] = KEY("grpc", OBJECT),
    KEY("successThreshold", WHOLE),
    KEY("terminationGracePeriodSeconds", WHOLE),
};
static const struct key_neighbour probe_neighbours[] = {
    {&key_http, "in httpGet"}, {&key_exec, "in exec"}, {NULL, NULL}};
const struct key_table key_probe = TABLE("a probe", probe_keys, PROBE_SLOTS, .neighbours = probe_neighbours);

static const struct key_def sleep_keys[] = {KEY("seconds", WHOLE)};
static const struct key_table key_sleep = TABLE("sleep", sleep_keys, 0);
static const struct key_def hook_keys[] = {
    [HOOK_EXEC] = KEY("exec", OBJECT),
    [HOOK_HTTP_GET] = KEY("httpGet", OBJECT),
    [HOOK_TCP_SOCKET] = KEY("tcpSocket", OBJECT),
    [HOOK_SLEEP] = KEY_INTO("sleep", OBJECT, key_sleep),
};
const struct key_table key_hook = TABLE("a lifecycle hook", hook_keys, HOOK_SLOTS, .neighbours = probe_neighbours);

static const struct key_def header_keys[] = {KEY("name", TEXT), KEY("value", TEXT)};
static const struct key_table key_header = TABLE("an entry of httpHeaders", header_keys, 0);
static const struct key_def http_keys[] = {
    [HTTP_PATH] = KEY("path", TEXT), [HTTP_PORT] = KEY("port", WHOLE_OR_TEXT),  [HTTP_SCHEME] = KEY("scheme", TEXT),
    [HTTP_HOST] = KEY("host", TEXT), KEY_INTO("httpHeaders", LIST, key_header),
};
static const struct key_neighbour action_neighbours[] = {{&key_probe, "in the probe itself"}, {NULL, NULL}};
const struct key_table key_http = TABLE("httpGet", http_keys, HTTP_SLOTS, .neighbours = action_neighbours);

static const struct key_def tcp_keys[] = {
    [TCP_PORT] = KEY("port", WHOLE_OR_TEXT),
    [TCP_HOST] = KEY("host", TEXT),
};
const struct key_table key_tcp = TABLE("tcpSocket", tcp_keys, TCP_SLOTS, .neighbours = action_neighbours);

static const struct key_def grpc_keys[] = {
    [GRPC_PORT] = KEY("port", WHOLE),
    [GRPC_SERVICE] = KEY("service", TEXT),
};
const struct key_table key_grpc = TABLE("grpc", grpc_keys, GRPC_SLOTS, .neighbours = action_neighbours);

static const struct key_def exec_keys[] = {[EXEC_COMMAND] = KEY("command", TEXTS)};
const struct key_table key_exec = TABLE("exec", exec_keys, EXEC_SLOTS, .neighbours = action_neighbours);

static const struct key_def lifecycle_keys[] = {
    [LIFECYCLE_PRE_STOP] = KEY("preStop", OBJECT),
    [LIFECYCLE_POST_START] = KEY("postStart", OBJECT),
    KEY("stopSignal", TEXT),
};
const struct key_table key_lifecycle = TABLE("lifecycle", lifecycle_keys, LIFECYCLE_SLOTS);

/* --- volumes ------------------------------------------------------------------------------------------------ */

static const struct key_def mount_keys[] = {
    [MOUNT_NAME] = KEY("name", TEXT),
    [MOUNT_PATH] = KEY("mountPath", TEXT),
    [MOUNT_READ_ONLY] = KEY("readOnly", BOOL),
    [MOUNT_PROPAGATION] = KEY("mountPropagation", TEXT),
    KEY("subPath", TEXT),
    KEY("subPathExpr", TEXT),
    KEY("recursiveReadOnly", TEXT),
};
const struct key_table key_mount = TABLE("an entry of volumeMounts", mount_keys, MOUNT_SLOTS);

static const struct key_def device_keys[] = {
    [DEVICE_NAME] = KEY("name", TEXT),
    [DEVICE_PATH] = KEY("devicePath", TEXT),
};
const struct key_table key_device = TABLE("an entry of volumeDevices", device_keys, DEVICE_SLOTS);

static const struct key_def empty_dir_keys[] = {
    [EMPTY_DIR_MEDIUM] = KEY("medium", TEXT),
    [EMPTY_DIR_SIZE] = KEY("sizeLimit", QUANTITY),
    KEY("mode", WHOLE),
};
const struct key_table key_empty_dir = TABLE("emptyDir", empty_dir_keys, EMPTY_DIR_SLOTS);

static const struct key_def host_path_keys[] = {
    [HOST_PATH_PATH] = KEY("path", TEXT),
    [HOST_PATH_TYPE] = KEY("type", TEXT),
};
const struct key_table key_host_path = TABLE("hostPath", host_path_keys, HOST_PATH_SLOTS);

static const struct key_def config_map_keys[] = {KEY("name", TEXT), KEY("items", LIST), KEY("defaultMode", WHOLE),
                                                 KEY("optional", BOOL)};
static const struct key_table key_config_map = TABLE("configMap", config_map_keys, 0);
static const struct key_def secret_keys[] = {KEY("secretName", TEXT), KEY("items", LIST), KEY("defaultMode", WHOLE),
                                             KEY("optional", BOOL)};
static const struct key_table key_secret = TABLE("secret", secret_keys, 0);
static const struct key_def claim_source_keys[] = {KEY("claimName", TEXT), KEY("readOnly", BOOL)};
static const struct key_table key_claim_source = TABLE("persistentVolumeClaim", claim_source_keys, 0);
static const struct key_def projected_keys[] = {KEY("sources", LIST), KEY("defaultMode", WHOLE)};
static const struct key_table key_projected = TABLE("projected", projected_keys, 0);
static const struct key_def downward_keys[] = {KEY("items", LIST), KEY("defaultMode", WHOLE)};
static const struct key_table key_downward = TABLE("downwardAPI", downward_keys, 0);
static const struct key_def image_keys[] = {KEY("reference", TEXT), KEY("pullPolicy", TEXT)};
static const struct key_table key_image = TABLE("image", image_keys, 0);

static const struct key_def volume_keys[] = {
    [VOLUME_NAME] = KEY("name", TEXT),
    KEY("emptyDir", OBJECT), /* emptyDir, hostPath: read by the reader of volumes */
    KEY_INTO("configMap", OBJECT, key_config_map),
    KEY_INTO("secret", OBJECT, key_secret),
    KEY("hostPath", OBJECT),
    KEY_INTO("persistentVolumeClaim", OBJECT, key_claim_source),
    KEY_INTO("projected", OBJECT, key_projected),
    KEY_INTO("downwardAPI", OBJECT, key_downward),
    KEY("csi", OBJECT),
    KEY("nfs", OBJECT),
    KEY("ephemeral", OBJECT),
    KEY_INTO("image", OBJECT, key_image),
    KEY("awsElasticBlockStore", OBJECT),
    KEY("azureDisk", OBJECT),
    KEY("azureFile", OBJECT),
    KEY("cephfs", OBJECT),
    KEY("cinder", OBJECT),
    KEY("fc", OBJECT),
    KEY("flexVolume", OBJECT),
    KEY("flocker", OBJECT),
    KEY("gcePersistentDisk", OBJECT),
    KEY("gitRepo", OBJECT),
    KEY("glusterfs", OBJECT),
    KEY("iscsi", OBJECT),
    KEY("photonPersistentDisk", OBJECT),
    KEY("portworxVolume", OBJECT),
    KEY("quobyte", OBJECT),
    KEY("rbd", OBJECT),
    KEY("scaleIO", OBJECT),
    KEY("storageos", OBJECT),
    KEY("vsphereVolume", OBJECT),
};
static const struct key_neighbour volume_neighbours[] = {{&key_empty_dir, "in emptyDir"},
                                                         {&key_host_path, "in hostPath"},
                                                         {&key_mount, "in volumeMounts of a container"},
                                                         {NULL, NULL}};
const struct key_table key_volume = TABLE("a volume", volume_keys, VOLUME_SLOTS, .neighbours = volume_neighbours);
