/* SPDX-License-Identifier: Apache-2.0 */
/* libyaml's events of one document into a tree. There is no recursion. */
#include "data/internal.h"

#include <string.h>

enum { NODES_PER_BLOCK = 8, NODES_PER_BLOCK_MAX = 512 };

static const struct str core_tag = STR_INIT("tag:yaml.org,2002:");

int yaml_fail_at(struct yaml_build *build, size_t byte, enum err_code code, const char *hint, const char *format, ...)
{
    build->failed_at = byte;
    char what[ERR_MESSAGE_MAX / 2];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    /* From the chunk's start, not the stream's, so that many broken documents don't cost quadratic time. */
    const struct yaml_chunk *chunk = &build->chunk;
    struct str text = str_of(build->source.ptr + chunk->start, chunk->end - chunk->start);
    struct data_position place = data_position_of(text, byte - chunk->start);
    int r = err_set(build->err, code, "line %u, column %u: %s", place.line + chunk->line - 1, place.column,
                    len < 0 ? "not valid" : what);
    if (hint)
        err_hint(build->err, "%s", hint);
    return r;
}

static int too_many(struct yaml_build *build, size_t byte, const char *what, unsigned limit)
{
    int r = yaml_fail_at(build, byte, ERR_LIMIT, NULL, "%s", what);
    err_hint(build->err, "the limit is %u", limit);
    return r;
}

struct data_node *yaml_node_new(struct yaml_build *build)
{
    if (build->node_count >= LIMIT_YAML_NODES) {
        (void)too_many(build, build->byte, "the document has too many values", LIMIT_YAML_NODES);
        return NULL;
    }
    if (build->block_left == 0) {
        build->block_size = build->block_size < NODES_PER_BLOCK_MAX ? build->block_size * 2 : NODES_PER_BLOCK_MAX;
        build->block_left = build->block_size ? build->block_size : NODES_PER_BLOCK;
        build->block_size = build->block_left;
        build->block = ARENA_ARRAY(build->arena, build->block_left, struct data_node);
        if (!build->block) {
            build->block_left = 0;
            err_nomem(build->err);
            return NULL;
        }
    }
    build->node_count++;
    build->block_left--;
    build->block->source = build->options->source;
    return build->block++;
}

/*
 * libyaml counts code points. Its marks go forward almost always, so that walking from the last one to the next costs
 * one pass over the document in all.
 */
static size_t byte_of(struct yaml_build *build, size_t index)
{
    const struct yaml_chunk *chunk = &build->chunk;
    if (!chunk->multibyte)
        return index < chunk->end - chunk->start ? chunk->start + index : chunk->end;
    const char *bytes = build->source.ptr;
    size_t point = build->point, byte = build->byte;
    while (point < index && byte < chunk->end) {
        do
            byte++;
        while (byte < chunk->end && ((unsigned char)bytes[byte] & 0xC0U) == 0x80U);
        point++;
    }
    while (point > index && byte > chunk->start) {
        do
            byte--;
        while (byte > chunk->start && ((unsigned char)bytes[byte] & 0xC0U) == 0x80U);
        point--;
    }
    build->point = point;
    build->byte = byte;
    return byte;
}

static struct data_span span_of(size_t start, size_t end)
{
    return (struct data_span){(uint32_t)start, (uint32_t)(end - start)};
}

static struct yaml_level *top(struct yaml_build *build)
{
    return &build->levels[build->depth];
}

/* The next event gives a key. */
static bool at_key(struct yaml_build *build)
{
    const struct yaml_level *level = top(build);
    return level->container && level->container->kind == DATA_OBJECT && !level->have_key;
}

static void read_up_to(struct yaml_build *build, size_t end)
{
    struct yaml_level *level = top(build);
    if (level->end < end)
        level->end = end;
}

/* What stands before a node's own text. */
struct properties {
    struct str anchor;
    struct data_span tag;
    size_t end; /* where the node itself starts */
};

static size_t skip_blank(struct str source, size_t at, size_t end)
{
    while (at < end) {
        char c = source.ptr[at];
        size_t next = yaml_break_end(source, at);
        if (c == ' ' || c == '\t')
            next = at + 1;
        else if (c == '#')
            next = at + str_find_char(str_head(str_skip(source, at), end - at), '\n');
        if (next == at)
            break;
        at = next;
    }
    return at < end ? at : end;
}

static size_t tag_end(struct str source, size_t at, size_t end)
{
    if (at + 1 < end && source.ptr[at + 1] == '<')
        at += str_find_char(str_head(str_skip(source, at), end - at), '>');
    while (at < end && source.ptr[at] != ' ' && source.ptr[at] != '\t' && source.ptr[at] != ',' &&
           yaml_break_end(source, at) == at)
        at++;
    return at;
}

static size_t anchor_end(struct str source, size_t at, size_t end)
{
    while (at < end && (char_is_alnum(source.ptr[at]) || source.ptr[at] == '_' || source.ptr[at] == '-'))
        at++;
    return at;
}

/* The properties from START on: at most one tag and one anchor, each only if wanted. END is the event's end. */
static struct properties properties_of(struct yaml_build *build, size_t start, size_t end, bool tag, bool anchor)
{
    struct str source = build->source;
    struct properties found = {.anchor = STR_NONE, .end = start};
    for (size_t at = start; at < end; at = skip_blank(source, found.end, end)) {
        if (tag && source.ptr[at] == '!') {
            tag = false;
            found.end = tag_end(source, at, end);
            found.tag = span_of(at, found.end);
        } else if (anchor && source.ptr[at] == '&') {
            anchor = false;
            found.end = anchor_end(source, at + 1, end);
            found.anchor = str_of(source.ptr + at + 1, found.end - at - 1);
        } else {
            found.end = at;
            break;
        }
    }
    return found;
}

/* Before the break of the last line of a block scalar that is not blank. */
static size_t trim_block_scalar(struct str source, size_t start, size_t end)
{
    size_t line = end; /* start of the line that ends at `end` */
    for (;;) {
        while (end > start && (source.ptr[end - 1] == '\n' || source.ptr[end - 1] == '\r'))
            end--;
        for (line = end; line > start && (source.ptr[line - 1] == ' ' || source.ptr[line - 1] == '\t');)
            line--;
        if (line == end || line == start || (source.ptr[line - 1] != '\n' && source.ptr[line - 1] != '\r'))
            return end;
        end = line;
    }
}

static enum data_style scalar_style(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return DATA_STYLE_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return DATA_STYLE_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
        return DATA_STYLE_LITERAL;
    case YAML_FOLDED_SCALAR_STYLE:
        return DATA_STYLE_FOLDED;
    case YAML_ANY_SCALAR_STYLE:
    case YAML_PLAIN_SCALAR_STYLE:
        break;
    }
    return DATA_STYLE_PLAIN;
}

/* The decoded text: a view of the source where that says the same. */
static int scalar_text(struct yaml_build *build, const yaml_event_t *event, struct data_span span, struct str *ret_text)
{
    struct str decoded = {(const char *)event->data.scalar.value, event->data.scalar.length};
    struct str raw = data_span_text(build->source, span);
    enum data_style style = scalar_style(event->data.scalar.style);
    if ((style == DATA_STYLE_SINGLE || style == DATA_STYLE_DOUBLE) && raw.len >= 2)
        raw = str_of(raw.ptr + 1, raw.len - 2);
    *ret_text = str_eq(raw, decoded) ? raw : arena_str(build->arena, decoded);
    return ret_text->ptr ? 0 : err_nomem(build->err);
}

static int set_tag(struct yaml_build *build, struct data_node *node, const yaml_char_t *tag, struct data_span span)
{
    struct str text = str_z((const char *)tag);
    size_t prefix = core_tag.len;
    struct data_extra *extra = ARENA_NEW(build->arena, struct data_extra);
    char *copy = extra ? str_starts(text, core_tag) ? arena_printf(build->arena, "!!%s", tag + prefix)
                                                    : arena_z(build->arena, text)
                       : NULL;
    if (!copy)
        return err_nomem(build->err);
    extra->tag = str_z(copy);
    extra->tag_span = span;
    node->extra = extra;
    return 0;
}

static int set_anchor(struct yaml_build *build, struct data_node *node, struct str name)
{
    if (name.len == 0)
        return 0;
    node->flags |= DATA_ANCHORED;
    return map_set(&build->anchors, name, node) ? 0 : err_nomem(build->err);
}

/* Hangs a fresh node under the open collection, with the key that was read for it. */
static struct data_node *hang(struct yaml_build *build)
{
    struct data_node *node = yaml_node_new(build);
    struct yaml_level *level = top(build);
    if (!node)
        return NULL;
    if (!level->container) {
        build->root = node;
        return node;
    }
    node->parent = level->container;
    if (level->last)
        level->last->next = node;
    else
        level->container->first = node;
    level->last = node;
    level->container->count++;
    if (level->container->kind == DATA_OBJECT) {
        node->key = level->key;
        node->key_span = level->key_span;
        level->have_key = false;
        if (level->merge_key)
            node->flags |= YAML_FLAG_MERGE_KEY;
        level->has_merge |= level->merge_key;
    }
    return node;
}

static void set_key(struct yaml_build *build, struct str text, struct data_span span, bool merge)
{
    struct yaml_level *level = top(build);
    level->key = text;
    level->key_span = span;
    level->have_key = true;
    level->merge_key = merge && !build->options->keep_merge_keys;
    read_up_to(build, (size_t)span.offset + span.len);
}

/* The kind of a scalar that has a tag. */
static int tagged_kind(struct yaml_build *build, struct data_node *node, bool plain, bool *ret_octal)
{
    struct str tag = data_tag(node);
    enum data_kind kind = yaml_plain_kind(build->options->schema, node->value, ret_octal);
    bool good = true;
    if (str_eq(tag, STR("!!null")))
        good = kind == DATA_NULL;
    else if (str_eq(tag, STR("!!bool")))
        good = kind == DATA_BOOL;
    else if (str_eq(tag, STR("!!int")) || str_eq(tag, STR("!!float")))
        good = kind == DATA_NUMBER;
    else if (str_starts(tag, STR("!!")) || !plain)
        kind = DATA_STRING;
    node->kind = kind;
    return good ? 0
                : yaml_fail_at(build, node->span.offset, ERR_INVALID, "change the value or drop the tag",
                               "'%.*s' is no %.*s", STR_ARG(str_head(node->value, 40)), STR_ARG(tag));
}

static int set_kind(struct yaml_build *build, struct data_node *node)
{
    bool octal = false, plain = node->style == DATA_STYLE_PLAIN;
    int r = 0;
    if (node->extra && node->extra->tag.ptr)
        r = tagged_kind(build, node, plain, &octal);
    else if (plain)
        node->kind = yaml_plain_kind(build->options->schema, node->value, &octal);
    else
        node->kind = DATA_STRING;
    if (octal && node->kind == DATA_NUMBER)
        node->flags |= DATA_OCTAL;
    return r;
}

/* libyaml puts some values that are not written before what comes next; they belong behind their key's ':'. */
static size_t unwritten_at(struct yaml_build *build, size_t at)
{
    const struct yaml_level *level = top(build);
    if (!level->container || level->container->kind != DATA_OBJECT || (at > 0 && build->source.ptr[at - 1] == ':'))
        return at;
    size_t key_end = (size_t)level->key_span.offset + level->key_span.len;
    size_t colon = skip_blank(build->source, key_end, at);
    return colon < at && build->source.ptr[colon] == ':' ? colon + 1 : key_end;
}

/* Fills NODE, whose span is set, from a scalar's event. */
static int fill_scalar(struct yaml_build *build, struct data_node *node, const yaml_event_t *event,
                       const struct properties *properties)
{
    node->style = scalar_style(event->data.scalar.style);
    int r = scalar_text(build, event, node->span, &node->value);
    if (r == 0 && event->data.scalar.tag)
        r = set_tag(build, node, event->data.scalar.tag, properties->tag);
    return r == 0 ? set_anchor(build, node, properties->anchor) : r;
}

static int scalar(struct yaml_build *build, const yaml_event_t *event, size_t start, size_t end)
{
    struct properties properties = properties_of(build, start, end, true, event->data.scalar.anchor != NULL);
    bool bare = properties.end == start;
    start = properties.end;
    enum data_style style = scalar_style(event->data.scalar.style);
    if (style == DATA_STYLE_LITERAL || style == DATA_STYLE_FOLDED)
        end = trim_block_scalar(build->source, start, end);
    if (!at_key(build)) {
        if (start == end && bare)
            start = end = unwritten_at(build, end);
        struct data_node *node = hang(build);
        if (!node)
            return -(int)build->err->code;
        node->span = span_of(start, end);
        read_up_to(build, end);
        int r = fill_scalar(build, node, event, &properties);
        return r == 0 ? set_kind(build, node) : r;
    }
    struct data_node loose = {.span = span_of(start, end)};
    struct data_node *node = properties.anchor.len > 0 ? yaml_node_new(build) : &loose;
    if (!node)
        return -(int)build->err->code;
    node->span = loose.span;
    int r = fill_scalar(build, node, event, &properties);
    bool merge = style == DATA_STYLE_PLAIN && str_eq(node->value, STR("<<")) &&
                 (!event->data.scalar.tag || str_eq(data_tag(node), STR("!!merge")));
    if (r == 0 && node != &loose)
        r = set_kind(build, node);
    if (r == 0)
        set_key(build, node->value, node->span, merge);
    return r;
}

static int alias(struct yaml_build *build, const yaml_event_t *event, size_t start, size_t end)
{
    if (++build->alias_count > LIMIT_YAML_ALIASES)
        return too_many(build, start, "the document has too many aliases", LIMIT_YAML_ALIASES);
    struct str name = str_z((const char *)event->data.alias.anchor);
    struct data_node *target = map_get(&build->anchors, name);
    if (!target) {
        return yaml_fail_at(build, start, ERR_INVALID, "an anchor ('&name') must come before its aliases",
                            "the alias '*%.*s' has no anchor", STR_ARG(str_head(name, 200)));
    }
    for (size_t i = 1; i <= build->depth; i++) {
        if (build->levels[i].container == target) {
            return yaml_fail_at(build, start, ERR_INVALID, "a value can't contain itself",
                                "the alias '*%.*s' stands within its own anchor", STR_ARG(str_head(name, 200)));
        }
    }
    if (at_key(build)) {
        bool has_text = target->kind != DATA_ARRAY && target->kind != DATA_OBJECT;
        set_key(build, has_text ? target->value : data_span_text(build->source, target->span), span_of(start, end),
                false);
        return 0;
    }
    struct data_node *node = hang(build);
    if (!node)
        return -(int)build->err->code;
    read_up_to(build, end);
    return yaml_copy_alias(build, node, target, span_of(start, end));
}

/* What sequences and mappings have in common. */
struct opening {
    enum data_kind kind;
    bool block;
    const yaml_char_t *tag, *anchor;
};

static int open_collection(struct yaml_build *build, const struct opening *opening, size_t start)
{
    if (build->depth == LIMIT_YAML_DEPTH)
        return too_many(build, start, "the document is nested too deeply", LIMIT_YAML_DEPTH);
    bool tag = opening->tag || !opening->block;
    struct properties properties = properties_of(build, start, build->chunk.end, tag, opening->anchor != NULL);
    struct yaml_level level = {.is_key = at_key(build), .end = properties.end};
    struct data_node *node = level.is_key ? yaml_node_new(build) : hang(build);
    if (!node)
        return -(int)build->err->code;
    node->kind = opening->kind;
    node->style = opening->block ? DATA_STYLE_BLOCK : DATA_STYLE_FLOW;
    node->span = span_of(properties.end, properties.end);
    if (level.is_key)
        node->parent = top(build)->container;
    level.container = node;
    build->levels[++build->depth] = level;
    int r = opening->tag ? set_tag(build, node, opening->tag, properties.tag) : 0;
    return r == 0 ? set_anchor(build, node, properties.anchor) : r;
}

static int close_collection(struct yaml_build *build, size_t start, size_t end)
{
    struct yaml_level *level = top(build);
    struct data_node *node = level->container;
    /* Block collections and the mapping of '[a: b]' have no closing bracket. */
    if (node->style == DATA_STYLE_BLOCK || start == end)
        end = level->end;
    node->span.len = (uint32_t)(end - node->span.offset);
    int r = node->kind == DATA_OBJECT ? yaml_finish_mapping(build, level) : 0;
    bool is_key = level->is_key;
    build->depth--;
    if (r == 0 && is_key)
        set_key(build, data_span_text(build->source, node->span), node->span, false);
    else
        read_up_to(build, end);
    return r;
}

static int second_document(struct yaml_build *build, size_t at)
{
    return yaml_fail_at(build, at, ERR_INVALID, "start each document with a line '---'",
                        "the document has ended already");
}

static int handle(struct yaml_build *build, const yaml_event_t *event, bool *ret_done)
{
    size_t start = byte_of(build, event->start_mark.index);
    size_t end = byte_of(build, event->end_mark.index);
    struct opening opening;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return build->ended ? second_document(build, start) : 0;
    case YAML_DOCUMENT_END_EVENT:
        build->ended = true;
        return 0;
    case YAML_STREAM_END_EVENT:
        *ret_done = true;
        return 0;
    case YAML_ALIAS_EVENT:
        return alias(build, event, start, end);
    case YAML_SCALAR_EVENT:
        return scalar(build, event, start, end);
    case YAML_SEQUENCE_START_EVENT:
        opening = (struct opening){DATA_ARRAY, event->data.sequence_start.style == YAML_BLOCK_SEQUENCE_STYLE,
                                   event->data.sequence_start.tag, event->data.sequence_start.anchor};
        return open_collection(build, &opening, start);
    case YAML_MAPPING_START_EVENT:
        opening = (struct opening){DATA_OBJECT, event->data.mapping_start.style == YAML_BLOCK_MAPPING_STYLE,
                                   event->data.mapping_start.tag, event->data.mapping_start.anchor};
        return open_collection(build, &opening, start);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_collection(build, start, end);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
        break;
    }
    return 0;
}

/* What libyaml says, with its place and often a better remedy. */
static int parser_error(struct yaml_build *build, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return err_nomem(build->err);
    const char *problem = parser->problem ? parser->problem : "this is no valid YAML";
    if (parser->error == YAML_READER_ERROR) {
        return yaml_fail_at(build, build->chunk.start + parser->problem_offset, ERR_INVALID,
                            "the file may be binary; in double quotes write it as an escape", "%s", problem);
    }
    size_t at = byte_of(build, parser->problem_mark.index);
    const char *hint = NULL;
    if (at < build->source.len && build->source.ptr[at] == '\t')
        hint = "indent with spaces, not with tabs";
    else if (at < build->source.len && build->source.ptr[at] != '\0' && strchr("%@`{}", build->source.ptr[at]))
        hint = "quote a value that starts with a character that YAML reserves";
    else if (strstr(problem, "mapping values are not allowed"))
        hint = "indent the members of one mapping alike; quote a value that holds ': '";
    else if (strstr(problem, "block end") || strstr(problem, "expected key"))
        hint = "indent the members of one mapping alike";
    size_t line = parser->context_mark.line;
    if (!parser->context || line == parser->problem_mark.line)
        return yaml_fail_at(build, at, ERR_INVALID, hint, "%s", problem);
    return yaml_fail_at(build, at, ERR_INVALID, hint, "%s, %s that starts on line %zu", problem, parser->context,
                        line + build->chunk.line);
}

/* What libyaml would find out late, or not tell the place of. */
static int check_bytes(struct yaml_build *build)
{
    struct str bytes = str_of(build->source.ptr + build->chunk.start, build->chunk.end - build->chunk.start);
    if (bytes.len > LIMIT_YAML_DOCUMENT_BYTES) {
        return yaml_fail_at(build, build->chunk.start, ERR_LIMIT, "split it into several documents",
                            "a document of %zu bytes is larger than the limit of %llu bytes", bytes.len,
                            LIMIT_YAML_DOCUMENT_BYTES);
    }
    size_t valid = build->chunk.multibyte ? str_utf8_valid(bytes) : bytes.len;
    if (valid < bytes.len) {
        return yaml_fail_at(build, build->chunk.start + valid, ERR_INVALID, "save the file as UTF-8",
                            "this is no valid UTF-8");
    }
    return 0;
}

/* Gives libyaml more of the chunk (some KB at a time), unless the work was called off. */
static int give_bytes(void *self, unsigned char *buffer, size_t size, size_t *ret_size)
{
    struct yaml_build *build = self;
    size_t left = build->chunk.end - build->chunk.start - build->given;
    build->stopped = op_check(build->options->ctx, build->err) != 0;
    *ret_size = size < left ? size : left;
    memcpy(buffer, build->source.ptr + build->chunk.start + build->given, *ret_size);
    build->given += *ret_size;
    return !build->stopped;
}

int yaml_build_tree(struct yaml_build *build)
{
    const struct yaml_chunk *chunk = &build->chunk;
    build->byte = chunk->start;
    build->levels[0] = (struct yaml_level){0};
    int r = check_bytes(build);
    if (r != 0)
        return r;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return err_nomem(build->err);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&parser, give_bytes, build);
    for (bool done = false; r == 0 && !done;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            r = build->stopped ? -(int)build->err->code : parser_error(build, &parser);
            break;
        }
        r = handle(build, &event, &done);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return r;
}

void yaml_build_done(struct yaml_build *build)
{
    map_done(&build->anchors);
    VEC_DONE(&build->duplicates);
}
