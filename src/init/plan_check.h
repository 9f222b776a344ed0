/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/plan_check.h - the checks of single texts that a description is made of (init/plan*.c only).
 *
 * OPTION is the option's name as a person writes it, without dashes in front ("port-variable"). All give 0, or
 * -ERR_USAGE with a message "OPTION 'VALUE' is ...: say ...". Whatever passes can be put between the quotes of a JSON
 * or YAML string by a writer that escapes; what is said to be of certain bytes needs no quotes for the shell or
 * Dockerfiles.
 */
#include "init/plan.h"

/* -ERR_USAGE: "OPTION 'VALUE' WHY". Bytes of VALUE that don't print are shown as '?', long ones are cut. */
int init_refuse(struct err *err, const char *option, struct str value, const char *why, ...) PRINTF_LIKE(4, 5);

/* UTF-8 on one line, without control characters, of at most LIMIT_INIT_TEXT_BYTES. */
int init_check_text(const char *option, struct str value, struct err *err);
/* A DNS label (RFC 1123): lower case letters, digits and '-' between them, at most 63 bytes. */
int init_check_label(const char *option, struct str value, struct err *err);
/* Labels joined by '.', at most 253 bytes. */
int init_check_subdomain(const char *option, struct str value, struct err *err);
/* A variable of an environment: letters, digits and '_', no digit first. */
int init_check_variable(const char *option, struct str value, struct err *err);
/* Absolute and clean, of letters, digits and "._-+@/"; not the root. */
int init_check_absolute(const char *option, struct str value, struct err *err);
/* Below the project, clean, of the same bytes; no component begins with '-'. */
int init_check_relative(const char *option, struct str value, struct err *err);
/* Of an HTTP request: begins with '/', of the bytes of a URL that no shell and no YAML takes for its own. */
int init_check_http_path(const char *option, struct str value, struct err *err);
/* At most MAX members. */
int init_check_list(const char *option, struct str_list list, size_t max, struct err *err);
/* LOW to HIGH. */
int init_check_number(const char *option, int64_t value, int64_t low, int64_t high, struct err *err);
/* Every byte is a letter, a digit, or one of OTHERS. */
bool init_made_of(struct str value, const char *others);

/* The steps of init_plan_make; each reads what those before it decided. */
int init_plan_images(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err);
int init_plan_start(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err);
int init_plan_room(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err);
int init_plan_probes(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err);
