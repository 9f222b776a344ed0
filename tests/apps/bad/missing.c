/* SPDX-License-Identifier: Apache-2.0 */
/* missing - needs libnothere.so.1, which no package of the archive has. */
#include <stdio.h>

int nothere(void);

int main(void)
{
    return printf("%d\n", nothere()) < 0;
}
