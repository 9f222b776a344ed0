/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every document of a stream ends in a tree or an error; every span, comment and insertion point lies inside the
 * stream; copies know where they come from. A document that is JSON gives json_parse's tree, its spans and styles
 * included.
 */
#include "data/json.h"
#include "data/yaml.h"
#include "data/yaml_edit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static const struct data_node *following(const struct data_node *node, const struct data_node *root)
{
    if (node->first)
        return node->first;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

static void check_inside(struct str source, struct data_span span)
{
    require((size_t)span.offset + span.len <= source.len);
}

static void check_node(struct str source, const struct data_node *node)
{
    check_inside(source, node->span);
    check_inside(source, node->key_span);
    check_inside(source, data_use_span(node));
    require(node->value.ptr || node->kind == DATA_ARRAY || node->kind == DATA_OBJECT);
    require(!node->parent || (node->key.ptr != NULL) == (node->parent->kind == DATA_OBJECT));
    require((node->flags & ~(DATA_ALIASED | DATA_MERGED | DATA_OCTAL | DATA_ANCHORED)) == 0);
    require(!(node->flags & DATA_ALIASED) == !(node->extra && node->extra->origin));
    const struct data_node *origin = data_origin(node);
    require(!(origin->flags & DATA_ALIASED) && origin->kind == node->kind);
    uint32_t count = 0;
    DATA_EACH(child, node)
    {
        require(child->parent == node);
        count++;
    }
    require(count == node->count);
}

static void check_edit(struct str source, const struct data_node *node)
{
    struct data_span span;
    struct yaml_comments comments = yaml_comments_of(source, data_origin(node));
    while (yaml_comments_next(&comments, &span)) {
        check_inside(source, span);
        require(span.len > 0 && source.ptr[span.offset] == '#');
    }
    struct yaml_insertion insertion;
    if (yaml_insertion_of(source, node, &insertion))
        require(insertion.offset <= source.len);
}

/* Siblings are looked up one by one: enough of a large document. */
static void check_tree(struct str source, const struct data_node *root)
{
    unsigned edits = 0;
    for (const struct data_node *node = root; node; node = following(node, root)) {
        check_node(source, node);
        if (edits++ < 300)
            check_edit(source, node);
    }
}

static void check_stream(struct str source, const struct yaml_options *options)
{
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    struct err err = ERR_INIT;
    if (yaml_reader_new(source, options, &reader, &err) != 0) {
        require(err.message[0] != '\0' && !reader);
        return;
    }
    size_t end = 0;
    for (bool more = true; more;) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *root = NULL;
        err = ERR_INIT;
        if (yaml_next_document(reader, &arena, &root, &more, &err) != 0)
            require(err.message[0] != '\0' && !root);
        const struct yaml_document *document = yaml_document(reader);
        check_inside(source, document->span);
        require(document->span.offset >= end);
        end = document->span.offset + document->span.len;
        if (root)
            check_tree(source, root);
        struct data_span span;
        struct yaml_comments comments = yaml_comments_at_top(source, document->span.offset);
        while (yaml_comments_next(&comments, &span))
            check_inside(source, span);
    }
}

/* JSON strings may hold what YAML takes for line breaks. */
static bool has_yaml_breaks(struct str source)
{
    return str_find(source, STR("\xC2\x85")) < source.len || str_find(source, STR("\xE2\x80\xA8")) < source.len ||
           str_find(source, STR("\xE2\x80\xA9")) < source.len;
}

static void check_against_json(struct str source)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    const struct data_node *json = NULL, *yaml = NULL;
    static const struct yaml_options options = {.keep_merge_keys = true};
    if (has_yaml_breaks(source) || json_parse(source, &arena, &json, NULL) != 0 ||
        yaml_parse(source, &options, &arena, &yaml, NULL) != 0)
        return;
    const struct data_node *a = json, *b = yaml;
    for (; a && b; a = following(a, json), b = following(b, yaml)) {
        require(a->kind == b->kind && a->style == b->style && a->count == b->count);
        require(a->span.offset == b->span.offset && a->span.len == b->span.len);
        require(a->key_span.offset == b->key_span.offset && a->key_span.len == b->key_span.len);
        require(str_eq(a->key, b->key) && str_eq(a->value, b->value));
    }
    require(!a && !b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str source = str_of((const char *)data, size);
    static const struct yaml_options options[] = {
        {.schema = YAML_CORE},
        {.schema = YAML_COMPOSE, .keep_merge_keys = true, .list_duplicates = true},
        {.schema = YAML_KUBERNETES, .list_duplicates = true},
    };
    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        check_stream(source, &options[i]);
    check_against_json(source);
    return 0;
}
