/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"
#include "cli/completion.h"
#include "op/services.h"
#include "op/text.h"

struct completion_args {
    int shell;
};

struct completion_result {
    struct str shell, script;
};

static const struct {
    const char *name;
    void (*write)(struct buf *out, const struct op_table *table);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

static const struct op_choice choices[] = {{"bash", NULL}, {"zsh", NULL}, {"fish", NULL}, {NULL, NULL}};

static const struct op_param params[] = {
    {.name = "shell",
     .type = OP_ENUM,
     .flags = OP_POSITIONAL | OP_REQUIRED,
     .metavar = "SHELL",
     .choices = choices,
     .summary = "the shell to write for",
     OP_AT(struct completion_args, shell)},
    {.name = NULL},
};

static const struct op_field fields[] = {
    {.name = "shell",
     .type = OP_F_STR,
     .choices = choices,
     .summary = "the shell",
     OP_AT(struct completion_result, shell)},
    {.name = "script", .type = OP_F_STR, .summary = "the script", OP_AT(struct completion_result, script)},
    {.name = NULL},
};

static const struct op_record record = {"completion", fields, sizeof(struct completion_result)};

static int run(const struct op_services *services, const struct op_ctx *ctx, const void *arguments, void *result,
               struct err *err)
{
    const struct completion_args *args = arguments;
    struct completion_result *completion = result;
    CLEANUP_BUF struct buf out = BUF_INIT;
    shells[args->shell].write(&out, services->operations);
    int rc = buf_check(&out, err);
    if (rc)
        return rc;
    completion->shell = str_z(shells[args->shell].name);
    completion->script = arena_buf(ctx->arena, &out);
    return completion->script.ptr ? 0 : err_nomem(err);
}

static void render(const void *result, struct text_out *out)
{
    const struct completion_result *completion = result;
    buf_add_str(out->buf, completion->script);
}

static const struct op_example examples[] = {
    {"barehull completion bash > ~/.barehull-completion.bash", "for bash, sourced from ~/.bashrc"},
    {"barehull completion zsh > ~/.zfunc/_barehull", "for zsh, with ~/.zfunc in fpath"},
    {"barehull completion fish > ~/.config/fish/completions/barehull.fish", "for fish"},
    {NULL, NULL},
};

static const char *const see_also[] = {"help", NULL};

const struct operation cli_completion_operation = {
    .name = "completion",
    .group = "About barehull",
    .summary = "write a completion script for a shell",
    .description = "Writes a script that completes commands, options, their values and file names while one types. "
                   "'make install' puts the three scripts where the shells look for them.",
    .params = params,
    .args_size = sizeof(struct completion_args),
    .result = &record,
    .effects = OP_PURE,
    .examples = examples,
    .see_also = see_also,
    .run = run,
    .render = render,
};
