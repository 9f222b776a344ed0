/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/openapi.h - the HTTP face as an OpenAPI 3.1 document, from the table of routes and the operations'
 * descriptors: nothing is said here that is not said there.
 */
#include "data/json_writer.h"

struct service_routes;

/* One object. */
void openapi_write(const struct service_routes *routes, struct json_writer *json);
