/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/compose_read.h"

void compose_read_env(struct compose_reader *reader)
{
    struct workload *workload = reader->workload;
    workload->env_open = !data_absent(data_get(reader->service, "env_file"));
    struct fact_list pairs = compose_pairs(reader, "environment");
    if (pairs.fact.state == FACT_UNKNOWN && pairs.fact.node && pairs.fact.node->kind == DATA_STRING) {
        workload->env_open = true;
        return;
    }
    struct env_fact *env = COMPOSE_ARRAY(reader, pairs.count, struct env_fact);
    if (!env)
        return;
    size_t count = 0;
    for (size_t i = 0; i < pairs.count; i++) {
        const struct fact_item *item = &pairs.items[i];
        if (item->text.fact.state == FACT_UNKNOWN)
            workload->env_open = true;
        if (item->text.fact.state != FACT_INVALID)
            env[count++] =
                (struct env_fact){.name = item->text.value, .name_at = item->text.fact.at, .value = item->value};
    }
    workload->env = env;
    workload->env_count = count;
}
