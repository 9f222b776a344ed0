/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/python_glance.h - a first look at a source, some ten times as fast as reading its tokens.
 */
#include "base/map.h"

/* False only when python_imports_scan would find no import of a top-level module that KNOWN lacks. */
bool python_glance(struct str source, const struct map *known);
