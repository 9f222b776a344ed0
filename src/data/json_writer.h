/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/json_writer.h - JSON (RFC 8259) out, value by value, in the order of the calls.
 *
 *     struct json_writer json;
 *     json_writer_init(&json, &buf, JSON_INDENTED);
 *     json_object(&json);
 *     json_key(&json, "size");
 *     json_u64(&json, 42);
 *     json_end(&json);
 *     return json_writer_check(&json, err);
 *
 * The failure is sticky: once memory was short, or calls came in an order that makes no JSON (a value without its
 * key, an end too many), nothing more is written and json_writer_check tells. Output is a pure function of the calls.
 * Strings: only what must be escaped is; bytes that are no UTF-8 become U+FFFD each, so that the output is valid
 * whatever a file name holds. No final newline. Depth: LIMIT_JSON_DEPTH.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

enum json_layout {
    JSON_COMPACT,  /* {"a":1} */
    JSON_INDENTED, /* two spaces a level, one member a line; empty containers stay "{}" and "[]" */
};

struct json_writer {
    struct buf *out;
    enum json_layout layout;
    bool misused;
    bool key_given; /* a value has to come */
    bool complete;  /* the one top-level value was written */
    unsigned depth;
    struct {
        bool object;
        bool filled; /* has a member */
    } stack[LIMIT_JSON_DEPTH];
};

/* OUT is appended to, and outlives the writer. */
void json_writer_init(struct json_writer *json, struct buf *out, enum json_layout layout);

/* 0 when one whole value was written; ERR_NOMEM, or ERR_INTERNAL for calls in a wrong order. */
int json_writer_check(const struct json_writer *json, struct err *err);

void json_object(struct json_writer *json); /* opens */
void json_array(struct json_writer *json);  /* opens */
void json_end(struct json_writer *json);    /* closes what was opened last */

void json_key(struct json_writer *json, const char *key);
void json_key_str(struct json_writer *json, struct str key);

void json_str(struct json_writer *json, struct str value);
void json_z(struct json_writer *json, const char *value); /* NULL gives null */
void json_u64(struct json_writer *json, uint64_t value);
void json_i64(struct json_writer *json, int64_t value);
void json_bool(struct json_writer *json, bool value);
void json_null(struct json_writer *json);
/* VALUE with DECIMALS (0 to 9) digits behind the point; not finite gives null. Never exponents or a locale's comma. */
void json_fixed(struct json_writer *json, double value, unsigned decimals);
/* TEXT is one JSON value already (a number's source text). */
void json_raw(struct json_writer *json, struct str text);

/* Key and value in one go. */
void json_field_str(struct json_writer *json, const char *key, struct str value);
void json_field_z(struct json_writer *json, const char *key, const char *value);
void json_field_u64(struct json_writer *json, const char *key, uint64_t value);
void json_field_i64(struct json_writer *json, const char *key, int64_t value);
void json_field_bool(struct json_writer *json, const char *key, bool value);
void json_field_object(struct json_writer *json, const char *key); /* opens */
void json_field_array(struct json_writer *json, const char *key);  /* opens */

/* Appends TEXT as a JSON string with its quotes. */
void json_quote(struct buf *out, struct str text);

struct data_node;
/* NODE and all below it; numbers keep their source text. */
void json_node(struct json_writer *json, const struct data_node *node);
