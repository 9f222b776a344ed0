/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

void kubernetes_deployment(const struct init_plan *plan, struct yaml_writer *yaml)
{
    kubernetes_object(plan, "apps/v1", "Deployment", yaml);
    yaml_open(yaml, "spec");
    if (kubernetes_scales(plan))
        yaml_comment(yaml, "No replicas: horizontalpodautoscaler.yaml says how many, and every apply would undo it.");
    else
        yaml_u64(yaml, "replicas", plan->replicas);
    yaml_z(yaml, "revisionHistoryLimit", "5");
    yaml_open(yaml, "strategy");
    yaml_z(yaml, "type", "RollingUpdate");
    yaml_open(yaml, "rollingUpdate");
    yaml_remark(yaml, "a pod more first, then one less: there are never too few");
    yaml_z(yaml, "maxSurge", "1");
    yaml_z(yaml, "maxUnavailable", "0");
    yaml_close(yaml);
    yaml_close(yaml);
    kubernetes_selector(plan, "selector", yaml);
    kubernetes_pod_template(plan, yaml);
    yaml_close(yaml);
}
