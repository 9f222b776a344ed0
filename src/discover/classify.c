/* SPDX-License-Identifier: Apache-2.0 */
#include "discover/classify.h"

static bool ends_with_fold(struct str name, struct str ending)
{
    return name.len > ending.len && str_eq_fold(str_skip(name, name.len - ending.len), ending);
}

enum classify_name classify_name(struct str name)
{
    if (str_eq(name, STR("Dockerfile")) || str_eq(name, STR("Containerfile")))
        return NAME_DOCKERFILE;
    bool yaml = ends_with_fold(name, STR(".yaml")) || ends_with_fold(name, STR(".yml"));
    if (yaml && (str_starts(name, STR("compose.")) || str_starts(name, STR("docker-compose."))))
        return NAME_COMPOSE;
    if (yaml)
        return NAME_YAML;
    if (ends_with_fold(name, STR(".json")))
        return NAME_JSON;
    if (ends_with_fold(name, STR(".dockerfile")) || str_starts(name, STR("Dockerfile.")) ||
        str_starts(name, STR("Containerfile.")))
        return NAME_DOCKERFILE;
    return NAME_OTHER;
}

enum classify_content classify_content(struct str bytes)
{
    bool api = false, kind = false, services = false;
    struct str line;
    while (str_next_line(&bytes, &line)) {
        if (str_starts(line, STR("---")))
            api = kind = false;
        api |= str_starts(line, STR("apiVersion:"));
        kind |= str_starts(line, STR("kind:"));
        services |= str_starts(line, STR("services:"));
        if (api && kind)
            return CONTENT_KUBERNETES;
    }
    return services ? CONTENT_COMPOSE : CONTENT_OTHER;
}
