/* SPDX-License-Identifier: Apache-2.0 */
/* Content told piece by piece is told as at once; the scans for templates and names stay within the bytes. */
#include "classify/classify.h"
#include "classify/template.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_of((const char *)data, size);
    struct classifier whole = {0}, grown = {0};
    enum classify_content at_once = classify_content(&whole, text, true);
    enum classify_content content = CONTENT_MORE;
    size_t step = size > 0 ? 1 + data[0] % 16 : 1;
    for (size_t len = 0; len < size && content == CONTENT_MORE; len += step)
        content = classify_content(&grown, str_head(text, len), false);
    if (content == CONTENT_MORE)
        content = classify_content(&grown, text, true);
    if (content != at_once || at_once == CONTENT_MORE)
        abort();
    struct str head = str_head(text, 64);
    enum classify_name name = classify_name(head);
    struct str stem = classify_template_stem(head);
    if (stem.len > head.len || (classify_is_compose_default(head) && name != NAME_COMPOSE))
        abort();
    bool braces =
        str_find(text, STR("{{")) < size || str_find(text, STR("{%")) < size || str_find(text, STR("{#")) < size;
    if ((template_is_yaml(text) || template_is_dockerfile(text)) && !braces)
        abort();
    classify_is_dockerfile(text);
    return 0;
}
