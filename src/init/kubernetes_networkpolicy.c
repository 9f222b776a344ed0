/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

static void allow_namespace(const struct init_plan *plan, const char *relation, struct yaml_writer *yaml)
{
    CLEANUP_BUF struct buf key = BUF_INIT;
    buf_addf(&key, "%s/%.*s", relation, STR_ARG(plan->name));
    yaml_item(yaml);
    yaml_open(yaml, "namespaceSelector");
    yaml_open(yaml, "matchLabels");
    yaml_str_str(yaml, buf_str(&key), STR("true"));
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml->out->failed |= key.failed;
}

static void allow_port(const char *port, const char *protocol, struct yaml_writer *yaml)
{
    yaml_item(yaml);
    yaml_z(yaml, "port", port);
    yaml_z(yaml, "protocol", protocol);
    yaml_close(yaml);
}

/* Who may come in by the port of that name: OWN, the pods of this namespace too. */
static void write_rule(const struct init_plan *plan, const char *port, const char *relation, bool own,
                       struct yaml_writer *yaml)
{
    yaml_item(yaml);
    yaml_open(yaml, "from");
    if (own) {
        yaml_item(yaml);
        yaml_z(yaml, "podSelector", "{}");
        yaml_remark(yaml, "of this namespace");
        yaml_close(yaml);
    }
    allow_namespace(plan, relation, yaml);
    if (own && plan->metrics.len > 0 && !deploy_has_metrics_port(plan))
        allow_namespace(plan, "metrics-of", yaml);
    yaml_close(yaml);
    yaml_open(yaml, "ports");
    allow_port(port, "TCP", yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_ingress(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!plan->serves && plan->metrics.len == 0) {
        yaml_z(yaml, "ingress", "[]");
        return;
    }
    yaml_open(yaml, "ingress");
    if (plan->serves)
        write_rule(plan, "http", "client-of", true, yaml);
    if (deploy_has_metrics_port(plan))
        write_rule(plan, "metrics", "metrics-of", false, yaml);
    yaml_close(yaml);
}

static void write_egress(struct yaml_writer *yaml)
{
    yaml_open(yaml, "egress");
    yaml_comment(yaml, "Names are asked of the cluster's DNS. What else it has to reach is added here:\n"
                       "- to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: database}}}]\n"
                       "  ports: [{port: 5432, protocol: TCP}]");
    yaml_item(yaml);
    yaml_open(yaml, "to");
    yaml_item(yaml);
    yaml_open(yaml, "namespaceSelector");
    yaml_open(yaml, "matchLabels");
    yaml_z(yaml, "kubernetes.io/metadata.name", "kube-system");
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_open(yaml, "ports");
    allow_port("53", "UDP", yaml);
    allow_port("53", "TCP", yaml);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_head(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_comment(yaml, "Whatever is not allowed here is refused, in and out.");
    if (plan->serves)
        yaml_commentf(yaml,
                      "A namespace that may call it says so by a label:\n"
                      "  kubectl label namespace NAME client-of/%.*s=true",
                      STR_ARG(plan->name));
    if (plan->metrics.len > 0)
        yaml_commentf(yaml,
                      "So does the one that Prometheus runs in:\n"
                      "  kubectl label namespace NAME metrics-of/%.*s=true",
                      STR_ARG(plan->name));
}

void kubernetes_network_policy(const struct init_plan *plan, struct yaml_writer *yaml)
{
    write_head(plan, yaml);
    kubernetes_object(plan, "networking.k8s.io/v1", "NetworkPolicy", yaml);
    yaml_open(yaml, "spec");
    kubernetes_selector(plan, "podSelector", yaml);
    yaml_z(yaml, "policyTypes", "[Ingress, Egress]");
    write_ingress(plan, yaml);
    write_egress(yaml);
    yaml_close(yaml);
}
