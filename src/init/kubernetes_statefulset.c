/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

#include <stdio.h>

static void write_claims(const struct init_plan *plan, struct yaml_writer *yaml)
{
    char size[DEPLOY_TEXT_MAX];
    yaml_open(yaml, "volumeClaimTemplates");
    for (size_t i = 0; i < plan->path_count; i++) {
        const struct init_path *path = &plan->paths[i];
        if (!path->lasts)
            continue;
        yaml_item(yaml);
        yaml_open(yaml, "metadata");
        yaml_str(yaml, "name", path->name);
        yaml_close(yaml);
        yaml_open(yaml, "spec");
        yaml_z(yaml, "accessModes", "[ReadWriteOnce]");
        yaml_open(yaml, "resources");
        yaml_open(yaml, "requests");
        yaml_f(yaml, "storage", path->bytes % 1024 == 0 ? "%s" : "\"%s\"",
               deploy_size(path->bytes, kubernetes_units, size));
        yaml_close(yaml);
        yaml_close(yaml);
        yaml_close(yaml);
        yaml_close(yaml);
    }
    yaml_close(yaml);
}

void kubernetes_stateful_set(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_comment(yaml,
                 "A StatefulSet because of the volumes: a pod keeps its own for ever, and the next one starts when "
                 "the last has let\ngo of it, where a Deployment would have two pods at one volume during each "
                 "update.");
    if (plan->replicas > 1)
        yaml_comment(yaml, "Each pod has volumes of its own: what one writes, the others do not see.");
    kubernetes_object(plan, "apps/v1", "StatefulSet", yaml);
    yaml_open(yaml, "spec");
    yaml_u64(yaml, "replicas", plan->replicas);
    yaml_str(yaml, "serviceName", plan->name);
    yaml_z(yaml, "revisionHistoryLimit", "5");
    kubernetes_selector(plan, "selector", yaml);
    kubernetes_pod_template(plan, yaml);
    write_claims(plan, yaml);
    yaml_close(yaml);
}
