/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/output.h"

#include "base/clock.h"
#include "oci/media_type.h"
#include "oci/reference.h"

#define ANNOTATION_CREATED "org.opencontainers.image.created"
#define ANNOTATION_TITLE   "org.opencontainers.image.title"

/*
 * The debug variant's name: "debug" for "latest", else "TAG-debug", as distroless has it. It never takes the place of
 * the image itself, neither in an engine nor in a layout.
 */
static int debug_tag(struct arena *arena, struct str *tag, struct err *err)
{
    size_t colon = str_rfind_char(*tag, ':'); /* names within a layout may have one */
    struct str front = colon < tag->len ? str_head(*tag, colon + 1) : STR_NONE;
    struct str own = str_skip(*tag, front.len);
    if (str_eq(own, STR("debug")) || str_ends(own, STR("-debug")))
        return 0;
    bool latest = str_eq(own, STR("latest"));
    char *text =
        arena_printf(arena, "%.*s%.*s%sdebug", STR_ARG(front), STR_ARG(latest ? STR_NONE : own), latest ? "" : "-");
    if (!text)
        return err_nomem(err);
    *tag = str_z(text);
    return 0;
}

/* NAME:TAG of the image, and its TAG alone. */
static int parse_name(struct arena *arena, const struct build_options *options, struct str *ret_reference,
                      struct str *ret_tag, struct err *err)
{
    struct str text = options->name.len ? options->name : settings_default_name(arena, options->app);
    struct oci_reference reference;
    int r = oci_reference_parse(text, &reference, err);
    if (r == 0 && reference.has_digest)
        r = err_set(err, ERR_USAGE, "the name '%.*s' has a digest, which a new image can't", STR_ARG(text));
    if (r < 0) {
        if (err)
            err->code = err->code == ERR_INVALID ? ERR_USAGE : err->code;
        return err_hint(err, "give --tag NAME[:TAG] in lower case, for instance server:1.0");
    }
    if (reference.tag.len == 0)
        reference.tag = STR("latest");
    if (options->debug)
        r = debug_tag(arena, &reference.tag, err);
    if (r < 0)
        return r;
    if (!oci_tag_valid(reference.tag))
        return err_set(err, ERR_USAGE, "the tag '%.*s' of the debug variant is too long", STR_ARG(reference.tag));
    struct buf full CLEANUP_BUF = BUF_INIT;
    oci_reference_text(&full, &reference);
    *ret_reference = arena_buf(arena, &full);
    *ret_tag = arena_str(arena, reference.tag);
    return full.failed || !ret_reference->ptr || !ret_tag->ptr ? err_nomem(err) : 0;
}

/*
 * A layout names its images by tag, as umoci and skopeo write it; an archive carries the full name, so that engines
 * that load it know what to call it.
 */
static int name_output(struct arena *arena, const struct build_options *options, struct str reference, struct str tag,
                       struct oci_image_output *output, struct err *err)
{
    if (output->name.ref.len)
        return options->debug ? debug_tag(arena, &output->name.ref, err) : 0;
    if (output->name.transport == OCI_TRANSPORT_LAYOUT) {
        output->name.ref = tag;
        return 0;
    }
    struct str *tags = ARENA_ARRAY(arena, 1, struct str);
    if (!tags)
        return err_nomem(err);
    tags[0] = reference;
    output->tags = (struct data_strs){tags, 1};
    return 0;
}

static int parse_output(struct arena *arena, struct str text, int stdout_fd, struct oci_image_output *output,
                        struct err *err)
{
    int r = oci_image_name_parse(text, arena, &output->name, err);
    if (r < 0)
        return r;
    output->stdout_fd = stdout_fd;
    if (output->name.transport == OCI_TRANSPORT_ANY) {
        err_set(err, ERR_USAGE, "the output '%.*s' does not say what to write", STR_ARG(text));
        return err_hint(err, "give oci:DIR, oci-archive:FILE or docker-archive:FILE");
    }
    return 0;
}

/* Two outputs in one place would leave one of them, or a mixture; a layout takes several names. */
static int check_distinct(const struct outputs *outputs, struct err *err)
{
    for (size_t i = 0; i < outputs->count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct oci_image_name *a = &outputs->items[i].name;
            const struct oci_image_name *b = &outputs->items[j].name;
            bool layouts = a->transport == OCI_TRANSPORT_LAYOUT && b->transport == OCI_TRANSPORT_LAYOUT;
            if (!str_eq(str_z(a->path), str_z(b->path)) || (layouts && !str_eq(a->ref, b->ref)))
                continue;
            err_set(err, ERR_USAGE, "two outputs go to '%s'", a->path);
            return err_hint(err, "give each --output a place of its own");
        }
    return 0;
}

int outputs_parse(struct arena *arena, const struct build_options *options, int stdout_fd, struct outputs *ret_outputs,
                  struct err *err)
{
    struct outputs outputs = {0};
    struct str tag;
    int r = parse_name(arena, options, &outputs.reference, &tag, err);
    if (r < 0)
        return r;
    size_t given = options->outputs.len;
    outputs.count = given ? given : 1;
    outputs.items = ARENA_ARRAY(arena, outputs.count, struct oci_image_output);
    char *fallback = arena_printf(arena, "oci:./%.*s-image", STR_ARG(settings_default_name(arena, options->app)));
    if (!outputs.items || !fallback)
        return err_nomem(err);
    for (size_t i = 0; r == 0 && i < outputs.count; i++) {
        r = parse_output(arena, given ? options->outputs.ptr[i] : str_z(fallback), stdout_fd, &outputs.items[i], err);
        if (r == 0)
            r = name_output(arena, options, outputs.reference, tag, &outputs.items[i], err);
    }
    if (r == 0)
        r = check_distinct(&outputs, err);
    if (r == 0)
        *ret_outputs = outputs;
    return r;
}

int outputs_check_several(const struct outputs *outputs, const struct build_options *options, size_t count,
                          struct err *err)
{
    if (options->architecture.len > 0) {
        err_set(err, ERR_USAGE, "the architecture '%.*s' is given for %zu programs", STR_ARG(options->architecture),
                count);
        return err_hint(err, "leave it out: each program tells its machine");
    }
    for (size_t i = 0; i < outputs->count; i++) {
        if (outputs->items[i].name.transport != OCI_TRANSPORT_DOCKER_ARCHIVE)
            continue;
        err_set(err, ERR_USAGE, "the output 'docker-archive:%s' holds one machine, and there are %zu programs",
                outputs->items[i].name.path, count);
        return err_hint(err, "write oci:DIR or oci-archive:FILE, or build each program alone");
    }
    return 0;
}

static struct str created_text(struct arena *arena, int64_t seconds)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    clock_format_rfc3339(&text, seconds);
    return text.failed ? STR_NONE : arena_buf(arena, &text);
}

static int make_config(struct arena *arena, const struct output_image *image, struct oci_config *config,
                       struct err *err)
{
    const struct elf_machine_info *machine = elf_machine_info(image->machine);
    const struct image_settings *settings = image->settings;
    struct str created = created_text(arena, image->created_s);
    struct oci_history *history = ARENA_ARRAY(arena, image->layer_count + 1, struct oci_history);
    if (!created.ptr || !history)
        return err_nomem(err);
    for (size_t i = 0; i < image->layer_count; i++) {
        char *made = arena_printf(arena, "barehull build: %.*s (Debian %.*s, %.*s)", STR_ARG(image->roles[i]),
                                  STR_ARG(image->suite), STR_ARG(image->flavour));
        if (!made)
            return err_nomem(err);
        history[i] = (struct oci_history){.created = created, .created_by = str_z(made)};
    }
    *config = (struct oci_config){
        .platform = {.os = STR("linux"), .architecture = machine->oci_arch, .variant = machine->oci_variant},
        .created = created,
        .user = settings->user_text,
        .exposed_ports = settings->exposed,
        .env = settings->env,
        .entrypoint = settings->entrypoint,
        .cmd = settings->cmd,
        .working_dir = settings->workdir,
        .labels = settings->labels,
        .stop_signal = settings->stop_signal,
        .healthcheck = settings->health,
        .history = history,
        .history_count = image->layer_count,
    };
    return 0;
}

/* The caller's annotations and ours, sorted; the caller's win. */
static int make_annotations(struct arena *arena, const struct outputs *outputs, const struct output_image *image,
                            struct str created, struct data_pairs *ret_pairs, struct err *err)
{
    const struct data_pairs *given = &image->settings->annotations;
    struct data_pair *pairs = ARENA_ARRAY(arena, given->count + 2, struct data_pair);
    if (!pairs)
        return err_nomem(err);
    struct oci_reference reference;
    int r = oci_reference_parse(outputs->reference, &reference, err);
    if (r < 0)
        return r;
    const struct data_pair ours[] = {{STR(ANNOTATION_CREATED), created}, {STR(ANNOTATION_TITLE), reference.repository}};
    size_t count = 0, next = 0;
    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        while (next < given->count && str_cmp(given->items[next].key, ours[i].key) < 0)
            pairs[count++] = given->items[next++];
        bool overridden = next < given->count && str_eq(given->items[next].key, ours[i].key);
        if (!overridden)
            pairs[count++] = ours[i];
    }
    while (next < given->count)
        pairs[count++] = given->items[next++];
    *ret_pairs = (struct data_pairs){pairs, count};
    return 0;
}

static int fill_layers(struct arena *arena, const struct output_image *image, struct oci_layer_input *inputs,
                       struct build_result *result, struct err *err)
{
    struct build_layer *layers = ARENA_ARRAY(arena, image->layer_count + 1, struct build_layer);
    if (!layers)
        return err_nomem(err);
    for (size_t i = 0; i < image->layer_count; i++) {
        const struct layer *layer = image->layers[i];
        inputs[i] = (struct oci_layer_input){
            .descriptor = {.media_type = oci_media_type_text(OCI_FAMILY_OCI, OCI_KIND_LAYER, layer->compression),
                           .digest = layer->digest,
                           .size_bytes = layer->blob.len},
            .diff_id = layer->diff_id,
            .tar_bytes = layer->tar_bytes,
            .bytes = layer->blob,
            .is_checked = true /* layer_make and layer_load digested it */};
        char digest[DIGEST_TEXT_MAX], diff_id[DIGEST_TEXT_MAX];
        layers[i] = (struct build_layer){.role = image->roles[i],
                                         .digest = arena_str(arena, str_z(digest_text(&layer->digest, digest))),
                                         .diff_id = arena_str(arena, str_z(digest_text(&layer->diff_id, diff_id))),
                                         .size_bytes = layer->blob.len,
                                         .unpacked_bytes = layer->unpacked_bytes,
                                         .files = layer->files,
                                         .cached = layer->cached};
        if (!layers[i].digest.ptr || !layers[i].diff_id.ptr)
            return err_nomem(err);
        result->size_bytes += layer->blob.len;
        result->unpacked_bytes += layer->unpacked_bytes;
    }
    result->layers.ptr = layers;
    result->layers.len = image->layer_count;
    return 0;
}

/* What all outputs are written from. */
struct written_images {
    struct oci_image_input *inputs;
    struct oci_image_written *written; /* by one output */
    size_t count;
};

static int make_input(const struct op_ctx *ctx, const struct outputs *outputs, const struct output_image *image,
                      struct oci_image_input *input, struct build_result *result, struct err *err)
{
    struct oci_layer_input *layers = ARENA_ARRAY(ctx->arena, image->layer_count + 1, struct oci_layer_input);
    if (!layers)
        return err_nomem(err);
    *input = (struct oci_image_input){.layers = layers, .layer_count = image->layer_count};
    int r = fill_layers(ctx->arena, image, layers, result, err);
    if (r == 0)
        r = make_config(ctx->arena, image, &input->config, err);
    if (r == 0)
        r = make_annotations(ctx->arena, outputs, image, input->config.created, &input->annotations, err);
    result->reference = outputs->reference;
    return r;
}

/* Annotations are those of the options, for all machines alike: the index has them, too. */
static int write_one(const struct op_ctx *ctx, const struct written_images *images,
                     const struct oci_image_output *output, struct str reference, struct build_output *told,
                     struct oci_descriptor *ret_index, struct err *err)
{
    int r = images->count == 1 ? oci_image_write(images->inputs, output, ctx, images->written, err)
                               : oci_images_write(images->inputs, images->count, &images->inputs[0].annotations, output,
                                                  ctx, images->written, ret_index, err);
    if (r == -(int)ERR_NO_SPACE)
        (void)err_hint(err, "free some space there, or name another place with --output");
    if (r < 0)
        return r;
    const char *kind = oci_transport_name(output->name.transport);
    struct str name = output->name.ref.len ? output->name.ref : reference;
    char *text = arena_printf(ctx->arena, "%s:%s:%.*s", kind, output->name.path, STR_ARG(name));
    *told = (struct build_output){str_z(kind), str_z(output->name.path), str_z(text)};
    return text ? 0 : err_nomem(err);
}

static struct str digest_str(struct arena *arena, const struct digest *digest)
{
    char text[DIGEST_TEXT_MAX];
    return arena_str(arena, str_z(digest_text(digest, text)));
}

static int tell_digests(struct arena *arena, const struct oci_image_written *written, struct build_result *result,
                        struct err *err)
{
    result->digest = digest_str(arena, &written->manifest.digest);
    result->config_digest = digest_str(arena, &written->config_digest);
    return result->digest.ptr && result->config_digest.ptr ? 0 : err_nomem(err);
}

static int tell_index(struct arena *arena, const struct oci_descriptor *descriptor, const struct written_images *images,
                      struct build_result *const *results, struct build_index *index, struct err *err)
{
    struct build_machine *machines = ARENA_ARRAY(arena, images->count, struct build_machine);
    index->digest = digest_str(arena, &descriptor->digest);
    if (!machines || !index->digest.ptr)
        return err_nomem(err);
    for (size_t i = 0; i < images->count; i++) {
        struct buf platform CLEANUP_BUF = BUF_INIT;
        oci_platform_text(&platform, &images->inputs[i].config.platform);
        machines[i] = (struct build_machine){.platform = arena_buf(arena, &platform), .digest = results[i]->digest};
        if (platform.failed || !machines[i].platform.ptr)
            return err_nomem(err);
        results[i]->index = index->digest;
    }
    index->machines.ptr = machines;
    index->machines.len = images->count;
    return 0;
}

/* What stands for all outputs: docker archives may hold layers packed otherwise, and so another manifest. */
static bool stands_for_all(const struct outputs *outputs, size_t at)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].name.transport != OCI_TRANSPORT_DOCKER_ARCHIVE)
            return i == at;
    return at == 0;
}

int outputs_write(const struct op_ctx *ctx, const struct outputs *outputs, const struct output_image *images,
                  size_t count, struct build_result *const *results, struct build_index *ret_index, struct err *err)
{
    struct arena *arena = ctx->arena;
    struct written_images all = {.inputs = ARENA_ARRAY(arena, count, struct oci_image_input),
                                 .written = ARENA_ARRAY(arena, count, struct oci_image_written),
                                 .count = count};
    struct build_output *told = ARENA_ARRAY(arena, outputs->count + 1, struct build_output);
    struct oci_descriptor index = {0};
    if (!all.inputs || !all.written || !told)
        return err_nomem(err);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_input(ctx, outputs, &images[i], &all.inputs[i], results[i], err);
    for (size_t at = 0; r == 0 && at < outputs->count; at++) {
        r = write_one(ctx, &all, &outputs->items[at], outputs->reference, &told[at], &index, err);
        for (size_t i = 0; r == 0 && i < count && stands_for_all(outputs, at); i++)
            r = tell_digests(arena, &all.written[i], results[i], err);
    }
    if (r == 0 && count > 1)
        r = tell_index(arena, &index, &all, results, ret_index, err);
    if (r != 0)
        return r;
    if (count == 1) {
        results[0]->outputs.ptr = told;
        results[0]->outputs.len = outputs->count;
        return 0;
    }
    ret_index->reference = outputs->reference;
    ret_index->outputs.ptr = told;
    ret_index->outputs.len = outputs->count;
    return 0;
}
