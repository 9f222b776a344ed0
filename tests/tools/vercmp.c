/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vercmp - compares and judges Debian versions, for comparison with dpkg.
 *
 * Each line of the standard input is "A<tab>B": prints "lt", "eq" or "gt". A line without a tab is one version: prints
 * "valid" or "invalid".
 */
#include "pkg/version.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        struct str rest = str_z(line);
        struct str text;
        struct str first;
        if (!str_next_line(&rest, &text) || !str_next(&text, '\t', &first))
            continue;
        if (!text.ptr) {
            puts(version_validate(first, NULL) ? "invalid" : "valid");
            continue;
        }
        int order = version_compare(first, text);
        puts(order < 0 ? "lt" : order > 0 ? "gt" : "eq");
    }
    free(line);
    return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
