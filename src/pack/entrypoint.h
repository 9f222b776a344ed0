/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/entrypoint.h - whether what an image starts is in it.
 */
#include "pack/application.h"
#include "pack/base_record.h"

/*
 * True when PATH (absolute, in either of a merged root's spellings) is a program in the layers of APP, or of the base
 * that RECORD tells of, through links of either: "/app/.venv/bin/python" leads to "/usr/bin/python3.11". Errors:
 * ERR_NOMEM.
 */
int entrypoint_is_startable(const struct application *app, const struct base_record *record, struct str path,
                            bool *ret_startable, struct err *err);
