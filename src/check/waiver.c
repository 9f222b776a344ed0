/* SPDX-License-Identifier: Apache-2.0 */
#include "check/waiver.h"

#include "check/waiver_comment.h"

#include <string.h>

#define ANNOTATION "barehull.dev/allow."
#define MARK       "barehull:"

static struct data_span between(size_t from, size_t to)
{
    return (struct data_span){(uint32_t)from, (uint32_t)(to - from)};
}

static size_t line_start(struct str bytes, size_t at)
{
    while (at > 0 && bytes.ptr[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_end(struct str bytes, size_t at)
{
    return at + str_find_char(str_skip(bytes, at), '\n');
}

/* The first byte of the next line of content at or behind AT (a line's start), before LIMIT; LIMIT when there is none.
 */
static size_t next_content(struct str bytes, size_t at, size_t limit)
{
    while (at < limit) {
        size_t first = at;
        while (first < limit && (bytes.ptr[first] == ' ' || bytes.ptr[first] == '\t'))
            first++;
        if (first < limit && bytes.ptr[first] != '#' && bytes.ptr[first] != '\n' && bytes.ptr[first] != '\r')
            return first;
        at = line_end(bytes, at) + 1;
    }
    return limit;
}

/* --- Dockerfiles -------------------------------------------------------------------------------------------- */

static size_t instruction_end(const struct dockerfile_instruction *instruction)
{
    size_t end = instruction->span.offset + instruction->span.len;
    for (uint32_t i = 0; i < instruction->heredoc_count; i++) {
        const struct dockerfile_heredoc *heredoc = &instruction->heredocs[i];
        size_t body = heredoc->body.offset + heredoc->body.len;
        end = body > end ? body : end;
    }
    return end;
}

static struct waiver dockerfile_model(const struct dockerfile *file, struct data_span comment)
{
    if (file->instruction_count == 0 || comment.offset < file->instructions[0].span.offset)
        return (struct waiver){.whole = true};
    struct str bytes = file->lines.source;
    size_t below = next_content(bytes, line_end(bytes, comment.offset) + 1, bytes.len);
    for (uint32_t i = 0; i < file->instruction_count; i++) {
        const struct dockerfile_instruction *instruction = &file->instructions[i];
        size_t end = instruction_end(instruction);
        if (instruction->span.offset < comment.offset && comment.offset < end) /* between continued lines */
            return (struct waiver){.covers = between(below, line_end(bytes, below))};
        if (instruction->span.offset >= comment.offset)
            return (struct waiver){.covers = between(instruction->span.offset, end)};
    }
    return (struct waiver){.covers = between(bytes.len, bytes.len)};
}

int waivers_of_dockerfile(const struct source *source, const struct dockerfile *file, struct arena *arena,
                          struct waivers *waivers, struct findings *findings, struct err *err)
{
    struct waiver_adding adding = {source, arena, waivers, findings};
    if (!memmem(source->bytes.ptr, source->bytes.len, MARK, strlen(MARK)))
        return 0;
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < file->lines.comment_count; i++) {
        struct data_span comment = file->lines.comments[i];
        if (str_find(data_span_text(source->bytes, comment), STR(MARK)) == comment.len)
            continue;
        struct waiver model = dockerfile_model(file, comment);
        r = waiver_comment_read(&adding, comment, &model, err);
    }
    return r;
}

/* --- YAML comments ------------------------------------------------------------------------------------------ */

static size_t node_end(const struct data_node *node)
{
    return node->span.offset + node->span.len;
}

/* The outermost member or item that begins at byte AT (its key, or its '-'), as the bytes that it covers. */
static bool block_at(const struct data_node *node, size_t at, size_t limit, struct data_span *ret_block)
{
    size_t from = 0;
    DATA_EACH(child, node)
    {
        if (child->flags & (DATA_ALIASED | DATA_MERGED))
            continue;
        bool keyed = child->key_span.len > 0;
        size_t start = keyed ? child->key_span.offset : child->span.offset;
        size_t end = node_end(child) > start ? node_end(child) : start;
        bool item = !keyed && node->style == DATA_STYLE_BLOCK && from <= at && at < start && end > at;
        if (start == at || item) {
            *ret_block = between(at, end > limit ? limit : end);
            return true;
        }
        if (start <= at && at < end)
            return block_at(child, at, limit, ret_block);
        from = end;
    }
    return false;
}

/* True when byte AT is inside a scalar, so that a '#' there begins no comment. */
static bool in_scalar(const struct data_node *node, size_t at)
{
    if (node->flags & DATA_ALIASED)
        return false;
    bool inside = node->span.offset <= at && at < node_end(node);
    if (node->kind != DATA_ARRAY && node->kind != DATA_OBJECT)
        return inside;
    if (!inside)
        return false;
    DATA_EACH(child, node)
    if (in_scalar(child, at) || (child->key_span.offset <= at && at < child->key_span.offset + child->key_span.len))
        return true;
    return false;
}

struct yaml_text {
    const struct source *source;
    struct data_span span; /* the document */
    const struct data_node *root;
};

/* Only white space, comments, directives and the document's mark stand above AT. */
static bool above_content(const struct yaml_text *text, size_t at)
{
    struct str bytes = text->source->bytes;
    size_t from = text->span.offset;
    size_t line = line_start(bytes, at);
    while (from < line) {
        size_t end = line_end(bytes, from);
        struct str head = str_of(bytes.ptr + from, end - from);
        bool mark = str_starts(head, STR("---")) && str_trim(head).len == 3;
        if (!mark && head.len && head.ptr[0] != '%' && next_content(bytes, from, end) < end &&
            !str_starts(head, STR("\xEF\xBB\xBF#")))
            return false;
        from = end + 1;
    }
    return true;
}

static struct waiver yaml_model(const struct yaml_text *text, struct data_span comment)
{
    struct str bytes = text->source->bytes;
    size_t limit = text->span.offset + text->span.len;
    size_t start = line_start(bytes, comment.offset);
    struct str before = str_trim(str_of(bytes.ptr + start, comment.offset - start));
    if (before.len && !str_eq(before, STR("\xEF\xBB\xBF")))
        return (struct waiver){.covers = between(start, line_end(bytes, comment.offset))};
    if (above_content(text, comment.offset))
        return (struct waiver){.whole = true};
    size_t below = next_content(bytes, line_end(bytes, comment.offset) + 1, limit);
    struct data_span block;
    if (text->root && block_at(text->root, below, limit, &block))
        return (struct waiver){.covers = block};
    return (struct waiver){.covers = between(below, below < limit ? line_end(bytes, below) : below)};
}

static int comments_of_yaml(struct waiver_adding *adding, const struct yaml_text *text, struct err *err)
{
    struct str bytes = adding->source->bytes;
    size_t at = text->span.offset;
    size_t limit = at + text->span.len;
    int r = 0;
    while (r == 0 && at < limit) {
        const char *found = memmem(bytes.ptr + at, limit - at, MARK, strlen(MARK));
        if (!found)
            return 0;
        size_t mark = (size_t)(found - bytes.ptr);
        size_t hash = mark;
        while (hash > at && (bytes.ptr[hash - 1] == ' ' || bytes.ptr[hash - 1] == '\t'))
            hash--;
        at = mark + strlen(MARK);
        if (hash == 0 || bytes.ptr[hash - 1] != '#')
            continue;
        hash--;
        bool begins = hash == 0 || char_is_space(bytes.ptr[hash - 1]) || (hash == 3 && text->span.offset == 0);
        if (!begins || (text->root && in_scalar(text->root, hash)))
            continue;
        struct data_span comment = between(hash, line_end(bytes, hash));
        struct waiver model = yaml_model(text, comment);
        r = waiver_comment_read(adding, comment, &model, err);
    }
    return r;
}

/* --- annotations -------------------------------------------------------------------------------------------- */

static struct place value_place(const struct waiver_adding *adding, const struct data_node *node)
{
    struct data_span span = node->span.len ? node->span : node->key_span;
    return (struct place){adding->source, span};
}

/* ANNOTATIONS: a mapping of names to reasons, or (Compose labels) a list of "name=reason". */
static int annotations(struct waiver_adding *adding, const struct data_node *annotations_node,
                       const struct data_node *object, struct err *err)
{
    const struct waiver model = {.object = object};
    int r = 0;
    DATA_EACH(node, annotations_node)
    {
        struct str name = node->key.ptr ? node->key : node->value;
        if (r != 0 || !name.ptr || !str_starts(name, STR(ANNOTATION)))
            continue;
        struct str reason = node->key.ptr ? node->value : STR("");
        struct place at = {adding->source, node->key.ptr ? node->key_span : node->span};
        name = str_skip(name, strlen(ANNOTATION));
        size_t equals = node->key.ptr ? name.len : str_find_char(name, '=');
        if (equals < name.len) {
            reason = str_skip(name, equals + 1);
            name = str_head(name, equals);
        }
        r = waiver_add(adding, name, at, str_trim(reason), value_place(adding, node), &model, err);
    }
    return r;
}

static int object_annotations(struct waiver_adding *adding, const struct data_node *object, unsigned depth,
                              struct err *err)
{
    if (!object || object->kind != DATA_OBJECT || depth > 4)
        return 0;
    int r = 0;
    DATA_EACH(item, data_get(object, "items"))
    r = r == 0 ? object_annotations(adding, item, depth + 1, err) : r;
    const struct data_node *spec = data_get(object, "spec");
    const struct data_node *job = data_get(data_get(spec, "jobTemplate"), "spec");
    const struct data_node *holders[] = {object, data_get(spec, "template"), data_get(job, "template"),
                                         data_get(object, "template")};
    for (size_t i = 0; r == 0 && i < sizeof(holders) / sizeof(holders[0]); i++)
        r = annotations(adding, data_get(data_get(holders[i], "metadata"), "annotations"), object, err);
    return r;
}

int waivers_of_document(const struct source *source, struct data_span span, const struct data_node *root,
                        enum surface surface, struct arena *arena, struct waivers *waivers, struct findings *findings,
                        struct err *err)
{
    struct waiver_adding adding = {source, arena, waivers, findings};
    if (!memmem(source->bytes.ptr + span.offset, span.len, "barehull", strlen("barehull")))
        return 0;
    const struct yaml_text text = {source, span, root};
    int r = comments_of_yaml(&adding, &text, err);
    if (r == 0 && surface == SURFACE_KUBERNETES)
        r = object_annotations(&adding, root, 0, err);
    if (r == 0 && surface == SURFACE_COMPOSE)
        DATA_EACH(service, data_get(root, "services"))
    r = r == 0 ? annotations(&adding, data_get(service, "labels"), service, err) : r;
    return r;
}

/* --- matching ----------------------------------------------------------------------------------------------- */

static bool covers(const struct waiver *waiver, const struct finding *finding)
{
    if (!str_eq_z(waiver->rule, "*") && !str_eq_z(waiver->rule, finding->rule->id))
        return false;
    if (waiver->object)
        return waiver->object == finding->object;
    if (waiver->at.source != finding->at.source)
        return false;
    uint32_t offset = finding->at.span.offset;
    return waiver->whole || (offset >= waiver->covers.offset && offset - waiver->covers.offset < waiver->covers.len);
}

struct waiver *waivers_match(struct waivers *waivers, const struct finding *finding)
{
    struct waiver *match = NULL;
    for (size_t i = 0; i < waivers->count; i++)
        if (covers(&waivers->items[i], finding)) {
            waivers->items[i].used = true;
            match = match ? match : &waivers->items[i];
        }
    return match;
}
