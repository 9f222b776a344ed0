/* SPDX-License-Identifier: Apache-2.0 */
/* Paragraphs: fields are views within the text, in order and apart; values come apart into lines within them. */
#include "pkg/deb822.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    for (int flags = DEB822_PLAIN; flags <= DEB822_COMMENTS; flags++) {
        struct str rest = text;
        struct deb822_paragraph paragraph;
        const char *last = text.ptr;
        while (deb822_next(&rest, (enum deb822_flags)flags, &paragraph, NULL) == 0 && paragraph.len > 0) {
            for (size_t i = 0; i < paragraph.len; i++) {
                const struct deb822_field *field = &paragraph.fields[i];
                if (field->name.ptr < last || field->value.ptr <= field->name.ptr || field->name.len == 0 ||
                    field->value.ptr + field->value.len > rest.ptr || deb822_find(&paragraph, field->name) != field)
                    abort();
                last = field->value.ptr + field->value.len;
                struct buf CLEANUP_BUF out = BUF_INIT;
                deb822_unfold(&out, field->value);
                if (out.len > field->value.len + 1)
                    abort();
            }
        }
        if (deb822_line_number(text, rest.ptr) > size + 1)
            abort();
    }
    return 0;
}
