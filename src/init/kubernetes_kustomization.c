/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

static void write_image(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "images");
    yaml_comment(yaml, plan->image_digest.len > 0
                           ? "What a release changes: the digest of what was built and pushed."
                           : "What a release changes. Best by `digest: sha256:...` in place of newTag: a tag can be "
                             "pushed anew.");
    yaml_item(yaml);
    yaml_str(yaml, "name", plan->image_name);
    if (plan->image_digest.len > 0) {
        yaml_str(yaml, "digest", plan->image_digest);
    } else {
        yaml_str(yaml, "newTag", plan->image_tag);
        yaml_remark(yaml, "barehull: allow pinned-image -- it has no digest before it is pushed");
    }
    yaml_close(yaml);
    yaml_close(yaml);
}

void kubernetes_kustomization(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_comment(yaml, "kubectl apply -k k8s\n\n"
                       "Written once by `barehull init`, and yours from now on; `barehull check` tells when it becomes "
                       "less strict.");
    yaml_z(yaml, "apiVersion", "kustomize.config.k8s.io/v1beta1");
    yaml_z(yaml, "kind", "Kustomization");
    yaml_str(yaml, "namespace", plan->namespace_);
    yaml_open(yaml, "resources");
    for (const struct kubernetes_file *file = kubernetes_files + 1; file->name; file++)
        if (file->is_wanted(plan))
            yaml_entry(yaml, str_z(file->name));
    yaml_close(yaml);
    write_image(plan, yaml);
}
