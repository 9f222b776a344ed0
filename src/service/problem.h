/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/problem.h - errors as problem documents (RFC 9457), and as JSON-RPC errors where that is spoken.
 *
 *     {"type":"/problems/not-found","title":"...","status":404,"detail":"...","instance":"<request id>",
 *      "code":"not-found","hint":"..."}
 *
 * `code` is the stable word: the name of an error code (base/err.h), of a framing fault (http/fault.h), or one of the
 * table here. `type` is where the service itself tells what the word means (GET /problems/{code}).
 */
#include "base/buf.h"
#include "base/err.h"

struct service_request;

struct problem {
    unsigned status;
    const char *code;
    struct str detail; /* empty: the code's title says it all */
    struct str hint;   /* may be empty */
};

/* Answers with it, once; the exchange's other fields (Allow) were set before. */
void problem_send(struct service_request *request, const struct problem *problem);

/* ERR as its table says (err_http_status). */
void problem_send_err(struct service_request *request, const struct err *err);

/* As problem_send with the table's status for CODE. */
void problem_send_code(struct service_request *request, const char *code, struct str detail, struct str hint);

/* True, and answered, when the content is compressed: nobody takes that. Tells so by Accept-Encoding (RFC
 * 9110, 15.5.16). */
bool problem_refuse_coded(struct service_request *request);

/* What CODE means, for people; empty for an unknown one. Static. */
struct str problem_title(struct str code);
unsigned problem_status(const char *code);

/* The name of the framing fault that STATUS and REASON (http/fault.h) are of; NULL for none. */
const char *problem_fault_code(unsigned status, struct str reason);

/* The table's codes, then those of framing; NULL behind the last. */
const char *problem_code(size_t index);

#define PROBLEM_MEDIA_TYPE STR("application/problem+json")
