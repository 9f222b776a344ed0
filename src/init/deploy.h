/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/deploy.h - what init/compose*.c and init/kubernetes*.c have in common: how sizes are written, which variables a
 * container gets, which ports it has.
 */
#include "init/plan.h"
#include "init/yaml_writer.h"

#define DEPLOY_TEXT_MAX 32

/* BYTES with the largest of the units that divides it: "16m", "16Mi". */
const char *deploy_size(uint64_t bytes, const char *const units[3], char text[DEPLOY_TEXT_MAX]);

/* "NAME=VALUE" in two. */
struct str deploy_variable(struct str assignment, struct str *ret_value);

/*
 * Whether a deployment says plan->env[AT]: what the description has, and the port. What the language wants besides is
 * in the image's own environment.
 */
bool deploy_says_variable(const struct init_plan *plan, size_t at);
/* Any variable at all. */
bool deploy_has_environment(const struct init_plan *plan);

bool deploy_has_volumes(const struct init_plan *plan);
/* Metrics at a port of their own. */
bool deploy_has_metrics_port(const struct init_plan *plan);
/* What the container starts is said beside the image, because no Dockerfile says it. */
bool deploy_says_command(const struct init_plan *plan);
/* Can be asked by a program of the image. */
bool deploy_has_program_probe(const struct init_plan *plan);

/* Python starts in seconds, the others in milliseconds. */
bool deploy_starts_slowly(const struct init_plan *plan);
