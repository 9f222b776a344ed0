/* SPDX-License-Identifier: Apache-2.0 */
/* A script that was rewritten is run by what it was rewritten for, and starts what it started. */
#include "base/buf.h"
#include "python/shebang.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct str text = str_of((const char *)data, size);
    struct python_script script, again;
    if (python_script_read(text, &script, NULL))
        return 0;
    if (script.body_at > text.len || (script.module.len > 0) != (script.function.len > 0))
        abort();
    if (python_script_rewrite(text, &script, STR("/usr/bin/python3.11"), &out, NULL))
        return 0;
    if (python_script_read(buf_str(&out), &again, NULL))
        return 0;
    if (again.kind != PYTHON_SHEBANG_DIRECT || !str_eq(again.interpreter, STR("/usr/bin/python3.11")))
        abort();
    if (!str_eq(again.args, script.args) || !str_eq(again.module, script.module))
        abort();
    return 0;
}
