/* SPDX-License-Identifier: Apache-2.0 */
#include "init/plan.h"

#include "base/limits.h"
#include "base/num.h"
#include "facts/quantity.h"
#include "init/plan_check.h"
#include "oci/reference.h"

#include <inttypes.h>

#define NS_PER_SECOND 1000000000LL

static const struct {
    const char *name;
    enum init_target target;
} targets[] = {{"dockerfile", INIT_DOCKERFILE}, {"compose", INIT_COMPOSE}, {"kubernetes", INIT_KUBERNETES}};

static int plan_targets(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    plan->targets = 0;
    for (size_t i = 0; i < options->targets.len; i++) {
        unsigned found = 0;
        for (size_t k = 0; k < ARRAY_LEN(targets); k++)
            found |= str_eq_z(options->targets.ptr[i], targets[k].name) ? targets[k].target : 0;
        if (!found)
            return init_refuse(err, "write", options->targets.ptr[i],
                               "is not written: say dockerfile, compose or kubernetes");
        plan->targets |= found;
    }
    bool image = plan->language == INIT_IMAGE;
    if (image && plan->targets & INIT_DOCKERFILE)
        return err_set(err, ERR_USAGE, "write has 'dockerfile', but the image is there already: say its language");
    if (plan->targets == 0)
        plan->targets = INIT_COMPOSE | INIT_KUBERNETES | (image ? 0 : INIT_DOCKERFILE);
    return 0;
}

/* Which builds a language has, the default first. */
static const struct {
    enum init_language language;
    enum init_build builds[5];
} builds[] = {
    {INIT_C, {INIT_BUILD_CC, INIT_BUILD_MAKE, INIT_BUILD_CMAKE, INIT_BUILD_MESON, INIT_BUILD_AUTOTOOLS}},
    {INIT_CXX, {INIT_BUILD_CC, INIT_BUILD_MAKE, INIT_BUILD_CMAKE, INIT_BUILD_MESON, INIT_BUILD_AUTOTOOLS}},
    {INIT_GO, {INIT_BUILD_GO}},
    {INIT_RUST, {INIT_BUILD_CARGO}},
    {INIT_PYTHON, {INIT_BUILD_UV, INIT_BUILD_REQUIREMENTS}},
};

static int plan_language(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    if (options->language < 0 || options->language >= INIT_LANGUAGES || options->build < 0 ||
        options->build >= INIT_BUILDS || options->link < 0 || options->link > INIT_LINK_DYNAMIC)
        return err_set(err, ERR_USAGE, "language, build or link is none that is known");
    plan->language = options->language == INIT_LANGUAGE_AUTO ? INIT_IMAGE : (enum init_language)options->language;
    plan->build = INIT_BUILD_AUTO;
    bool fits = options->build == INIT_BUILD_AUTO;
    for (size_t i = 0; i < ARRAY_LEN(builds); i++) {
        if (builds[i].language != plan->language)
            continue;
        plan->build = builds[i].builds[0];
        for (size_t k = 0; k < ARRAY_LEN(builds[i].builds); k++) {
            enum init_build build = builds[i].builds[k];
            if (build == INIT_BUILD_AUTO || (int)build != options->build)
                continue;
            plan->build = build;
            fits = true;
        }
    }
    if (!fits)
        return err_set(err, ERR_USAGE, "build does not go with the language: say neither, or a build that it has");
    plan->is_static =
        options->link == INIT_LINK_STATIC || (options->link == INIT_LINK_AUTO && plan->language == INIT_GO);
    if (plan->is_static && (plan->language == INIT_PYTHON || plan->language == INIT_IMAGE))
        return err_set(err, ERR_USAGE, "link is for programs that are compiled: leave it out for %s",
                       plan->language == INIT_PYTHON ? "Python" : "an image");
    return 0;
}

static int plan_identity(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    if (options->name.len == 0)
        return err_set(err, ERR_USAGE, "name is missing: say what the application is called, like 'shop'");
    int r = init_check_label("name", options->name, err);
    if (r < 0)
        return r;
    plan->name = options->name;
    plan->version = options->version.len > 0 ? options->version : STR("0.1.0");
    if (!oci_tag_valid(plan->version))
        return init_refuse(err, "tag", plan->version,
                           "can't be a tag: say letters, digits, '.', '_' and '-', at most 128, like '1.2.0'");
    if (str_eq_fold(plan->version, STR("latest")))
        return init_refuse(err, "tag", plan->version, "tells no version: say one, like '1.2.0'");
    plan->namespace_ = options->namespace_.len > 0 ? options->namespace_ : plan->name;
    r = init_check_label("namespace", plan->namespace_, err);
    if (r < 0)
        return r;
    if (str_starts(plan->namespace_, STR("kube-")))
        return init_refuse(err, "namespace", plan->namespace_,
                           "belongs to Kubernetes: say one that does not begin with 'kube-'");
    return 0;
}

/* Two numbers: UID[:GID]. */
static int plan_user(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    plan->user = plan->group = 65532;
    if (options->user.len == 0)
        return 0;
    size_t colon = str_find_char(options->user, ':');
    uint32_t user, group;
    bool fits = num_parse_u32(str_head(options->user, colon), &user);
    group = user;
    if (fits && colon < options->user.len)
        fits = num_parse_u32(str_skip(options->user, colon + 1), &group);
    if (!fits || user > INT32_MAX || group > INT32_MAX)
        return init_refuse(err, "user", options->user,
                           "is no number: platforms can't tell whether a name is root; say UID or UID:GID");
    if (user == 0 || group == 0)
        return init_refuse(err, "user", options->user, "is root: say another number, like 65532:65532");
    plan->user = user;
    plan->group = group;
    return 0;
}

static int plan_amount(const char *option, struct str value, const char *fallback, enum quantity_unit unit, int64_t low,
                       int64_t high, int64_t *ret_amount, struct err *err)
{
    struct str text = value.len > 0 ? value : str_z(fallback);
    if (quantity_parse(text, unit, ret_amount) && *ret_amount >= low && *ret_amount <= high)
        return 0;
    bool memory = unit == QUANTITY_WHOLE;
    return init_refuse(err, option, text, "is no amount of %s: say it as Kubernetes does, %s",
                       memory ? "memory between 4Mi and 16Ti" : "CPU between 1m and 1024",
                       memory ? "'128Mi' or '1Gi'" : "'500m' or '2'");
}

static int plan_stop(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    int64_t ns = 30 * NS_PER_SECOND;
    uint64_t seconds;
    struct str text = options->stop_timeout;
    if (text.len > 0 && num_parse_u64(text, &seconds))
        ns = seconds <= LIMIT_INIT_STOP_SECONDS ? (int64_t)seconds * NS_PER_SECOND : -1;
    else if (text.len > 0 && !duration_parse(text, DURATION_GO, &ns))
        ns = -1;
    if (ns < NS_PER_SECOND || ns > LIMIT_INIT_STOP_SECONDS * NS_PER_SECOND || ns % NS_PER_SECOND != 0)
        return init_refuse(err, "stop-timeout", text, "is no time in whole seconds: say 1s to 1h, like '30s'");
    plan->stop_seconds = (unsigned)(ns / NS_PER_SECOND);
    return 0;
}

static int plan_share(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    int64_t bytes, millis;
    int r = plan_amount("memory", options->memory, plan->language == INIT_PYTHON ? "256Mi" : "128Mi", QUANTITY_WHOLE,
                        4 << 20, (int64_t)LIMIT_INIT_MEMORY_BYTES, &bytes, err);
    if (r == 0)
        r = plan_amount("cpu", options->cpu, "1", QUANTITY_MILLI, 1, LIMIT_INIT_CPU_MILLIS, &millis, err);
    if (r == 0)
        r = init_check_number("pids", options->pids, 0, LIMIT_INIT_PIDS, err);
    if (r == 0)
        r = init_check_number("replicas", options->replicas, 0, LIMIT_INIT_REPLICAS, err);
    if (r == 0)
        r = plan_stop(options, plan, err);
    if (r < 0)
        return r;
    plan->memory_bytes = (uint64_t)bytes;
    plan->cpu_millis = (unsigned)millis;
    plan->pids = options->pids > 0 ? (unsigned)options->pids : 128;
    /* What lasts is each replica's own: more than one of them has to be wanted. */
    unsigned replicas = options->volumes.len > 0 ? 1 : 2;
    plan->replicas = options->replicas > 0 ? (unsigned)options->replicas : replicas;
    return 0;
}

static int plan_ports(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    int r = init_check_number("port", options->port, 0, 65535, err);
    if (r == 0)
        r = init_check_number("metrics-port", options->metrics_port, 0, 65535, err);
    if (r == 0)
        r = init_check_number("published-port", options->published_port, 0, 65535, err);
    if (r < 0)
        return r;
    plan->serves = options->port != 0;
    const char *orphan = plan->serves                                         ? NULL
                         : options->metrics.len > 0 && !options->metrics_port ? "metrics"
                         : options->published_port != 0                       ? "published-port"
                         : options->port_variable.len > 0                     ? "port-variable"
                         : options->health.len > 0                            ? "health"
                         : options->live.len > 0                              ? "live"
                                                                              : NULL;
    if (orphan)
        return err_set(err, ERR_USAGE, "%s is of a server, and there is no port: say which one it listens at", orphan);
    if (options->port > 0 && options->port < 1024)
        return err_set(err, ERR_USAGE,
                       "port %" PRId64 " is for root, or a capability that is dropped: say one from 1024 on",
                       options->port);
    if (options->metrics_port > 0 && options->metrics_port < 1024)
        return err_set(err, ERR_USAGE,
                       "metrics-port %" PRId64 " is for root, or a capability that is dropped: say one from 1024 on",
                       options->metrics_port);
    plan->port = (unsigned)options->port;
    plan->metrics_port = options->metrics_port > 0 ? (unsigned)options->metrics_port : plan->port;
    plan->published_port = options->published_port > 0 ? (unsigned)options->published_port : plan->port;
    plan->metrics = options->metrics;
    if (plan->metrics.len > 0)
        return init_check_http_path("metrics", plan->metrics, err);
    if (options->metrics_port > 0)
        return err_set(err, ERR_USAGE, "metrics-port is given, but no path: say metrics, like '/metrics'");
    return 0;
}

int init_plan_make(const struct init_options *options, struct arena *arena, struct init_plan *ret_plan, struct err *err)
{
    struct init_plan plan = {.options = options};
    int r = plan_language(options, &plan, err);
    if (r == 0)
        r = plan_targets(options, &plan, err);
    if (r == 0)
        r = plan_identity(options, &plan, err);
    if (r == 0)
        r = plan_user(options, &plan, err);
    if (r == 0)
        r = plan_share(options, &plan, err);
    if (r == 0)
        r = plan_ports(options, &plan, err);
    if (r == 0)
        r = init_plan_images(options, arena, &plan, err);
    if (r == 0)
        r = init_plan_start(options, arena, &plan, err);
    if (r == 0)
        r = init_plan_room(options, arena, &plan, err);
    if (r == 0)
        r = init_plan_probes(options, arena, &plan, err);
    if (r == 0)
        *ret_plan = plan;
    return r;
}
