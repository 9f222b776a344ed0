/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

void kubernetes_disruption_budget(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_comment(yaml, "Draining nodes takes one pod at a time. A pod that is not ready may always go, so that a "
                       "broken one holds up\nno drain.");
    kubernetes_object(plan, "policy/v1", "PodDisruptionBudget", yaml);
    yaml_open(yaml, "spec");
    yaml_z(yaml, "maxUnavailable", "1");
    yaml_z(yaml, "unhealthyPodEvictionPolicy", "AlwaysAllow");
    kubernetes_selector(plan, "selector", yaml);
    yaml_close(yaml);
}
