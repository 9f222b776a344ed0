/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_debug.h - what a debug variant has beyond the image itself: busybox at /busybox, as distroless has it.
 *
 * One static program (Debian's busybox-static) and a link for each of its applets, below /busybox alone: /bin/sh does
 * not exist in a debug variant either, so that an image that leans on a shell fails in tests as it does in production.
 */
#include "pack/base_tree.h"

#define BASE_DEBUG_DIR     "/busybox"
#define BASE_DEBUG_PACKAGE "busybox-static"

/* Fetches the package and puts it. Errors: the archive's; ERR_INVALID when its applets can't be told. */
int base_debug_put(struct base_tree *base, struct err *err);
