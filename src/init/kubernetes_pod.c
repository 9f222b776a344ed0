/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

/* --- the template's own ------------------------------------------------------------------------------------------- */

static void write_metadata(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "metadata");
    kubernetes_labels(plan, yaml);
    if (plan->serves || plan->metrics.len > 0) {
        yaml_open(yaml, "annotations");
        yaml_z(yaml, "prometheus.io/scrape", plan->metrics.len > 0 ? "\"true\"" : "\"false\"");
        if (plan->metrics.len > 0) {
            yaml_f(yaml, "prometheus.io/port", "\"%u\"", plan->metrics_port);
            yaml_str(yaml, "prometheus.io/path", plan->metrics);
        } else {
            yaml_remark(yaml, "it has no metrics");
        }
        yaml_close(yaml);
    }
    yaml_close(yaml);
}

static void write_pod_security(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "securityContext");
    yaml_z(yaml, "runAsNonRoot", "true");
    yaml_u64(yaml, "runAsUser", plan->user);
    yaml_u64(yaml, "runAsGroup", plan->group);
    if (deploy_has_volumes(plan)) {
        yaml_u64(yaml, "fsGroup", plan->group);
        yaml_remark(yaml, "volumes come as root's: they become this group's");
        yaml_z(yaml, "fsGroupChangePolicy", "OnRootMismatch");
    }
    yaml_open(yaml, "seccompProfile");
    yaml_z(yaml, "type", "RuntimeDefault");
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_spread_over(const struct init_plan *plan, const char *key, struct yaml_writer *yaml)
{
    yaml_item(yaml);
    yaml_z(yaml, "maxSkew", "1");
    yaml_z(yaml, "topologyKey", key);
    yaml_z(yaml, "whenUnsatisfiable", "ScheduleAnyway");
    kubernetes_selector(plan, "labelSelector", yaml);
    yaml_close(yaml);
}

static void write_spread(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (plan->replicas < 2)
        return;
    yaml_comment(yaml, "Over nodes and zones as far as there are any; on one node, all of them there.");
    yaml_open(yaml, "topologySpreadConstraints");
    write_spread_over(plan, "kubernetes.io/hostname", yaml);
    write_spread_over(plan, "topology.kubernetes.io/zone", yaml);
    yaml_close(yaml);
}

/* --- the container ------------------------------------------------------------------------------------------------ */

static void write_port(const char *name, unsigned port, struct yaml_writer *yaml)
{
    yaml_item(yaml);
    yaml_z(yaml, "name", name);
    yaml_u64(yaml, "containerPort", port);
    yaml_z(yaml, "protocol", "TCP");
    yaml_close(yaml);
}

static void write_ports(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!plan->serves && !deploy_has_metrics_port(plan))
        return;
    yaml_open(yaml, "ports");
    if (plan->serves)
        write_port("http", plan->port, yaml);
    if (deploy_has_metrics_port(plan))
        write_port("metrics", plan->metrics_port, yaml);
    yaml_close(yaml);
}

static void write_variable(struct str name, struct str value, struct yaml_writer *yaml)
{
    yaml_item(yaml);
    yaml_str(yaml, "name", name);
    yaml->dialect = YAML_EXPANDED;
    yaml_str(yaml, "value", value);
    yaml->dialect = YAML_PLAIN;
    yaml_close(yaml);
}

static void write_secret(const struct init_secret *secret, struct yaml_writer *yaml)
{
    yaml_item(yaml);
    yaml_str(yaml, "name", secret->variable);
    yaml_open(yaml, "valueFrom");
    yaml_open(yaml, "secretKeyRef");
    yaml_str(yaml, "name", secret->secret);
    yaml_str(yaml, "key", secret->key);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_environment(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!deploy_has_environment(plan))
        return;
    yaml_open(yaml, "env");
    for (size_t i = 0; i < plan->env_count; i++) {
        struct str value, name = deploy_variable(plan->env[i], &value);
        if (deploy_says_variable(plan, i))
            write_variable(name, value, yaml);
    }
    for (size_t i = 0; i < plan->secret_count; i++)
        write_secret(&plan->secrets[i], yaml);
    yaml_close(yaml);
}

static void write_command(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!deploy_says_command(plan))
        return;
    yaml->dialect = YAML_EXPANDED;
    if (plan->options->entrypoint.len > 0)
        yaml_flow(yaml, "command", plan->entrypoint, plan->entrypoint_count);
    if (plan->options->args.len > 0)
        yaml_flow(yaml, "args", plan->args, plan->arg_count);
    yaml->dialect = YAML_PLAIN;
}

static void write_container_security(struct yaml_writer *yaml)
{
    yaml_open(yaml, "securityContext");
    yaml_z(yaml, "allowPrivilegeEscalation", "false");
    yaml_z(yaml, "privileged", "false");
    yaml_z(yaml, "readOnlyRootFilesystem", "true");
    yaml_open(yaml, "capabilities");
    yaml_z(yaml, "drop", "[ALL]");
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_mounts(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "volumeMounts");
    for (size_t i = 0; i < plan->path_count; i++) {
        yaml_item(yaml);
        yaml_str(yaml, "name", plan->paths[i].name);
        yaml_str(yaml, "mountPath", plan->paths[i].path);
        yaml_close(yaml);
    }
    yaml_close(yaml);
}

static void write_container(const struct init_plan *plan, struct yaml_writer *yaml)
{
    bool asked = plan->serves || plan->ready.count > 0 || plan->ready.http_path.len > 0 || plan->live.count > 0;
    yaml_open(yaml, "containers");
    yaml_item(yaml);
    if (!asked)
        yaml_comment(yaml,
                     "barehull: allow healthcheck-present -- it takes no requests, and is restarted when it ends");
    yaml_str(yaml, "name", plan->name);
    yaml_str(yaml, "image", plan->image_name);
    yaml_remark(yaml, "which one, kustomization.yaml says");
    yaml_z(yaml, "imagePullPolicy", "IfNotPresent");
    write_command(plan, yaml);
    write_ports(plan, yaml);
    write_environment(plan, yaml);
    kubernetes_resources(plan, yaml);
    write_container_security(yaml);
    write_mounts(plan, yaml);
    kubernetes_probes(plan, yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

/* --- where it writes ---------------------------------------------------------------------------------------------- */

/* Lasting volumes are the workload's: each pod has its own. */
static void write_volumes(const struct init_plan *plan, struct yaml_writer *yaml)
{
    char size[DEPLOY_TEXT_MAX];
    bool memory = kubernetes_writes_to_memory(plan);
    yaml_open(yaml, "volumes");
    yaml_comment(yaml, memory ? "Where it writes, of memory, which counts as the container's own."
                              : "Where it writes, on the node's disk: it is too much for the container's memory.");
    for (size_t i = 0; i < plan->path_count; i++) {
        const struct init_path *path = &plan->paths[i];
        if (path->lasts)
            continue;
        yaml_item(yaml);
        yaml_str(yaml, "name", path->name);
        yaml_open(yaml, "emptyDir");
        if (memory)
            yaml_z(yaml, "medium", "Memory");
        yaml_f(yaml, "sizeLimit", path->bytes % 1024 == 0 ? "%s" : "\"%s\"",
               deploy_size(path->bytes, kubernetes_units, size));
        yaml_close(yaml);
        yaml_close(yaml);
    }
    yaml_close(yaml);
}

void kubernetes_pod_template(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "template");
    write_metadata(plan, yaml);
    yaml_open(yaml, "spec");
    yaml_str(yaml, "serviceAccountName", plan->name);
    yaml_z(yaml, "automountServiceAccountToken", "false");
    yaml_comment(yaml,
                 "Or each Service of the namespace would put variables into the environment: NAME_PORT=tcp://...");
    yaml_z(yaml, "enableServiceLinks", "false");
    yaml_comment(yaml, "From TERM until KILL: the time to finish what is under way.");
    yaml_u64(yaml, "terminationGracePeriodSeconds", plan->stop_seconds);
    write_pod_security(plan, yaml);
    write_spread(plan, yaml);
    write_container(plan, yaml);
    write_volumes(plan, yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}
