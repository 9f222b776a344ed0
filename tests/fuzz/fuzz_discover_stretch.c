/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream read in stretches gives the documents that it gives as a whole, at the same places: the first byte says how
 * small the stretches are, the second how the bytes come in.
 */
#include "base/alloc.h"
#include "data/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct place {
    size_t start, end;
    uint32_t line;
    int code;
};

struct places {
    struct place items[64];
    size_t count;
};

/* The documents of TEXT, which starts at byte OFFSET on LINE. */
static void read_documents(struct str text, size_t offset, uint32_t line, struct places *places)
{
    struct yaml_reader *reader = NULL;
    const struct yaml_options options = {.schema = YAML_KUBERNETES, .list_duplicates = true};
    if (yaml_reader_new(text, &options, &reader, NULL) != 0)
        return;
    for (bool more = true; more && places->count < 64;) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *root = NULL;
        int code = yaml_next_document(reader, &arena, &root, &more, NULL);
        if (code == 0 && !root)
            break;
        const struct yaml_document *document = yaml_document(reader);
        size_t end = document->span.offset + document->span.len;
        places->items[places->count++] =
            (struct place){root ? root->span.offset + offset : 0, end + offset, document->line + line - 1, code};
    }
    yaml_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 4000)
        return 0;
    /* What is UTF-16 for the parser is refused before it is cut. */
    struct str text = str_of((const char *)data + 2, size - 2);
    if (str_has_char(text, '\0') || str_starts(text, STR("\xFF\xFE")) || str_starts(text, STR("\xFE\xFF")))
        return 0;
    static struct places whole, parts;
    whole.count = parts.count = 0;
    read_documents(text, 0, 1, &whole);
    struct yaml_cutter cutter = {0};
    size_t start = 0, seen = 0;
    uint32_t line = 1;
    while (start < text.len) {
        size_t cut = 0;
        seen = seen + 1 + data[1] % 32 > text.len ? text.len : seen + 1 + data[1] % 32;
        struct str bytes = str_of(text.ptr + start, seen - start);
        if (!yaml_cut(&cutter, bytes, 1 + data[0] % 64, &cut)) {
            if (seen < text.len)
                continue;
            cut = bytes.len;
        }
        if (cut == 0 || cut > bytes.len)
            abort();
        read_documents(str_head(bytes, cut), start, line, &parts);
        for (size_t i = 0; i < cut; i++)
            line += bytes.ptr[i] == '\n';
        start += cut;
        cutter = (struct yaml_cutter){0};
        seen = start;
    }
    if (whole.count != parts.count)
        abort();
    for (size_t i = 0; i < whole.count; i++) {
        const struct place *a = &whole.items[i], *b = &parts.items[i];
        if (a->start != b->start || a->line != b->line || a->code != b->code)
            abort();
    }
    return 0;
}
