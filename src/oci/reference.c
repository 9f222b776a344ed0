/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/reference.h"

#include "base/limits.h"
#include "base/num.h"

#include <string.h>

static bool is_lower_alnum(char c)
{
    return char_is_digit(c) || (c >= 'a' && c <= 'z');
}

/* Length of the separator at the start of S: one '.', one or two '_', any number of '-'; 0 when there is none. */
static size_t separator(struct str s)
{
    size_t len = 0;
    while (len < s.len && s.ptr[len] == s.ptr[0])
        len++;
    switch (len ? s.ptr[0] : '\0') {
    case '.':
        return len == 1 ? len : 0;
    case '_':
        return len <= 2 ? len : 0;
    case '-':
        return len;
    default:
        return 0;
    }
}

static bool component_valid(struct str component)
{
    bool alnum_before = false;
    while (component.len > 0) {
        if (is_lower_alnum(component.ptr[0])) {
            alnum_before = true;
            component = str_skip(component, 1);
            continue;
        }
        size_t len = separator(component);
        if (len == 0 || !alnum_before || len == component.len)
            return false;
        alnum_before = false;
        component = str_skip(component, len);
    }
    return alnum_before;
}

bool oci_repository_valid(struct str repository)
{
    struct str component;
    if (repository.len == 0)
        return false;
    for (struct str rest = repository; str_next(&rest, '/', &component);)
        if (!component_valid(component))
            return false;
    return true;
}

bool oci_tag_valid(struct str tag)
{
    if (tag.len == 0 || tag.len > 128 || tag.ptr[0] == '.' || tag.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < tag.len; i++)
        if (!char_is_alnum(tag.ptr[i]) && tag.ptr[i] != '_' && tag.ptr[i] != '.' && tag.ptr[i] != '-')
            return false;
    return true;
}

bool oci_ref_name_valid(struct str name)
{
    bool alnum_before = false;
    for (size_t i = 0; i < name.len; i++) {
        if (char_is_alnum(name.ptr[i])) {
            alnum_before = true;
            continue;
        }
        if (!alnum_before || i + 1 == name.len || !strchr("-._:@+/", name.ptr[i]) || name.ptr[i] == '\0')
            return false;
        bool double_dash = name.ptr[i] == '-' && name.ptr[i + 1] == '-';
        i += double_dash;
        alnum_before = false;
    }
    return alnum_before && name.len <= LIMIT_REFERENCE_BYTES;
}

static bool host_label_valid(struct str label)
{
    if (label.len == 0 || !char_is_alnum(label.ptr[0]) || !char_is_alnum(label.ptr[label.len - 1]))
        return false;
    for (size_t i = 0; i < label.len; i++)
        if (!char_is_alnum(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    return true;
}

static bool host_valid(struct str host)
{
    struct str label;
    if (host.len == 0)
        return false;
    for (struct str rest = host; str_next(&rest, '.', &label);)
        if (!host_label_valid(label))
            return false;
    return true;
}

static bool ipv6_valid(struct str address)
{
    for (size_t i = 0; i < address.len; i++)
        if (!char_is_digit(address.ptr[i]) && address.ptr[i] != ':' &&
            !(char_lower(address.ptr[i]) >= 'a' && char_lower(address.ptr[i]) <= 'f'))
            return false;
    return address.len >= 2;
}

static bool port_valid(struct str port)
{
    uint32_t number;
    return port.len <= 5 && num_parse_u32(port, &number) && number <= 65535;
}

static bool registry_valid(struct str registry)
{
    struct str host = registry, port = STR_NONE;
    bool bracket = str_starts(registry, STR("["));
    size_t from = bracket ? str_find_char(registry, ']') : 0;
    size_t colon = from + str_find_char(str_skip(registry, from), ':');
    if (bracket && (from == registry.len || (from + 1 < registry.len && colon != from + 1)))
        return false;
    if (colon < registry.len) {
        host = str_head(registry, colon);
        port = str_skip(registry, colon + 1);
        if (!port_valid(port))
            return false;
    }
    return bracket ? ipv6_valid(str_skip(str_head(host, host.len - 1), 1)) : host_valid(host);
}

/* True when the first component of a name (a slash follows) names a registry. */
static bool is_registry(struct str first)
{
    return str_has_char(first, '.') || str_has_char(first, ':') || str_eq(first, STR("localhost"));
}

static int bad_repository(struct str text, struct str repository, struct err *err)
{
    for (size_t i = 0; i < repository.len; i++) {
        if (repository.ptr[i] < 'A' || repository.ptr[i] > 'Z')
            continue;
        err_set(err, ERR_INVALID, "upper case in the repository of '%.*s'", STR_ARG(text));
        return err_hint(err, "repositories are lower case; only tags may have upper case letters"), -(int)ERR_INVALID;
    }
    if (repository.len == 0)
        err_set(err, ERR_INVALID, "no repository in '%.*s'", STR_ARG(text));
    else
        err_set(err, ERR_INVALID, "the repository '%.*s' is not valid", STR_ARG(repository));
    err_hint(err,
             "write components of lower case letters and digits, joined by '.', '_', '__' or '-', with '/' between");
    return -(int)ERR_INVALID;
}

static int take_digest(struct str *text, struct oci_reference *reference, struct err *err)
{
    size_t at = str_find_char(*text, '@');
    if (at == text->len)
        return 0;
    struct str digest = str_skip(*text, at + 1);
    if (!digest_parse(digest, &reference->digest)) {
        err_set(err, ERR_INVALID, "'%.*s' is no digest", STR_ARG(digest));
        err_hint(err, "write sha256: and 64 lower-case hex digits");
        return -(int)ERR_INVALID;
    }
    reference->has_digest = true;
    *text = str_head(*text, at);
    return 0;
}

static int take_tag(struct str *text, struct oci_reference *reference, struct err *err)
{
    size_t slash = str_rfind_char(*text, '/');
    size_t colon = str_rfind_char(*text, ':');
    if (colon == text->len || (slash < text->len && colon < slash))
        return 0;
    reference->tag = str_skip(*text, colon + 1);
    if (!oci_tag_valid(reference->tag)) {
        err_set(err, ERR_INVALID, "the tag '%.*s' is not valid", STR_ARG(reference->tag));
        err_hint(err, "a tag is 1 to 128 letters, digits, '_', '.' or '-', and starts with neither '.' nor '-'");
        return -(int)ERR_INVALID;
    }
    *text = str_head(*text, colon);
    return 0;
}

static int take_registry(struct str *text, struct oci_reference *reference, struct err *err)
{
    size_t slash = str_find_char(*text, '/');
    struct str first = str_head(*text, slash);
    if (slash == text->len || !is_registry(first))
        return 0;
    if (!registry_valid(first)) {
        err_set(err, ERR_INVALID, "the registry '%.*s' is not valid", STR_ARG(first));
        err_hint(err, "write HOST or HOST:PORT, with IPv6 addresses in brackets");
        return -(int)ERR_INVALID;
    }
    reference->registry = first;
    *text = str_skip(*text, slash + 1);
    return 0;
}

int oci_reference_parse(struct str text, struct oci_reference *ret_reference, struct err *err)
{
    struct oci_reference reference = {0};
    if (text.len == 0) {
        err_set(err, ERR_INVALID, "an image name is empty");
        err_hint(err, "write [REGISTRY/]REPOSITORY[:TAG][@DIGEST]");
        return -(int)ERR_INVALID;
    }
    struct str rest = text;
    int r = take_digest(&rest, &reference, err);
    if (r == 0)
        r = take_tag(&rest, &reference, err);
    struct str name = rest;
    if (r == 0)
        r = take_registry(&rest, &reference, err);
    if (r != 0)
        return r;
    if (!oci_repository_valid(rest))
        return bad_repository(text, rest, err);
    if (name.len > LIMIT_REFERENCE_BYTES)
        return err_set(err, ERR_INVALID, "the image name '%.40s...' is longer than 255 bytes", name.ptr);
    reference.repository = rest;
    *ret_reference = reference;
    return 0;
}

int oci_reference_normalize(struct oci_reference *reference, struct arena *arena, struct err *err)
{
    struct oci_reference full = *reference;
    if (full.registry.len == 0 || str_eq(full.registry, STR("index.docker.io")))
        full.registry = STR("docker.io");
    if (str_eq(full.registry, STR("docker.io")) && !str_has_char(full.repository, '/')) {
        char *text = arena_printf(arena, "library/%.*s", STR_ARG(full.repository));
        if (!text)
            return err_nomem(err);
        full.repository = str_z(text);
    }
    if (full.tag.len == 0 && !full.has_digest)
        full.tag = STR("latest");
    *reference = full;
    return 0;
}

void oci_reference_text(struct buf *out, const struct oci_reference *reference)
{
    if (reference->registry.len > 0) {
        buf_add_str(out, reference->registry);
        buf_add_char(out, '/');
    }
    buf_add_str(out, reference->repository);
    if (reference->tag.len > 0) {
        buf_add_char(out, ':');
        buf_add_str(out, reference->tag);
    }
    if (reference->has_digest) {
        char text[DIGEST_TEXT_MAX];
        buf_add_char(out, '@');
        buf_add_z(out, digest_text(&reference->digest, text));
    }
}
