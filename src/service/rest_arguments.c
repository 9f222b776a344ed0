/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/suggest.h"
#include "data/json.h"
#include "op/decode_json.h"
#include "service/percent.h"
#include "service/query.h"
#include "service/rest.h"

const struct rest_content rest_contents[] = {
    {"application/json", NULL, NULL, false},
    {"text/x-dockerfile", "Dockerfile", "dockerfile", true},
    {"application/yaml", "input.yaml", NULL, true},
    {"application/x-yaml", "input.yaml", NULL, true},
    {"text/yaml", "input.yaml", NULL, true},
    {"text/x-yaml", "input.yaml", NULL, true},
    {"application/vnd.kubernetes+json", "input.json", "kubernetes", true},
    {"text/plain", "input", NULL, true},
    {.type = NULL},
};

/* What is decoded from a request: an operation's arguments, and the one object of a raw content. */
struct decoding {
    struct service_request *request;
    struct op_decoder decoder;
    const struct op_param *raw; /* or NULL */
    struct data_node *item;     /* the content's object, to which members are added */
    struct data_node *last;
};

const struct op_param *rest_param_find(const struct op_param *params, struct str json_name)
{
    for (const struct op_param *param = params; param && param->name; param++) {
        char own[OP_NAME_MAX];
        op_param_json_name(param, own);
        if (str_eq_z(json_name, own))
            return param;
    }
    return NULL;
}

const struct op_param *rest_raw_param(const struct operation *operation)
{
    for (const struct op_param *param = operation->params; param && param->name; param++)
        if (param->type == OP_OBJECTS && rest_param_find(param->object->params, STR("name")) &&
            rest_param_find(param->object->params, STR("content")))
            return param;
    return NULL;
}

static int add_member(struct decoding *decoding, const char *key, struct str value, struct err *err)
{
    struct data_node *node = ARENA_NEW(decoding->decoder.arena, struct data_node);
    if (!node)
        return err_nomem(err);
    *node = (struct data_node){.kind = DATA_STRING, .key = str_z(key), .value = value, .parent = decoding->item};
    if (decoding->last)
        decoding->last->next = node;
    else
        decoding->item->first = node;
    decoding->last = node;
    decoding->item->count++;
    return 0;
}

static bool has_member(const struct decoding *decoding, const char *key)
{
    return decoding->item && data_get(decoding->item, key);
}

static int refuse_name(const struct decoding *decoding, struct str name, struct err *err)
{
    const struct op_param *lists[] = {decoding->decoder.params, decoding->raw ? decoding->raw->object->params : NULL};
    struct suggest suggest = suggest_begin(name);
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (const struct op_param *param = lists[i]; param && param->name; param++)
            if (param->type != OP_OBJECTS)
                suggest_offer(&suggest, str_z(param->name));
    int rc = err_set(err, ERR_USAGE, "unknown parameter '%.*s'", STR_ARG(name));
    if (suggest.best.len == 0)
        return rc;
    const struct op_param *best = op_param_find(lists[0], suggest.best);
    char known[OP_NAME_MAX];
    op_param_json_name(best ? best : op_param_find(lists[1], suggest.best), known);
    return err_hint(err, "did you mean '%s'?", known);
}

static int take_value(struct decoding *decoding, struct str name, struct str value, struct err *err)
{
    const struct op_param *param = rest_param_find(decoding->decoder.params, name);
    bool grows = param && ((param->flags & OP_REPEATED) || param->type == OP_MAP);
    if (param && param->type != OP_OBJECTS) {
        if (!grows && op_decoder_was_given(&decoding->decoder, param))
            return err_set(err, ERR_USAGE, "'%.*s' is given more than once", STR_ARG(name));
        return op_decode_text(&decoding->decoder, param, value, err);
    }
    const struct op_param *own = decoding->raw ? rest_param_find(decoding->raw->object->params, name) : NULL;
    if (!own || str_eq(name, STR("content")))
        return refuse_name(decoding, name, err);
    char key[OP_NAME_MAX];
    op_param_json_name(own, key);
    if (has_member(decoding, key))
        return err_set(err, ERR_USAGE, "'%.*s' is given more than once", STR_ARG(name));
    char *kept = arena_z(decoding->decoder.arena, str_z(key));
    return kept ? add_member(decoding, kept, value, err) : err_nomem(err);
}

static int take_query(struct decoding *decoding, struct err *err)
{
    struct str rest = query_of(request_http(decoding->request)), name, value;
    size_t count = 0;
    int rc = 0;
    while (!rc && query_next(&rest, &name, &value)) {
        CLEANUP_BUF struct buf key = BUF_INIT, text = BUF_INIT;
        if (++count > LIMIT_QUERY_PARAMS)
            return err_set(err, ERR_USAGE, "the query has more than %d parameters", LIMIT_QUERY_PARAMS);
        if (!percent_decode(name, true, &key) || !percent_decode(value, true, &text))
            return err_set(err, ERR_USAGE, "the query is not well made: percent signs or bytes that no value has");
        struct str kept = arena_buf(decoding->decoder.arena, &text);
        if (!kept.ptr || key.failed)
            return err_nomem(err);
        if (!str_eq(buf_str(&key), STR("format")))
            rc = take_value(decoding, buf_str(&key), kept, err);
    }
    return rc;
}

static int start(struct service_request *request, const struct operation *operation, struct decoding *decoding,
                 struct err *err)
{
    struct arena *arena = request_arena(request);
    void *args = arena_alloc(arena, operation->args_size);
    if (!args)
        return err_nomem(err);
    *decoding = (struct decoding){.request = request};
    decoding->decoder = op_decoder_of(operation, args, arena, OP_SURFACE_JSON);
    return 0;
}

int rest_query_arguments(struct service_request *request, const struct operation *operation, const void **ret_args,
                         struct err *err)
{
    struct decoding decoding;
    int rc = start(request, operation, &decoding, err);
    const char *own = request->route->argument;
    const struct op_param *param = own ? op_param_find(operation->params, str_z(own)) : NULL;
    if (!rc && param)
        rc = op_decode_text(&decoding.decoder, param, request->argument, err);
    rc = rc ? rc : take_query(&decoding, err);
    rc = rc ? rc : op_decode_finish(&decoding.decoder, NULL, err);
    if (!rc)
        *ret_args = decoding.decoder.args;
    return rc;
}

/* {"files":[{"content":BODY,"name":...}]}: what the client would have written as JSON. */
static int take_raw(struct decoding *decoding, const struct rest_content *content, struct err *err)
{
    struct arena *arena = decoding->decoder.arena;
    struct data_node *root = ARENA_NEW(arena, struct data_node), *list = ARENA_NEW(arena, struct data_node);
    char *key = arena_alloc(arena, OP_NAME_MAX);
    decoding->item = ARENA_NEW(arena, struct data_node);
    if (!root || !list || !key || !decoding->item)
        return err_nomem(err);
    op_param_json_name(decoding->raw, key);
    *decoding->item = (struct data_node){.kind = DATA_OBJECT, .parent = list};
    *list =
        (struct data_node){.kind = DATA_ARRAY, .parent = root, .key = str_z(key), .first = decoding->item, .count = 1};
    *root = (struct data_node){.kind = DATA_OBJECT, .first = list, .count = 1};
    int rc = add_member(decoding, "content", server_exchange_body(decoding->request->exchange), err);
    rc = rc ? rc : take_query(decoding, err);
    if (!rc && !has_member(decoding, "name"))
        rc = add_member(decoding, "name", str_z(content->name), err);
    bool knows_as = rest_param_find(decoding->raw->object->params, STR("as")) != NULL;
    if (!rc && content->as && knows_as && !has_member(decoding, "as"))
        rc = add_member(decoding, "as", str_z(content->as), err);
    return rc ? rc : op_decode_object(&decoding->decoder, root, err);
}

static int take_json(struct decoding *decoding, struct err *err)
{
    const struct data_node *root = NULL;
    int rc = json_parse_small(server_exchange_body(decoding->request->exchange), LIMIT_REST_NODES,
                              decoding->decoder.arena, &root, err);
    rc = rc ? rc : op_decode_object(&decoding->decoder, root, err);
    return rc ? rc : take_query(decoding, err);
}

int rest_body_arguments(struct service_request *request, const struct operation *operation,
                        const struct rest_content *content, const void **ret_args, struct err *err)
{
    struct decoding decoding;
    int rc = start(request, operation, &decoding, err);
    if (rc)
        return rc;
    decoding.raw = content->raw ? rest_raw_param(operation) : NULL;
    rc = decoding.raw ? take_raw(&decoding, content, err) : take_json(&decoding, err);
    rc = rc ? rc : op_decode_finish(&decoding.decoder, NULL, err);
    if (!rc)
        *ret_args = decoding.decoder.args;
    return rc;
}
