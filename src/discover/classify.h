/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/classify.h - what a file is, by its name and by its first bytes.
 */
#include "base/str.h"

enum classify_name {
    NAME_OTHER,            /* none of ours */
    NAME_DOCKERFILE,       /* Dockerfile, Dockerfile.prod, web.Dockerfile, Containerfile */
    NAME_DOCKERFILE_MAYBE, /* Dockerfile.md, DockerfileParser.go: when it starts as one */
    NAME_COMPOSE,          /* compose.yaml, docker-compose.prod.yml */
    NAME_YAML,             /* what the content says */
    NAME_JSON,
};

/* NAME: without directories. */
enum classify_name classify_name(struct str name);

enum classify_content { CONTENT_OTHER, CONTENT_KUBERNETES, CONTENT_COMPOSE };

/* YAML or JSON. */
enum classify_content classify_content(struct str bytes);
