/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/fact.h"

#define SHOWN_MAX 60

struct place place_of(const struct sources *sources, const struct data_node *node)
{
    if (!node || node->source >= sources->count)
        return (struct place){0};
    struct data_span span = data_use_span(node);
    if (span.len == 0 && node->key_span.len)
        span = node->key_span;
    return (struct place){sources->items[node->source], span};
}

struct place place_of_key(const struct sources *sources, const struct data_node *node)
{
    if (!node || node->source >= sources->count || node->key_span.len == 0)
        return place_of(sources, node);
    return (struct place){sources->items[node->source], node->key_span};
}

struct str place_text(struct place place)
{
    return place.source ? data_span_text(place.source->bytes, place.span) : STR("");
}

bool fact_said(const struct fact *fact)
{
    return fact->state == FACT_KNOWN || fact->state == FACT_INHERITED || fact->state == FACT_DEFAULT;
}

const char *place_shown(struct place place, struct arena *arena)
{
    struct str text = place_text(place);
    struct buf shown CLEANUP_BUF = BUF_INIT;
    size_t len = text.len < SHOWN_MAX ? text.len : SHOWN_MAX;
    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    buf_add_char(&shown, '\'');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        buf_add_char(&shown, c < 0x20 || c == 0x7F ? '?' : (char)c);
    }
    if (len < text.len)
        buf_add_z(&shown, "...");
    buf_add_char(&shown, '\'');
    return arena_buf(arena, &shown).ptr;
}
