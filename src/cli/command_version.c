/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "op/services.h"
#include "op/text.h"

struct version_args {
    char unused;
};

struct version_result {
    struct str name, version, compiler, architecture;
};

static const struct op_field fields[] = {
    {.name = "name", .type = OP_F_STR, .summary = "always barehull", OP_AT(struct version_result, name)},
    {.name = "version", .type = OP_F_STR, .summary = "version of barehull", OP_AT(struct version_result, version)},
    {.name = "architecture",
     .type = OP_F_STR,
     .summary = "what this program was compiled for",
     OP_AT(struct version_result, architecture)},
    {.name = "compiler",
     .type = OP_F_STR,
     .summary = "compiler that made this program",
     OP_AT(struct version_result, compiler)},
    {.name = NULL},
};

static const struct op_record record = {"version", fields, sizeof(struct version_result)};

static int run(const struct op_services *services, const struct op_ctx *ctx UNUSED, const void *args UNUSED,
               void *result, struct err *err UNUSED)
{
    struct version_result *version = result;
    version->name = STR("barehull");
    version->version = services->version;
#if defined(__x86_64__)
    version->architecture = STR("amd64");
#elif defined(__aarch64__)
    version->architecture = STR("arm64");
#else
    version->architecture = STR("other");
#endif
#if defined(__clang__)
    version->compiler = STR("clang " __clang_version__);
#else
    version->compiler = STR("gcc " __VERSION__);
#endif
    return 0;
}

static void render(const void *result, struct text_out *out)
{
    const struct version_result *version = result;
    text_z(out, "barehull ");
    text_str(out, version->version);
    text_z(out, "\n");
    if (out->verbose)
        text_f(out, "%.*s, %.*s\n", STR_ARG(version->architecture), STR_ARG(version->compiler));
}

static const struct op_example examples[] = {
    {"barehull version --format json", "the version for a script"},
    {NULL, NULL},
};

static const char *const see_also[] = {"help", NULL};

const struct operation cli_version_operation = {
    .name = "version",
    .group = "About barehull",
    .summary = "show the version",
    .description = "Shows which barehull this is.",
    .args_size = sizeof(struct version_args),
    .result = &record,
    .effects = OP_PURE,
    .examples = examples,
    .see_also = see_also,
    .run = run,
    .render = render,
};
