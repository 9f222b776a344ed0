/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/health.h"

#include "base/num.h"
#include "pack/rootfs.h"
#include "probe/limits.h"
#include "probe/target.h"
#include "probes/programs.h"

#define MS_NS      1000000LL
#define SECOND_MS  1000U
#define HOUR_MS    (3600U * SECOND_MS)
#define DAY_MS     (24U * HOUR_MS)
#define RETRIES    3
#define INTERVAL   STR("30s")
#define START      STR("10s")
#define PROBE_PATH str_skip(STR(HEALTH_PROBE_PATH), 1)

/* --- the forms of options ------------------------------------------------------------------------------------- */

/* "1m30s", as engines write durations. */
static bool read_duration(struct str text, uint64_t *ret_ms)
{
    static const struct {
        struct str unit;
        uint64_t ms;
    } units[] = {
        {STR_INIT("ms"), 1}, {STR_INIT("s"), SECOND_MS}, {STR_INIT("m"), 60 * SECOND_MS}, {STR_INIT("h"), HOUR_MS}};
    uint64_t total_ms = 0;
    if (text.len == 0)
        return false;
    while (text.len > 0) {
        size_t digits = 0, letters, unit = 0;
        uint64_t number;
        while (digits < text.len && char_is_digit(text.ptr[digits]))
            digits++;
        for (letters = digits; letters < text.len && !char_is_digit(text.ptr[letters]);)
            letters++;
        struct str name = str_of(text.ptr + digits, letters - digits);
        while (unit < ARRAY_LEN(units) && !str_eq(units[unit].unit, name))
            unit++;
        if (unit == ARRAY_LEN(units) || !num_parse_u64(str_head(text, digits), &number) || number > DAY_MS)
            return false;
        total_ms += number * units[unit].ms;
        if (total_ms > DAY_MS)
            return false;
        text = str_skip(text, letters);
    }
    *ret_ms = total_ms;
    return true;
}

static int take_duration(struct str text, const char *option, uint64_t min_ms, uint64_t max_ms, int64_t *ret_ns,
                         struct err *err)
{
    uint64_t ms = 0;
    if (!read_duration(text, &ms) || ms < min_ms || ms > max_ms) {
        err_set(err, ERR_USAGE, "'%.*s' is no time for --%s", STR_ARG(text), option);
        return err_hint(err, "give for instance --%s 30s; from %llums to %llus", option, (unsigned long long)min_ms,
                        (unsigned long long)(max_ms / SECOND_MS));
    }
    *ret_ns = (int64_t)ms * MS_NS;
    return 0;
}

/* What the probe itself would say of URL. */
static int check_url(struct str url, struct err *err)
{
    struct target target = {0};
    const struct text text = {url.ptr, url.len};
    struct target_fault fault =
        str_starts(url, STR("/")) ? target_set_path(&target, text) : target_from_url(text, &target);
    if (!fault.cause)
        return 0;
    err_set(err, ERR_USAGE, "--health: %s '%.*s'", fault.cause, (int)fault.subject.len, fault.subject.at);
    return err_hint(err, "give http://127.0.0.1:PORT/PATH, /PATH of the server that HOST and PORT name, or "
                         "unix:/run/app.sock:/PATH");
}

/* --- the config ------------------------------------------------------------------------------------------------ */

static int make_test(struct arena *arena, const struct build_options *options, struct oci_healthcheck *health,
                     struct err *err)
{
    uint64_t timeout_ms = PROBE_TIMEOUT_DEFAULT_MS;
    struct str *test = ARENA_ARRAY(arena, 5, struct str);
    if (!test)
        return err_nomem(err);
    health->test = (struct data_strs){test, 3};
    test[0] = STR("CMD");
    test[1] = STR(HEALTH_PROBE_PATH);
    test[2] = options->health;
    if (options->health_timeout.len) {
        int64_t ns = 0;
        int r = take_duration(options->health_timeout, "health-timeout", 10, PROBE_TIMEOUT_MAX_MS, &ns, err);
        if (r < 0)
            return r;
        timeout_ms = (uint64_t)(ns / MS_NS);
        const char *text = arena_printf(arena, "%llums", (unsigned long long)timeout_ms);
        if (!text)
            return err_nomem(err);
        test[3] = STR("--timeout");
        test[4] = str_z(text);
        health->test.count = 5;
    }
    health->timeout_ns = (int64_t)(timeout_ms + SECOND_MS) * MS_NS;
    return 0;
}

int health_make(struct arena *arena, const struct build_options *options, struct oci_healthcheck *ret_health,
                struct err *err)
{
    struct oci_healthcheck health = {.retries = options->health_retries ? options->health_retries : RETRIES};
    struct str interval = options->health_interval, start = options->health_start_period;
    if (options->health.len == 0) {
        if (interval.len || start.len || options->health_timeout.len || options->health_retries) {
            err_set(err, ERR_USAGE, "there is no health check to set times of");
            return err_hint(err, "give --health URL as well");
        }
        *ret_health = (struct oci_healthcheck){0};
        return 0;
    }
    int r = check_url(options->health, err);
    if (r == 0)
        r = make_test(arena, options, &health, err);
    if (r == 0)
        r = take_duration(interval.len ? interval : INTERVAL, "health-interval", 100, DAY_MS, &health.interval_ns, err);
    if (r == 0)
        r = take_duration(start.len ? start : START, "health-start-period", 0, DAY_MS, &health.start_period_ns, err);
    if (r == 0)
        *ret_health = health;
    return r;
}

/* --- the probe ------------------------------------------------------------------------------------------------- */

static const struct probe_program *find_program(struct str architecture)
{
    for (const struct probe_program *program = probe_programs; program->architecture; program++)
        if (str_eq_z(architecture, program->architecture))
            return program;
    return NULL;
}

int health_put_probe(struct tree *tree, enum elf_machine machine, int64_t mtime, struct err *err)
{
    struct str architecture = elf_machine_info(machine)->debian;
    const struct probe_program *program = find_program(architecture);
    if (tree_get(tree, PROBE_PATH)) {
        err_set(err, ERR_USAGE, "the place of the health probe, '" HEALTH_PROBE_PATH "', is taken by a file of yours");
        return err_hint(err, "give the file another name");
    }
    if (!program) {
        err_set(err, ERR_UNSUPPORTED, "this barehull carries no health probe for %.*s", STR_ARG(architecture));
        return err_hint(err, "it has one for amd64 and arm64 where both compilers were there when it was built "
                             "(Debian package gcc-aarch64-linux-gnu or gcc-x86-64-linux-gnu)");
    }
    const struct tree_node node = {.path = PROBE_PATH,
                                   .type = TREE_FILE,
                                   .mode = 0755,
                                   .mtime = mtime,
                                   .content = str_of((const char *)program->bytes, program->len),
                                   .size_bytes = program->len};
    return rootfs_put(tree, &node, err);
}
