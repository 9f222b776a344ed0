/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/image_name.h"

#include "base/num.h"
#include "facts/image_table.h"
#include "oci/reference.h"

#define DISTROLESS_USER "65532"

static struct str last_component(struct str repository)
{
    return str_skip(repository, str_has_char(repository, '/') ? str_rfind_char(repository, '/') + 1 : 0);
}

/* A word of the tag, between '-': "slim" of "3.12-slim-bookworm". */
static bool tag_has(struct str tag, struct str word)
{
    struct str rest = tag;
    struct str part;
    while (str_next(&rest, '-', &part))
        if (str_eq(part, word))
            return true;
    return false;
}

/* "alpine", "3.12-alpine", "alpine3.20-slim". */
static bool tag_alpine(struct str tag)
{
    struct str rest = tag;
    struct str part;
    while (str_next(&rest, '-', &part))
        if (str_starts(part, STR("alpine")) && (part.len == 6 || char_is_digit(part.ptr[6])))
            return true;
    return false;
}

static bool is_windows(const struct image_name *name)
{
    struct str tag = name->tag;
    bool own = str_eq_z(name->registry, "mcr.microsoft.com") && str_starts(name->repository, STR("windows/"));
    return own || str_find(tag, STR("windowsservercore")) < tag.len || str_find(tag, STR("nanoserver")) < tag.len;
}

static void set_user(struct image_name *name, const char *user)
{
    name->nonroot = !user ? IMAGE_MAYBE : str_eq_z(STR("root"), user) ? IMAGE_NO : IMAGE_YES;
    name->user = user ? str_z(user) : STR_NONE;
}

static void set_system(struct image_name *name, enum image_kind kind, enum image_libc libc)
{
    bool bare = kind == IMAGE_SCRATCH || kind == IMAGE_DISTROLESS;
    name->kind = kind;
    name->libc = libc;
    name->shell = bare ? IMAGE_NO : IMAGE_YES;
    name->package_manager = bare || kind == IMAGE_BUSYBOX ? IMAGE_NO : IMAGE_YES;
}

/* Tags end in the architecture where one is chosen: "nonroot-amd64". */
static struct str without_architecture(struct str tag)
{
    static const char *const names[] = {"amd64", "arm64", "arm", "s390x", "ppc64le", "riscv64"};
    size_t dash = str_rfind_char(tag, '-');
    for (size_t i = 0; dash < tag.len && i < ARRAY_LEN(names); i++)
        if (str_eq_z(str_skip(tag, dash + 1), names[i]))
            return str_head(tag, dash);
    return tag;
}

/*
 * gcr.io/distroless and its mirrors. A tag of another scheme (a date, a commit) tells no user; a debug variant's shell
 * is /busybox/sh, so that even a digest that hides one leaves /bin/sh missing.
 */
static void know_distroless(struct image_name *name)
{
    struct str tag = without_architecture(name->tag);
    const char *flavour = image_distroless_flavour(last_component(name->repository));
    bool is_static = flavour && str_eq_z(STR("static"), flavour);
    set_system(name, IMAGE_DISTROLESS, is_static ? IMAGE_LIBC_NONE : flavour ? IMAGE_LIBC_GLIBC : IMAGE_LIBC_UNKNOWN);
    name->flavour = flavour;
    name->debug = tag_has(tag, STR("debug")) || str_eq_z(last_component(name->repository), "debug");
    if (name->debug)
        name->shell = IMAGE_YES;
    bool latest = tag.len ? str_eq_z(tag, "latest") : name->digest.len == 0;
    if (tag_has(tag, STR("nonroot")))
        set_user(name, DISTROLESS_USER);
    else if (flavour && (latest || str_eq_z(tag, "debug")))
        set_user(name, "root");
}

static bool is_distroless(const struct image_name *name)
{
    struct str repository = name->repository;
    size_t last = repository.len - last_component(repository).len;
    struct str folder = str_head(repository, last ? last - 1 : 0);
    return str_eq_z(folder, "distroless") || str_ends(folder, STR("/distroless"));
}

/* Chainguard: "-dev" variants have a shell and apk. */
static void know_chainguard(struct image_name *name)
{
    struct str image = last_component(name->repository);
    name->debug = tag_has(name->tag, STR("dev"));
    set_system(name, IMAGE_DISTROLESS, IMAGE_LIBC_GLIBC);
    name->flavour = str_eq_z(image, "static") ? "static" : NULL;
    if (str_eq_z(image, "static") || str_eq_z(image, "musl-dynamic"))
        name->libc = str_eq_z(image, "static") ? IMAGE_LIBC_NONE : IMAGE_LIBC_MUSL;
    bool known = image_chainguard_shellless(image);
    name->shell = name->debug ? IMAGE_YES : known ? IMAGE_NO : IMAGE_MAYBE;
    name->package_manager = name->debug ? IMAGE_YES : known ? IMAGE_NO : IMAGE_MAYBE;
    if (known)
        set_user(name, DISTROLESS_USER);
}

/* .NET's images without a shell: Ubuntu chiselled, Azure Linux distroless. They run as "app", 1654 from 8 on. */
static bool know_dotnet(struct image_name *name)
{
    if (!str_starts(name->repository, STR("dotnet/")) || !str_eq_z(name->registry, "mcr.microsoft.com"))
        return false;
    if (!tag_has(name->tag, STR("chiseled")) && !tag_has(name->tag, STR("distroless")))
        return false;
    uint64_t major = 0;
    struct str version = str_head(name->tag, str_find_char(name->tag, '.'));
    set_system(name, IMAGE_DISTROLESS, IMAGE_LIBC_GLIBC);
    set_user(name, num_parse_u64(version, &major) && major >= 8 ? "1654" : "app");
    return true;
}

static void know_row(struct image_name *name, const struct image_row *row)
{
    enum image_kind kind = row->kind;
    enum image_libc libc = row->libc;
    bool open = name->tag.len == 0 && name->digest.len > 0; /* any variant */
    if (tag_alpine(name->tag)) {
        kind = IMAGE_ALPINE;
        libc = IMAGE_LIBC_MUSL;
    } else if (kind == IMAGE_FULL && (tag_has(name->tag, STR("slim")) || tag_has(name->tag, STR("minimal")))) {
        kind = IMAGE_SLIM;
    } else if (kind == IMAGE_BUSYBOX) {
        libc = tag_has(name->tag, STR("musl"))    ? IMAGE_LIBC_MUSL
               : tag_has(name->tag, STR("glibc")) ? IMAGE_LIBC_GLIBC
                                                  : libc;
    }
    bool distribution =
        str_eq_z(STR("alpine"), row->name) || str_eq_z(STR("debian"), row->name) || str_eq_z(STR("ubuntu"), row->name);
    set_system(name, kind, open && !distribution ? IMAGE_LIBC_UNKNOWN : libc);
    if (row->shellless && open)
        name->shell = name->package_manager = IMAGE_MAYBE;
    if (row->no_packages)
        name->package_manager = IMAGE_NO;
    set_user(name, tag_has(name->tag, STR("rootless")) || tag_has(name->tag, STR("unprivileged")) ? NULL : row->user);
}

/* Docker's official images again, for one architecture: amd64/debian. */
static bool is_architecture(struct str folder)
{
    static const char *const names[] = {"amd64/", "arm32v5/",  "arm32v6/", "arm32v7/", "arm64v8/",
                                        "i386/",  "mips64le/", "ppc64le/", "riscv64/", "s390x/"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(folder, names[i]))
            return true;
    return false;
}

/* "python" of library/python, of whatever registry: mirrors keep the path. */
static struct str official_name(const struct image_name *name)
{
    struct str image = last_component(name->repository);
    struct str folder = str_head(name->repository, name->repository.len - image.len);
    if (str_eq_z(name->registry, "docker.io") && is_architecture(folder))
        return image;
    return str_eq_z(folder, "library/") || str_ends(folder, STR("/library/")) ? image : STR_NONE;
}

static void know(struct image_name *name)
{
    name->windows = is_windows(name);
    if (name->windows) {
        name->shell = IMAGE_YES;
        return;
    }
    const struct image_row *row = image_row_official(official_name(name));
    if (!row)
        row = image_row_other(name->registry, name->repository);
    if (is_distroless(name))
        know_distroless(name);
    else if (know_dotnet(name))
        return;
    else if (row)
        know_row(name, row);
    else if (str_eq_z(name->registry, "cgr.dev") && str_starts(name->repository, STR("chainguard/")))
        know_chainguard(name);
    else if (tag_alpine(name->tag))
        set_system(name, IMAGE_ALPINE, IMAGE_LIBC_MUSL);
}

int image_name_read(struct str text, struct arena *arena, struct image_name *ret_name, struct err *err)
{
    struct image_name name = {.text = text};
    struct oci_reference reference;
    struct err invalid = ERR_INIT;
    *ret_name = name;
    if (oci_reference_parse(text, &reference, &invalid) < 0)
        return 0;
    name.valid = true;
    name.tag = reference.tag;
    if (reference.has_digest)
        name.digest = str_skip(text, str_rfind_char(text, '@') + 1);
    int r = oci_reference_normalize(&reference, arena, err);
    if (r < 0)
        return r;
    name.registry = reference.registry;
    name.repository = reference.repository;
    if (str_eq_z(text, "scratch")) {
        set_system(&name, IMAGE_SCRATCH, IMAGE_LIBC_NONE);
        set_user(&name, "root");
    } else {
        know(&name);
    }
    *ret_name = name;
    return 0;
}
