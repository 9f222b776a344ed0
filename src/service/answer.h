/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/answer.h - the whole answers of the service: the fields that all of them have, CORS, compression, entity
 * tags, and answers that never change and so are made once.
 */
#include "base/arena.h"
#include "base/err.h"

#include <stdatomic.h>

struct service_request;

struct answer {
    unsigned status;
    struct str type;  /* Content-Type; empty with an empty body */
    struct str body;  /* in the exchange's arena, or longer-lived */
    struct str cache; /* Cache-Control; empty: "no-store" */
    bool by_accept;   /* other Accept fields have other answers */
    bool tagged;      /* give an entity tag, and 304 for who has it */
    bool on_worker;   /* time to compress much */
};

/* Sends it. Memory that lacks for compression or tags costs those. */
void answer_send(struct service_request *request, const struct answer *answer);

/* Takes over OUT as the body of a 200 that is not to be stored; a problem when OUT failed. */
void answer_send_buf(struct service_request *request, struct str type, struct buf *out, bool on_worker);

/* An answer that never changes, in all its forms. */
struct answer_constant {
    struct str type, bytes, gzip; /* gzip empty: not worth it */
    struct str etag, gzip_etag;
};

/* A place for one, made when it is first asked for; zero-initialised. */
struct answer_memo {
    _Atomic(struct answer_constant *) made;
};

/* Appends the bytes of what SELF describes. */
typedef int answer_make_function(struct service_request *request, const void *self, struct buf *out, struct err *err);

/*
 * The constant of MEMO, by MAKE if it is the first time (two threads at once may both make it; one is dropped).
 * Errors: those of MAKE; ERR_NOMEM.
 */
int answer_memo_get(struct service_request *request, struct answer_memo *memo, struct str type,
                    answer_make_function *make, const void *self, const struct answer_constant **ret_constant,
                    struct err *err);
void answer_memo_done(struct answer_memo *memo);

/* 200, or 304. CACHE as in struct answer. */
void answer_send_constant(struct service_request *request, const struct answer_constant *constant, struct str cache,
                          bool by_accept);

/* What may be kept for some minutes, and asked for anew with its tag. */
#define ANSWER_CACHE_CONSTANT STR("public, max-age=300")

/* The fields of every answer (X-Request-Id, CORS): for streams, which are no struct answer. */
void answer_common_fields(struct service_request *request);
