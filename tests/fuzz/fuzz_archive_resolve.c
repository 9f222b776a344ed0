/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver over any index. The input is one package a line: "name depends;conflicts;provides". Whatever is
 * chosen holds what was asked for, each package once, and what each of them needs by name is there or provided.
 */
#include "archive/resolve.h"
#include "pkg/relation.h"

#include <stdlib.h>

#define REST                                                                                                           \
    "\nVersion: 1\nArchitecture: all\nFilename: f\nSize: 1\nSHA256: "                                                  \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_package(struct buf *text, struct str line)
{
    static const char *const fields[] = {"Depends", "Conflicts", "Provides"};
    struct str name;
    if (!str_next_word(&line, &name))
        return;
    buf_addf(text, "Package: %.*s" REST, STR_ARG(name));
    struct str value;
    for (size_t i = 0; i < ARRAY_LEN(fields) && str_next(&line, ';', &value); i++)
        if (str_trim(value).len > 0)
            buf_addf(text, "\n%s: %.*s", fields[i], STR_ARG(value));
    buf_add_z(text, "\n\n");
}

static bool gives(const struct package *package, struct str name)
{
    if (str_eq(package->name, name))
        return true;
    struct str rest = package->provides;
    struct relation relation;
    while (relation_next(&rest, &relation, NULL) == 0 && relation.name.len > 0)
        if (str_eq(relation.name, name))
            return true;
    return false;
}

static bool is_met(const struct resolution *resolution, struct str name)
{
    for (size_t i = 0; i < resolution->count; i++)
        if (gives(&resolution->packages[i].package, name))
            return true;
    return false;
}

static void check_depends(const struct resolution *resolution, const struct package *package)
{
    struct str rest = package->depends;
    struct relation relation;
    bool met = false;
    while (relation_next(&rest, &relation, NULL) == 0 && relation.name.len > 0) {
        met |= is_met(resolution, relation.name);
        if (relation.or_next)
            continue;
        if (!met)
            abort();
        met = false;
    }
}

static void check(const struct resolution *resolution, struct str wanted)
{
    bool found = false;
    for (size_t i = 0; i < resolution->count; i++) {
        const struct package *package = &resolution->packages[i].package;
        found |= str_eq(package->name, wanted);
        check_depends(resolution, package);
        for (size_t other = 0; other < i; other++)
            if (str_eq(resolution->packages[other].package.name, package->name))
                abort();
    }
    if (!found)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size);
    struct buf CLEANUP_BUF text = BUF_INIT;
    struct buf CLEANUP_BUF block = BUF_INIT;
    struct packages index;
    for (struct str line; str_next_line(&rest, &line);)
        write_package(&text, line);
    const struct packages_input input = {.text = buf_str(&text), .name = "input"};
    if (packages_build(&input, 1, &block, NULL) || packages_open(buf_str(&block), &index, NULL))
        return 0;
    for (uint32_t i = 0; i < index.record_count && i < 50; i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct resolution resolution;
        struct package package;
        struct err err = ERR_INIT;
        if (!packages_get(&index, i, &package))
            abort();
        const struct resolve_request request = {
            .index = &index, .architecture = STR("amd64"), .wanted = &package.name, .wanted_count = 1};
        int rc = resolve_packages(&request, &arena, &resolution, &err);
        if (rc == 0)
            check(&resolution, package.name);
        else if (rc != -ERR_DEPENDENCY)
            abort();
    }
    return 0;
}
