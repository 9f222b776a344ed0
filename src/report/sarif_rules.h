/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * report/sarif_rules.h - the driver of a SARIF run: barehull, and the rules with their help. Private to report/sarif.c.
 */
#include "base/buf.h"
#include "data/json_writer.h"
#include "rules/rule.h"

/* The value of "driver". */
void sarif_driver_write(struct json_writer *json, struct str version, struct buf *scratch);

/* Index in the driver's rules; SIZE_MAX when it is none of the table's. */
size_t sarif_rule_index(const struct rule *rule);

/* "error", "warning", "note", "none". */
const char *sarif_level(enum severity severity);

/* {"KEY": {"text": TEXT}}. */
void sarif_text(struct json_writer *json, const char *key, const char *text);
