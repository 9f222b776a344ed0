/* SPDX-License-Identifier: Apache-2.0 */
/* Checks texts as a service would: arguments as JSON on standard input, the answer as JSON on standard output. */
#include "data/json.h"
#include "op/decode_json.h"
#include "op/result.h"
#include "op/schema.h"
#include "op/services.h"
#include "ops_pure/check_result.h"
#include "ops_pure/check_texts.h"

#include <stdio.h>
#include <string.h>

static int answer(struct str arguments, struct arena *arena, struct buf *out, int *ret_status, struct err *err)
{
    const struct operation *op = &check_texts_operation;
    const struct op_services services = {.version = STR("test"), .threads = 1};
    const struct op_ctx ctx = {.arena = arena};
    const struct data_node *object = NULL;
    void *args = arena_alloc(arena, op->args_size);
    void *result = arena_alloc(arena, op->result->size);
    struct json_writer json;
    if (!args || !result)
        return err_nomem(err);
    struct op_decoder decoder = op_decoder_init(op->params, args, arena, OP_SURFACE_JSON);
    int r = json_parse(arguments, arena, &object, err);
    if (r == 0)
        r = op_decode_object(&decoder, object, err);
    if (r == 0)
        r = op_decode_finish(&decoder, NULL, err);
    if (r == 0)
        r = op->run(&services, &ctx, args, result, err);
    if (r != 0)
        return r;
    *ret_status = op->status(result);
    json_writer_init(&json, out, JSON_INDENTED);
    op_result_write(op->result, result, &json);
    return json_writer_check(&json, err);
}

int main(int argc, char **argv)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf in = BUF_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    struct json_writer json;
    int status = 0;
    if (argc > 1 && strcmp(argv[1], "--schema") == 0) {
        json_writer_init(&json, &out, JSON_INDENTED);
        op_schema_input(&check_texts_operation, &json);
        puts(buf_z(&out));
        return 0;
    }
    while (buf_reserve(&in, 65536)) {
        size_t got = fread(in.ptr + in.len, 1, 65536, stdin);
        if (got == 0)
            break;
        in.len += got;
    }
    if (answer(buf_str(&in), &arena, &out, &status, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        return 100;
    }
    puts(buf_z(&out));
    return status;
}
