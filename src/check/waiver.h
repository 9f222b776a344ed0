/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/waiver.h - exceptions that stand in the checked files, each with a reason.
 *
 *     # barehull: allow RULE[, RULE...] -- reason        on the finding's line, or on comment lines right above;
 *                                                        above the first content of a file (a Dockerfile's head, the
 *                                                        head of a YAML document): for the whole file or document
 *     barehull.dev/allow.RULE: reason                    annotation of a Kubernetes object or of its template, label
 *                                                        of a Compose service
 *
 * An entry of a kustomization's `images` may have one, too, for the image that it names (classify/kustomization.h).
 *
 * A waiver covers findings whose span begins on its line or, when it stands alone on a line, on the next line of
 * content; in YAML also the whole block of the key or item that it stands above. A comment that begins with
 * "barehull:" and is none of this, an unknown rule and a missing reason are findings (rule `valid-waivers`), so are
 * waivers that nothing used.
 */
#include "rules/judge.h"

struct waiver {
    struct str rule; /* an id that exists, or "*" */
    struct str reason;
    struct place at;                /* of the rule's name */
    struct data_span covers;        /* findings that begin here; len 0: see object */
    bool whole;                     /* the whole source */
    const struct data_node *object; /* annotation: findings about this object (or service) */
    bool used;
};

struct waivers {
    struct waiver *items;
    size_t count, cap;
};

/* Comments of a Dockerfile. Problems become findings. */
int waivers_of_dockerfile(const struct source *source, const struct dockerfile *file, struct arena *arena,
                          struct waivers *waivers, struct findings *findings, struct err *err);
/* Comments and annotations of one YAML or JSON document of SOURCE that begins at SPAN. */
int waivers_of_document(const struct source *source, struct data_span span, const struct data_node *root,
                        enum surface surface, struct arena *arena, struct waivers *waivers, struct findings *findings,
                        struct err *err);
/* The waiver that covers FINDING, now used; or NULL. */
struct waiver *waivers_match(struct waivers *waivers, const struct finding *finding);
