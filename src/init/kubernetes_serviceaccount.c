/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

void kubernetes_service_account(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_comment(yaml, "An identity of its own, with no rights and no token: it asks the API server for nothing.");
    kubernetes_object(plan, "v1", "ServiceAccount", yaml);
    yaml_z(yaml, "automountServiceAccountToken", "false");
}
