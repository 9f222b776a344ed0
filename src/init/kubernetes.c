/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

#include <stdio.h>

const char *const kubernetes_units[3] = {"Ki", "Mi", "Gi"};

/* Labels that are no selectors' may hold what labels can hold: other versions are left out. */
enum { LABEL_VALUE_MAX = 63 };

bool kubernetes_scales(const struct init_plan *plan)
{
    return plan->replicas > 1 && !deploy_has_volumes(plan);
}

/* --- which are written -------------------------------------------------------------------------------------------- */

static bool is_always(const struct init_plan *plan UNUSED)
{
    return true;
}

static bool is_serving(const struct init_plan *plan)
{
    return plan->serves;
}

static bool is_stateless(const struct init_plan *plan)
{
    return !deploy_has_volumes(plan);
}

static bool is_several(const struct init_plan *plan)
{
    return plan->replicas > 1;
}

const struct kubernetes_file kubernetes_files[] = {
    {"kustomization.yaml", "what belongs together, and which image", is_always, kubernetes_kustomization},
    {"namespace.yaml", "a namespace that takes restricted pods only", is_always, kubernetes_namespace},
    {"serviceaccount.yaml", "an identity without rights", is_always, kubernetes_service_account},
    {"networkpolicy.yaml", "who may talk to whom", is_always, kubernetes_network_policy},
    {"service.yaml", "one address for all pods", is_serving, kubernetes_service},
    {"deployment.yaml", "the pods", is_stateless, kubernetes_deployment},
    {"statefulset.yaml", "the pods, each with volumes of its own", deploy_has_volumes, kubernetes_stateful_set},
    {"poddisruptionbudget.yaml", "how many may go at a time", is_several, kubernetes_disruption_budget},
    {"horizontalpodautoscaler.yaml", "how many there are", kubernetes_scales, kubernetes_autoscaler},
    {NULL, NULL, NULL, NULL},
};

/* --- objects ------------------------------------------------------------------------------------------------------ */

void kubernetes_selecting(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_str(yaml, "app.kubernetes.io/name", plan->name);
    yaml_z(yaml, "app.kubernetes.io/component", plan->serves ? "server" : "worker");
}

static bool is_label_value(struct str value)
{
    if (value.len == 0 || value.len > LABEL_VALUE_MAX)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool inner = i > 0 && i + 1 < value.len && (c == '-' || c == '_' || c == '.');
        if (!char_is_alnum(c) && !inner)
            return false;
    }
    return true;
}

void kubernetes_labels(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "labels");
    kubernetes_selecting(plan, yaml);
    if (is_label_value(plan->version))
        yaml_str(yaml, "app.kubernetes.io/version", plan->version);
    yaml_close(yaml);
}

void kubernetes_selector(const struct init_plan *plan, const char *key, struct yaml_writer *yaml)
{
    yaml_open(yaml, key);
    yaml_open(yaml, "matchLabels");
    kubernetes_selecting(plan, yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

void kubernetes_object(const struct init_plan *plan, const char *api_version, const char *kind,
                       struct yaml_writer *yaml)
{
    yaml_z(yaml, "apiVersion", api_version);
    yaml_z(yaml, "kind", kind);
    yaml_open(yaml, "metadata");
    yaml_str(yaml, "name", plan->name);
    kubernetes_labels(plan, yaml);
    yaml_close(yaml);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* What is right as a name, but not as this kind of object's. */
static int check_names(const struct init_plan *plan, struct err *err)
{
    enum { STATEFUL_SET_MAX = 52 /* pods are labelled by the name, a dash and ten characters: 63 in all */ };
    if (plan->serves && char_is_digit(plan->name.ptr[0])) {
        err_set(err, ERR_USAGE, "name '%.*s' begins with a digit, which no Service in Kubernetes may",
                STR_ARG(plan->name));
        return err_hint(err, "say a name that begins with a letter, or leave Kubernetes out");
    }
    if (deploy_has_volumes(plan) && plan->name.len > STATEFUL_SET_MAX) {
        err_set(err, ERR_USAGE, "name '%.*s' has more than %d characters, which is too long for a StatefulSet",
                STR_ARG(plan->name), STATEFUL_SET_MAX);
        return err_hint(err, "say a shorter name, or leave Kubernetes out");
    }
    return 0;
}

static int add_notes(const struct init_plan *plan, struct init_output *output, struct err *err)
{
    int r = 0;
    for (size_t i = 0; i < plan->secret_count && r == 0; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= str_eq(plan->secrets[k].secret, plan->secrets[i].secret);
        if (!again)
            r = init_note(output, err, "the Secret '%.*s' has to exist in the namespace '%.*s' before the pods start",
                          STR_ARG(plan->secrets[i].secret), STR_ARG(plan->namespace_));
    }
    if (r == 0)
        r = init_note(output, err,
                      "k8s/networkpolicy.yaml lets nothing out but questions for names: add what '%.*s' "
                      "has to reach, such as a database",
                      STR_ARG(plan->name));
    return r;
}

int init_write_kubernetes(const struct init_plan *plan, struct init_output *output, struct err *err)
{
    int r = check_names(plan, err);
    for (const struct kubernetes_file *file = kubernetes_files; file->name && r == 0; file++) {
        CLEANUP_BUF struct buf out = BUF_INIT;
        struct yaml_writer yaml;
        char path[64];
        if (!file->is_wanted(plan))
            continue;
        yaml_begin(&yaml, &out, YAML_PLAIN);
        file->write(plan, &yaml);
        (void)snprintf(path, sizeof(path), "k8s/%s", file->name);
        r = yaml_end(&yaml, err);
        if (r == 0)
            r = init_add(output, path, &out, file->what, err);
    }
    return r == 0 ? add_notes(plan, output, err) : r;
}
