/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the place of the module's first file. */
#include "base/forward.h"
extern const char metrics_empty;
const char metrics_empty = 0;
