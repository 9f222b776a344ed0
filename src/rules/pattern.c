/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/pattern.h"

/* A star that may take one byte more when what follows it does not match. */
struct star {
    size_t pattern; /* behind it; 0: none yet */
    size_t text;    /* up to where it took */
};

static bool star_grow(struct star *star, struct str text, bool across)
{
    if (star->pattern == 0 || star->text >= text.len || (!across && text.ptr[star->text] == '/'))
        return false;
    star->text++;
    return true;
}

/* The last star of each kind is enough to go back to: one before it could not do better. */
bool pattern_match(struct str pattern, struct str text)
{
    struct star within = {0};
    struct star across = {0};
    size_t p = 0;
    size_t t = 0;
    while (t < text.len || p < pattern.len) {
        bool star = p < pattern.len && pattern.ptr[p] == '*';
        if (star && p + 1 < pattern.len && pattern.ptr[p + 1] == '*') {
            p += 2;
            across = (struct star){p, t};
            within = (struct star){0};
        } else if (star) {
            within = (struct star){++p, t};
        } else if (t < text.len && p < pattern.len && pattern.ptr[p] == text.ptr[t]) {
            p++;
            t++;
        } else if (star_grow(&within, text, false)) {
            p = within.pattern;
            t = within.text;
        } else if (star_grow(&across, text, true)) {
            p = across.pattern;
            t = across.text;
            within = (struct star){0};
        } else {
            return false;
        }
    }
    return true;
}

/* With tag and digest as they are written, and without. */
static bool match_forms(struct str pattern, const struct image_name *image, const char *name, struct arena *arena)
{
    if (!name)
        return false;
    const char *tagged = arena_printf(arena, "%s%s%.*s", name, image->tag.len ? ":" : "", STR_ARG(image->tag));
    const char *pinned =
        arena_printf(arena, "%s%s%.*s", tagged ? tagged : "", image->digest.len ? "@" : "", STR_ARG(image->digest));
    return pattern_match(pattern, str_z(name)) || pattern_match(pattern, str_z(tagged)) ||
           pattern_match(pattern, str_z(pinned));
}

bool pattern_match_image(struct rule_strings patterns, const struct image_name *image, struct arena *arena)
{
    struct str repository = image->repository;
    bool hub = str_eq_z(image->registry, "docker.io");
    bool library = hub && str_starts(repository, STR("library/"));
    if (!image->valid)
        return false;
    for (size_t i = 0; i < patterns.count; i++) {
        struct str pattern = patterns.items[i];
        if (match_forms(pattern, image, arena_printf(arena, "%.*s/%.*s", STR_ARG(image->registry), STR_ARG(repository)),
                        arena) ||
            (hub && match_forms(pattern, image, arena_z(arena, repository), arena)) ||
            (library && match_forms(pattern, image, arena_z(arena, str_skip(repository, 8)), arena)))
            return true;
    }
    return false;
}
