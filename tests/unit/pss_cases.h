/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pss_cases.h - the controls of the Pod Security Standards, each at the borders of its versions.
 *
 * A case is a pod that the restricted profile takes in every version, with one thing changed, and the rules that fire
 * in each profile, with the minor versions in which they do: "" never, "0-" always, "0-26", "19-24". Made from the
 * published standards (docs/design/018-pod-security-standards.md), not from what barehull answers.
 */

enum pss_where {
    IN_SPEC,        /* further keys of the pod's spec */
    IN_POD,         /* further keys of its securityContext */
    AS_POD,         /* its whole securityContext */
    IN_CONTAINER,   /* further keys of a container: in each of the three lists by turns */
    IN_SECURITY,    /* further keys of a container's securityContext: the same */
    AS_SECURITY,    /* the whole of it: the same */
    IN_ANNOTATIONS, /* of the pod */
    AS_SPEC,        /* the whole spec */
};

struct pss_case {
    const char *rules; /* that fire: "no-host-namespaces no-host-port" */
    enum pss_where where;
    const char *text; /* YAML in flow style */
    const char *baseline;
    const char *restricted;
};

extern const struct pss_case pss_cases[]; /* ends with a NULL rules */
