/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes are a barehull.yaml or an error that says where. What was read has an application and a place for every
 * image, in texts without a NUL, and is found by its name.
 */
#include "ops_local/build_file.h"
#include "pack/flavour.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void want(bool holds)
{
    if (!holds)
        abort();
}

static void check_list(struct str_list list, bool pairs)
{
    for (size_t i = 0; i < list.len; i++) {
        want(list.ptr[i].ptr && !str_has_char(list.ptr[i], '\0'));
        want(!pairs || (list.ptr[i].ptr[0] != '=' && str_has_char(list.ptr[i], '=')));
    }
}

static void check_image(const struct build_file *file, const struct build_file_image *image)
{
    const struct build_options *options = &image->options;
    want(options->apps.len > 0);
    for (size_t i = 0; i < options->apps.len; i++) {
        struct str app = options->apps.ptr[i];
        want(app.len > 0 && !str_has_char(app, '\0') && app.ptr[app.len] == '\0');
    }
    want(image->name.len == 0 || (options->name.len > 0 && options->outputs.len > 0));
    want(options->base <= 4 && options->compression <= COMPRESS_ZSTD && options->level >= 0 && options->level <= 19);
    want(options->port >= 0 && options->port <= 65535);
    check_list(options->env, true);
    check_list(options->labels, true);
    check_list(options->annotations, true);
    check_list(options->outputs, false);
    check_list(options->entrypoint, false);
    check_list(options->keyrings, false);
    for (size_t i = 0; i < OP_PARAMS_MAX; i++) {
        want(!image->given[i] || i < build_option_count());
        want(image->spans[i].offset <= file->bytes.len);
    }
    want(image->name.len == 0 || build_file_find(file, image->name, NULL) == image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct build_file file = {.count = 0};
    struct err err = ERR_INIT;
    int r = build_file_read(STR("b.yaml"), STR("d"), str_of((const char *)data, size), &arena, &file, &err);
    if (r != 0) {
        struct str message = str_z(err.message);
        want(r == -(int)ERR_USAGE && str_utf8_valid(message) == message.len && file.count == 0);
        want(str_starts(message, STR("b.yaml:")) || str_starts(message, STR("'b.yaml' is larger than ")));
        return 0;
    }
    want(file.count > 0);
    for (size_t i = 0; i < file.count; i++)
        check_image(&file, &file.images[i]);
    return 0;
}
