/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the place of the module's first file. */
#include "base/forward.h"
extern const char service_empty;
const char service_empty = 0;
