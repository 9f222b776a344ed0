/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a pyvenv.cfg says, what is written of it says the same interpreter. */
#include "python/venv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct python_interpreter interpreter = {.major = 3, .minor = 11};
    struct python_venv venv, again;
    if (python_venv_read(str_of((const char *)data, size), &venv, NULL))
        return 0;
    bool fits = python_venv_fits(&venv, STR("python3.11"), &interpreter, &out);
    if (fits != (out.len == 0))
        abort();
    buf_reset(&out);
    python_venv_write(&venv, STR("/usr/bin"), &out);
    if (python_venv_read(buf_str(&out), &again, NULL) || again.problems)
        abort();
    if (again.system_site_packages != venv.system_site_packages || again.interpreter.minor != venv.interpreter.minor)
        abort();
    return 0;
}
