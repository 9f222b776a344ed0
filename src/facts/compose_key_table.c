/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_keys.h"

/* --- what values are ---------------------------------------------------------------------------------------- */

#define IS(kind) (1U << DATA_##kind)

static const struct key_shape boolean = {"a boolean", IS(BOOL) | IS(STRING), 0, CAST_BOOL};
static const struct key_shape strict_boolean = {"a boolean", IS(BOOL), 0, CAST_NONE};
static const struct key_shape boolean_or_string = {"a boolean or a string", IS(BOOL) | IS(STRING), 0, CAST_NONE};
static const struct key_shape whole = {"a whole number", IS(NUMBER) | IS(STRING), 0, CAST_WHOLE};
static const struct key_shape number = {"a number", IS(NUMBER) | IS(STRING), 0, CAST_NUMBER};
static const struct key_shape strict_number = {"a number", IS(NUMBER), 0, CAST_NONE};
static const struct key_shape number_or_string = {"a number or a string", IS(NUMBER) | IS(STRING), 0, CAST_NONE};
static const struct key_shape port = {"a number or a string", IS(NUMBER) | IS(STRING), 0, CAST_NONE};
static const struct key_shape size = {"a size such as 64m", IS(NUMBER) | IS(STRING), 0, CAST_SIZE};
static const struct key_shape string = {"a string (in quotes)", IS(STRING), 0, CAST_NONE};
static const struct key_shape strings = {"a list of strings", IS(ARRAY), IS(STRING), CAST_NONE};
static const struct key_shape scalars = {"a list of strings or numbers", IS(ARRAY), IS(STRING) | IS(NUMBER), CAST_NONE};
static const struct key_shape string_or_list = {"a string or a list of strings", IS(STRING) | IS(ARRAY), IS(STRING),
                                                CAST_NONE};
static const struct key_shape pairs = {"a mapping or a list of NAME=VALUE", IS(OBJECT) | IS(ARRAY), IS(STRING),
                                       CAST_NONE};
static const struct key_shape command = {"a string or a list of strings", IS(STRING) | IS(ARRAY), IS(STRING),
                                         CAST_NONE};
static const struct key_shape mapping = {"a mapping", IS(OBJECT), 0, CAST_NONE};
static const struct key_shape mappings = {"a list of mappings", IS(ARRAY), IS(OBJECT), CAST_NONE};
static const struct key_shape entries = {"a list of strings or mappings", IS(ARRAY), IS(STRING) | IS(OBJECT),
                                         CAST_NONE};
static const struct key_shape files = {"a string or a list", IS(STRING) | IS(ARRAY), IS(STRING) | IS(OBJECT),
                                       CAST_NONE};
static const struct key_shape gpus = {"'all' or a list of mappings", IS(STRING) | IS(ARRAY), IS(OBJECT), CAST_NONE};
static const struct key_shape ports = {"a list of ports", IS(ARRAY), IS(STRING) | IS(NUMBER) | IS(OBJECT), CAST_NONE};
static const struct key_shape string_or_mapping = {"a string or a mapping", IS(STRING) | IS(OBJECT), 0, CAST_NONE};
static const struct key_shape names_or_mapping = {"a list of names or a mapping", IS(ARRAY) | IS(OBJECT), IS(STRING),
                                                  CAST_NONE};

/* --- the objects, innermost first ----------------------------------------------------------------------------- */

static const struct key_rule hook_rules[] = {
    {"command", &command},    {"user", &string},       {"privileged", &boolean},
    {"working_dir", &string}, {"environment", &pairs},
};
static const struct key_object hook_object = {"a hook of a service", "in a hook", hook_rules, ARRAY_LEN(hook_rules)};

static const struct key_rule build_rules[] = {
    {"context", &string},
    {"dockerfile", &string},
    {"dockerfile_inline", &string},
    {"entitlements", &strings},
    {"args", &pairs},
    {"ssh", &pairs},
    {"labels", &pairs},
    {"cache_from", &strings},
    {"cache_to", &strings},
    {"no_cache", &boolean},
    {"additional_contexts", &pairs},
    {"network", &string},
    {"provenance", &boolean_or_string},
    {"sbom", &boolean_or_string},
    {"pull", &boolean},
    {"target", &string},
    {"shm_size", &size},
    {"extra_hosts", &pairs},
    {"isolation", &string},
    {"privileged", &boolean},
    {"secrets", &entries},
    {"tags", &strings},
    {"ulimits", &mapping},
    {"platforms", &strings},
};
static const struct key_object build_object = {"build of a service", "under 'build'", build_rules,
                                               ARRAY_LEN(build_rules)};

static const struct key_rule credential_rules[] = {
    {"config", &string},
    {"file", &string},
    {"registry", &string},
};
static const struct key_object credential_object = {"credential_spec of a service", "under 'credential_spec'",
                                                    credential_rules, ARRAY_LEN(credential_rules)};

static const struct key_rule extends_rules[] = {
    {"service", &string},
    {"file", &string},
};
static const struct key_object extends_object = {"extends of a service", "under 'extends'", extends_rules,
                                                 ARRAY_LEN(extends_rules)};

static const struct key_rule logging_rules[] = {
    {"driver", &string},
    {"options", &mapping},
};
static const struct key_object logging_object = {"logging of a service", "under 'logging'", logging_rules,
                                                 ARRAY_LEN(logging_rules)};

static const struct key_rule provider_rules[] = {
    {"type", &string},
    {"options", &mapping},
};
static const struct key_object provider_object = {"provider of a service", "under 'provider'", provider_rules,
                                                  ARRAY_LEN(provider_rules)};

static const struct key_rule dependency_rules[] = {
    {"restart", &boolean},
    {"required", &strict_boolean},
    {"condition", &string},
};
static const struct key_object dependency_object = {"a dependency of a service", "under 'depends_on'", dependency_rules,
                                                    ARRAY_LEN(dependency_rules)};

static const struct key_rule network_rules[] = {
    {"aliases", &strings},     {"interface_name", &string},  {"ipv4_address", &string},
    {"ipv6_address", &string}, {"link_local_ips", &strings}, {"mac_address", &string},
    {"driver_opts", &mapping}, {"priority", &strict_number}, {"gw_priority", &strict_number},
};
static const struct key_object network_object = {"a network of a service", "under 'networks'", network_rules,
                                                 ARRAY_LEN(network_rules)};

static const struct key_rule healthcheck_rules[] = {
    {"disable", &boolean}, {"interval", &string},     {"retries", &whole},         {"test", &string_or_list},
    {"timeout", &string},  {"start_period", &string}, {"start_interval", &string},
};
static const struct key_object healthcheck_object = {"healthcheck of a service", "under 'healthcheck'",
                                                     healthcheck_rules, ARRAY_LEN(healthcheck_rules)};

static const struct key_rule env_file_rules[] = {
    {"path", &string},
    {"format", &string},
    {"required", &boolean},
};
static const struct key_object env_file_object = {"an env_file entry of a service", "in 'env_file'", env_file_rules,
                                                  ARRAY_LEN(env_file_rules)};

static const struct key_rule port_rules[] = {
    {"name", &string},    {"mode", &string},     {"host_ip", &string},      {"target", &whole},
    {"published", &port}, {"protocol", &string}, {"app_protocol", &string},
};
static const struct key_object port_object = {"a port of a service", "in 'ports'", port_rules, ARRAY_LEN(port_rules)};

static const struct key_rule device_rules[] = {
    {"source", &string},
    {"target", &string},
    {"permissions", &string},
};
static const struct key_object device_object = {"a device of a service", "in 'devices'", device_rules,
                                                ARRAY_LEN(device_rules)};

static const struct key_rule bind_rules[] = {
    {"propagation", &string},
    {"create_host_path", &boolean},
    {"recursive", &string},
    {"selinux", &string},
};
static const struct key_object bind_object = {"bind of a mount", "under a mount's 'bind'", bind_rules,
                                              ARRAY_LEN(bind_rules)};

static const struct key_rule volume_rules[] = {
    {"labels", &pairs},
    {"nocopy", &boolean},
    {"subpath", &string},
};
static const struct key_object volume_object = {"volume of a mount", "under a mount's 'volume'", volume_rules,
                                                ARRAY_LEN(volume_rules)};

static const struct key_rule tmpfs_rules[] = {
    {"size", &size},
    {"mode", &number_or_string},
};
static const struct key_object tmpfs_object = {"tmpfs of a mount", "under a mount's 'tmpfs'", tmpfs_rules,
                                               ARRAY_LEN(tmpfs_rules)};

static const struct key_rule image_mount_rules[] = {
    {"subpath", &string},
};
static const struct key_object image_mount_object = {"image of a mount", "under a mount's 'image'", image_mount_rules,
                                                     ARRAY_LEN(image_mount_rules)};

static const struct key_rule mount_rules[] = {
    {"type", &string},
    {"source", &string},
    {"target", &string},
    {"read_only", &boolean},
    {"consistency", &string},
    {"bind", &mapping, .object = &bind_object},
    {"volume", &mapping, .object = &volume_object},
    {"tmpfs", &mapping, .object = &tmpfs_object},
    {"image", &mapping, .object = &image_mount_object},
};
static const struct key_object mount_object = {"a mount of a service", "in 'volumes'", mount_rules,
                                               ARRAY_LEN(mount_rules)};

static const struct key_rule file_rules[] = {
    {"source", &string}, {"target", &string}, {"uid", &string}, {"gid", &string}, {"mode", &number_or_string},
};
static const struct key_object file_object = {"a config or secret of a service", "in 'configs'", file_rules,
                                              ARRAY_LEN(file_rules)};

static const struct key_rule limits_rules[] = {
    {"cpus", &number},
    {"memory", &string},
    {"pids", &whole},
};
static const struct key_object limits_object = {"resource limits of a service", "under 'deploy.resources.limits'",
                                                limits_rules, ARRAY_LEN(limits_rules)};

static const struct key_rule reservations_rules[] = {
    {"cpus", &number},
    {"memory", &string},
    {"generic_resources", &mappings},
    {"devices", &mappings},
};
static const struct key_object reservations_object = {"resource reservations of a service",
                                                      "under 'deploy.resources.reservations'", reservations_rules,
                                                      ARRAY_LEN(reservations_rules)};

static const struct key_rule resources_rules[] = {
    {"limits", &mapping, .object = &limits_object},
    {"reservations", &mapping, .object = &reservations_object},
};
static const struct key_object resources_object = {"resources of a service", "under 'deploy.resources'",
                                                   resources_rules, ARRAY_LEN(resources_rules)};

static const struct key_rule update_rules[] = {
    {"parallelism", &whole},        {"delay", &string}, {"failure_action", &string}, {"monitor", &string},
    {"max_failure_ratio", &number}, {"order", &string},
};
static const struct key_object update_object = {"update_config or rollback_config of a service",
                                                "under 'deploy.update_config'", update_rules, ARRAY_LEN(update_rules)};

static const struct key_rule restart_rules[] = {
    {"condition", &string},
    {"delay", &string},
    {"max_attempts", &whole},
    {"window", &string},
};
static const struct key_object restart_object = {"restart_policy of a service", "under 'deploy.restart_policy'",
                                                 restart_rules, ARRAY_LEN(restart_rules)};

static const struct key_rule placement_rules[] = {
    {"constraints", &strings},
    {"preferences", &mappings},
    {"max_replicas_per_node", &whole},
};
static const struct key_object placement_object = {"placement of a service", "under 'deploy.placement'",
                                                   placement_rules, ARRAY_LEN(placement_rules)};

static const struct key_rule deploy_rules[] = {
    {"mode", &string},
    {"endpoint_mode", &string},
    {"replicas", &whole},
    {"labels", &pairs},
    {"rollback_config", &mapping, .object = &update_object},
    {"update_config", &mapping, .object = &update_object},
    {"resources", &mapping, .object = &resources_object},
    {"restart_policy", &mapping, .object = &restart_object},
    {"placement", &mapping, .object = &placement_object},
};
static const struct key_object deploy_object = {"deploy of a service", "under 'deploy'", deploy_rules,
                                                ARRAY_LEN(deploy_rules)};

static const struct key_rule service_rules[] = {
    {"develop", &mapping},
    {"deploy", &mapping, .object = &deploy_object},
    {"annotations", &pairs},
    {"attach", &boolean_or_string},
    {"build", &string_or_mapping, .object = &build_object},
    {"blkio_config", &mapping},
    {"cap_add", &strings},
    {"cap_drop", &strings},
    {"cgroup", &string},
    {"cgroup_parent", &string},
    {"command", &command},
    {"configs", &entries, .items = &file_object},
    {"container_name", &string},
    {"cpu_count", &whole},
    {"cpu_percent", &whole},
    {"cpu_shares", &whole},
    {"cpu_quota", &whole},
    {"cpu_period", &whole},
    {"cpu_rt_period", &number_or_string},
    {"cpu_rt_runtime", &number_or_string},
    {"cpus", &number},
    {"cpuset", &string},
    {"credential_spec", &mapping, .object = &credential_object},
    {"depends_on", &names_or_mapping, .members = &dependency_object},
    {"device_cgroup_rules", &strings},
    {"devices", &entries, .items = &device_object},
    {"dns", &string_or_list},
    {"dns_opt", &strings},
    {"dns_search", &string_or_list},
    {"domainname", &string},
    {"entrypoint", &command},
    {"env_file", &files, .items = &env_file_object},
    {"label_file", &string_or_list},
    {"environment", &pairs},
    {"expose", &scalars},
    {"extends", &string_or_mapping, .object = &extends_object},
    {"provider", &mapping, .object = &provider_object},
    {"external_links", &strings},
    {"extra_hosts", &pairs},
    {"gpus", &gpus},
    {"group_add", &scalars},
    {"healthcheck", &mapping, .object = &healthcheck_object},
    {"hostname", &string},
    {"image", &string},
    {"init", &boolean},
    {"ipc", &string},
    {"isolation", &string},
    {"labels", &pairs},
    {"links", &strings},
    {"logging", &mapping, .object = &logging_object},
    {"mac_address", &string},
    {"mem_limit", &size},
    {"mem_reservation", &size},
    {"mem_swappiness", &whole},
    {"memswap_limit", &size},
    {"network_mode", &string},
    {"models", &names_or_mapping},
    {"networks", &names_or_mapping, .members = &network_object},
    {"oom_kill_disable", &boolean},
    {"oom_score_adj", &whole},
    {"pid", &string},
    {"pids_limit", &whole},
    {"platform", &string},
    {"ports", &ports, .items = &port_object},
    {"post_start", &mappings, .items = &hook_object},
    {"pre_stop", &mappings, .items = &hook_object},
    {"privileged", &boolean},
    {"profiles", &strings},
    {"pull_policy", &string},
    {"pull_refresh_after", &string},
    {"read_only", &boolean},
    {"restart", &string},
    {"runtime", &string},
    {"scale", &whole},
    {"security_opt", &strings},
    {"shm_size", &size},
    {"secrets", &entries, .items = &file_object},
    {"sysctls", &pairs},
    {"stdin_open", &boolean},
    {"stop_grace_period", &string},
    {"stop_signal", &string},
    {"storage_opt", &mapping},
    {"tmpfs", &string_or_list},
    {"tty", &boolean},
    {"ulimits", &mapping},
    {"use_api_socket", &strict_boolean},
    {"user", &string},
    {"uts", &string},
    {"userns_mode", &string},
    {"volumes", &entries, .items = &mount_object},
    {"volumes_from", &strings},
    {"working_dir", &string},
};
const struct key_object compose_service_keys = {"a service", "right in the service", service_rules,
                                                ARRAY_LEN(service_rules)};

const struct key_object *const compose_levels[] = {
    &compose_service_keys, &deploy_object, &resources_object, &limits_object, &healthcheck_object, &build_object, NULL,
};

/* --- other platforms' words ----------------------------------------------------------------------------------- */

const char *compose_foreign_key(struct str name)
{
    static const struct {
        const char *name, *here;
    } words[] = {
        {"readOnlyRootFilesystem", "read_only"},
        {"securityContext", "security_opt"},
        {"allowPrivilegeEscalation", "security_opt: [\"no-new-privileges:true\"]"},
        {"no_new_privileges", "security_opt: [\"no-new-privileges:true\"]"},
        {"seccompProfile", "security_opt: [\"seccomp=FILE\"]"},
        {"seccomp", "security_opt: [\"seccomp=FILE\"]"},
        {"apparmor", "security_opt: [\"apparmor=PROFILE\"]"},
        {"capabilities", "cap_drop"},
        {"runAsUser", "user"},
        {"runAsGroup", "user"},
        {"runAsNonRoot", "user"},
        {"fsGroup", "group_add"},
        {"env", "environment"},
        {"envFrom", "env_file"},
        {"volumeMounts", "volumes"},
        {"livenessProbe", "healthcheck"},
        {"readinessProbe", "healthcheck"},
        {"startupProbe", "healthcheck"},
        {"imagePullPolicy", "pull_policy"},
        {"restartPolicy", "restart"},
        {"workingDir", "working_dir"},
        {"workdir", "working_dir"},
        {"hostNetwork", "network_mode: host"},
        {"hostPID", "pid: host"},
        {"hostIPC", "ipc: host"},
        {"hostUsers", "userns_mode"},
        {"hostAliases", "extra_hosts"},
        {"containerPort", "target"},
        {"hostPort", "published"},
        {"hostIP", "host_ip"},
        {"mountPath", "target"},
        {"periodSeconds", "interval"},
        {"timeoutSeconds", "timeout"},
        {"failureThreshold", "retries"},
        {"initialDelaySeconds", "start_period"},
        {"requests", "reservations"},
        {"cpu", "cpus"},
        {"memory_limit", "mem_limit"},
        {"cpu_limit", "cpus"},
        {"network", "networks"},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_eq_fold(name, str_z(words[i].name)))
            return words[i].here;
    return NULL;
}

const struct key_rule *compose_key(const struct key_object *object, struct str name)
{
    for (size_t i = 0; i < object->count; i++)
        if (str_eq_z(name, object->keys[i].name))
            return &object->keys[i];
    return NULL;
}
