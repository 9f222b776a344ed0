/* SPDX-License-Identifier: Apache-2.0 */
/* A module needs one source. */
#include "base/forward.h"

int python_empty(void);
int python_empty(void)
{
    return 0;
}
