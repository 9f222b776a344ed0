/* SPDX-License-Identifier: Apache-2.0 */
/* A reference that parses reads back from its own text, normalises into one that parses, and normalises once only. */
#include "oci/image_name.h"
#include "oci/platform.h"
#include "oci/reference.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool equal(const struct oci_reference *a, const struct oci_reference *b)
{
    return str_eq(a->registry, b->registry) && str_eq(a->repository, b->repository) && str_eq(a->tag, b->tag) &&
           a->has_digest == b->has_digest && (!a->has_digest || digest_eq(&a->digest, &b->digest));
}

static void check_text(const struct oci_reference *reference, struct buf *out)
{
    struct oci_reference again;
    buf_reset(out);
    oci_reference_text(out, reference);
    /* The first component of "team/app" could be taken for a registry only if it looked like one. */
    require(oci_reference_parse(buf_str(out), &again, NULL) == 0);
    require(equal(reference, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct str text = str_of((const char *)data, size);
    struct oci_image_name name;
    struct oci_platform platform;
    struct oci_reference reference;
    struct err err = ERR_INIT;
    if (oci_image_name_parse(text, &arena, &name, &err) != 0)
        require(err.message[0] != '\0');
    (void)oci_platform_parse(text, &platform, NULL);
    (void)oci_ref_name_valid(text);
    if (oci_reference_parse(text, &reference, &err) != 0) {
        require(err.message[0] != '\0');
        return 0;
    }
    check_text(&reference, &out);
    require(str_eq(buf_str(&out), text));
    require(oci_reference_normalize(&reference, &arena, NULL) == 0);
    if (reference.repository.len + reference.registry.len < 240) /* may have grown over the limit */
        check_text(&reference, &out);
    struct oci_reference twice = reference;
    require(oci_reference_normalize(&twice, &arena, NULL) == 0);
    require(equal(&reference, &twice));
    return 0;
}
