/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No text of a description changes what the files are made of: with any texts that are taken, they have the mappings,
 * lists and kinds of values that they have with plain ones. Lines are the texts, in the order of `describe`.
 */
#include "data/yaml.h"
#include "init/files.h"

#include <stdlib.h>

enum { TEXTS = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct str plain[TEXTS] = {
    STR_INIT("shop"),    STR_INIT("registry.example/shop:1"),
    STR_INIT("MODE=a"),  STR_INIT("LOG=b"),
    STR_INIT("KEY=s:k"), STR_INIT("/var/cache/shop"),
    STR_INIT("/data"),   STR_INIT("/metrics"),
    STR_INIT("/health"), STR_INIT("--flag"),
    STR_INIT("/run"),    STR_INIT("front"),
};

static struct init_options describe(const struct str *texts)
{
    static const struct str targets[] = {STR_INIT("compose"), STR_INIT("kubernetes")};
    return (struct init_options){
        .targets = {targets, 2},
        .language = INIT_IMAGE,
        .version = STR("1"),
        .port = 8080,
        .port_variable = STR("PORT"),
        .name = texts[0],
        .image = texts[1],
        .env = {&texts[2], 2},
        .secrets = {&texts[4], 1},
        .writable = {&texts[5], 1},
        .volumes = {&texts[6], 1},
        .metrics = texts[7],
        .health = texts[8],
        .args = {&texts[9], 1},
        .entrypoint = {&texts[10], 1},
        .namespace_ = texts[11],
    };
}

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void add_shape(const struct data_node *node, struct buf *out)
{
    buf_addf(out, "%d", (int)node->kind);
    if (!node->first)
        return;
    buf_add_char(out, '(');
    DATA_EACH(child, node)
    add_shape(child, out);
    buf_add_char(out, ')');
}

static void add_file(const struct init_file *file, struct buf *out)
{
    struct arena arena = ARENA_INIT;
    bool manifest = str_starts(file->path, STR("k8s/"));
    struct yaml_options options = {.schema = manifest ? YAML_KUBERNETES : YAML_COMPOSE};
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    const struct data_node *root = NULL;
    bool more = true;
    require(yaml_reader_new(file->content, &options, &reader, NULL) == 0);
    require(yaml_next_document(reader, &arena, &root, &more, NULL) == 0 && root);
    buf_addf(out, "%.*s ", STR_ARG(file->path));
    add_shape(root, out);
    require(!more || (yaml_next_document(reader, &arena, &root, &more, NULL) == 0 && !root));
    arena_done(&arena);
}

/* False when the description is refused. */
static bool shape_of(const struct str *texts, struct buf *out)
{
    struct arena arena = ARENA_INIT;
    struct init_options options = describe(texts);
    struct init_files files;
    int r = init_write(&options, &arena, &files, NULL);
    for (size_t i = 0; r == 0 && i < files.len; i++)
        add_file(&files.ptr[i], out);
    arena_done(&arena);
    return r == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str texts[TEXTS], rest = str_of((const char *)data, size), line;
    CLEANUP_BUF struct buf shape = BUF_INIT, wanted = BUF_INIT;
    for (size_t i = 0; i < TEXTS; i++)
        texts[i] = str_next(&rest, '\n', &line) && line.len > 0 ? line : plain[i];
    /* /tmp is there anyhow: said once more it is no further directory, as any other is. */
    if (str_eq_z(str_head(texts[5], str_find_char(texts[5], ':')), "/tmp"))
        return 0;
    if (!shape_of(texts, &shape))
        return 0;
    /* A digest is written where a tag would be, and nothing else depends on the texts. */
    require(shape_of(plain, &wanted));
    require(str_eq(buf_str(&shape), buf_str(&wanted)));
    return 0;
}
