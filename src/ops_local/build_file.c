/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/build_file.h"

#include "base/limits.h"
#include "base/suggest.h"
#include "data/yaml.h"
#include "op/decode_json.h"

#include <stdio.h>
#include <string.h>

enum { PROBLEMS_TOLD = 4, NAME_MAX_BYTES = 64 };

struct reading {
    struct build_file *file;
    struct str directory;
    struct arena *arena;
    const struct op_param *params; /* of one image */
    struct buf problems;
    struct err first; /* while there is only one, with its own remedy */
    size_t problem_count;
    bool nomem;
};

/* --- what is wrong ----------------------------------------------------------------------------------------- */

int build_file_locate(const struct build_file *file, struct data_span span, struct err *err)
{
    struct data_position at = data_position_of(file->bytes, span.offset);
    return err_wrap(err, "%.*s:%u:%u", STR_ARG(file->path), at.line, at.column);
}

/* All problems are told at once, in the order of the file. */
static void add_problem(struct reading *reading, struct data_span span, struct err *problem)
{
    if (problem->code == ERR_NOMEM)
        reading->nomem = true;
    build_file_locate(reading->file, span, problem);
    if (reading->problem_count++ == 0)
        reading->first = *problem;
    if (reading->problem_count > PROBLEMS_TOLD)
        return;
    buf_addf(&reading->problems, "%s%s", reading->problems.len ? "; " : "", problem->message);
    if (problem->hint[0])
        buf_addf(&reading->problems, " (%s)", problem->hint);
}

static void complain(struct reading *reading, struct data_span span, const char *hint, const char *format, ...)
    PRINTF_LIKE(4, 5);
static void complain(struct reading *reading, struct data_span span, const char *hint, const char *format, ...)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct err problem = ERR_INIT;
    va_list args;
    va_start(args, format);
    buf_addv(&text, format, args);
    va_end(args);
    reading->nomem |= text.failed;
    err_set(&problem, ERR_USAGE, "%.*s", STR_ARG(buf_str(&text)));
    if (hint)
        err_hint(&problem, "%s", hint);
    add_problem(reading, span, &problem);
}

static int conclude(struct reading *reading, struct err *err)
{
    if (reading->nomem || reading->problems.failed)
        return err_nomem(err);
    if (reading->problem_count == 0)
        return 0;
    if (reading->problem_count == 1) {
        if (err)
            *err = reading->first;
        return -(int)reading->first.code;
    }
    if (reading->problem_count > PROBLEMS_TOLD)
        buf_addf(&reading->problems, "; and %zu more", reading->problem_count - PROBLEMS_TOLD);
    if (reading->problems.failed)
        return err_nomem(err);
    err_set(err, ERR_USAGE, "%.*s", STR_ARG(buf_str(&reading->problems)));
    return err_hint(err, "docs/build-file.md describes the file");
}

/* --- paths ------------------------------------------------------------------------------------------------- */

/* TEXT with the file's directory before what begins at AT, when that is a relative path. */
static struct str below_directory(struct reading *reading, struct str text, size_t at)
{
    struct str path = str_skip(text, at);
    if (reading->directory.len == 0 || path.len == 0 || path.ptr[0] == '/')
        return text;
    char *made = arena_printf(reading->arena, "%.*s%.*s/%.*s", STR_ARG(str_head(text, at)), STR_ARG(reading->directory),
                              STR_ARG(path));
    reading->nomem |= !made;
    return made ? str_z(made) : text;
}

/* Of "oci-archive:FILE"; "-" is standard output, and what has no kind is refused later. */
static struct str output_below(struct reading *reading, struct str text)
{
    size_t colon = str_find_char(text, ':');
    if (colon == text.len || str_eq(str_skip(text, colon + 1), STR("-")))
        return text;
    return below_directory(reading, text, colon + 1);
}

static struct str value_below(struct reading *reading, const struct op_param *param, struct str text)
{
    if (param->offset == offsetof(struct build_options, outputs))
        return output_below(reading, text);
    if (param->offset == offsetof(struct build_options, python))
        return str_has_char(text, '/') ? below_directory(reading, text, 0) : text;
    bool path = param->type == OP_PATH_IN || param->offset == offsetof(struct build_options, includes);
    return path ? below_directory(reading, text, 0) : text;
}

/* What PARAM of the file said, as the current directory sees it. */
static void rebase(struct reading *reading, const struct op_param *param, struct build_options *options)
{
    void *field = (char *)options + param->offset;
    if (param->flags & OP_REPEATED) {
        struct str_list *list = field;
        struct str *items = ARENA_ARRAY(reading->arena, list->len + 1, struct str);
        reading->nomem |= !items;
        for (size_t i = 0; items && i < list->len; i++)
            items[i] = value_below(reading, param, list->ptr[i]);
        if (items)
            list->ptr = items;
    } else if (param->type == OP_STRING || param->type == OP_PATH_IN) {
        struct str *text = field;
        *text = value_below(reading, param, *text);
    }
}

/* --- one image --------------------------------------------------------------------------------------------- */

struct str_list build_file_join(struct arena *arena, struct str_list under, struct str_list over)
{
    struct str *items = ARENA_ARRAY(arena, under.len + over.len + 1, struct str);
    if (!items)
        return (struct str_list){NULL, 0};
    if (under.len)
        memcpy(items, under.ptr, under.len * sizeof(*items));
    if (over.len)
        memcpy(items + under.len, over.ptr, over.len * sizeof(*items));
    return (struct str_list){items, under.len + over.len};
}

/* Where the top of a file is an image, its keys besides the options are looked at elsewhere. */
static bool is_extension(struct str key)
{
    return str_starts(key, STR("x-"));
}

static void read_member(struct reading *reading, struct op_decoder *decoder, const struct data_node *member,
                        struct build_file_image *image)
{
    struct err problem = ERR_INIT;
    if (op_decode_member(decoder, member, &problem)) {
        add_problem(reading, decoder->refused, &problem);
        return;
    }
    for (size_t i = 0; reading->params[i].name; i++) {
        char name[OP_NAME_MAX];
        op_param_json_name(&reading->params[i], name);
        if (!str_eq_z(member->key, name))
            continue;
        rebase(reading, &reading->params[i], &image->options);
        struct data_span use = data_use_span(member);
        image->spans[i] = use.len ? use : member->key_span;
    }
}

/* Takes the options of NODE, an object, over those that IMAGE has. INSIDE: what is before their names in messages. */
static void read_options(struct reading *reading, const struct data_node *node, const char *inside,
                         struct build_file_image *image)
{
    const struct build_options under = image->options;
    struct op_decoder decoder = op_decoder_init(reading->params, &image->options, reading->arena, OP_SURFACE_JSON);
    decoder.by_hand = true;
    decoder.list_max = LIMIT_BUILD_FILE_ITEMS;
    decoder.inside = inside;
    DATA_EACH(member, node)
    {
        if (node->parent || !is_extension(member->key))
            read_member(reading, &decoder, member, image);
    }
    for (size_t i = 0; reading->params[i].name; i++) {
        const struct op_param *param = &reading->params[i];
        struct str_list *field = (void *)((char *)&image->options + param->offset);
        if (decoder.given[i] && image->given[i] && param->flags & OP_PAIRS) {
            const struct str_list *before = (const void *)((const char *)&under + param->offset);
            *field = build_file_join(reading->arena, *before, *field);
            reading->nomem |= !field->ptr;
        }
        image->given[i] |= decoder.given[i];
    }
}

/* Where build would take the name of APP. */
static void name_after_key(struct reading *reading, struct build_file_image *image)
{
    struct build_options *options = &image->options;
    if (options->name.len == 0)
        options->name = image->name;
    if (options->outputs.len > 0)
        return;
    char *text = arena_printf(reading->arena, "oci:%.*s-image", STR_ARG(image->name));
    struct str *output = ARENA_NEW(reading->arena, struct str);
    if (!text || !output) {
        reading->nomem = true;
        return;
    }
    *output = output_below(reading, str_z(text));
    options->outputs = (struct str_list){output, 1};
}

/* [a-z0-9] with single separators: it becomes a part of a reference, and of a file's name. */
static bool is_image_name(struct str name)
{
    bool good = name.len > 0 && name.len <= NAME_MAX_BYTES, separator = true;
    for (size_t i = 0; good && i < name.len; i++) {
        char c = name.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || char_is_digit(c);
        good = word || (!separator && (c == '.' || c == '_' || c == '-'));
        separator = !word;
    }
    return good && !separator;
}

static void read_image(struct reading *reading, const struct data_node *node, const struct build_file_image *defaults,
                       struct build_file_image *image)
{
    *image = *defaults;
    image->name = node->key;
    image->span = node->key_span;
    if (!is_image_name(node->key)) {
        complain(reading, node->key_span, "take lower case letters and digits, with single '.', '_' or '-' in between",
                 "'%.*s' can't be the name of an image", STR_ARG(node->key));
        return;
    }
    if (node->kind != DATA_OBJECT) {
        complain(reading, node->key_span, NULL, "'images.%.*s' is %s, not an object", STR_ARG(node->key),
                 data_kind_name(node->kind));
        return;
    }
    char inside[NAME_MAX_BYTES + 16];
    (void)snprintf(inside, sizeof(inside), "images.%.*s.", STR_ARG(node->key));
    size_t before = reading->problem_count;
    read_options(reading, node, inside, image);
    if (image->options.apps.len == 0 && reading->problem_count == before)
        complain(reading, node->key_span, "say what it is made of: app: PATH", "'%sapp' is missing", inside);
    name_after_key(reading, image);
}

/* --- the file ---------------------------------------------------------------------------------------------- */

static bool is_option(const struct reading *reading, struct str key)
{
    for (const struct op_param *param = reading->params; param->name; param++) {
        char name[OP_NAME_MAX];
        op_param_json_name(param, name);
        if (str_eq_z(key, name))
            return true;
    }
    return false;
}

/* A key of the top that is neither an option of the one image nor one of the file's own. */
static void unknown_key(struct reading *reading, const struct data_node *member, bool options_too)
{
    if (str_eq(member->key, STR("version"))) {
        complain(reading, member->key_span, "the file has no version: leave the line out", "unknown key 'version'");
        return;
    }
    char names[OP_PARAMS_MAX][OP_NAME_MAX];
    struct suggest suggest = suggest_begin(member->key);
    suggest_offer(&suggest, STR("images"));
    suggest_offer(&suggest, STR("defaults"));
    for (size_t i = 0; options_too && reading->params[i].name; i++) {
        op_param_json_name(&reading->params[i], names[i]);
        suggest_offer(&suggest, str_z(names[i]));
    }
    char hint[OP_NAME_MAX + 32];
    (void)snprintf(hint, sizeof(hint), "did you mean '%.*s'?", STR_ARG(suggest.best));
    complain(reading, member->key_span, suggest.best.len ? hint : NULL, "unknown key '%.*s'", STR_ARG(member->key));
}

static void read_images(struct reading *reading, const struct data_node *root, struct build_file_image *defaults)
{
    const struct data_node *images = data_get(root, "images"), *shared = data_get(root, "defaults");
    DATA_EACH(member, root)
    {
        if (member == images || member == shared || is_extension(member->key))
            continue;
        if (is_option(reading, member->key))
            complain(reading, member->key_span, "write it below 'defaults', or below the image that it is for",
                     "'%.*s' stands beside 'images'", STR_ARG(member->key));
        else
            unknown_key(reading, member, false);
    }
    if (shared && shared->kind == DATA_OBJECT)
        read_options(reading, shared, "defaults.", defaults);
    else if (shared)
        complain(reading, shared->key_span, NULL, "'defaults' is %s, not an object", data_kind_name(shared->kind));
    if (images->kind != DATA_OBJECT || images->count == 0) {
        complain(reading, images->key_span, "each image has a name: 'images: {web: {app: ./web}}'", "'images' is %s",
                 images->kind == DATA_OBJECT ? "empty" : data_kind_name(images->kind));
        return;
    }
    if (images->count > LIMIT_BUILD_FILE_IMAGES) {
        complain(reading, images->key_span, NULL, "'images' has more than %d images", LIMIT_BUILD_FILE_IMAGES);
        return;
    }
    struct build_file_image *items = ARENA_ARRAY(reading->arena, images->count, struct build_file_image);
    if (!items) {
        reading->nomem = true;
        return;
    }
    reading->file->images = items;
    DATA_EACH(member, images)
    {
        read_image(reading, member, defaults, &items[reading->file->count++]);
    }
}

/* The options of one image, at the top. */
static void read_single(struct reading *reading, const struct data_node *root, struct build_file_image *image)
{
    bool known = true;
    DATA_EACH(member, root)
    {
        if (is_extension(member->key) || is_option(reading, member->key))
            continue;
        known = false;
        if (str_eq(member->key, STR("defaults")))
            complain(reading, member->key_span, "without 'images' the options stand at the top",
                     "'defaults' has no 'images' beside it");
        else
            unknown_key(reading, member, true);
    }
    if (!known)
        return;
    image->span = (struct data_span){root->span.offset, 0};
    read_options(reading, root, NULL, image);
    if (image->options.apps.len == 0 && reading->problem_count == 0)
        complain(reading, image->span, "say what the image is made of: app: PATH", "'app' is missing");
    reading->file->images = image;
    reading->file->count = 1;
}

static void read_root(struct reading *reading, const struct data_node *root, struct build_file_image *defaults)
{
    const struct data_span start = {0, 0};
    if (data_absent(root))
        complain(reading, start, "say what is built: 'app: PATH', or 'images: {NAME: {app: PATH}}'",
                 "the file declares no image");
    else if (root->kind != DATA_OBJECT)
        complain(reading, root->span, NULL, "the document is %s, not an object", data_kind_name(root->kind));
    else if (data_get(root, "images"))
        read_images(reading, root, defaults);
    else
        read_single(reading, root, defaults);
}

/* The table's entries that are about one image, and what they are when nobody says them. */
static int prepare(struct reading *reading, struct build_file_image *defaults, struct err *err)
{
    size_t count = build_option_count();
    struct op_param *params = ARENA_ARRAY(reading->arena, count + 1, struct op_param);
    if (!params)
        return err_nomem(err);
    memcpy(params, build_params, count * sizeof(*params));
    params[count] = (struct op_param){.name = NULL};
    reading->params = params;
    struct op_decoder decoder = op_decoder_init(params, &defaults->options, reading->arena, OP_SURFACE_JSON);
    return op_decode_finish(&decoder, NULL, err);
}

/* The reader's "line 3, column 5: ..." in this file's way. */
static void add_yaml_problem(struct reading *reading, const struct yaml_reader *reader, struct err *problem)
{
    struct str text = str_z(problem->message);
    struct data_span span = {reader ? yaml_document(reader)->failed_at : 0, 0};
    size_t colon = str_starts(text, STR("line ")) ? str_find_char(text, ':') : text.len;
    struct err own = *problem;
    err_set(&own, problem->code == ERR_NOMEM ? ERR_NOMEM : ERR_USAGE, "%.*s",
            STR_ARG(colon < text.len ? str_skip(text, colon + 2) : text));
    if (problem->hint[0])
        err_hint(&own, "%s", problem->hint);
    add_problem(reading, span, &own);
}

static void read_bytes(struct reading *reading, struct build_file_image *defaults)
{
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    const struct data_node *root = NULL;
    struct err problem = ERR_INIT;
    bool more = false;
    int r = yaml_reader_new(reading->file->bytes, NULL, &reader, &problem);
    if (r == 0)
        r = yaml_next_document(reader, reading->arena, &root, &more, &problem);
    if (r != 0) {
        add_yaml_problem(reading, reader, &problem);
        return;
    }
    read_root(reading, root, defaults);
    const struct data_node *second = NULL;
    if (more && (yaml_next_document(reader, reading->arena, &second, &more, &problem) != 0 || second))
        complain(reading, (struct data_span){yaml_document(reader)->span.offset, 0}, "write all images into one",
                 "a second document is not read");
}

int build_file_read(struct str path, struct str directory, struct str bytes, struct arena *arena,
                    struct build_file *ret_file, struct err *err)
{
    struct build_file file = {.path = path, .bytes = bytes};
    struct build_file_image *defaults = ARENA_NEW(arena, struct build_file_image);
    struct reading reading = {.file = &file, .directory = directory, .arena = arena, .problems = BUF_INIT};
    if (!defaults)
        return err_nomem(err);
    if (bytes.len > LIMIT_BUILD_FILE_BYTES)
        return err_set(err, ERR_USAGE, "'%.*s' is larger than %d bytes", STR_ARG(path), LIMIT_BUILD_FILE_BYTES);
    int r = prepare(&reading, defaults, err);
    if (r == 0) {
        read_bytes(&reading, defaults);
        r = conclude(&reading, err);
    }
    buf_done(&reading.problems);
    if (r == 0)
        *ret_file = file;
    return r;
}

const struct build_file_image *build_file_find(const struct build_file *file, struct str name, struct err *err)
{
    struct suggest suggest = suggest_begin(name);
    for (size_t i = 0; i < file->count; i++) {
        if (file->images[i].name.len && str_eq(file->images[i].name, name))
            return &file->images[i];
        suggest_offer(&suggest, file->images[i].name);
    }
    err_set(err, ERR_USAGE, "'%.*s' declares no image '%.*s'", STR_ARG(file->path), STR_ARG(name));
    if (suggest.best.len)
        err_hint(err, "did you mean '%.*s'?", STR_ARG(suggest.best));
    else if (file->images[0].name.len == 0)
        err_hint(err, "it is about one image, which has no name");
    return NULL;
}
