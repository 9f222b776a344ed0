/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_read.h"
#include "facts/quantity.h"

#define CPU_PERIOD_US 100000 /* the kernel's, when the service names none */

typedef struct fact_number number_reader(const struct compose_reader *reader, const struct data_node *node,
                                         const struct data_node *holder, const char *path);

static struct fact_number number_at(const struct compose_reader *reader, const char *path, number_reader *read)
{
    struct compose_way way = compose_find(reader->service, path);
    struct fact_number found = read(reader, way.node, way.holder, way.path);
    if (way.blocked && fact_said(&found.fact))
        found.fact.state = FACT_INVALID;
    return found;
}

static struct fact_number cpus_of(const struct compose_reader *reader, const struct data_node *node,
                                  const struct data_node *holder, const char *path)
{
    struct fact_number found = {.fact = compose_fact(reader, node, holder, path)};
    bool scalar = node && (node->kind == DATA_NUMBER || node->kind == DATA_STRING);
    if (fact_said(&found.fact) && (!scalar || !cpus_parse(node->value, &found.value)))
        found.fact.state = FACT_INVALID;
    return found;
}

/* Says nothing, or 0, which is nothing to the engine. */
static bool is_open(const struct fact_number *number)
{
    return number->fact.state == FACT_ABSENT || (fact_said(&number->fact) && number->value == 0);
}

/* The limit of `deploy`, which wins unless it is 0, or the older key's. */
static struct fact_number first_set(struct fact_number deploy, struct fact_number older)
{
    if (!is_open(&deploy))
        return deploy;
    if (!is_open(&older) || deploy.fact.state == FACT_ABSENT)
        return older.fact.node ? older : deploy; /* a null too: it is the nearest that is written */
    return deploy;
}

static struct fact_number cpu_quota(const struct compose_reader *reader)
{
    struct fact_number quota = number_at(reader, "cpu_quota", compose_number_of);
    struct fact_number period = number_at(reader, "cpu_period", compose_number_of);
    if (!fact_said(&quota.fact))
        return quota;
    if (period.fact.state == FACT_UNKNOWN)
        quota.fact.state = FACT_UNKNOWN;
    int64_t us = fact_said(&period.fact) && period.value > 0 ? period.value : CPU_PERIOD_US;
    quota.value = quota.value <= 0 ? 0 : quota.value > INT64_MAX / 1000 ? INT64_MAX : quota.value * 1000 / us;
    return quota;
}

void compose_read_resources(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    workload->memory_bytes = first_set(number_at(reader, "deploy.resources.limits.memory", compose_bytes_of),
                                       number_at(reader, "mem_limit", compose_bytes_of));
    workload->memory_reservation_bytes =
        first_set(number_at(reader, "deploy.resources.reservations.memory", compose_bytes_of),
                  number_at(reader, "mem_reservation", compose_bytes_of));
    struct fact_number cpus = number_at(reader, "cpus", cpus_of);
    if (is_open(&cpus)) {
        struct fact_number quota = cpu_quota(reader);
        cpus = is_open(&quota) && cpus.fact.state != FACT_ABSENT ? cpus : quota;
    }
    workload->cpu_milli = first_set(number_at(reader, "deploy.resources.limits.cpus", cpus_of), cpus);
    workload->cpu_reservation_milli = number_at(reader, "deploy.resources.reservations.cpus", cpus_of);
    workload->pids = first_set(number_at(reader, "deploy.resources.limits.pids", compose_number_of),
                               number_at(reader, "pids_limit", compose_number_of));
    workload->shm_bytes = number_at(reader, "shm_size", compose_bytes_of);
}
