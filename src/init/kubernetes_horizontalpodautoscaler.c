/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

/* How far it goes up by itself. */
enum { GROWTH = 5 };

static void write_target(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "scaleTargetRef");
    yaml_z(yaml, "apiVersion", "apps/v1");
    yaml_z(yaml, "kind", "Deployment");
    yaml_str(yaml, "name", plan->name);
    yaml_close(yaml);
}

static void write_metric(struct yaml_writer *yaml)
{
    yaml_open(yaml, "metrics");
    yaml_item(yaml);
    yaml_z(yaml, "type", "Resource");
    yaml_open(yaml, "resource");
    yaml_z(yaml, "name", "cpu");
    yaml_open(yaml, "target");
    yaml_z(yaml, "type", "Utilization");
    yaml_z(yaml, "averageUtilization", "70");
    yaml_remark(yaml, "percent of what is requested, over all pods");
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_policy(const char *key, const char *window, const char *type, const char *value, const char *period,
                         struct yaml_writer *yaml)
{
    yaml_open(yaml, key);
    yaml_z(yaml, "stabilizationWindowSeconds", window);
    yaml_open(yaml, "policies");
    yaml_item(yaml);
    yaml_z(yaml, "type", type);
    yaml_z(yaml, "value", value);
    yaml_z(yaml, "periodSeconds", period);
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

void kubernetes_autoscaler(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_comment(yaml, "Up at once, down slowly: a pod that goes takes its time to end. It needs the metrics server of "
                       "the cluster;\nwithout that there are minReplicas.");
    kubernetes_object(plan, "autoscaling/v2", "HorizontalPodAutoscaler", yaml);
    yaml_open(yaml, "spec");
    write_target(plan, yaml);
    yaml_u64(yaml, "minReplicas", plan->replicas);
    yaml_u64(yaml, "maxReplicas", (uint64_t)plan->replicas * GROWTH);
    write_metric(yaml);
    yaml_open(yaml, "behavior");
    write_policy("scaleUp", "0", "Percent", "100", "30", yaml);
    write_policy("scaleDown", "300", "Pods", "1", "60", yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}
