/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever text is written as a value, a key or a word of a list is read back as that text, by the rules of YAML 1.2,
 * Compose and Kubernetes alike, or refused. Texts are split at NUL; the first byte chooses the dollar signs.
 */
#include "data/yaml.h"
#include "init/yaml_writer.h"

#include <stdlib.h>

enum { TEXTS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void write(const struct str *texts, size_t count, struct yaml_writer *yaml)
{
    yaml_open(yaml, "values");
    for (size_t i = 0; i < count; i++) {
        yaml_item(yaml);
        yaml_str(yaml, "value", texts[i]);
        yaml_str_str(yaml, texts[i], STR("known"));
        yaml_remark(yaml, "why");
        yaml_close(yaml);
    }
    yaml_close(yaml);
    yaml_open(yaml, "entries");
    yaml_comment(yaml, "all");
    for (size_t i = 0; i < count; i++)
        yaml_entry(yaml, texts[i]);
    yaml_close(yaml);
    yaml_flow(yaml, "words", texts, count);
    yaml_flow_after(yaml, "test", "CMD", texts, count);
}

/* What Compose or Kubernetes make of TEXT, when none of the variables is there. */
static bool is_same(struct str text, struct str read, enum yaml_dialect dialect)
{
    size_t at = 0;
    for (size_t i = 0; i < read.len; i++, at++) {
        if (dialect != YAML_PLAIN && read.ptr[i] == '$' && i + 1 < read.len && read.ptr[i + 1] == '$')
            i++;
        else if (read.ptr[i] == '$' && dialect == YAML_DOUBLED)
            return false;
        else if (read.ptr[i] == '$' && dialect == YAML_EXPANDED && i + 1 < read.len && read.ptr[i + 1] == '(')
            return false;
        if (at == text.len || text.ptr[at] != read.ptr[i])
            return false;
    }
    return at == text.len;
}

static void require_text(const struct data_node *node, struct str text, enum yaml_dialect dialect)
{
    require(node && node->kind == DATA_STRING && is_same(text, node->value, dialect));
}

static void check(const struct data_node *root, const struct str *texts, size_t count, enum yaml_dialect dialect)
{
    require(root && root->kind == DATA_OBJECT && root->count == 4);
    const struct data_node *value = data_get(root, "values")->first, *entry = data_get(root, "entries")->first;
    const struct data_node *word = data_get(root, "words")->first, *test = data_get(root, "test")->first;
    require_text(test, STR("CMD"), YAML_PLAIN);
    test = test->next;
    for (size_t i = 0; i < count; i++) {
        require(value && value->kind == DATA_OBJECT && value->count == 2);
        require_text(value->first, texts[i], dialect);
        require(str_eq(value->first->next->key, texts[i]));
        require_text(entry, texts[i], dialect);
        require_text(word, texts[i], dialect);
        require_text(test, texts[i], dialect);
        value = value->next;
        entry = entry->next;
        word = word->next;
        test = test->next;
    }
    require(!value && !entry && !word && !test);
}

static void read(struct str bytes, enum yaml_schema schema, const struct str *texts, size_t count,
                 enum yaml_dialect dialect)
{
    struct arena arena = ARENA_INIT;
    struct yaml_options options = {.schema = schema, .keep_merge_keys = true};
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    const struct data_node *root = NULL;
    bool more = true;
    require(yaml_reader_new(bytes, &options, &reader, NULL) == 0);
    require(yaml_next_document(reader, &arena, &root, &more, NULL) == 0);
    check(root, texts, count, dialect);
    require(!more || (yaml_next_document(reader, &arena, &root, &more, NULL) == 0 && !root));
    arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str texts[TEXTS_MAX], rest = str_of((const char *)data, size);
    size_t count = 0;
    enum yaml_dialect dialect = size > 0 ? data[0] % 3 : YAML_PLAIN;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct yaml_writer yaml;
    while (count < TEXTS_MAX && str_next(&rest, '\0', &texts[count]))
        if (!str_eq(texts[count], STR("value"))) /* the other key of the item */
            count++;
    if (count == 0)
        return 0;
    yaml_begin(&yaml, &out, dialect);
    write(texts, count, &yaml);
    if (yaml_end(&yaml, NULL) != 0)
        return 0;
    static const enum yaml_schema schemas[] = {YAML_CORE, YAML_COMPOSE, YAML_KUBERNETES};
    for (size_t i = 0; i < ARRAY_LEN(schemas); i++)
        read(buf_str(&out), schemas[i], texts, count, dialect);
    return 0;
}
