/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/secret_value.h - is this name, value or file a secret? Judged by what it says, without a source.
 *
 * A name says "secret" by its last word ("DB_PASSWORD", "spring.datasource.password", "clientSecret"), a key only with
 * the word before it ("API_KEY", not "SORT_KEY"). A value is one unless it is empty, a mode ("true", "required"), a
 * path, or a reference that something else resolves. A shape is a secret whatever its name: tokens with the prefix
 * that their issuer gave them for this purpose, private keys, passwords in URLs.
 *
 * No allocation; time in proportion to the text. Placeholders ("changeme") are values: they are what ships.
 */
#include "base/str.h"

/* Does NAME, of a variable, label or option, say that its value is a secret? */
bool secret_name(struct str name);

/* Is VALUE, under a name that says so, the secret itself? */
bool secret_value(struct str value);

/* A credential in a text. */
struct secret_shape {
    size_t offset, len; /* len > 0 */
    const char *what;   /* "a GitHub token" */
};

/* The first credential of TEXT at FROM or later. */
bool secret_shape_find(struct str text, size_t from, struct secret_shape *ret_shape);

enum secret_file {
    SECRET_FILE_NONE,
    SECRET_FILE_SETTINGS, /* often holds secrets: .env, .npmrc */
    SECRET_FILE_KEY,      /* is for nothing else: id_rsa, .netrc */
};

/* What the file at PATH holds, by its name (a pattern may end in '*'); *ret_what: "a private SSH key". */
enum secret_file secret_file(struct str path, const char **ret_what);
