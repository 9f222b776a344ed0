/* SPDX-License-Identifier: Apache-2.0 */
/* pythonstdlib MINOR - the standard library of 3.MINOR as barehull knows it: "NAME PACKAGE|- LIBRARIES", one a line. */
#include "python/stdlib.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    unsigned version = 0x0300 | (unsigned)strtoul(argc > 1 ? argv[1] : "11", NULL, 10);
    for (size_t i = 0; python_stdlib_name(i); i++) {
        struct python_stdlib_module module;
        if (!python_stdlib_find(str_z(python_stdlib_name(i)), version, &module))
            continue;
        bool own = module.extension && str_eq_z(str_z(python_stdlib_name(i)), module.extension);
        printf("%s %s%s%s\n", python_stdlib_name(i), module.package ? module.package : "-", own ? " " : "",
               own ? module.libraries : "");
    }
    return 0;
}
