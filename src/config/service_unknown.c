/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_unknown.c - variables that somebody meant for us and that nobody reads.
 */
#include "base/limits.h"
#include "base/suggest.h"
#include "config/service_values.h"

#include <string.h>

#define PREFIX "BAREHULL_"

static bool is_known(struct str name)
{
    for (const struct service_var *var = service_vars; var->name; var++) {
        if (str_eq_z(name, var->name))
            return true;
    }
    for (const struct config_var *var = config_vars; var->name; var++) {
        if (str_eq_z(name, var->name))
            return true;
    }
    return false;
}

/*
 * Kubernetes gives every container BAREHULL_SERVICE_HOST, BAREHULL_SERVICE_PORT[_NAME], BAREHULL_PORT=tcp://... and
 * BAREHULL_PORT_8080_TCP[_PROTO|_PORT|_ADDR] when a Service is called 'barehull'. Nobody meant those for us.
 */
static bool is_service_link(struct str name, struct str value)
{
    struct str rest = str_skip(name, sizeof(PREFIX) - 1);
    if (str_eq_z(rest, "SERVICE_HOST") || str_eq_z(rest, "SERVICE_PORT") || str_starts(rest, STR("SERVICE_PORT_")))
        return true;
    if (str_eq_z(rest, "PORT"))
        return str_find(value, STR("://")) < value.len;
    return str_starts(rest, STR("PORT_")) && rest.len > 5 && char_is_digit(rest.ptr[5]);
}

static void offer(struct suggest *suggest, const char *name)
{
    struct str candidate = str_z(name);
    suggest_offer(suggest, str_starts(candidate, STR(PREFIX)) ? str_skip(candidate, sizeof(PREFIX) - 1) : candidate);
}

/* The name without the prefix when that is one of ours, else the nearest. */
static struct str meant_by(struct str name)
{
    struct str bare = str_skip(name, sizeof(PREFIX) - 1);
    if (bare.len == 0 || is_known(bare))
        return bare;
    /* The prefix is in most of ours: it must not make a name look near. */
    struct suggest suggest = suggest_begin(bare);
    for (const struct service_var *var = service_vars; var->name; var++)
        offer(&suggest, var->name);
    for (const struct config_var *var = config_vars; var->name; var++)
        if (str_starts(str_z(var->name), STR(PREFIX)))
            offer(&suggest, var->name);
    if (suggest.best.len > 0 && !is_known(suggest.best))
        suggest.best = str_of(suggest.best.ptr - (sizeof(PREFIX) - 1), suggest.best.len + sizeof(PREFIX) - 1);
    return suggest.best;
}

static void tell(struct service_loading *loading, struct str name)
{
    const char *text = service_shown(loading, name);
    struct str meant = meant_by(name);
    if (meant.len > 0)
        service_tell(loading, text, NULL, true, "is no variable of barehull's: did you mean '%.*s'?", STR_ARG(meant));
    else
        service_tell(loading, text, NULL, true, "is no variable of barehull's");
}

void service_tell_unknown(struct service_loading *loading, const char *const *names)
{
    VEC(struct str) unknown = {0};
    for (; names && *names; names++) {
        struct str entry = str_z(*names), name = STR_NONE;
        if (!str_starts(entry, STR(PREFIX)))
            continue;
        (void)str_next(&entry, '=', &name);
        if (!is_known(name) && !is_service_link(name, entry) && !VEC_PUSH(&unknown, name))
            loading->failed = true;
    }
    str_sort(unknown.ptr, unknown.len);
    for (size_t i = 0; i < unknown.len && i < LIMIT_SERVICE_UNKNOWN; i++)
        tell(loading, unknown.ptr[i]);
    if (unknown.len > LIMIT_SERVICE_UNKNOWN)
        service_tell(loading, PREFIX "*", NULL, true, "%zu more are no variables of barehull's",
                     unknown.len - LIMIT_SERVICE_UNKNOWN);
    VEC_DONE(&unknown);
}
