/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/build_result.h"

#include "op/text.h"
#include "ops_local/build_python.h"

#include <inttypes.h>

#define LABEL_WIDTH 11

static const struct op_field layer_fields[] = {
    {.name = "role",
     .type = OP_F_STR,
     .summary = "common, certificates, runtime, libraries, debug, dependencies or app",
     OP_AT(struct build_layer, role)},
    {.name = "digest", .type = OP_F_STR, .summary = "of the compressed layer", OP_AT(struct build_layer, digest)},
    {.name = "diff_id", .type = OP_F_STR, .summary = "of the uncompressed layer", OP_AT(struct build_layer, diff_id)},
    {.name = "size_bytes", .type = OP_F_U64, .summary = "compressed", OP_AT(struct build_layer, size_bytes)},
    {.name = "unpacked_bytes",
     .type = OP_F_U64,
     .summary = "sum of its files",
     OP_AT(struct build_layer, unpacked_bytes)},
    {.name = "files", .type = OP_F_U64, .summary = "entries", OP_AT(struct build_layer, files)},
    {.name = "cached", .type = OP_F_BOOL, .summary = "came from the cache", OP_AT(struct build_layer, cached)},
    {.name = NULL},
};
static const struct op_record layer_record = {"layer", layer_fields, sizeof(struct build_layer)};

static const struct op_field package_fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "Debian package", OP_AT(struct build_package, name)},
    {.name = "version", .type = OP_F_STR, .summary = "Debian version", OP_AT(struct build_package, version)},
    {.name = "architecture",
     .type = OP_F_STR,
     .summary = "Debian architecture, or all",
     OP_AT(struct build_package, architecture)},
    {.name = "whole",
     .type = OP_F_BOOL,
     .summary = "ships whole; else only the files that are needed",
     OP_AT(struct build_package, whole)},
    {.name = "files", .type = OP_F_U64, .summary = "files that ship", OP_AT(struct build_package, files)},
    {.name = "unpacked_bytes",
     .type = OP_F_U64,
     .summary = "sum of the files that ship",
     OP_AT(struct build_package, unpacked_bytes)},
    {.name = NULL},
};
static const struct op_record package_record = {"package", package_fields, sizeof(struct build_package)};

static const struct op_field library_fields[] = {
    {.name = "soname", .type = OP_F_STR, .summary = "name that programs ask for", OP_AT(struct build_library, soname)},
    {.name = "path", .type = OP_F_STR, .summary = "place in the image", OP_AT(struct build_library, path)},
    {.name = "package",
     .type = OP_F_STR,
     .summary = "Debian package; empty for the application's own",
     OP_AT(struct build_library, package)},
    {.name = NULL},
};
static const struct op_record library_record = {"library", library_fields, sizeof(struct build_library)};

static const struct op_field dropped_fields[] = {
    {.name = "what", .type = OP_F_STR, .summary = "package or kind of file", OP_AT(struct build_dropped, what)},
    {.name = "reason", .type = OP_F_STR, .summary = "why it is left out", OP_AT(struct build_dropped, reason)},
    {.name = "unpacked_bytes",
     .type = OP_F_U64,
     .summary = "what leaving it out saves",
     OP_AT(struct build_dropped, unpacked_bytes)},
    {.name = NULL},
};
static const struct op_record dropped_record = {"dropped", dropped_fields, sizeof(struct build_dropped)};

static const struct op_field output_fields[] = {
    {.name = "kind",
     .type = OP_F_STR,
     .summary = "oci, oci-archive or docker-archive",
     OP_AT(struct build_output, kind)},
    {.name = "path", .type = OP_F_STR, .summary = "where it was written", OP_AT(struct build_output, path)},
    {.name = "reference",
     .type = OP_F_STR,
     .summary = "how other tools name it",
     OP_AT(struct build_output, reference)},
    {.name = NULL},
};
static const struct op_record output_record = {"output", output_fields, sizeof(struct build_output)};

static const struct op_field phase_fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "what was done", OP_AT(struct build_phase, name)},
    {.name = "duration_us", .type = OP_F_U64, .summary = "microseconds", OP_AT(struct build_phase, duration_us)},
    {.name = NULL},
};
static const struct op_record phase_record = {"phase", phase_fields, sizeof(struct build_phase)};

static const struct op_field image_fields[] = {
    {.name = "name",
     .type = OP_F_STR,
     .optional = true,
     .summary = "what barehull.yaml calls it",
     OP_AT(struct built_image, name)},
    {.name = "reference", .type = OP_F_STR, .summary = "NAME:TAG", OP_AT(struct build_result, reference)},
    {.name = "digest", .type = OP_F_STR, .summary = "of the image's manifest", OP_AT(struct build_result, digest)},
    {.name = "index_digest",
     .type = OP_F_STR,
     .optional = true,
     .summary = "of the index that it is in; absent: it stands alone",
     OP_AT(struct build_result, index)},
    {.name = "config_digest",
     .type = OP_F_STR,
     .summary = "of the image's config (the image id)",
     OP_AT(struct build_result, config_digest)},
    {.name = "program", .type = OP_F_STR, .summary = "what the program is", OP_AT(struct build_result, program)},
    {.name = "python",
     .type = OP_F_POINTER,
     .optional = true,
     .summary = "what was found out of a Python application",
     .record = &build_python_record,
     OP_AT(struct build_result, python)},
    {.name = "debug",
     .type = OP_F_BOOL,
     .summary = "the debug variant: busybox is at /busybox",
     OP_AT(struct build_result, debug)},
    {.name = "base", .type = OP_F_STR, .summary = "what the image stands on", OP_AT(struct build_result, flavour)},
    {.name = "suite", .type = OP_F_STR, .summary = "Debian release", OP_AT(struct build_result, suite)},
    {.name = "architecture",
     .type = OP_F_STR,
     .summary = "Debian architecture",
     OP_AT(struct build_result, architecture)},
    {.name = "entrypoint", .type = OP_F_STRS, .summary = "exec form", OP_AT(struct build_result, entrypoint)},
    {.name = "user", .type = OP_F_STR, .summary = "UID:GID", OP_AT(struct build_result, user)},
    {.name = "size_bytes", .type = OP_F_U64, .summary = "compressed layers", OP_AT(struct build_result, size_bytes)},
    {.name = "unpacked_bytes",
     .type = OP_F_U64,
     .summary = "sum of all files",
     OP_AT(struct build_result, unpacked_bytes)},
    {.name = "layers",
     .type = OP_F_OBJECTS,
     .summary = "bottom up",
     .record = &layer_record,
     OP_AT(struct build_result, layers)},
    {.name = "packages",
     .type = OP_F_OBJECTS,
     .summary = "Debian packages that files of the image come from",
     .record = &package_record,
     OP_AT(struct build_result, packages)},
    {.name = "libraries",
     .type = OP_F_OBJECTS,
     .summary = "shared libraries, in the order that they load",
     .record = &library_record,
     OP_AT(struct build_result, libraries)},
    {.name = "dropped",
     .type = OP_F_OBJECTS,
     .summary = "what packages and the application hold and the image does not",
     .record = &dropped_record,
     OP_AT(struct build_result, dropped)},
    {.name = "outputs",
     .type = OP_F_OBJECTS,
     .summary = "what was written; none for an image of an index",
     .record = &output_record,
     OP_AT(struct build_result, outputs)},
    {.name = "phases",
     .type = OP_F_OBJECTS,
     .summary = "where the time went",
     .record = &phase_record,
     OP_AT(struct build_result, phases)},
    {.name = NULL},
};
static const struct op_record image_record = {"image", image_fields, sizeof(struct built_image)};

static const struct op_field machine_fields[] = {
    {.name = "platform", .type = OP_F_STR, .summary = "OS/ARCH[/VARIANT]", OP_AT(struct build_machine, platform)},
    {.name = "digest", .type = OP_F_STR, .summary = "of its image's manifest", OP_AT(struct build_machine, digest)},
    {.name = NULL},
};
static const struct op_record machine_record = {"machine", machine_fields, sizeof(struct build_machine)};

static const struct op_field index_fields[] = {
    {.name = "name",
     .type = OP_F_STR,
     .optional = true,
     .summary = "what barehull.yaml calls it",
     OP_AT(struct built_index, name)},
    {.name = "reference", .type = OP_F_STR, .summary = "NAME:TAG", OP_AT(struct build_index, reference)},
    {.name = "digest", .type = OP_F_STR, .summary = "of the index", OP_AT(struct build_index, digest)},
    {.name = "machines",
     .type = OP_F_OBJECTS,
     .summary = "its images, in the order of the programs",
     .record = &machine_record,
     OP_AT(struct build_index, machines)},
    {.name = "outputs",
     .type = OP_F_OBJECTS,
     .summary = "what was written",
     .record = &output_record,
     OP_AT(struct build_index, outputs)},
    {.name = NULL},
};
static const struct op_record index_record = {"index", index_fields, sizeof(struct built_index)};

static const struct op_field failure_fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "what barehull.yaml calls it", OP_AT(struct build_failure, name)},
    {.name = "code", .type = OP_F_STR, .summary = "kind of error", OP_AT(struct build_failure, code)},
    {.name = "message", .type = OP_F_STR, .summary = "what went wrong", OP_AT(struct build_failure, message)},
    {.name = "hint", .type = OP_F_STR, .summary = "what helps, or empty", OP_AT(struct build_failure, hint)},
    {.name = NULL},
};
static const struct op_record failure_record = {"failure", failure_fields, sizeof(struct build_failure)};

static const struct op_field fields[] = {
    {.name = "images",
     .type = OP_F_OBJECTS,
     .summary = "what was built, in the order of the file and of the programs",
     .record = &image_record,
     OP_AT(struct build_answer, images)},
    {.name = "indexes",
     .type = OP_F_OBJECTS,
     .summary = "images for several machines, whose images are among those above",
     .record = &index_record,
     OP_AT(struct build_answer, indexes)},
    {.name = "failed",
     .type = OP_F_OBJECTS,
     .summary = "images of several that could not be built; the others were",
     .record = &failure_record,
     OP_AT(struct build_answer, failed)},
    {.name = NULL},
};
const struct op_record build_answer_record = {"build", fields, sizeof(struct build_answer)};

static void render_layers(const struct build_result *result, struct text_out *out)
{
    struct text_table table;
    text_table_begin(&table, out, LABEL_WIDTH, "lrrl");
    for (size_t i = 0; i < result->layers.len; i++) {
        const struct build_layer *layer = &result->layers.ptr[i];
        text_table_str(&table, layer->role);
        text_table_size(&table, layer->unpacked_bytes);
        text_table_size(&table, layer->size_bytes);
        text_table_z(&table, layer->cached ? "cached" : "");
    }
    text_table_end(&table);
}

static void render_packages(const struct build_result *result, struct text_out *out)
{
    text_label(out, "packages", LABEL_WIDTH);
    size_t whole = 0;
    for (size_t i = 0; i < result->packages.len; i++)
        whole += result->packages.ptr[i].whole;
    text_count(out, result->packages.len, "package");
    text_f(out, " (%zu trimmed to what is needed)\n", result->packages.len - whole);
    if (!out->verbose)
        return;
    struct text_table table;
    text_table_begin(&table, out, LABEL_WIDTH, "llr");
    for (size_t i = 0; i < result->packages.len; i++) {
        text_table_str(&table, result->packages.ptr[i].name);
        text_table_str(&table, result->packages.ptr[i].version);
        text_table_size(&table, result->packages.ptr[i].unpacked_bytes);
    }
    text_table_end(&table);
}

#define MODULE "module "

static bool is_module(struct str what)
{
    return str_starts(what, STR(MODULE));
}

/* Modules of the standard library stand at the end, behind what they have in common. */
static void list_dropped(const struct build_result *result, bool modules, struct text_out *words)
{
    bool first = true, others = false;
    for (size_t i = 0; i < result->dropped.len; i++) {
        struct str what = result->dropped.ptr[i].what;
        bool told = is_module(what) != modules; /* of the project and of the environment: one word */
        others |= told;
        for (size_t j = 0; j < i; j++)
            told |= str_eq(result->dropped.ptr[j].what, what);
        if (told)
            continue;
        if (modules)
            text_z(words, first ? (others ? "; Python's " : ": Python's ") : ", ");
        else
            text_z(words, first ? ": " : ", ");
        text_str(words, modules ? str_skip(what, sizeof(MODULE) - 1) : what);
        first = false;
    }
    if (modules && !first)
        text_z(words, ", which nothing imports");
}

static void render_dropped(const struct build_result *result, struct text_out *out)
{
    if (result->dropped.len == 0)
        return;
    uint64_t bytes = 0;
    for (size_t i = 0; i < result->dropped.len; i++)
        bytes += result->dropped.ptr[i].unpacked_bytes;
    struct buf line CLEANUP_BUF = BUF_INIT;
    struct text_out words = {.buf = &line, .width = out->width};
    text_size(&words, bytes);
    list_dropped(result, false, &words);
    list_dropped(result, true, &words);
    text_label(out, "left out", LABEL_WIDTH);
    text_wrap(out, LABEL_WIDTH, LABEL_WIDTH, buf_str(&line));
}

static void render_outputs(const struct build_output *outputs, size_t count, struct text_out *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i)
            text_f(out, "%*s", LABEL_WIDTH, "");
        else
            text_label(out, "wrote", LABEL_WIDTH);
        text_str(out, outputs[i].reference);
        text_z(out, "\n");
    }
}

static void render_index(const struct build_index *index, struct text_out *out)
{
    text_style(out, TEXT_BOLD);
    text_str(out, index->reference);
    text_style(out, TEXT_PLAIN);
    text_z(out, "\n");
    text_label(out, "machines", LABEL_WIDTH);
    for (size_t i = 0; i < index->machines.len; i++) {
        text_z(out, i ? ", " : "");
        text_str(out, index->machines.ptr[i].platform);
    }
    text_z(out, "\n");
    text_label(out, "digest", LABEL_WIDTH);
    text_str(out, index->digest);
    text_z(out, " (of the index)\n");
    render_outputs(index->outputs.ptr, index->outputs.len, out);
}

static void render_image(const struct build_result *result, struct text_out *out)
{
    text_style(out, TEXT_BOLD);
    text_str(out, result->reference);
    text_style(out, TEXT_PLAIN);
    text_z(out, "\n");
    text_label(out, "program", LABEL_WIDTH);
    text_str(out, result->program);
    text_z(out, "\n");
    if (result->python)
        build_python_render(result->python, result->suite, out, LABEL_WIDTH);
    text_label(out, "base", LABEL_WIDTH);
    text_str(out, result->flavour);
    text_z(out, ", Debian ");
    text_str(out, result->suite);
    text_z(out, ", ");
    text_str(out, result->architecture);
    text_z(out, "\n");
    render_packages(result, out);
    render_dropped(result, out);
    text_label(out, "layers", LABEL_WIDTH);
    text_size(out, result->unpacked_bytes);
    text_z(out, " unpacked, ");
    text_size(out, result->size_bytes);
    text_z(out, " compressed\n");
    render_layers(result, out);
    text_label(out, "runs", LABEL_WIDTH);
    for (size_t i = 0; i < result->entrypoint.len; i++) {
        text_z(out, i ? " " : "");
        text_str(out, result->entrypoint.ptr[i]);
    }
    text_z(out, " as ");
    text_str(out, result->user);
    text_z(out, "\n");
    if (result->python && result->python->port_note.len) {
        struct buf line CLEANUP_BUF = BUF_INIT;
        if (result->python->port != OP_ABSENT_U64)
            buf_addf(&line, "%" PRIu64 ": ", result->python->port);
        buf_add_str(&line, result->python->port_note);
        text_label(out, "port", LABEL_WIDTH);
        text_wrap(out, LABEL_WIDTH, LABEL_WIDTH, buf_str(&line));
    }
    if (result->debug) {
        text_label(out, "debug", LABEL_WIDTH);
        text_z(out, "busybox is at /busybox; docker run -it --entrypoint /busybox/sh ");
        text_str(out, result->reference);
        text_z(out, "\n");
    }
    text_label(out, "digest", LABEL_WIDTH);
    text_str(out, result->digest);
    text_z(out, "\n");
    render_outputs(result->outputs.ptr, result->outputs.len, out);
    text_label(out, "time", LABEL_WIDTH);
    for (size_t i = 0; i < result->phases.len; i++) {
        text_z(out, i ? ", " : "");
        text_str(out, result->phases.ptr[i].name);
        text_z(out, " ");
        text_duration(out, result->phases.ptr[i].duration_us / 1000);
    }
    text_z(out, "\n");
}

void build_answer_render(const void *result, struct text_out *out)
{
    const struct build_answer *answer = result;
    for (size_t i = 0; i < answer->images.len; i++) {
        text_z(out, i ? "\n" : "");
        render_image(&answer->images.ptr[i].result, out);
    }
    for (size_t i = 0; i < answer->indexes.len; i++) {
        text_z(out, "\n");
        render_index(&answer->indexes.ptr[i].index, out);
    }
    if (answer->failed.len == 0)
        return;
    size_t built = answer->indexes.len;
    for (size_t i = 0; i < answer->images.len; i++)
        built += answer->images.ptr[i].result.index.len == 0;
    text_f(out, "%s%zu of ", built ? "\n" : "", answer->failed.len);
    text_count(out, answer->failed.len + built, "image");
    text_z(out, " failed: ");
    for (size_t i = 0; i < answer->failed.len; i++) {
        text_z(out, i ? ", " : "");
        text_str(out, answer->failed.ptr[i].name);
    }
    text_z(out, "\n");
}

int build_answer_status(const void *result)
{
    const struct build_answer *answer = result;
    int status = 0;
    for (size_t i = 0; i < answer->failed.len; i++)
        if (answer->failed.ptr[i].status > status)
            status = answer->failed.ptr[i].status;
    return status;
}
