/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kubernetes.h"

#include <stdio.h>

/* What the node keeps of a container besides its volumes: logs until they are rotated away. */
#define LOG_BYTES (64ULL << 20)

enum {
    CPU_SHARE = 10, /* of the limit: what it needs when nothing happens */
    CPU_LEAST_MILLIS = 10,
};

static uint64_t written_bytes(const struct init_plan *plan)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < plan->path_count; i++)
        if (!plan->paths[i].lasts && __builtin_add_overflow(bytes, plan->paths[i].bytes, &bytes))
            return UINT64_MAX - LOG_BYTES;
    return bytes;
}

bool kubernetes_writes_to_memory(const struct init_plan *plan)
{
    return written_bytes(plan) <= plan->memory_bytes / 2;
}

static void write_cpu(unsigned millis, struct yaml_writer *yaml)
{
    if (millis % 1000 == 0)
        yaml_f(yaml, "cpu", "\"%u\"", millis / 1000);
    else
        yaml_f(yaml, "cpu", "%um", millis);
}

static void write_bytes(const char *key, uint64_t bytes, struct yaml_writer *yaml)
{
    char text[DEPLOY_TEXT_MAX];
    bool is_number = bytes == 0 || bytes % 1024 != 0;
    yaml_f(yaml, key, is_number ? "\"%s\"" : "%s", deploy_size(bytes, kubernetes_units, text));
}

void kubernetes_resources(const struct init_plan *plan, struct yaml_writer *yaml)
{
    unsigned share = plan->cpu_millis / CPU_SHARE;
    unsigned least = plan->cpu_millis < CPU_LEAST_MILLIS ? plan->cpu_millis : CPU_LEAST_MILLIS;
    uint64_t disk = LOG_BYTES + (kubernetes_writes_to_memory(plan) ? 0 : written_bytes(plan));
    yaml_comment(yaml, "First guesses: measure, then leave some room above the highest use. Memory is set aside as a "
                       "whole, since\nwhat is promised twice ends in a kill; processor time only waits.");
    yaml_open(yaml, "resources");
    yaml_open(yaml, "requests");
    write_cpu(share > least ? share : least, yaml);
    write_bytes("memory", plan->memory_bytes, yaml);
    write_bytes("ephemeral-storage", LOG_BYTES / 4, yaml);
    yaml_close(yaml);
    yaml_open(yaml, "limits");
    write_cpu(plan->cpu_millis, yaml);
    write_bytes("memory", plan->memory_bytes, yaml);
    write_bytes("ephemeral-storage", disk, yaml);
    yaml_close(yaml);
    yaml_close(yaml);
}
