/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/image_name.h"

#include "oci/reference.h"

static const struct {
    struct str prefix;
    enum oci_transport transport;
} transports[] = {
    {STR_INIT("oci:"), OCI_TRANSPORT_LAYOUT},
    {STR_INIT("oci-archive:"), OCI_TRANSPORT_OCI_ARCHIVE},
    {STR_INIT("docker-archive:"), OCI_TRANSPORT_DOCKER_ARCHIVE},
};

/* What other tools know and this one does not. */
static const struct str elsewhere[] = {
    STR_INIT("docker://"), STR_INIT("docker-daemon:"), STR_INIT("containers-storage:"),
    STR_INIT("dir:"),      STR_INIT("ostree:"),        STR_INIT("sif:")};

const char *oci_transport_name(enum oci_transport transport)
{
    static const char *const names[] = {"image", "oci", "oci-archive", "docker-archive"};
    return (size_t)transport < ARRAY_LEN(names) ? names[transport] : "image";
}

static int check_ref(struct str ref, struct err *err)
{
    struct oci_reference reference;
    struct digest digest;
    bool valid = str_starts(ref, STR("@")) ? digest_parse(str_skip(ref, 1), &digest)
                                           : oci_ref_name_valid(ref) || oci_reference_parse(ref, &reference, NULL) == 0;
    if (valid)
        return 0;
    err_set(err, ERR_USAGE, "'%.*s' can't name an image", STR_ARG(ref));
    err_hint(err, "write NAME:TAG, or @sha256:... of a manifest; a path can't hold ':'");
    return -(int)ERR_USAGE;
}

static int split(struct str text, struct oci_image_name *name, struct str *ret_path, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++) {
        if (!str_starts(text, elsewhere[i]))
            continue;
        err_set(err, ERR_USAGE, "'%.*s' lies where barehull can't reach", STR_ARG(text));
        err_hint(err, "save it first, for example with: skopeo copy %.*s oci-archive:FILE", STR_ARG(text));
        return -(int)ERR_USAGE;
    }
    *ret_path = text;
    for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
        if (!str_starts(text, transports[i].prefix))
            continue;
        struct str rest = str_skip(text, transports[i].prefix.len);
        size_t colon = str_find_char(rest, ':');
        name->transport = transports[i].transport;
        name->ref = str_skip(rest, colon + 1);
        *ret_path = str_head(rest, colon);
        return name->ref.len > 0 ? check_ref(name->ref, err) : 0;
    }
    return 0;
}

int oci_image_name_parse(struct str text, struct arena *arena, struct oci_image_name *ret_name, struct err *err)
{
    struct oci_image_name name = {.transport = OCI_TRANSPORT_ANY};
    struct str path = STR_NONE;
    int r = split(text, &name, &path, err);
    if (r != 0)
        return r;
    if (path.len == 0 || str_has_char(path, '\0')) {
        err_set(err, ERR_USAGE, "'%.*s' has no path", STR_ARG(text));
        err_hint(err, "write oci:DIR, oci-archive:FILE or docker-archive:FILE, each with an optional :NAME:TAG");
        return -(int)ERR_USAGE;
    }
    name.ref = arena_str(arena, name.ref);
    name.path = arena_z(arena, path);
    if (!name.ref.ptr || !name.path)
        return err_nomem(err);
    *ret_name = name;
    return 0;
}
