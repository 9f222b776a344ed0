/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/image_override.h"

struct parts {
    struct str name, tag, digest;
};

/* A colon before the last slash belongs to a port. */
static struct parts split(struct str image)
{
    struct parts parts = {.tag = STR(""), .digest = STR("")};
    size_t at = str_find_char(image, '@');
    if (at < image.len)
        parts.digest = str_skip(image, at + 1);
    struct str named = str_head(image, at);
    size_t base = str_has_char(named, '/') ? str_rfind_char(named, '/') + 1 : 0;
    size_t colon = base + str_find_char(str_skip(named, base), ':');
    if (colon < named.len)
        parts.tag = str_skip(named, colon + 1);
    parts.name = str_head(named, colon);
    return parts;
}

static struct str join(const struct parts *parts, struct arena *arena)
{
    const char *text = arena_printf(arena, "%.*s%s%.*s%s%.*s", STR_ARG(parts->name), parts->tag.len ? ":" : "",
                                    STR_ARG(parts->tag), parts->digest.len ? "@" : "", STR_ARG(parts->digest));
    return text ? str_z(text) : STR_NONE;
}

int image_override_apply(const struct image_overrides *overrides, struct str image, struct arena *arena,
                         struct str *ret_name, const struct image_override **ret_last, struct err *err)
{
    const struct image_override *last = NULL;
    struct parts parts = split(image);
    for (size_t i = 0; overrides && i < overrides->count; i++) {
        const struct image_override *override = &overrides->items[i];
        if (override->name.len == 0 || !str_eq(override->name, parts.name))
            continue;
        last = override;
        if (override->new_name.len > 0)
            parts.name = override->new_name;
        if (override->new_tag.len > 0 || override->digest.len > 0) {
            parts.tag = override->new_tag;
            parts.digest = override->digest;
        }
    }
    struct str name = last ? join(&parts, arena) : image;
    if (last && !name.ptr)
        return err_nomem(err);
    *ret_name = name;
    *ret_last = last;
    return 0;
}
