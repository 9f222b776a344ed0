/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever parses is written out, compact and indented, and must parse again into an equal tree; every span must lie
 * inside the source and inside its parent's.
 */
#include "data/json.h"
#include "data/json_writer.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_spans(struct str source, const struct data_node *root)
{
    for (const struct data_node *node = root; node;) {
        require(node->span.len > 0 && (size_t)node->span.offset + node->span.len <= source.len);
        if (node->parent) {
            struct data_span outer = node->parent->span;
            require(node->span.offset > outer.offset);
            require(node->span.offset + node->span.len < outer.offset + outer.len);
            require((node->key.ptr != NULL) == (node->parent->kind == DATA_OBJECT));
        }
        if (node->first) {
            node = node->first;
            continue;
        }
        while (node != root && !node->next)
            node = node->parent;
        node = node == root ? NULL : node->next;
    }
}

static void check_equal(const struct data_node *a, const struct data_node *b)
{
    const struct data_node *root = a;
    while (a) {
        require(b && a->kind == b->kind && a->count == b->count && str_eq(a->key, b->key) &&
                str_eq(a->value, b->value));
        if (a->first) {
            a = a->first;
            b = b->first;
            continue;
        }
        while (a != root && !a->next) {
            a = a->parent;
            b = b->parent;
        }
        a = a == root ? NULL : a->next;
        b = a ? b->next : NULL;
    }
}

static void check_layout(const struct data_node *root, enum json_layout layout)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct json_writer json;
    json_writer_init(&json, &text, layout);
    json_node(&json, root);
    require(json_writer_check(&json, NULL) == 0);
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *again;
    require(json_parse(buf_str(&text), &arena, &again, NULL) == 0);
    check_equal(root, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    const struct data_node *root = NULL;
    struct str source = str_of((const char *)data, size);
    if (json_parse(source, &arena, &root, &err) != 0) {
        require(err.code != ERR_NONE && err.message[0] != '\0' && !root);
        return 0;
    }
    check_spans(source, root);
    check_layout(root, JSON_COMPACT);
    check_layout(root, JSON_INDENTED);
    return 0;
}
