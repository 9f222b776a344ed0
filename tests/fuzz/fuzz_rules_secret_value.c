/* SPDX-License-Identifier: Apache-2.0 */
/* "NAME\nVALUE": a shape lies inside the text, is found again from its own start, and shapes do not overlap. */
#include "rules/secret_value.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size), rest = text, name = STR_NONE;
    const char *what = NULL;
    str_next(&rest, '\n', &name);
    (void)secret_name(name);
    (void)secret_value(rest);
    if (secret_file(name, &what) != SECRET_FILE_NONE && !what)
        abort();
    struct secret_shape shape;
    for (size_t from = 0; secret_shape_find(text, from, &shape); from = shape.offset + shape.len)
        if (shape.len == 0 || shape.offset + shape.len > text.len || !shape.what || shape.offset + shape.len <= from)
            abort();
    return 0;
}
