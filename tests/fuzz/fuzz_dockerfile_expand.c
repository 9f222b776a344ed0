/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One word against variables whose values are parts of the word itself: a known result is bounded, an unknown one is
 * the word; uses lie in the word; twice gives the same.
 */
#include "dockerfile/expand.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static struct dockerfile_value look_up(void *self, struct str name)
{
    const struct str *text = self;
    struct dockerfile_value value = {.state = DOCKERFILE_STATE_KNOWN};
    char first = name.len ? name.ptr[0] : '\0';
    require(name.len > 0);
    if (first == 'U')
        value.state = DOCKERFILE_STATE_UNKNOWN;
    else if (first == 'O')
        value = (struct dockerfile_value){.state = DOCKERFILE_STATE_UNKNOWN, .optional = true};
    else if (first == 'N')
        value.state = DOCKERFILE_STATE_ABSENT;
    else if (first != 'E')
        value.text = str_head(*text, 200);
    return value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str text = str_of((const char *)data + 1, size - 1);
    struct dockerfile_word word = {text, {7, (uint32_t)text.len}};
    struct dockerfile_expansion results[2];
    for (unsigned i = 0; i < 2; i++) {
        struct dockerfile_budget budget = {1 << 20, 1 << 20};
        struct dockerfile_scope scope = {look_up, &text, data[0] & 1 ? '`' : '\\', (data[0] & 2) != 0, &budget};
        require(dockerfile_expand(&word, &scope, &arena, &results[i], NULL) == 0);
    }
    const struct dockerfile_value *value = &results[0].value;
    require(value->state == DOCKERFILE_STATE_KNOWN || value->state == DOCKERFILE_STATE_UNKNOWN);
    require(value->state == DOCKERFILE_STATE_KNOWN || str_eq(value->text, text));
    require(!results[0].problem || value->state == DOCKERFILE_STATE_UNKNOWN);
    require(value->state == results[1].value.state && str_eq(value->text, results[1].value.text));
    for (uint32_t i = 0; i < results[0].use_count; i++) {
        struct data_span span = results[0].uses[i].span;
        require(span.offset >= 7 && (size_t)span.offset + span.len <= 7 + text.len);
        require(text.ptr[span.offset - 7] == '$');
    }
    return 0;
}
