/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_pure/init.h"

#include "base/arena.h"
#include "init/files.h"
#include "op/services.h"
#include "op/text.h"
#include "ops_pure/init_params.h"

struct file_result {
    struct str path, content, encoding, mode, summary;
    uint64_t size_bytes;
};

struct init_result {
    OP_LIST(struct file_result) files;
    struct str_list notes;
};

static const struct op_choice encodings[] = {{"utf-8", NULL}, {"base64", NULL}, {NULL, NULL}};
static const struct op_choice modes[] = {{"0644", NULL}, {"0755", NULL}, {NULL, NULL}};

static const struct op_field file_fields[] = {
    {.name = "path", .type = OP_F_STR, .summary = "below the project's directory", OP_AT(struct file_result, path)},
    {.name = "content", .type = OP_F_STR, .summary = "the whole file", OP_AT(struct file_result, content)},
    {.name = "encoding",
     .type = OP_F_STR,
     .choices = encodings,
     .summary = "of content: the text itself, or base64 of what is no text",
     OP_AT(struct file_result, encoding)},
    {.name = "mode",
     .type = OP_F_STR,
     .choices = modes,
     .summary = "permissions, in octal",
     OP_AT(struct file_result, mode)},
    {.name = "size_bytes", .type = OP_F_U64, .summary = "of the file", OP_AT(struct file_result, size_bytes)},
    {.name = "summary", .type = OP_F_STR, .summary = "what it is, in words", OP_AT(struct file_result, summary)},
    {.name = NULL},
};
static const struct op_record file_record = {"file", file_fields, sizeof(struct file_result)};

static const struct op_field fields[] = {
    {.name = "files",
     .type = OP_F_OBJECTS,
     .record = &file_record,
     .summary = "what to write, in the order of the paths",
     OP_AT(struct init_result, files)},
    {.name = "notes",
     .type = OP_F_STRS,
     .summary = "what to know or to do besides, a sentence each",
     OP_AT(struct init_result, notes)},
    {.name = NULL},
};
static const struct op_record record = {"init", fields, sizeof(struct init_result)};

/* RFC 4648, section 4, on one line. */
static void encode(struct str bytes, struct buf *out)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *byte = (const unsigned char *)bytes.ptr;
    char *to = buf_extend(out, (bytes.len + 2) / 3 * 4);
    for (size_t i = 0; to && i < bytes.len; i += 3, to += 4) {
        size_t left = bytes.len - i;
        unsigned bits =
            (unsigned)byte[i] << 16 | (left > 1 ? (unsigned)byte[i + 1] << 8 : 0) | (left > 2 ? byte[i + 2] : 0);
        to[0] = alphabet[bits >> 18];
        to[1] = alphabet[bits >> 12 & 63];
        to[2] = '=';
        to[3] = '=';
        if (left > 1)
            to[2] = alphabet[bits >> 6 & 63];
        if (left > 2)
            to[3] = alphabet[bits & 63];
    }
}

static int fill(const struct init_file *file, struct arena *arena, struct file_result *ret_file, struct err *err)
{
    struct str content = file->content;
    if (file->binary) {
        CLEANUP_BUF struct buf text = BUF_INIT;
        encode(content, &text);
        content = arena_buf(arena, &text);
        if (!content.ptr)
            return err_nomem(err);
    }
    *ret_file = (struct file_result){.path = file->path,
                                     .content = content,
                                     .encoding = str_z(file->binary ? "base64" : "utf-8"),
                                     .mode = str_z(file->executable ? "0755" : "0644"),
                                     .size_bytes = file->content.len,
                                     .summary = str_z(file->what)};
    return 0;
}

/* Nothing is looked at here: what it is has to be said. */
static int refuse_auto(struct err *err)
{
    err_set(err, ERR_USAGE, "'language' is to be found out, and there is nothing to look at");
    return err_hint(err,
                    "say c, c++, go, rust or python; program for one that is compiled, image for one that is built");
}

static int run(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *arguments, void *result,
               struct err *err)
{
    const struct init_args *args = arguments;
    struct init_result *answer = result;
    struct init_files files;
    if (args->options.language == INIT_LANGUAGE_AUTO)
        return refuse_auto(err);
    int r = init_write(&args->options, ctx->arena, &files, err);
    if (r != 0)
        return r;
    struct file_result *list = ARENA_ARRAY(ctx->arena, files.len + 1, struct file_result);
    if (!list)
        return err_nomem(err);
    for (size_t i = 0; i < files.len && r == 0; i++)
        r = fill(&files.ptr[i], ctx->arena, &list[i], err);
    answer->files.ptr = list;
    answer->files.len = files.len;
    answer->notes = files.notes;
    return r;
}

static void render(const void *result, struct text_out *out)
{
    const struct init_result *answer = result;
    for (size_t i = 0; i < answer->files.len; i++) {
        const struct file_result *file = &answer->files.ptr[i];
        text_style(out, TEXT_BOLD);
        text_f(out, "%s==> %.*s <==", i > 0 ? "\n" : "", STR_ARG(file->path));
        text_style(out, TEXT_PLAIN);
        text_z(out, "\n");
        if (str_eq(file->encoding, STR("utf-8")))
            buf_add_str(out->buf, file->content); /* made here, of lines of text */
        else {
            text_size(out, file->size_bytes);
            text_f(out, ", mode %.*s: %.*s; JSON has it\n", STR_ARG(file->mode), STR_ARG(file->summary));
        }
    }
    for (size_t i = 0; i < answer->notes.len; i++) {
        text_z(out, i > 0 ? "" : "\n");
        text_z(out, "note: ");
        text_str(out, answer->notes.ptr[i]);
        text_z(out, "\n");
    }
}

static const char *const see_also[] = {"check", "explain", NULL};

const struct operation init_description_operation = {
    .name = "init",
    .group = "Checks",
    .summary = "write the Dockerfile, Compose file and manifests of an application",
    .description =
        "Writes from the description of an application what it takes to ship it hardened: a Dockerfile in stages that "
        "ends on distroless, a Compose file, and Kubernetes manifests with a kustomization. Each of them passes "
        "'check' "
        "as it stands, but for an image whose digest is not said. The files come in the answer; nothing is written, "
        "started or fetched.\n\n"
        "The same description gives the same bytes. The health probe, one static program for each machine, comes along "
        "in base64 where the Dockerfile copies it.",
    .params = init_params,
    .args_size = sizeof(struct init_args),
    .given_at = offsetof(struct init_args, given),
    .result = &record,
    .effects = OP_PURE,
    .quick = true,
    .see_also = see_also,
    .run = run,
    .render = render,
};
