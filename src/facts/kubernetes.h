/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/kubernetes.h - what the parts of the Kubernetes reader share (facts/kubernetes_*.c).
 *
 * A mapping is passed over once (kube_members), and its facts are made of the members found. Memory that is short sets
 * `nomem`, which the reader asks for at the end: the parts go on with what they have, and never with NULL.
 */
#include "base/map.h"
#include "base/vec.h"
#include "facts/kubernetes_keys.h"
#include "facts/pod.h"
#include "facts/quantity.h"

struct kube_reader {
    const struct sources *sources;
    struct arena *arena;
    const struct image_overrides *images; /* or NULL */
    struct pod *pod;                      /* that is being read */
    VEC(struct key_problem) problems;
    size_t suggestions;
    struct map volumes;                     /* by name, of the pod: struct volume_fact */
    struct map apparmor_annotations;        /* by container's name: struct fact_item */
    struct fact_number pod_memory, pod_cpu; /* limits of the pod as a whole */
    bool nomem;
};

/* Where the members of a mapping stand, or would. Paths are written from the container or the pod's spec on. */
struct kube_scope {
    const struct data_node *holder; /* the nearest mapping that exists */
    size_t skip;                    /* bytes of a path that lead to the holder */
    struct place at;                /* what findings about what is missing point at */
    enum fact_state missing;        /* ABSENT; what is written instead of the mapping: UNKNOWN or INVALID */
};

/* The scope of member NODE, which is named NAME: the mapping itself, else still SCOPE. */
struct kube_scope kube_scope_below(struct kube_reader *reader, const struct kube_scope *scope,
                                   const struct data_node *node, struct str name);

/*
 * Lays the members of NODE that have slots into SLOTS (table->slots of them, cleared here), and tells about the keys.
 * Anything but a mapping has no members.
 */
void kube_members(struct kube_reader *reader, const struct data_node *node, const struct key_table *table,
                  const struct data_node **slots);

/* The text of a scalar that a tool fills in before the platform sees it: ${VAR}, {{ .Values.x }}. */
bool kube_is_template(const struct data_node *node);

enum kube_default { KUBE_NO_DEFAULT, KUBE_FALSE, KUBE_TRUE };

/* Facts of a member: NODE may be NULL or a null value, which is absent. */
void kube_fact_written(struct kube_reader *reader, const struct data_node *node, struct fact *fact);
static inline struct fact kube_fact(struct kube_reader *reader, const struct kube_scope *scope,
                                    const struct data_node *node, const char *path)
{
    struct fact fact = {.state = scope->missing, .at = scope->at, .holder = scope->holder, .path = path + scope->skip};
    if (node && scope->missing == FACT_ABSENT) /* most members are not there */
        kube_fact_written(reader, node, &fact);
    return fact;
}
struct fact_bool kube_bool(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                           const char *path, enum kube_default otherwise);
/* OTHERWISE: the platform's default; ptr NULL for none. */
struct fact_text kube_text(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                           const char *path, struct str otherwise);
/* A string or a whole number, as text. */
struct fact_text kube_port(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                           const char *path);
struct fact_number kube_whole(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                              const char *path);
struct fact_number kube_whole_or(struct kube_reader *reader, const struct kube_scope *scope,
                                 const struct data_node *node, const char *path, int64_t otherwise);
struct fact_number kube_quantity(struct kube_reader *reader, const struct kube_scope *scope,
                                 const struct data_node *node, const char *path, enum quantity_unit unit);
/* A list of strings or whole numbers. */
struct fact_list kube_texts(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                            const char *path);
/* A mapping of strings: `text` is the key. */
struct fact_list kube_map(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                          const char *path);

/* Entries of two members each (KEYS has these two slots): which one names the entry, which are `text` and `value`. */
struct kube_pair_shape {
    const struct key_table *keys;
    unsigned name;
    unsigned text;
    const char *text_path;
    unsigned value;
    const char *value_path;
};
#define KUBE_PAIR_SLOTS 2
/* A list of such entries. */
struct fact_list kube_pairs(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                            const char *path, const struct kube_pair_shape *shape);

/* What holds for the container when its own OWN is not said: the pod's. Both are of the same fact_ type. */
#define KUBE_INHERIT(own, of_pod)                                                                                      \
    do {                                                                                                               \
        if ((own)->fact.state == FACT_ABSENT && (of_pod)->fact.state != FACT_ABSENT) {                                 \
            *(own) = *(of_pod);                                                                                        \
            if ((own)->fact.state == FACT_KNOWN)                                                                       \
                (own)->fact.state = FACT_INHERITED;                                                                    \
        }                                                                                                              \
    } while (0)

/* kubernetes_command.c: an array of words; and a container's command with its args, which are one line of words. */
struct fact_command kube_command(struct kube_reader *reader, const struct kube_scope *scope,
                                 const struct data_node *node, const char *path);
void kube_container_command(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *command,
                            const struct data_node *args, struct workload *workload);

/* kubernetes_security.c: what both levels' securityContext say. SLOTS: the first SECURITY_COMMON. */
struct kube_security {
    struct fact_bool run_as_non_root;
    struct fact_number run_as_user, run_as_group;
    struct seccomp_fact seccomp, apparmor;
    struct selinux_fact selinux;
    struct fact_bool host_process;
};
void kube_security(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *const *slots,
                   struct kube_security *ret_security);
void kube_pod_security(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node);
void kube_container_security(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node,
                             struct workload *workload);

/* kubernetes_mounts.c. CLAIMS: volumeClaimTemplates of a StatefulSet, or NULL. */
void kube_volumes(struct kube_reader *reader, const struct data_node *volumes, const struct data_node *claims);
void kube_mounts(struct kube_reader *reader, const struct data_node *mounts, struct workload *workload);

/* kubernetes_probes.c */
void kube_probes(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *const *slots,
                 struct workload *workload);

/* kubernetes_container.c: the containers of LIST into WORKLOADS from *COUNT on. */
void kube_containers(struct kube_reader *reader, const struct data_node *list, enum workload_kind kind,
                     const struct workload **workloads, size_t *count);
void kube_pod_resources(struct kube_reader *reader, const struct kube_scope *scope, const struct data_node *node);

/* kubernetes_pod.c: METADATA of the template; SPEC, a mapping; READER's pod has what the object says. */
void kube_pod(struct kube_reader *reader, const struct data_node *metadata, const struct data_node *spec,
              const struct data_node *claims);

/* The mappings of an array: `for (node = kube_first(list); node; node = kube_next(node))`. */
const struct data_node *kube_first(const struct data_node *list);
const struct data_node *kube_next(const struct data_node *item);
/* How many there are. */
size_t kube_count(const struct data_node *list);
/* The name of a list's entry: its place; else its first key, else the entry. */
struct place kube_name_place(struct kube_reader *reader, const struct data_node *entry, const struct data_node *name);
