/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/health.h - the health check of an image: the probe that lies in it at /app/healthcheck, and what the config
 * tells engines of it (Docker's extension of the config, Healthcheck).
 *
 * The engine's time is a second more than the probe's, so that the probe can say what is wrong before it is ended.
 */
#include "base/arena.h"
#include "elf/machine.h"
#include "io/tree.h"
#include "oci/config.h"
#include "pack/options.h"

#define HEALTH_PROBE_PATH "/app/healthcheck"

/* test.items stays NULL when nothing was asked for. Errors: ERR_USAGE naming the option, the value and its form. */
int health_make(struct arena *arena, const struct build_options *options, struct oci_healthcheck *ret_health,
                struct err *err);

/*
 * Puts the probe for MACHINE into the application's layer. Errors: ERR_USAGE when its place is taken;
 * ERR_UNSUPPORTED when this program carries none for MACHINE.
 */
int health_put_probe(struct tree *tree, enum elf_machine machine, int64_t mtime, struct err *err);
