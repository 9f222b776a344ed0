/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/versions.h"

#include "elf/symbols.h"

/* Oldest first. Debian 13 ships GCC 14's runtime, Debian 12 GCC 12's, Debian 11 GCC 10's. */
static const struct elf_suite suites[] = {
    {"bullseye", "Debian 11", "2.31", "3.4.28", "1.3.12"},
    {"bookworm", "Debian 12", "2.36", "3.4.30", "1.3.13"},
    {"trixie", "Debian 13", "2.41", "3.4.33", "1.3.15"},
};

bool elf_defines(const struct elf_file *library, struct str version)
{
    for (size_t i = 0; i < library->definition_count; i++)
        if (str_eq(library->definitions[i].version, version))
            return true;
    return false;
}

const struct elf_need *elf_versions_missing(const struct elf_file *user, struct str name,
                                            const struct elf_file *library, size_t *cursor)
{
    if (library->definition_count == 0)
        return NULL;
    while (*cursor < user->need_count) {
        const struct elf_need *need = &user->needs[(*cursor)++];
        if (!need->weak && str_eq(need->library, name) && !elf_defines(library, need->version))
            return need;
    }
    return NULL;
}

struct str elf_symbol_of_version(const struct elf_file *user, const struct elf_need *need, size_t *ret_count)
{
    struct str first = STR_NONE;
    size_t found = 0;
    struct elf_symbols symbols = elf_symbols_of(user);
    for (uint64_t i = 1; i < symbols.count; i++) {
        struct elf_symbol symbol;
        if (elf_symbol_version(&symbols, i) != need->index)
            continue;
        if (found++ == 0 && elf_symbol_at(&symbols, i, &symbol))
            first = symbol.name;
    }
    if (ret_count)
        *ret_count = found;
    return first;
}

struct str elf_version_family(struct str version)
{
    for (size_t i = 0; i + 1 < version.len; i++)
        if (version.ptr[i] == '_' && char_is_digit(version.ptr[i + 1]))
            return str_head(version, i);
    return version;
}

/* The length of the run of digits at the start of S, leading zeroes included. */
static size_t digits(struct str s)
{
    size_t len = 0;
    while (len < s.len && char_is_digit(s.ptr[len]))
        len++;
    return len;
}

static struct str without_zeroes(struct str s)
{
    while (s.len > 1 && s.ptr[0] == '0')
        s = str_skip(s, 1);
    return s;
}

int elf_version_cmp(struct str a, struct str b)
{
    while (a.len && b.len) {
        size_t na = digits(a), nb = digits(b);
        if (na && nb) {
            struct str x = without_zeroes(str_head(a, na));
            struct str y = without_zeroes(str_head(b, nb));
            int order = x.len == y.len ? str_cmp(x, y) : (x.len < y.len ? -1 : 1);
            if (order)
                return order;
            a = str_skip(a, na);
            b = str_skip(b, nb);
            continue;
        }
        if (a.ptr[0] != b.ptr[0])
            return (unsigned char)a.ptr[0] < (unsigned char)b.ptr[0] ? -1 : 1;
        a = str_skip(a, 1);
        b = str_skip(b, 1);
    }
    return a.len ? 1 : (b.len ? -1 : 0);
}

static void keep_highest(struct str *best, struct str family, struct str version)
{
    if (str_eq(elf_version_family(version), family) && version.len > family.len &&
        (best->len == 0 || elf_version_cmp(version, *best) > 0))
        *best = version;
}

struct str elf_version_best(const struct elf_file *library, struct str family)
{
    struct str best = STR_NONE;
    for (size_t i = 0; i < library->definition_count; i++)
        if (!library->definitions[i].base)
            keep_highest(&best, family, library->definitions[i].version);
    return best;
}

struct str elf_version_highest_need(const struct elf_file *file, struct str family)
{
    struct str best = STR_NONE;
    for (size_t i = 0; i < file->need_count; i++)
        keep_highest(&best, family, file->needs[i].version);
    return best;
}

const struct elf_suite *elf_suite_find(struct str codename)
{
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        if (str_eq_z(codename, suites[i].codename))
            return &suites[i];
    return NULL;
}

static const char *ships(const struct elf_suite *suite, struct str family)
{
    if (str_eq(family, STR("GLIBC")))
        return suite->glibc;
    if (str_eq(family, STR("GLIBCXX")))
        return suite->glibcxx;
    if (str_eq(family, STR("CXXABI")))
        return suite->cxxabi;
    return NULL;
}

const struct elf_suite *elf_suite_of_version(struct str version)
{
    if (str_eq(version, STR("GLIBC_ABI_DT_RELR"))) /* came with glibc 2.36 */
        version = STR("GLIBC_2.36");
    struct str family = elf_version_family(version);
    for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
        const char *highest = ships(&suites[i], family);
        if (highest && elf_version_cmp(str_skip(version, family.len + 1), str_z(highest)) <= 0)
            return &suites[i];
    }
    return NULL;
}
