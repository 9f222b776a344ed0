/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/busybox.h - which programs a busybox is, read out of it: it may be for another machine, and nothing is run.
 *
 * busybox finds an applet by halving a table of names (include/applet_tables.h, applet_names): one text, each name with
 * a NUL behind it, in byte order, an empty name at the end. "[" and "[[" are the first two of every build that has a
 * shell. Limit: LIMIT_APPLETS.
 */
#include "base/arena.h"
#include "base/err.h"

/*
 * The applets of PROGRAM in byte order, views into it. ERR_INVALID when it holds no such table, or two, or one that is
 * not in order or has no "sh".
 */
int busybox_applets(struct str program, struct arena *arena, struct str_list *ret_applets, struct err *err);
