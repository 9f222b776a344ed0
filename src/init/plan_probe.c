/* SPDX-License-Identifier: Apache-2.0 */
/* What an application is asked to tell whether it is well, and by whom. */
#include "init/plan_check.h"

static const struct str program = STR_INIT("/app/healthcheck");

/*
 * The probe knows HOST and PORT, so a path alone is enough for a server that reads PORT: who changes the variable
 * changes both. Any other server has its port in the URL.
 */
static int ask(const struct init_plan *plan, const char *question, struct str path, struct arena *arena,
               struct init_probe *ret_probe, struct err *err)
{
    struct str *words = ARENA_ARRAY(arena, 3, struct str);
    if (!words)
        return err_nomem(err);
    words[0] = program;
    words[1] = str_z(question);
    words[2] = path;
    if (!str_eq_z(plan->port_variable, "PORT")) {
        const char *url = arena_printf(arena, "http://127.0.0.1:%u%.*s", plan->port, STR_ARG(path));
        words[2] = str_z(url);
        if (!url)
            return err_nomem(err);
    }
    *ret_probe = (struct init_probe){.command = words, .count = 3};
    return 0;
}

int init_plan_probes(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err)
{
    int r = 0;
    struct str health = options->health, live = options->live.len > 0 ? options->live : options->health;
    if (health.len > 0)
        r = init_check_http_path("health", health, err);
    if (r == 0 && options->live.len > 0)
        r = init_check_http_path("live", live, err);
    if (r < 0)
        return r;
    bool image = plan->language == INIT_IMAGE;
    if (options->health_command.len > 0) {
        if (health.len > 0 || options->live.len > 0)
            return err_set(err, ERR_USAGE, "health-command and %s are two answers to one question: say one",
                           health.len > 0 ? "health" : "live");
        struct init_probe own = {.command = options->health_command.ptr, .count = options->health_command.len};
        plan->startup = plan->ready = plan->live = own;
    } else if (health.len > 0 && image) {
        plan->startup.http_path = plan->ready.http_path = health;
        plan->live.http_path = live;
    } else if (health.len > 0) {
        r = ask(plan, "startup", health, arena, &plan->startup, err);
        if (r == 0)
            r = ask(plan, "ready", health, arena, &plan->ready, err);
        if (r == 0)
            r = ask(plan, "live", live, arena, &plan->live, err);
    } else if (options->live.len > 0) {
        return err_set(err, ERR_USAGE, "live is given, but not health: say where readiness is asked, too");
    }
    bool ours = plan->ready.count > 0 && options->health_command.len == 0;
    if (r == 0 && options->probe_image.len > 0 && !ours)
        return err_set(err, ERR_USAGE, "probe-image is given, but nothing asks with it: %s",
                       image ? "the image is there already" : "say health, like '/health'");
    plan->probe_files = ours && options->probe_image.len == 0;
    return r;
}
