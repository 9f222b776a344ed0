/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/classify.h - what a file is, by its name and by its first bytes, without parsing it.
 *
 * Content: the keys at the top of each document of a YAML stream (at the indentation of its first line), or of JSON
 * values. A document with `apiVersion` and `kind` is a Kubernetes object; kustomizations, kubeconfigs and definitions
 * of custom resources carry no pod and are none here. A document with a mapping `services` is a Compose file.
 * A first document without either is passed over, its followers are looked at, as far as the caller gives bytes.
 */
#include "base/str.h"

enum classify_name {
    NAME_OTHER,            /* none of ours */
    NAME_DOCKERFILE,       /* Dockerfile, Dockerfile.prod, web.Dockerfile, Containerfile */
    NAME_DOCKERFILE_MAYBE, /* Dockerfile.go, DockerfileParser.rb: when it begins as one (classify_is_dockerfile) */
    NAME_COMPOSE,          /* compose.yaml, docker-compose.prod.yml */
    NAME_YAML,             /* what the content says */
    NAME_JSON,
};

/* NAME: without directories. */
enum classify_name classify_name(struct str name);

/* One of the four names that Compose looks for: compose.yaml, docker-compose.yml ... */
bool classify_is_compose_default(struct str name);

/* The name of what a template with NAME makes ("Dockerfile.j2": "Dockerfile"); empty when NAME is no template's. */
struct str classify_template_stem(struct str name);

/* The first instruction is FROM or ARG. */
bool classify_is_dockerfile(struct str head);

/* Why BYTES can't be any text of ours ("is binary: it holds a NUL byte"); START: they begin the file. NULL: they may.
 */
const char *classify_foreign(struct str bytes, bool start);

enum classify_content {
    CONTENT_MORE, /* the bytes so far don't tell */
    CONTENT_OTHER,
    CONTENT_KUBERNETES,
    CONTENT_COMPOSE,
};

/* {0} at the start of a file. */
struct classifier {
    size_t at; /* the lines (JSON: bytes) before it were seen */
    size_t indent;
    bool begun;          /* the document has */
    bool flow;           /* it is JSON, or YAML written as JSON */
    bool api, kind;      /* seen in this document */
    bool bare_kind;      /* of those that carry no pod */
    bool after_services; /* the line before was a bare `services:` */
    bool compose;        /* services is a mapping */
    bool include;        /* seen in any */
    bool list;           /* a document is one: tasks of Ansible, no Compose file */
    unsigned depth;      /* flow */
    bool string, word, escape, is_key;
    bool wants_kind; /* the next string is kind's value */
    size_t text_at;  /* of the string or word */
};

/* BYTES: the file from its start, more of it in each call; END: that is all. */
enum classify_content classify_content(struct classifier *classifier, struct str bytes, bool end);

/* The document at hand has said `apiVersion` or `kind`: it is worth while to look for the other. */
bool classify_is_promising(const struct classifier *classifier);
