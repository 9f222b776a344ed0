/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waivers of any text lie inside it, name rules that exist and have reasons; complaints lie inside it too. The first
 * byte chooses the surface.
 */
#include "check/waiver.h"
#include "data/yaml.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check(const struct source *source, struct waivers *waivers, const struct findings *findings)
{
    for (size_t i = 0; i < waivers->count; i++) {
        const struct waiver *waiver = &waivers->items[i];
        require(str_eq_z(waiver->rule, "*") || rule_find(waiver->rule));
        require(waiver->reason.len > 0);
        require((size_t)waiver->at.span.offset + waiver->at.span.len <= source->bytes.len);
        require((size_t)waiver->covers.offset + waiver->covers.len <= source->bytes.len);
    }
    for (size_t i = 0; i < findings->count; i++) {
        require((size_t)findings->items[i].at.span.offset + findings->items[i].at.span.len <= source->bytes.len);
        (void)waivers_match(waivers, &findings->items[i]);
    }
}

static void of_dockerfile(const struct source *source)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct dockerfile file;
    struct waivers waivers = {0};
    struct findings findings = {0};
    if (dockerfile_read(source->bytes, &arena, &file, NULL) != 0)
        return;
    if (waivers_of_dockerfile(source, &file, &arena, &waivers, &findings, NULL) == 0)
        check(source, &waivers, &findings);
}

static void of_yaml(const struct source *source, enum surface surface)
{
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    if (yaml_reader_new(source->bytes, NULL, &reader, NULL) != 0)
        return;
    for (bool more = true; more;) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *root = NULL;
        struct waivers waivers = {0};
        struct findings findings = {0};
        if (yaml_next_document(reader, &arena, &root, &more, NULL) != 0)
            root = NULL;
        if (waivers_of_document(source, yaml_document(reader)->span, root, surface, &arena, &waivers, &findings,
                                NULL) == 0)
            check(source, &waivers, &findings);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct source source = {STR_INIT("text"), {(const char *)data + 1, size - 1}, 0, 1};
    if (data[0] == 'd')
        of_dockerfile(&source);
    else
        of_yaml(&source, data[0] == 'c' ? SURFACE_COMPOSE : SURFACE_KUBERNETES);
    return 0;
}
