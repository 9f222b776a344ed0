/* SPDX-License-Identifier: Apache-2.0 */
/* Names of images: what is deployed, what it is built with, what it starts from. */
#include "base/limits.h"
#include "base/num.h"
#include "facts/image_name.h"
#include "init/plan_check.h"
#include "oci/reference.h"

struct names {
    struct str name, tag, digest; /* name: with its registry */
};

/* NAME[:TAG][@DIGEST], not ":latest"; one of both is there unless TAG is what it gets. */
static int read_names(const char *option, struct str text, struct str tag, struct names *ret_names, struct err *err)
{
    struct oci_reference reference;
    struct err own = ERR_INIT;
    if (init_check_text(option, text, err) < 0)
        return -(int)ERR_USAGE;
    if (oci_reference_parse(text, &reference, &own) < 0)
        return own.code == ERR_NOMEM ? err_nomem(err) : err_set(err, ERR_USAGE, "%s: %s", option, own.message);
    struct names names = {.name = str_head(text, str_find_char(text, '@')), .tag = reference.tag};
    if (reference.has_digest)
        names.digest = str_skip(text, names.name.len + 1);
    if (names.tag.len > 0)
        names.name = str_head(names.name, names.name.len - names.tag.len - 1);
    if (str_eq_z(names.tag, "latest"))
        return init_refuse(err, option, text, "is another image tomorrow: say a version, or a digest");
    if (names.tag.len == 0 && names.digest.len == 0)
        names.tag = tag;
    if (names.tag.len == 0 && names.digest.len == 0)
        return init_refuse(err, option, text, "has neither tag nor digest: say which version, NAME:TAG[@DIGEST]");
    *ret_names = names;
    return 0;
}

static int join(struct arena *arena, const struct names *names, struct str *ret_text, struct err *err)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_str(&text, names->name);
    if (names->tag.len > 0) {
        buf_add_char(&text, ':');
        buf_add_str(&text, names->tag);
    }
    if (names->digest.len > 0) {
        buf_add_char(&text, '@');
        buf_add_str(&text, names->digest);
    }
    *ret_text = arena_buf(arena, &text);
    return ret_text->ptr ? 0 : err_nomem(err);
}

/* "3.12", "1.24.1": numbers joined by dots, LOW to HIGH of them. */
static bool is_version(struct str text, size_t low, size_t high)
{
    size_t parts = 0;
    uint32_t number;
    for (struct str rest = text, part; str_next(&rest, '.', &part); parts++) {
        if (part.len > 4 || !num_parse_u32(part, &number))
            return false;
    }
    return parts >= low && parts <= high;
}

static int plan_version(const struct init_options *options, struct init_plan *plan, struct err *err)
{
    static const char *const versions[INIT_LANGUAGES] = {
        [INIT_GO] = "1.25", [INIT_RUST] = "1.88", [INIT_PYTHON] = "3.12"};
    plan->language_version = str_z(versions[plan->language]);
    if (options->language_version.len == 0)
        return 0;
    if (plan->language_version.len == 0)
        return init_refuse(err, "language-version", options->language_version,
                           "is for Go, Rust and Python: leave it out, or say builder");
    if (!is_version(options->language_version, 2, 3))
        return init_refuse(err, "language-version", options->language_version,
                           "is no version: say two or three numbers, like '%s'", versions[plan->language]);
    if (plan->language == INIT_PYTHON && options->language_version.ptr[0] != '3')
        return init_refuse(err, "language-version", options->language_version, "is no Python 3: say one, like '3.12'");
    plan->language_version = options->language_version;
    return 0;
}

static int plan_builder(const struct init_options *options, struct arena *arena, struct init_plan *plan,
                        struct err *err)
{
    struct names names;
    if (options->builder.len > 0) {
        plan->builder = options->builder;
        return read_names("builder", options->builder, STR_NONE, &names, err);
    }
    const char *name = plan->language == INIT_GO       ? "golang:"
                       : plan->language == INIT_RUST   ? "rust:"
                       : plan->language == INIT_PYTHON ? "python:"
                                                       : NULL;
    if (!name) {
        plan->builder = STR("debian:12-slim");
        return 0;
    }
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, name);
    buf_add_str(&text, plan->language_version);
    buf_add_z(&text, plan->language == INIT_GO ? "-bookworm" : "-slim-bookworm");
    plan->builder = arena_buf(arena, &text);
    return plan->builder.ptr ? 0 : err_nomem(err);
}

static int plan_base(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err)
{
    bool cc = plan->language == INIT_CXX || plan->language == INIT_RUST || plan->language == INIT_PYTHON ||
              plan->language == INIT_PROGRAM;
    plan->base_known = true;
    if (options->base.len == 0) {
        plan->base = plan->is_static ? STR("gcr.io/distroless/static-debian12:nonroot")
                     : cc            ? STR("gcr.io/distroless/cc-debian12:nonroot")
                                     : STR("gcr.io/distroless/base-debian12:nonroot");
        return 0;
    }
    plan->base = options->base;
    if (str_eq_z(options->base, "scratch")) {
        if (!plan->is_static)
            return init_refuse(err, "base", options->base, "has no C library: say link static, or a distroless image");
        return 0;
    }
    struct names names;
    struct image_name image;
    int r = read_names("base", options->base, STR_NONE, &names, err);
    if (r == 0)
        r = image_name_read(options->base, arena, &image, err);
    if (r < 0)
        return r;
    if (image.debug)
        return init_refuse(err, "base", options->base, "is a debug variant with a shell: say the one without");
    if (image.kind != IMAGE_DISTROLESS && image.kind != IMAGE_SCRATCH && image.kind != IMAGE_OTHER)
        return init_refuse(err, "base", options->base,
                           "has a shell: say a distroless image, like 'gcr.io/distroless/cc-debian12:nonroot'");
    if (image.windows)
        return init_refuse(err, "base", options->base, "is Windows: say a distroless image");
    plan->base_known = image.kind != IMAGE_OTHER;
    return 0;
}

int init_plan_images(const struct init_options *options, struct arena *arena, struct init_plan *plan, struct err *err)
{
    struct names names;
    struct str image = options->image.len > 0 ? options->image : plan->name;
    int r = read_names("image", image, plan->version, &names, err);
    if (r == 0)
        r = join(arena, &names, &plan->image, err);
    if (r < 0)
        return r;
    plan->image_name = names.name;
    plan->image_tag = names.tag;
    plan->image_digest = names.digest;
    if (options->probe_image.len > 0) {
        struct names probe;
        r = read_names("probe-image", options->probe_image, STR_NONE, &probe, err);
    }
    if (r == 0)
        r = plan_version(options, plan, err);
    if (r == 0)
        r = plan_builder(options, arena, plan, err);
    if (r == 0)
        r = plan_base(options, arena, plan, err);
    return r;
}
