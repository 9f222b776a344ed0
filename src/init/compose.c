/* SPDX-License-Identifier: Apache-2.0 */
/* docker-compose.yml, in the keys that docker-compose 1.29 and Compose 2 both honour. */
#include "init/deploy.h"

#include <stdio.h>

static const char *const units[3] = {"k", "m", "g"};

static void write_head(const struct init_plan *plan, struct yaml_writer *yaml, struct buf *out)
{
    buf_addf(out, "# %.*s on one machine, hardened", STR_ARG(plan->name));
    if (plan->serves)
        buf_addf(out, ", at http://127.0.0.1:%u", plan->published_port);
    buf_add_z(out, ".\n#\n"
                   "#   docker compose up --detach     # docker-compose 1.29 reads it as well\n"
                   "#\n# Written once by `barehull init`, and yours from now on; `barehull check` tells when it "
                   "becomes less strict.\n");
    yaml_blank(yaml);
}

/* --- what runs ---------------------------------------------------------------------------------------------------- */

static void write_image(const struct init_plan *plan, struct yaml_writer *yaml)
{
    bool built = plan->language != INIT_IMAGE && (plan->targets & INIT_DOCKERFILE) && plan->image_digest.len == 0;
    if (built)
        yaml_z(yaml, "build", ".");
    else if (plan->image_digest.len == 0)
        yaml_comment(yaml, "From a registry with the digest too, NAME:TAG@sha256:...: a tag can be pushed anew.");
    yaml_str(yaml, "image", plan->image);
    if (!built && plan->image_digest.len == 0)
        yaml_remark(yaml, "barehull: allow pinned-image -- it has no digest before it is pushed");
    yaml_f(yaml, "user", "\"%u:%u\"", plan->user, plan->group);
    if (deploy_says_command(plan) && plan->options->entrypoint.len > 0)
        yaml_flow(yaml, "entrypoint", plan->entrypoint, plan->entrypoint_count);
    if (deploy_says_command(plan) && plan->options->args.len > 0)
        yaml_flow(yaml, "command", plan->args, plan->arg_count);
}

static void write_environment(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!deploy_has_environment(plan))
        return;
    yaml_open(yaml, "environment");
    for (size_t i = 0; i < plan->env_count; i++) {
        struct str value, name = deploy_variable(plan->env[i], &value);
        if (deploy_says_variable(plan, i))
            yaml_str_str(yaml, name, value);
    }
    if (plan->secret_count > 0)
        yaml_comment(yaml, "From the environment of whoever starts it, or from .env beside this file, which is never "
                           "committed.");
    for (size_t i = 0; i < plan->secret_count; i++) {
        yaml_open_str(yaml, plan->secrets[i].variable);
        buf_addf(yaml->out, " ${%.*s:?is a secret and has to be set}", STR_ARG(plan->secrets[i].variable));
        yaml_close(yaml);
    }
    yaml_close(yaml);
}

static void write_ports(const struct init_plan *plan, struct yaml_writer *yaml)
{
    char text[DEPLOY_TEXT_MAX];
    if (plan->serves) {
        yaml_open(yaml, "ports");
        yaml_comment(yaml, "On loopback: an address of this machine would be open past its firewall.");
        int len = snprintf(text, sizeof(text), "127.0.0.1:%u:%u", plan->published_port, plan->port);
        yaml_entry(yaml, str_of(text, (size_t)len));
        yaml_close(yaml);
    }
    if (deploy_has_metrics_port(plan)) {
        yaml_open(yaml, "expose");
        int len = snprintf(text, sizeof(text), "%u", plan->metrics_port);
        yaml_entry(yaml, str_of(text, (size_t)len));
        yaml_remark(yaml, "metrics, for containers of the same network");
        yaml_close(yaml);
    }
}

/* --- where it writes ---------------------------------------------------------------------------------------------- */

/* Of memory, so that each has its bound, and belongs to the user who writes. */
static void write_tmpfs(const struct init_plan *plan, struct yaml_writer *yaml)
{
    char size[DEPLOY_TEXT_MAX];
    yaml_open(yaml, "tmpfs");
    for (size_t i = 0; i < plan->path_count; i++) {
        const struct init_path *path = &plan->paths[i];
        CLEANUP_BUF struct buf text = BUF_INIT;
        if (path->lasts)
            continue;
        buf_addf(&text, "%.*s:rw,noexec,nosuid,nodev,size=%s,mode=0700,uid=%u,gid=%u", STR_ARG(path->path),
                 deploy_size(path->bytes, units, size), plan->user, plan->group);
        yaml_entry(yaml, buf_str(&text));
        yaml->out->failed |= text.failed;
    }
    yaml_close(yaml);
}

static void write_volumes(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!deploy_has_volumes(plan))
        return;
    yaml_open(yaml, "volumes");
    yaml_comment(yaml, "A new volume takes over the directory of the image, with its owner.");
    for (size_t i = 0; i < plan->path_count; i++) {
        const struct init_path *path = &plan->paths[i];
        CLEANUP_BUF struct buf text = BUF_INIT;
        if (!path->lasts)
            continue;
        buf_addf(&text, "%.*s:%.*s", STR_ARG(path->name), STR_ARG(path->path));
        yaml_entry(yaml, buf_str(&text));
        yaml->out->failed |= text.failed;
    }
    yaml_close(yaml);
}

static void write_confinement(const struct init_plan *plan, struct yaml_writer *yaml)
{
    static const struct str all[] = {STR_INIT("ALL")};
    yaml_comment(yaml, "The root is never written to; what is here takes its place, of memory, and within the limit "
                       "below.");
    yaml_z(yaml, "read_only", "true");
    write_tmpfs(plan, yaml);
    write_volumes(plan, yaml);
    yaml_flow(yaml, "cap_drop", all, ARRAY_LEN(all));
    yaml_comment(yaml, "The engine's own seccomp profile applies because none is named here.");
    yaml_z(yaml, "security_opt", "[\"no-new-privileges:true\"]");
}

/* --- how much, and how well --------------------------------------------------------------------------------------- */

static void write_limits(const struct init_plan *plan, struct yaml_writer *yaml)
{
    char size[DEPLOY_TEXT_MAX];
    unsigned millis = plan->cpu_millis, decimals = 3;
    for (; decimals > 1 && millis % 10 == 0; decimals--)
        millis /= 10;
    unsigned scale = decimals == 3 ? 1000 : decimals == 2 ? 100 : 10;
    yaml_comment(yaml, "First guesses: measure, then leave some room above the highest use.");
    yaml_f(yaml, "cpus", "%u.%0*u", millis / scale, (int)decimals, millis % scale);
    yaml_z(yaml, "mem_limit", deploy_size(plan->memory_bytes, units, size));
    yaml_z(yaml, "memswap_limit", size);
    yaml_remark(yaml, "as much as memory: none of it is swap");
    yaml_u64(yaml, "pids_limit", plan->pids);
}

static void write_health(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!deploy_has_program_probe(plan))
        return;
    yaml_comment(yaml, "Ready, not only alive: it is what depends_on and proxies ask for. Nobody restarts it for being "
                       "busy.");
    yaml_open(yaml, "healthcheck");
    yaml_flow_after(yaml, "test", "CMD", plan->ready.command, plan->ready.count);
    yaml_z(yaml, "interval", "10s");
    yaml_z(yaml, "timeout", "3s");
    yaml_z(yaml, "start_period", deploy_starts_slowly(plan) ? "30s" : "5s");
    yaml_remark(yaml, "failures until then do not count");
    yaml_z(yaml, "retries", "3");
    yaml_close(yaml);
}

static void write_labels(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!plan->serves && plan->metrics.len == 0)
        return;
    yaml_open(yaml, "labels");
    yaml_z(yaml, "prometheus.io/scrape", plan->metrics.len > 0 ? "\"true\"" : "\"false\"");
    if (plan->metrics.len > 0) {
        yaml_f(yaml, "prometheus.io/port", "\"%u\"", plan->metrics_port);
        yaml_str(yaml, "prometheus.io/path", plan->metrics);
    } else {
        yaml_remark(yaml, "it has no metrics");
    }
    yaml_close(yaml);
}

static void write_life(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_comment(yaml, "From TERM until KILL: the time to finish what is under way.");
    yaml_f(yaml, "stop_grace_period", "%us", plan->stop_seconds);
    yaml_z(yaml, "restart", "unless-stopped");
    yaml_open(yaml, "logging");
    yaml_z(yaml, "driver", "json-file");
    yaml_z(yaml, "options", "{max-size: 10m, max-file: \"3\"}");
    yaml_close(yaml);
}

static void write_service(const struct init_plan *plan, struct yaml_writer *yaml)
{
    yaml_open(yaml, "services");
    if (!deploy_has_program_probe(plan))
        yaml_comment(yaml, plan->serves ? "barehull: allow healthcheck-present -- no program in the image is known "
                                          "that could ask it"
                                        : "barehull: allow healthcheck-present -- it takes no requests, and its end is "
                                          "noticed by restart");
    yaml_open_str(yaml, plan->name);
    write_image(plan, yaml);
    write_environment(plan, yaml);
    write_ports(plan, yaml);
    yaml_blank(yaml);
    write_confinement(plan, yaml);
    yaml_blank(yaml);
    write_limits(plan, yaml);
    yaml_blank(yaml);
    write_health(plan, yaml);
    write_life(plan, yaml);
    write_labels(plan, yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}

static void write_named_volumes(const struct init_plan *plan, struct yaml_writer *yaml)
{
    if (!deploy_has_volumes(plan))
        return;
    yaml_blank(yaml);
    yaml_open(yaml, "volumes");
    for (size_t i = 0; i < plan->path_count; i++)
        if (plan->paths[i].lasts) {
            yaml_open_str(yaml, plan->paths[i].name);
            yaml_close(yaml);
        }
    yaml_close(yaml);
}

int init_write_compose(const struct init_plan *plan, struct init_output *output, struct err *err)
{
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct yaml_writer yaml;
    yaml_begin(&yaml, &out, YAML_DOUBLED);
    write_head(plan, &yaml, &out);
    write_service(plan, &yaml);
    write_named_volumes(plan, &yaml);
    int r = yaml_end(&yaml, err);
    return r == 0 ? init_add(output, "docker-compose.yml", &out, "the service for Compose", err) : r;
}
