/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/read.h - the readers: from a surface's own structures to facts.
 *
 * Each judges nothing: what is wrong with a document's form is a key_problem or the surface's own diagnostics.
 * Everything lives in ARENA; the sources and trees must outlive it. Errors: ERR_NOMEM.
 */
#include "compose/project.h"
#include "facts/build.h"
#include "facts/pod.h"

/* The final stage is TARGET's (empty: the last). A TARGET that is not there gives a build without a final stage. */
int facts_of_dockerfile(const struct source *source, const struct dockerfile *file, struct str target,
                        struct arena *arena, struct build *ret_build, struct err *err);

/*
 * A group of facts for each service, in source order. SOURCES: one for each of the project's. ERR_LIMIT: more services
 * than LIMIT_COMPOSE_SERVICES.
 */
int facts_of_compose(const struct compose_project *project, const struct sources *sources, struct arena *arena,
                     const struct pod *const **ret_pods, size_t *ret_count, struct err *err);

/*
 * Is ROOT one or more Kubernetes objects (apiVersion and kind, both strings)? Lists are walked. OBJECTS with a pod
 * template (Pod, PodTemplate, ReplicationController, ReplicaSet, Deployment, DaemonSet, StatefulSet, Job, CronJob; by
 * kind and API group; and kinds of other groups with spec.template.spec.containers) give a pod each, others none.
 * IMAGES (or NULL): what a kustomization makes of the images' names.
 * *ret_objects counts all objects. A pod beyond LIMIT_KUBERNETES_* is not read (pod.unread).
 */
int facts_of_kubernetes(const struct data_node *root, const struct sources *sources,
                        const struct image_overrides *images, struct arena *arena, const struct pod *const **ret_pods,
                        size_t *ret_count, size_t *ret_objects, struct err *err);

/*
 * As that, pod by pod, for facts are larger than their text: VISIT is called with one at a time, and may reset ARENA
 * when it is done with it. What VISIT returns other than 0 ends the walk and is returned.
 */
int facts_each_of_kubernetes(const struct data_node *root, const struct sources *sources,
                             const struct image_overrides *images, struct arena *arena,
                             int (*visit)(void *self, const struct pod *pod, struct err *err), void *self,
                             size_t *ret_objects, struct err *err);

/* A "List" or a typed list ("PodList"). */
bool kubernetes_is_list(const struct data_node *root);
bool kubernetes_is_object(const struct data_node *root);
