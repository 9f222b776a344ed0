/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/rest.h - operations over plain HTTP, by their descriptors: arguments from a query or from JSON, answers in
 * the form that the client asks for.
 *
 * The forms of an operation are JSON, text for people, and its own (operation->formats) in their order. A client
 * chooses by Accept, or by "format=NAME" in the query, which wins: two forms may have one media type.
 */
#include "op/decode.h"
#include "service/request.h"

enum { REST_FORM_JSON, REST_FORM_TEXT, REST_FORM_OWN, REST_FORMS_MAX = 8 };

/* How many forms OPERATION has (at most REST_FORMS_MAX); name and media type (with its charset) of each. */
size_t rest_form_count(const struct operation *operation);
const char *rest_form_name(const struct operation *operation, size_t form);
struct str rest_form_type(const struct operation *operation, size_t form);

/* The form that REQUEST asks for. False when it refused: 406, or 400 for an unknown name. */
bool rest_choose_form(struct service_request *request, const struct operation *operation, size_t *ret_form);

/* The content types that a POST takes, "application/json" first. */
struct rest_content {
    const char *type;
    const char *name, *as; /* of raw content: what it is called and what it is unless the query says; may be NULL */
    bool raw;
};
extern const struct rest_content rest_contents[]; /* ends with a NULL type */

/* The parameter that is a list of named contents (each with "name" and "content"), or NULL. */
const struct op_param *rest_raw_param(const struct operation *operation);

/* PARAMS' entry by its JSON name, or NULL. */
const struct op_param *rest_param_find(const struct op_param *params, struct str json_name);

/*
 * Arguments, decoded and finished, in the exchange's arena. From the query alone, with ARGUMENT for the parameter of
 * the route's "{name}" (rest_query_arguments); from the body, which is CONTENT (rest_body_arguments).
 * Errors: ERR_USAGE; ERR_INVALID for content that is no JSON; ERR_NOMEM.
 */
int rest_query_arguments(struct service_request *request, const struct operation *operation, const void **ret_args,
                         struct err *err);
int rest_body_arguments(struct service_request *request, const struct operation *operation,
                        const struct rest_content *content, const void **ret_args, struct err *err);

/* True when the query holds nothing but, perhaps, "format". */
bool rest_query_is_plain(const struct service_request *request);

/* Runs OPERATION and appends its answer in FORM to OUT. Errors: the operation's, ERR_NOMEM. */
int rest_run(struct service_request *request, const struct operation *operation, const void *args, size_t form,
             struct buf *out, struct err *err);
