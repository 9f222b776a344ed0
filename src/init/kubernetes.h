/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/kubernetes.h - the manifests below k8s/, one function and one file of this module for each.
 *
 * What they have to agree on is here: which are written, how objects are labelled and selected, what ports are called.
 * The pods keep to the Pod Security Standard "restricted", which the namespace enforces.
 */
#include "init/deploy.h"

struct kubernetes_file {
    const char *name; /* "deployment.yaml" */
    const char *what; /* in words */
    bool (*is_wanted)(const struct init_plan *plan);
    void (*write)(const struct init_plan *plan, struct yaml_writer *yaml);
};

/* In the order of the kustomization, which is first; ends with a NULL name. */
extern const struct kubernetes_file kubernetes_files[];

void kubernetes_kustomization(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_namespace(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_service_account(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_network_policy(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_service(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_deployment(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_stateful_set(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_disruption_budget(const struct init_plan *plan, struct yaml_writer *yaml);
void kubernetes_autoscaler(const struct init_plan *plan, struct yaml_writer *yaml);

/* --- shared ------------------------------------------------------------------------------------------------------- */

/* More than one, and alike: none of them keeps anything that the others have not. */
bool kubernetes_scales(const struct init_plan *plan);

/* apiVersion, kind and metadata of an object that is called as the application. */
void kubernetes_object(const struct init_plan *plan, const char *api_version, const char *kind,
                       struct yaml_writer *yaml);
/* "labels:", with the version, which selectors leave out: it changes. */
void kubernetes_labels(const struct init_plan *plan, struct yaml_writer *yaml);
/* "KEY:" and below it the matchLabels of the pods. */
void kubernetes_selector(const struct init_plan *plan, const char *key, struct yaml_writer *yaml);
/* The labels that select, one a line. */
void kubernetes_selecting(const struct init_plan *plan, struct yaml_writer *yaml);

/* "template:" of the workload, with the pod. */
void kubernetes_pod_template(const struct init_plan *plan, struct yaml_writer *yaml);
/* "resources:" of the container. */
void kubernetes_resources(const struct init_plan *plan, struct yaml_writer *yaml);
/* "startupProbe:" and the others, as far as there are any. */
void kubernetes_probes(const struct init_plan *plan, struct yaml_writer *yaml);
/*
 * Whether directories that are gone with the container are of memory: all of them together leave the program half of
 * its memory. Otherwise they are on the node's disk.
 */
bool kubernetes_writes_to_memory(const struct init_plan *plan);

extern const char *const kubernetes_units[3];
