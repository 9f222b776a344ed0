/* SPDX-License-Identifier: Apache-2.0 */
#include "service/answer.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "service/negotiate.h"
#include "service/problem.h"
#include "service/request.h"

#include <string.h>

/* Whether answers hang on who asks. */
static bool varies_by_origin(const struct service_request *request)
{
    const struct service_config *config = request->service->config;
    bool open = request->route && (request->route->flags & ROUTE_OPEN);
    return !open && (config->origins.len > 0 || config->any_origin);
}

static void cors_fields(struct service_request *request)
{
    if (request->guard.origin != GUARD_ORIGIN_LISTED && request->guard.origin != GUARD_ORIGIN_ANY)
        return;
    bool any = request->guard.origin == GUARD_ORIGIN_ANY;
    server_field(request->exchange, STR("Access-Control-Allow-Origin"), any ? STR("*") : request->guard.value);
    server_field(request->exchange, STR("Access-Control-Expose-Headers"), GUARD_EXPOSED_HEADERS);
}

static void vary_field(struct service_request *request, bool by_accept, bool by_encoding)
{
    char text[64];
    size_t len = 0;
    const bool asked[] = {by_accept, by_encoding, varies_by_origin(request)};
    static const char *const names[] = {"Accept", "Accept-Encoding", "Origin"};
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        if (!asked[i])
            continue;
        if (len > 0) {
            memcpy(text + len, ", ", 2);
            len += 2;
        }
        size_t name_len = strlen(names[i]);
        memcpy(text + len, names[i], name_len);
        len += name_len;
    }
    if (len > 0)
        server_field(request->exchange, STR("Vary"), str_of(text, len));
}

static void common_fields(struct service_request *request, bool by_accept, bool by_encoding)
{
    server_field(request->exchange, STR("X-Request-Id"), request->trace.request_id);
    server_field(request->exchange, STR("X-Content-Type-Options"), STR("nosniff"));
    vary_field(request, by_accept, by_encoding);
    cors_fields(request);
}

void answer_common_fields(struct service_request *request)
{
    common_fields(request, false, false);
}

static bool is_tag_known(struct service_request *request, struct str tag, struct str other)
{
    const struct http_request *http = request_http(request);
    return http && (negotiate_etag(http, STR("If-None-Match"), tag) ||
                    (other.len > 0 && negotiate_etag(http, STR("If-None-Match"), other)));
}

static bool wants_gzip(struct service_request *request)
{
    const struct http_request *http = request_http(request);
    return http && negotiate_gzip(http);
}

void answer_send(struct service_request *request, const struct answer *answer)
{
    struct server_exchange *exchange = request->exchange;
    struct str body = answer->body;
    bool worth = encode_is_worth(answer->type, body), compressed = false;
    if (worth && (answer->on_worker || body.len <= LIMIT_INLINE_GZIP_BYTES) && wants_gzip(request)) {
        CLEANUP_BUF struct buf packed = BUF_INIT;
        struct str taken = STR_NONE;
        if (encode_gzip(&request->routes->encoder, body, &packed))
            taken = arena_take_buf(request_arena(request), &packed);
        compressed = taken.ptr != NULL;
        body = compressed ? taken : body;
    }
    common_fields(request, answer->by_accept, worth);
    server_field(exchange, STR("Cache-Control"), answer->cache.len > 0 ? answer->cache : STR("no-store"));
    unsigned status = answer->status;
    if (answer->tagged) {
        char tag[ENCODE_ETAG_BYTES], other[ENCODE_ETAG_BYTES];
        struct str plain = encode_etag(answer->body, "", tag), packed = encode_etag(answer->body, "-gzip", other);
        server_field(exchange, STR("ETag"), compressed ? packed : plain);
        status = is_tag_known(request, plain, packed) ? 304 : status;
    }
    if (compressed && status != 304)
        server_field(exchange, STR("Content-Encoding"), STR("gzip"));
    server_answer(exchange, status, status == 304 ? STR_NONE : answer->type, status == 304 ? STR_NONE : body);
}

void answer_send_buf(struct service_request *request, struct str type, struct buf *out, bool on_worker)
{
    struct str body = out->failed ? STR_NONE : arena_take_buf(request_arena(request), out);
    if (!body.ptr) {
        struct err err;
        err_nomem(&err);
        problem_send_err(request, &err);
        return;
    }
    const struct answer answer = {.status = 200, .type = type, .body = body, .on_worker = on_worker};
    answer_send(request, &answer);
}

/* One block: the structure, the bytes, the compressed bytes, the tags. */
static struct answer_constant *pack(struct str type, struct str bytes, struct str gzip)
{
    char tag[ENCODE_ETAG_BYTES], gzip_tag[ENCODE_ETAG_BYTES];
    const struct str parts[] = {bytes, gzip, encode_etag(bytes, "", tag), encode_etag(bytes, "-gzip", gzip_tag)};
    size_t size = sizeof(struct answer_constant);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        size += parts[i].len;
    struct answer_constant *constant = mem_alloc(size);
    if (!constant)
        return NULL;
    *constant = (struct answer_constant){.type = type};
    struct str *const places[] = {&constant->bytes, &constant->gzip, &constant->etag, &constant->gzip_etag};
    char *at = (char *)(constant + 1);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (parts[i].len > 0)
            memcpy(at, parts[i].ptr, parts[i].len);
        *places[i] = str_of(at, parts[i].len);
        at += parts[i].len;
    }
    return constant;
}

int answer_memo_get(struct service_request *request, struct answer_memo *memo, struct str type,
                    answer_make_function *make, const void *self, const struct answer_constant **ret_constant,
                    struct err *err)
{
    struct answer_constant *constant = atomic_load_explicit(&memo->made, memory_order_acquire);
    if (constant) {
        *ret_constant = constant;
        return 0;
    }
    CLEANUP_BUF struct buf bytes = BUF_INIT, gzip = BUF_INIT;
    int rc = make(request, self, &bytes, err);
    rc = rc ? rc : buf_check(&bytes, err);
    if (rc)
        return rc;
    if (encode_is_worth(type, buf_str(&bytes)))
        encode_gzip_best(buf_str(&bytes), &gzip);
    struct answer_constant *made = pack(type, buf_str(&bytes), buf_str(&gzip));
    if (!made)
        return err_nomem(err);
    if (!atomic_compare_exchange_strong_explicit(&memo->made, &constant, made, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        mem_free(made);
        made = constant;
    }
    *ret_constant = made;
    return 0;
}

void answer_memo_done(struct answer_memo *memo)
{
    mem_free(atomic_exchange(&memo->made, NULL));
}

void answer_send_constant(struct service_request *request, const struct answer_constant *constant, struct str cache,
                          bool by_accept)
{
    struct server_exchange *exchange = request->exchange;
    bool compressed = constant->gzip.len > 0 && wants_gzip(request);
    common_fields(request, by_accept, constant->gzip.len > 0);
    server_field(exchange, STR("Cache-Control"), cache.len > 0 ? cache : STR("no-store"));
    server_field(exchange, STR("ETag"), compressed ? constant->gzip_etag : constant->etag);
    if (is_tag_known(request, constant->etag, constant->gzip_etag)) {
        server_answer(exchange, 304, STR_NONE, STR_NONE);
        return;
    }
    if (compressed)
        server_field(exchange, STR("Content-Encoding"), STR("gzip"));
    server_answer(exchange, 200, constant->type, compressed ? constant->gzip : constant->bytes);
}
