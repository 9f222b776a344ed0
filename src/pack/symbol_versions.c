/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/symbol_versions.h"

#include "elf/versions.h"

static bool defines(const struct base_library *library, struct str version)
{
    for (size_t i = 0; i < library->versions.count; i++)
        if (str_eq(library->versions.items[i], version))
            return true;
    return library->versions.count == 0; /* an unversioned library satisfies every need, as in ld.so */
}

/* The highest version of VERSION's family that LIBRARY has; empty when there is none. */
static struct str best_of(const struct base_library *library, struct str version)
{
    struct str family = elf_version_family(version);
    struct str best = STR_NONE;
    for (size_t i = 0; i < library->versions.count; i++) {
        struct str candidate = library->versions.items[i];
        if (!str_eq(elf_version_family(candidate), family) || str_ends(candidate, STR("PRIVATE")))
            continue;
        if (best.len == 0 || elf_version_cmp(best, candidate) < 0)
            best = candidate;
    }
    return best;
}

static int refuse(const struct elf_object *object, const struct elf_need *need, const struct base_library *library,
                  struct str suite, struct err *err)
{
    struct str symbol = elf_symbol_of_version(object->file, need, NULL);
    struct str best = best_of(library, need->version);
    err_set(err, ERR_SYMBOL_VERSION, "'%.*s' needs %.*s of '%.*s'%s%.*s%s, and the one of Debian %.*s %s%.*s",
            STR_ARG(object->as_requester.path), STR_ARG(need->version), STR_ARG(need->library),
            symbol.len ? " (for '" : "", STR_ARG(symbol), symbol.len ? "')" : "", STR_ARG(suite),
            best.len ? "goes only up to " : "has no such version", STR_ARG(best));
    const struct elf_suite *release = elf_suite_of_version(need->version);
    if (release)
        return err_hint(err, "build the program on Debian %.*s, or use --suite %s (%s), which has it", STR_ARG(suite),
                        release->codename, release->debian);
    return err_hint(err, "build the program on Debian %.*s", STR_ARG(suite));
}

/* The application's own libraries among each other. */
static int own_versions_check(struct elf_closure *closure, struct err *err)
{
    const struct elf_mismatch *mismatches;
    size_t count;
    int r = elf_closure_mismatches(closure, &mismatches, &count, err);
    if (r < 0 || count == 0)
        return r;
    const struct elf_mismatch *first = &mismatches[0];
    err_set(err, ERR_SYMBOL_VERSION, "'%.*s' needs %.*s of '%.*s', and '%.*s' %s%.*s",
            STR_ARG(first->user->as_requester.path), STR_ARG(first->need->version), STR_ARG(first->need->library),
            STR_ARG(first->provider->as_requester.path), first->best.len ? "goes only up to " : "has no such version",
            STR_ARG(first->best));
    return err_hint(err, "give the library that the program was linked against");
}

int symbol_versions_check(struct elf_closure *closure, const struct base_record *record, struct str suite,
                          struct err *err)
{
    for (size_t i = 0; i < elf_closure_count(closure); i++) {
        const struct elf_object *object = elf_closure_at(closure, i);
        for (size_t j = 0; j < object->file->need_count; j++) {
            const struct elf_need *need = &object->file->needs[j];
            const struct base_library *library = base_record_library(record, need->library);
            if (elf_closure_find(closure, need->library)) /* its own: own_versions_check() */
                continue;
            if (!library || need->weak || defines(library, need->version))
                continue;
            return refuse(object, need, library, suite, err);
        }
    }
    return own_versions_check(closure, err);
}
