/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_read.h"
#include "facts/quantity.h"

#define NS_PER_S 1000000000

/* Whole seconds, rounded up: half a second is not no time. */
static struct fact_number seconds(const struct compose_reader *reader, const char *path)
{
    struct compose_way way = compose_find(reader->service, path);
    struct fact_number found = {.fact = compose_fact(reader, way.node, way.holder, way.path)};
    int64_t ns = 0;
    if (!fact_said(&found.fact))
        return found;
    bool scalar = way.node->kind == DATA_STRING || way.node->kind == DATA_NUMBER;
    if (way.blocked || !scalar || !duration_parse(way.node->value, DURATION_COMPOSE, &ns))
        found.fact.state = FACT_INVALID;
    found.value = ns / NS_PER_S + (ns % NS_PER_S > 0);
    return found;
}

static void read_array(struct compose_reader *reader, const struct data_node *test, struct probe_fact *health)
{
    const struct data_node *kind = test->first;
    struct fact_command *command = &health->command;
    command->fact.state = test->flags & DATA_INHERITED ? FACT_INHERITED : FACT_KNOWN;
    health->fact.state = command->fact.state;
    if (!kind) { /* as if it were not there: the image's own */
        health->fact.state = command->fact.state = FACT_ABSENT;
        health->action = PROBE_NONE;
    } else if (kind->flags & DATA_UNKNOWN) {
        health->fact.state = command->fact.state = FACT_UNKNOWN;
        health->action = PROBE_UNKNOWN;
    } else if (str_eq_z(kind->value, "NONE")) {
        health->action = PROBE_NONE;
    } else if (str_eq_z(kind->value, "CMD")) {
        health->action = PROBE_EXEC;
        compose_exec_of(reader, kind->next, command);
    } else if (str_eq_z(kind->value, "CMD-SHELL") && kind->next) {
        health->action = PROBE_EXEC;
        compose_shell_of(reader, kind->next, command);
    } else {
        health->fact.state = command->fact.state = FACT_INVALID;
        health->action = PROBE_UNKNOWN;
    }
}

static void read_test(struct compose_reader *reader, const struct data_node *test, struct probe_fact *health)
{
    if (test->kind == DATA_ARRAY) {
        read_array(reader, test, health);
    } else if (test->kind == DATA_OBJECT) {
        health->fact.state = FACT_INVALID;
        health->action = PROBE_UNKNOWN;
    } else if (str_trim(test->value).len == 0) {
        health->fact.state = health->command.fact.state = FACT_ABSENT;
    } else {
        health->action = PROBE_EXEC;
        health->fact.state = health->command.fact.state = test->flags & DATA_INHERITED ? FACT_INHERITED : FACT_KNOWN;
        compose_shell_of(reader, test, &health->command);
    }
}

void compose_read_health(struct compose_reader *reader)
{
    struct probe_fact *health = &reader->workload->health;
    struct compose_way way = compose_find(reader->service, "healthcheck.test");
    struct fact absent = compose_fact(reader, NULL, way.holder, way.path);
    health->fact = compose_fact(reader, way.node, way.holder, way.path);
    if (way.blocked && fact_said(&health->fact))
        health->fact.state = FACT_INVALID;
    health->command.fact = health->fact;
    health->host.fact = health->path.fact = health->port.fact = health->scheme.fact = absent;
    health->initial_delay_s = seconds(reader, "healthcheck.start_period");
    health->period_s = seconds(reader, "healthcheck.interval");
    health->timeout_s = seconds(reader, "healthcheck.timeout");
    struct compose_way retries = compose_find(reader->service, "healthcheck.retries");
    health->failure_threshold = compose_number_of(reader, retries.node, retries.holder, retries.path);
    struct compose_way off = compose_find(reader->service, "healthcheck.disable");
    struct fact_bool disable = compose_bool_of(reader, off.node, off.holder, off.path, false);
    if (fact_said(&disable.fact) && disable.value) {
        health->fact = disable.fact;
        health->command.fact = absent;
        health->action = PROBE_NONE;
    } else if (disable.fact.state == FACT_UNKNOWN) {
        health->fact = disable.fact;
        health->action = PROBE_UNKNOWN;
    } else if (!data_absent(way.node) && !way.blocked) {
        read_test(reader, way.node, health);
    } else if (health->fact.state == FACT_UNKNOWN || health->fact.state == FACT_INVALID) {
        health->action = PROBE_UNKNOWN;
    }
}
