/* SPDX-License-Identifier: Apache-2.0 */
/* privlib - a program in bin/ that finds its own library in lib/ beside it, through a RUNPATH of $ORIGIN/../lib. */
#include "greet.h"

#include <stdio.h>

int main(void)
{
    return puts(greeting()) < 0;
}
