/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the bytes are, they get a noun in printable ASCII, and a remedy unless they are a program. */
#include "detect/app.h"

#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct app app;
    if (detect_app(STR("dir/app.py"), S_IFREG | 0755, str_of((const char *)data, size), &arena, &app, &err))
        abort();
    if (app.noun.len == 0 || (app.remedy.len == 0) != detect_is_program(&app))
        abort();
    for (size_t i = 0; i < app.noun.len; i++)
        if (app.noun.ptr[i] < ' ' || app.noun.ptr[i] > '~')
            abort();
    if (!detect_is_program(&app) && detect_refuse(&app, STR("app"), &err) >= 0)
        abort();
    return 0;
}
