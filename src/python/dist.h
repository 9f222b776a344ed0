/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/dist.h - what an installed distribution says of itself: the files of "NAME-VERSION.dist-info".
 *
 * METADATA and WHEEL are fields as in mail ("Name: value", continued by lines that begin with a blank, up to the first
 * empty line), RECORD a CSV table of all files (PEP 376, PEP 627), direct_url.json where it came from (PEP 610); the
 * readers take what CPython's email, csv and importlib.metadata take. Eggs ("PKG-INFO" in ".egg-info") have the same
 * METADATA.
 *
 * Views point into the text unless a value had to be unfolded or unquoted; arrays and such values live in the arena.
 * Limits: LIMIT_PYTHON_TEXT_BYTES, LIMIT_PYTHON_METADATA_BYTES, LIMIT_PYTHON_RECORD_BYTES, LIMIT_PYTHON_LINES,
 * LIMIT_PYTHON_RECORD_ROWS.
 */
#include "base/arena.h"
#include "base/err.h"

/* PEP 503: runs of "-", "_" and "." become one "-", in lower case: "Flask_SQLAlchemy" is "flask-sqlalchemy". */
void python_dist_normalize(struct str name, struct buf *out);

/* True when two names are the same distribution's. */
bool python_dist_same(struct str a, struct str b);

/*
 * "uvicorn-0.30.1.dist-info", "demo-1.0-py3.11.egg-info", "demo.egg-info" (VERSION empty then). False for other names
 * and for "~vicorn-...", what pip leaves of an installation that was broken off.
 */
bool python_dist_directory(struct str directory, struct str *ret_name, struct str *ret_version);

struct python_requirement {
    struct str name;   /* as written */
    struct str marker; /* behind ";"; empty for none */
    bool extra;        /* wanted only with an extra, by the marker */
};

struct python_metadata {
    struct str name, version, requires_python; /* the first of each; empty when missing */
    struct python_requirement *requirements;   /* Requires-Dist, in order */
    size_t requirement_count;
};

/* Errors: ERR_LIMIT, ERR_NOMEM. */
int python_metadata_read(struct str text, struct arena *arena, struct python_metadata *ret_metadata, struct err *err);

struct python_wheel {
    struct str wheel_version, generator;
    bool root_is_purelib;
    struct str *tags; /* each "cp311-cp311-manylinux_2_17_x86_64" (python_tag_fits) */
    size_t tag_count;
};

int python_wheel_read(struct str text, struct arena *arena, struct python_wheel *ret_wheel, struct err *err);

struct python_record {
    struct str
        path; /* from the directory that holds dist-info: "uvicorn/main.py", "../../../bin/uvicorn"; or absolute */
    struct str hash; /* "sha256=..."; empty for none */
    uint64_t size_bytes;
    bool has_size;
};

/* Rows without a path are left out. Errors: ERR_LIMIT, ERR_NOMEM, ERR_INVALID for a quote that does not end. */
int python_record_read(struct str text, struct arena *arena, struct python_record **ret_rows, size_t *ret_count,
                       struct err *err);

/* The bytes of "sha256=BASE64" (URL-safe, no padding). False for another algorithm or what is no such digest. */
bool python_record_sha256(struct str hash, uint8_t ret_digest[32]);

struct python_direct_url {
    struct str url; /* "file:///src/demo" */
    bool editable;  /* the sources stay where they are */
    bool is_directory, is_archive, is_vcs;
    struct str commit; /* of a version control system */
};

/* Errors: ERR_INVALID for what is no such document, ERR_LIMIT, ERR_NOMEM. */
int python_direct_url_read(struct str text, struct arena *arena, struct python_direct_url *ret_url, struct err *err);

/* INSTALLER: its first word, "pip", "uv". Empty when there is none. */
struct str python_installer(struct str text);

/* The next name of top_level.txt; start with *REST = the text. False at its end. */
bool python_top_level_next(struct str *rest, struct str *ret_name);
