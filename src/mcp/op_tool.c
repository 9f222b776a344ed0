/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tool that is an operation: arguments by its table, the result as structuredContent and the same as text.
 */
#include "data/json_chars.h"
#include "mcp/internal.h"
#include "op/decode_json.h"
#include "op/result.h"

#include <string.h>

static int decode(const struct operation *operation, const struct data_node *arguments,
                  const struct op_environment *environment, struct arena *arena, void **ret_args, struct err *err)
{
    void *args = arena_alloc(arena, operation->args_size + 1);
    if (!args)
        return err_nomem(err);
    struct op_decoder decoder = op_decoder_of(operation, args, arena, OP_SURFACE_JSON);
    int r = arguments ? op_decode_object(&decoder, arguments, err) : 0;
    if (r == 0)
        r = op_decode_finish(&decoder, environment, err);
    if (r == 0)
        *ret_args = args;
    return r;
}

/* Adds what can be given, where the decoder knew no remedy. */
static void add_remedy(const struct operation *operation, struct err *failure)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    if (failure->code != ERR_USAGE || failure->hint[0] != '\0')
        return;
    for (const struct op_param *param = operation->params; param && param->name; param++) {
        char name[OP_NAME_MAX];
        op_param_json_name(param, name);
        if (!(param->flags & OP_HIDDEN))
            buf_addf(&text, "%s%s%s", text.len > 0 ? ", " : "", name, param->flags & OP_REQUIRED ? " (required)" : "");
    }
    if (text.failed)
        err_nomem(failure);
    else if (text.len > 0)
        err_hint(failure, "the parameters are: %s", buf_z(&text));
    else
        err_hint(failure, "there are no parameters");
}

static char *put_escaped(char *at, const char *source, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (source[i] == '"' || source[i] == '\\')
            *at++ = '\\';
        *at++ = source[i];
    }
    return at;
}

/* Appends what stands at FROM, LEN bytes of OUT, as a JSON string. It is JSON, so that nothing in it is invalid. */
static void quote_own(struct buf *out, size_t from, size_t len)
{
    size_t most;
    if (out->failed || __builtin_mul_overflow(len, 2, &most) || most > SIZE_MAX - 2) {
        out->failed = true;
        return;
    }
    size_t before = out->len;
    char *first = buf_extend(out, most + 2);
    if (!first)
        return;
    const char *source = out->ptr + from, *end = source + len;
    char *at = first;
    *at++ = '"';
    while (end - source >= JSON_WORD_BYTES) {
        size_t plain = json_mask_first(json_mask_quotes(json_word(source)));
        memcpy(at, source, JSON_WORD_BYTES); /* the room of two for each byte takes a whole word */
        at += plain;
        source += plain;
        if (plain < JSON_WORD_BYTES) {
            *at++ = '\\';
            *at++ = *source++;
        }
    }
    at = put_escaped(at, source, (size_t)(end - source));
    *at++ = '"';
    buf_truncate(out, before + (size_t)(at - first));
}

/*
 * {"structuredContent":X,"content":[{"type":"text","text":"X"}]}: the text is made of the bytes that stand before it,
 * without a copy in between. Before 2025-06-18 there is only the text; X is cut out then.
 */
static int write_result(struct mcp_turn *turn, const struct op_record *record, const void *result, struct err *err)
{
    struct buf *out = turn->out;
    struct json_writer json;
    bool structured = turn->request->version >= MCP_2025_06_18;
    buf_add_z(out, mcp_is_modern(turn->request->version) ? "{\"resultType\":\"complete\"," : "{");
    size_t start = out->len;
    if (structured)
        buf_add_z(out, "\"structuredContent\":");
    size_t from = out->len;
    json_writer_init(&json, out, JSON_COMPACT);
    op_result_write(record, result, &json);
    int r = json_writer_check(&json, err);
    if (r != 0)
        return r;
    mcp_one_line(out, from);
    size_t end = out->len;
    buf_add_z(out,
              structured ? ",\"content\":[{\"type\":\"text\",\"text\":" : "\"content\":[{\"type\":\"text\",\"text\":");
    quote_own(out, from, end - from);
    buf_add_z(out, "}]");
    if (!structured && !out->failed) {
        memmove(out->ptr + start, out->ptr + end, out->len - end);
        buf_truncate(out, out->len - (end - start));
    }
    if (mcp_is_modern(turn->request->version)) {
        buf_add_z(out, ",\"_meta\":");
        buf_add_str(out, turn->server->meta);
    }
    buf_add_char(out, '}');
    return buf_check(out, err);
}

int mcp_op_tool_call(struct mcp_turn *turn, const struct mcp_offer *offer, const struct data_node *arguments,
                     const struct op_ctx *ctx, struct err *err)
{
    const struct operation *operation = offer->tool->operation;
    const struct op_runner *runner = &turn->server->description->runner;
    struct err failure = ERR_INIT;
    void *args = NULL;
    void *result = arena_alloc(ctx->arena, operation->result->size + 1);
    size_t start = turn->out->len;
    if (!result)
        return err_nomem(err);
    int r = decode(operation, arguments, turn->server->description->environment, ctx->arena, &args, &failure);
    if (r != 0)
        add_remedy(operation, &failure);
    if (r == 0)
        r = runner->run(runner->self, operation, ctx, args, result, &failure);
    if (r != 0)
        return mcp_tool_failed(turn, start, &failure, err);
    return write_result(turn, operation->result, result, err);
}
