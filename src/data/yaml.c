/* SPDX-License-Identifier: Apache-2.0 */
#include "data/internal.h"

#include <string.h>

struct yaml_reader {
    struct str source;
    struct yaml_options options;
    struct yaml_chunk next;
    struct yaml_document document;
};

/* UTF-16 and UTF-32 by their marks, or by the zero bytes of two ASCII characters. */
static int check_encoding(struct str bytes, struct err *err)
{
    static const struct str marks[] = {STR_INIT("\xFF\xFE"), STR_INIT("\xFE\xFF"), STR_INIT("\0\0\xFE\xFF")};
    bool wide = false;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        wide |= str_starts(bytes, marks[i]);
    if (bytes.len >= 4) {
        const char *b = bytes.ptr;
        wide |= b[0] && !b[1] && b[2] && !b[3];
        wide |= !b[0] && b[1] && !b[2] && b[3];
    }
    if (!wide)
        return 0;
    err_set(err, ERR_UNSUPPORTED, "the text is UTF-16 or UTF-32");
    return err_hint(err, "save the file as UTF-8");
}

int yaml_reader_new(struct str bytes, const struct yaml_options *options, struct yaml_reader **ret_reader,
                    struct err *err)
{
    if (bytes.len > LIMIT_YAML_STREAM_BYTES) {
        return err_set(err, ERR_LIMIT, "a YAML stream of %zu bytes is larger than the limit of %llu bytes", bytes.len,
                       LIMIT_YAML_STREAM_BYTES);
    }
    struct err local = ERR_INIT;
    int r = check_encoding(bytes, err ? err : &local);
    if (r != 0)
        return r;
    struct yaml_reader *reader = mem_calloc(1, sizeof(*reader));
    if (!reader)
        return err_nomem(err);
    reader->source = bytes.ptr ? bytes : STR("");
    if (options)
        reader->options = *options;
    reader->next = yaml_chunk_at(reader->source, 0, 1);
    *ret_reader = reader;
    return 0;
}

void yaml_reader_free(struct yaml_reader *reader)
{
    mem_free(reader);
}

void yaml_reader_cleanup(struct yaml_reader **reader)
{
    yaml_reader_free(*reader);
}

const struct yaml_document *yaml_document(const struct yaml_reader *reader)
{
    return &reader->document;
}

struct data_position yaml_position_of(struct str source, const struct yaml_document *document, size_t offset)
{
    size_t start = document->span.offset < offset ? document->span.offset : offset;
    struct data_position place = data_position_of(data_span_text(source, document->span), offset - start);
    place.line += document->line - 1;
    return place;
}

static int keep_duplicates(struct yaml_build *build, struct yaml_document *document)
{
    size_t count = build->duplicates.len;
    if (count == 0)
        return 0;
    struct yaml_duplicate *copy = ARENA_ARRAY(build->arena, count, struct yaml_duplicate);
    if (!copy)
        return err_nomem(build->err);
    memcpy(copy, build->duplicates.ptr, count * sizeof(*copy));
    document->duplicates = copy;
    document->duplicate_count = count;
    return 0;
}

static int read_chunk(struct yaml_reader *reader, const struct yaml_chunk *chunk, struct arena *arena,
                      const struct data_node **ret_root, struct err *err)
{
    struct yaml_build *build = mem_alloc(sizeof(*build));
    if (!build)
        return err_nomem(err);
    memset(build, 0, offsetof(struct yaml_build, levels));
    build->source = reader->source;
    build->chunk = *chunk;
    build->options = &reader->options;
    build->arena = arena;
    build->err = err;
    int r = yaml_build_tree(build);
    reader->document.failed_at = (uint32_t)build->failed_at;
    if (r == 0)
        r = keep_duplicates(build, &reader->document);
    if (r == 0)
        *ret_root = build->root;
    yaml_build_done(build);
    mem_free(build);
    return r;
}

int yaml_next_document(struct yaml_reader *reader, struct arena *arena, const struct data_node **ret_root,
                       bool *ret_more, struct err *err)
{
    struct yaml_chunk chunk = reader->next;
    *ret_more = false;
    reader->document = (struct yaml_document){.span = {(uint32_t)chunk.start, (uint32_t)(chunk.end - chunk.start)},
                                              .line = chunk.line};
    if (!chunk.document) {
        *ret_root = NULL;
        return 0;
    }
    reader->next = yaml_chunk_at(reader->source, chunk.end, chunk.line + chunk.lines);
    *ret_more = reader->next.document;
    struct err local = ERR_INIT;
    return read_chunk(reader, &chunk, arena, ret_root, err ? err : &local);
}

int yaml_parse(struct str bytes, const struct yaml_options *options, struct arena *arena,
               const struct data_node **ret_root, struct err *err)
{
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    int r = yaml_reader_new(bytes, options, &reader, err);
    if (r != 0)
        return r;
    const struct data_node *root = NULL;
    bool more = false;
    r = yaml_next_document(reader, arena, &root, &more, err);
    if (r != 0)
        return r;
    if (!root)
        err_set(err, ERR_INVALID, "the document is empty");
    else if (more)
        err_set(err, ERR_INVALID, "line %u: a second document starts here, where one is expected", reader->next.line);
    if (!root || more)
        return -ERR_INVALID;
    *ret_root = root;
    return 0;
}
