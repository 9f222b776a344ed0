/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

void kubernetes_service(const struct init_plan *plan, struct yaml_writer *yaml)
{
    kubernetes_object(plan, "v1", "Service", yaml);
    yaml_open(yaml, "spec");
    yaml_z(yaml, "type", "ClusterIP");
    yaml_open(yaml, "selector");
    kubernetes_selecting(plan, yaml);
    yaml_close(yaml);
    yaml_open(yaml, "ports");
    yaml_item(yaml);
    yaml_z(yaml, "name", "http");
    yaml_u64(yaml, "port", plan->port);
    yaml_z(yaml, "targetPort", "http");
    yaml_remark(yaml, "by name, so that the container's port may change");
    yaml_z(yaml, "protocol", "TCP");
    yaml_close(yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}
