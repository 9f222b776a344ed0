/* SPDX-License-Identifier: Apache-2.0 */
#include "init/deploy.h"

#include <stdio.h>

const char *deploy_size(uint64_t bytes, const char *const units[3], char text[DEPLOY_TEXT_MAX])
{
    unsigned unit = 3;
    while (unit > 0 && (bytes == 0 || bytes % (1ULL << (10 * unit)) != 0))
        unit--;
    (void)snprintf(text, DEPLOY_TEXT_MAX, "%llu%s", (unsigned long long)(bytes >> (10 * unit)),
                   unit > 0 ? units[unit - 1] : "");
    return text;
}

struct str deploy_variable(struct str assignment, struct str *ret_value)
{
    size_t at = str_find_char(assignment, '=');
    *ret_value = str_skip(assignment, at + 1);
    return str_head(assignment, at);
}

bool deploy_says_variable(const struct init_plan *plan, size_t at)
{
    struct str value, name = deploy_variable(plan->env[at], &value);
    bool is_own = at + plan->options->env.len >= plan->env_count; /* the description's are the last */
    return is_own || str_eq(name, plan->port_variable);
}

bool deploy_has_environment(const struct init_plan *plan)
{
    bool any = plan->secret_count > 0;
    for (size_t i = 0; i < plan->env_count; i++)
        any |= deploy_says_variable(plan, i);
    return any;
}

bool deploy_has_volumes(const struct init_plan *plan)
{
    for (size_t i = 0; i < plan->path_count; i++)
        if (plan->paths[i].lasts)
            return true;
    return false;
}

bool deploy_has_metrics_port(const struct init_plan *plan)
{
    return plan->metrics.len > 0 && (!plan->serves || plan->metrics_port != plan->port);
}

bool deploy_says_command(const struct init_plan *plan)
{
    return plan->language == INIT_IMAGE && (plan->options->entrypoint.len > 0 || plan->options->args.len > 0);
}

bool deploy_has_program_probe(const struct init_plan *plan)
{
    return plan->ready.count > 0;
}

bool deploy_starts_slowly(const struct init_plan *plan)
{
    return plan->language == INIT_PYTHON || plan->language == INIT_IMAGE;
}
