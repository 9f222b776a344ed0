/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * image/internal.h - between the parts of image/.
 */
#include "image/contents.h"

/* Fills packages and owners from the records that were captured. A record that can't be read is passed over. */
int image_packages_read(struct image_contents *contents, struct err *err);
