/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/cors.h - settings of servers that let every origin's pages read their answers, by the names that they go by.
 * What no-wildcard-cors finds in files is what init does not write.
 */
#include "base/str.h"

/* ALLOWED_ORIGINS with "*" among its values, CORS_ALLOW_ALL_ORIGINS=true and their like. */
bool cors_lets_everyone(struct str name, struct str value);
