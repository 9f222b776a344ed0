/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

#include <stdio.h>

void kubernetes_namespace(const struct init_plan *plan, struct yaml_writer *yaml)
{
    static const char *const modes[] = {"enforce", "warn", "audit"};
    yaml_comment(yaml, "The API server itself refuses pods that are not restricted, whoever asks for them.");
    yaml_z(yaml, "apiVersion", "v1");
    yaml_z(yaml, "kind", "Namespace");
    yaml_open(yaml, "metadata");
    yaml_str(yaml, "name", plan->namespace_);
    yaml_open(yaml, "labels");
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        char key[64];
        (void)snprintf(key, sizeof(key), "pod-security.kubernetes.io/%s", modes[i]);
        yaml_z(yaml, key, "restricted");
        (void)snprintf(key, sizeof(key), "pod-security.kubernetes.io/%s-version", modes[i]);
        yaml_z(yaml, key, "latest");
    }
    yaml_close(yaml);
    yaml_close(yaml);
}
