/* SPDX-License-Identifier: Apache-2.0 */
/* newglibc - a program as it comes from a machine with a newer C library: strtol() is __isoc23_strtol@GLIBC_2.38. */
#include <stdio.h>

long __isoc23_strtol(const char *text, char **end, int base);

int main(int argc, char **argv)
{
    return printf("%ld\n", __isoc23_strtol(argc > 1 ? argv[1] : "0", NULL, 0)) < 0;
}
