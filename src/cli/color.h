/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/color.h - whether and how wide to write for people.
 *
 * Order: --color, NO_COLOR, CLICOLOR_FORCE, then whether the stream is a terminal that is not "dumb".
 */
#include "cli/common.h"
#include "config/env.h"

bool cli_use_color(enum cli_color choice, const struct config_env *env, int fd);

/* Columns of the terminal at FD, else COLUMNS, else 80. */
unsigned cli_terminal_width(const struct config_env *env, int fd);
