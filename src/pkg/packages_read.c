/* SPDX-License-Identifier: Apache-2.0 */
/* First half of packages_build: Packages texts to drafts, and the order in which names are first mentioned. */
#include "base/limits.h"
#include "base/num.h"
#include "base/vec.h"
#include "pkg/deb822.h"
#include "pkg/internal.h"
#include "pkg/relation.h"

/* The fields that count. The dependencies stand first, in the order in which apt reads them. */
enum field {
    FIELD_PRE_DEPENDS,
    FIELD_DEPENDS,
    FIELD_CONFLICTS,
    FIELD_BREAKS,
    FIELD_RECOMMENDS,
    FIELD_SUGGESTS,
    FIELD_REPLACES,
    FIELD_ENHANCES,
    FIELD_PROVIDES,
    FIELD_RELATIONS, /* how many there are of them */
    FIELD_PACKAGE = FIELD_RELATIONS,
    FIELD_VERSION,
    FIELD_ARCHITECTURE,
    FIELD_FILENAME,
    FIELD_SIZE,
    FIELD_SHA256,
    FIELD_SHA512,
    FIELD_SECTION,
    FIELD_PRIORITY,
    FIELD_SOURCE,
    FIELD_INSTALLED_SIZE,
    FIELD_MULTI_ARCH,
    FIELD_ESSENTIAL,
    FIELD_IMPORTANT,
    FIELD_PROTECTED,
    FIELD_COUNT,
};

static const struct str field_names[FIELD_COUNT] = {
    [FIELD_PRE_DEPENDS] = STR_INIT("Pre-Depends"), [FIELD_DEPENDS] = STR_INIT("Depends"),
    [FIELD_CONFLICTS] = STR_INIT("Conflicts"),     [FIELD_BREAKS] = STR_INIT("Breaks"),
    [FIELD_RECOMMENDS] = STR_INIT("Recommends"),   [FIELD_SUGGESTS] = STR_INIT("Suggests"),
    [FIELD_REPLACES] = STR_INIT("Replaces"),       [FIELD_ENHANCES] = STR_INIT("Enhances"),
    [FIELD_PROVIDES] = STR_INIT("Provides"),       [FIELD_PACKAGE] = STR_INIT("Package"),
    [FIELD_VERSION] = STR_INIT("Version"),         [FIELD_ARCHITECTURE] = STR_INIT("Architecture"),
    [FIELD_FILENAME] = STR_INIT("Filename"),       [FIELD_SIZE] = STR_INIT("Size"),
    [FIELD_SHA256] = STR_INIT("SHA256"),           [FIELD_SHA512] = STR_INIT("SHA512"),
    [FIELD_SECTION] = STR_INIT("Section"),         [FIELD_PRIORITY] = STR_INIT("Priority"),
    [FIELD_SOURCE] = STR_INIT("Source"),           [FIELD_INSTALLED_SIZE] = STR_INIT("Installed-Size"),
    [FIELD_MULTI_ARCH] = STR_INIT("Multi-Arch"),   [FIELD_ESSENTIAL] = STR_INIT("Essential"),
    [FIELD_IMPORTANT] = STR_INIT("Important"),     [FIELD_PROTECTED] = STR_INIT("Protected"),
};

/* Index of VALUE in LIST (any case), or COUNT. */
static size_t find_fold(const struct str *list, size_t count, struct str value)
{
    size_t i = 0;
    while (i < count && !str_eq_fold(list[i], value))
        i++;
    return i;
}

/* Which field NAME is, or FIELD_COUNT. A million names are asked for: length and first letter rule out nearly all. */
static size_t field_of(struct str name)
{
    char first = (char)(name.ptr[0] & ~0x20);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (field_names[i].len == name.len && field_names[i].ptr[0] == first && str_eq_fold(field_names[i], name))
            return i;
    return FIELD_COUNT;
}

static int pick_fields(const struct deb822_paragraph *paragraph, struct str values[static FIELD_COUNT], struct err *err)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        values[i] = STR_NONE;
    for (size_t i = 0; i < paragraph->len; i++) {
        const struct deb822_field *field = &paragraph->fields[i];
        size_t known = field_of(field->name);
        if (known == FIELD_COUNT)
            continue;
        if (field->value.len > LIMIT_FIELD_BYTES)
            return err_set(err, ERR_LIMIT, "field '%.*s' is larger than %u bytes", STR_ARG(field->name),
                           LIMIT_FIELD_BYTES);
        values[known] = field->value;
    }
    return 0;
}

/* What a relation can name (pkg/relation.h). */
static bool name_is_valid(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!char_is_alnum(name.ptr[i]) && !str_has_char(STR("+-._"), name.ptr[i]))
            return false;
    return char_is_alnum(name.ptr[0]);
}

static int check_required(const struct str values[static FIELD_COUNT], struct err *err)
{
    static const enum field required[] = {FIELD_PACKAGE, FIELD_VERSION, FIELD_ARCHITECTURE, FIELD_FILENAME, FIELD_SIZE};
    for (size_t i = 0; i < ARRAY_LEN(required); i++) {
        struct str value = values[required[i]];
        if (value.len == 0)
            return err_set(err, ERR_INVALID, "a paragraph has no %s field", field_names[required[i]].ptr);
        for (size_t at = 0; at < value.len; at++)
            if ((unsigned char)value.ptr[at] <= ' ')
                return err_set(err, ERR_INVALID, "bad %s field '%.*s'", field_names[required[i]].ptr,
                               STR_ARG(str_head(value, 80)));
    }
    if (!name_is_valid(values[FIELD_PACKAGE]))
        return err_set(err, ERR_INVALID, "bad Package field '%.*s'", STR_ARG(str_head(values[FIELD_PACKAGE], 80)));
    return 0;
}

static int set_numbers(const struct str values[static FIELD_COUNT], struct packages_draft *draft, struct err *err)
{
    bool sha512 = values[FIELD_SHA512].len > 0;
    struct str digest = values[sha512 ? FIELD_SHA512 : FIELD_SHA256];
    draft->record.digest_algorithm = sha512 ? DIGEST_SHA512 : DIGEST_SHA256;
    if (digest.len == 0)
        return err_set(err, ERR_INVALID, "package '%.*s' has no SHA256 field", STR_ARG(draft->name));
    if (!num_parse_hex_bytes(digest, draft->digest, digest_size(draft->record.digest_algorithm)))
        return err_set(err, ERR_INVALID, "bad digest '%.*s' of package '%.*s'", STR_ARG(str_head(digest, 130)),
                       STR_ARG(draft->name));
    if (!num_parse_u64(values[FIELD_SIZE], &draft->record.size_bytes))
        return err_set(err, ERR_INVALID, "bad Size '%.*s' of package '%.*s'", STR_ARG(str_head(values[FIELD_SIZE], 40)),
                       STR_ARG(draft->name));
    if (!num_parse_u64(values[FIELD_INSTALLED_SIZE], &draft->record.installed_size_kib))
        draft->record.installed_size_kib = 0;
    return 0;
}

static void set_choices(const struct str values[static FIELD_COUNT], struct packages_record *record)
{
    static const struct str multi_arch[] = {STR_INIT("no"), STR_INIT("same"), STR_INIT("foreign"), STR_INIT("allowed")};
    static const struct str priorities[] = {STR_INIT("required"), STR_INIT("important"), STR_INIT("standard"),
                                            STR_INIT("optional"), STR_INIT("extra")};
    size_t arch = find_fold(multi_arch, ARRAY_LEN(multi_arch), values[FIELD_MULTI_ARCH]);
    record->multi_arch = (uint8_t)(arch < ARRAY_LEN(multi_arch) ? arch : PACKAGE_MULTI_ARCH_NO);
    size_t priority = find_fold(priorities, ARRAY_LEN(priorities), values[FIELD_PRIORITY]);
    if (priority < ARRAY_LEN(priorities))
        record->priority = (uint8_t)(PACKAGE_REQUIRED + priority);
    else
        record->priority = values[FIELD_PRIORITY].len > 0 ? PACKAGE_EXTRA : PACKAGE_PRIORITY_NONE;
    if (deb822_bool(values[FIELD_ESSENTIAL], false))
        record->flags |= RECORD_ESSENTIAL;
    if (deb822_bool(values[FIELD_IMPORTANT], false) || deb822_bool(values[FIELD_PROTECTED], false))
        record->flags |= RECORD_IMPORTANT;
}

/* "Source: name (version)", each left out when it is the package's own. */
static void set_source(struct str value, struct packages_draft *draft)
{
    size_t open = str_find_char(value, '(');
    struct str name = str_trim(str_head(value, open));
    struct str version = str_skip(value, open + 1);
    version = str_trim(str_head(version, str_find_char(version, ')')));
    if (!str_eq(name, draft->name))
        draft->parts[PART_SOURCE] = name;
    if (!str_eq(version, draft->parts[PART_VERSION]))
        draft->parts[PART_SOURCE_VERSION] = version;
}

static void set_parts(const struct str values[static FIELD_COUNT], struct packages_draft *draft)
{
    static const struct {
        enum packages_part part;
        enum field field;
    } pairs[] = {
        {PART_VERSION, FIELD_VERSION},     {PART_PRE_DEPENDS, FIELD_PRE_DEPENDS}, {PART_DEPENDS, FIELD_DEPENDS},
        {PART_CONFLICTS, FIELD_CONFLICTS}, {PART_BREAKS, FIELD_BREAKS},           {PART_PROVIDES, FIELD_PROVIDES},
        {PART_FILENAME, FIELD_FILENAME},
    };
    draft->name = values[FIELD_PACKAGE];
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        draft->parts[pairs[i].part] = values[pairs[i].field];
    set_source(values[FIELD_SOURCE], draft);
}

/* The number of WORD among the words, which it joins if need be. Numbers are kept as pointers, plus one. */
static int intern(struct map *map, struct str word, uint32_t *ret_number, struct err *err)
{
    void **place = map_slot(map, word);
    if (!place)
        return err_nomem(err);
    if (!*place)
        *place = (void *)(uintptr_t)map->len;
    *ret_number = (uint32_t)((uintptr_t)*place - 1);
    return 0;
}

/* Gives a rank to every name that a paragraph mentions, in apt's order. ":any" names another thing than the package. */
static int mention_all(const struct str values[static FIELD_COUNT], struct map *mentions, struct err *err)
{
    uint32_t rank;
    int rc = intern(mentions, values[FIELD_PACKAGE], &rank, err);
    for (size_t i = 0; !rc && i < FIELD_RELATIONS; i++) {
        struct str rest = values[i];
        struct relation relation;
        while (!rc && rest.len > 0) {
            rc = relation_next(&rest, &relation, err);
            if (rc)
                return err_wrap(err, "%s of package '%.*s'", field_names[i].ptr, STR_ARG(values[FIELD_PACKAGE]));
            if (relation.name.len > 0 && !str_eq(relation.qualifier, STR("any")))
                rc = intern(mentions, relation.name, &rank, err);
        }
    }
    return rc;
}

static int read_paragraph(const struct deb822_paragraph *paragraph, const struct packages_input *input, uint32_t number,
                          struct packages_drafts *drafts, struct err *err)
{
    struct str values[FIELD_COUNT];
    struct packages_draft draft = {.order = (uint32_t)drafts->drafts.len, .record = {.input = number}};
    int rc = pick_fields(paragraph, values, err);
    if (!rc)
        rc = check_required(values, err);
    if (rc)
        return rc;
    set_parts(values, &draft);
    set_choices(values, &draft.record);
    if (input->not_automatic)
        draft.record.flags |= RECORD_NOT_AUTOMATIC;
    rc = set_numbers(values, &draft, err);
    if (!rc)
        rc = mention_all(values, &drafts->mentions, err);
    if (!rc)
        rc = intern(&drafts->words, values[FIELD_SECTION], &draft.record.section, err);
    if (!rc)
        rc = intern(&drafts->words, values[FIELD_ARCHITECTURE], &draft.record.architecture, err);
    if (rc)
        return rc;
    if (drafts->drafts.len == LIMIT_PACKAGES)
        return err_set(err, ERR_LIMIT, "more than %d packages", LIMIT_PACKAGES);
    return VEC_PUSH(&drafts->drafts, draft) ? 0 : err_nomem(err);
}

int packages_read(const struct packages_input *input, uint32_t number, struct packages_drafts *drafts, struct err *err)
{
    if (input->text.len > LIMIT_INDEX_BYTES)
        return err_set(err, ERR_LIMIT, "'%s' is larger than %llu bytes", input->name, LIMIT_INDEX_BYTES);
    struct str rest = input->text;
    struct deb822_paragraph paragraph;
    for (;;) {
        int rc = deb822_next(&rest, DEB822_PLAIN, &paragraph, err);
        const char *at = rest.ptr;
        if (!rc && paragraph.len == 0)
            return 0;
        if (!rc) {
            at = paragraph.fields[0].name.ptr;
            rc = read_paragraph(&paragraph, input, number, drafts, err);
        }
        if (rc)
            return err_wrap(err, "'%s' line %zu", input->name, deb822_line_number(input->text, at));
    }
}
