/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * config/service_values.h - one value of the service's environment: read, judged, written back.
 *
 * Only config/service*.c include this. Messages are told to people who see nothing but them: they hold the value (cut,
 * never with control characters) and, where one can be named, what should stand there instead.
 */
#include "base/vec.h"
#include "config/service.h"

struct service_loading {
    struct arena *arena;
    struct service_config *config;
    VEC(struct service_problem) problems;
    bool failed; /* memory was short */
};

/* EXAMPLE may be NULL. */
void service_tell(struct service_loading *loading, const char *variable, const char *example, bool warning,
                  const char *format, ...) PRINTF_LIKE(5, 6);
#define service_wrong(loading, var, ...) service_tell((loading), (var)->name, (var)->example, false, __VA_ARGS__)

/* VALUE as messages show it: at most 64 bytes, without control characters. Never NULL. */
const char *service_shown(struct service_loading *loading, struct str value);

/* A copy of LEN bytes and their end; the empty view when memory is short. */
struct str service_keep(struct service_loading *loading, struct str text);

/* Fills VAR's field, or tells what is wrong with VALUE, which is not empty. */
void service_read_value(struct service_loading *loading, const struct service_var *var, struct str value);

/* The same for values that are names of hosts. */
void service_read_host(struct service_loading *loading, const struct service_var *var, struct str value);
void service_read_origins(struct service_loading *loading, const struct service_var *var, struct str value);
void service_read_hosts(struct service_loading *loading, const struct service_var *var, struct str value);

/* What is unknown among NAMES ("NAME=value"), in the order of the alphabet. */
void service_tell_unknown(struct service_loading *loading, const char *const *names);
