/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/platform.h"

/* How other tools spell an architecture. */
static const struct {
    struct str alias, architecture, variant;
} aliases[] = {
    {STR_INIT("x86_64"), STR_INIT("amd64"), STR_INIT("")},
    {STR_INIT("x86-64"), STR_INIT("amd64"), STR_INIT("")},
    {STR_INIT("aarch64"), STR_INIT("arm64"), STR_INIT("")},
    {STR_INIT("i386"), STR_INIT("386"), STR_INIT("")},
    {STR_INIT("i686"), STR_INIT("386"), STR_INIT("")},
    {STR_INIT("armhf"), STR_INIT("arm"), STR_INIT("v7")},
    {STR_INIT("armel"), STR_INIT("arm"), STR_INIT("v5")},
    {STR_INIT("ppc64el"), STR_INIT("ppc64le"), STR_INIT("")},
    {STR_INIT("mips64el"), STR_INIT("mips64le"), STR_INIT("")},
    {STR_INIT("mipsel"), STR_INIT("mipsle"), STR_INIT("")},
};

static const struct str systems[] = {STR_INIT("linux"), STR_INIT("windows"), STR_INIT("darwin"), STR_INIT("freebsd"),
                                     STR_INIT("wasip1")};

static bool is_system(struct str text)
{
    for (size_t i = 0; i < ARRAY_LEN(systems); i++)
        if (str_eq(systems[i], text))
            return true;
    return false;
}

static bool word_valid(struct str word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!char_is_digit(word.ptr[i]) && !(word.ptr[i] >= 'a' && word.ptr[i] <= 'z') && word.ptr[i] != '_' &&
            word.ptr[i] != '-' && word.ptr[i] != '.')
            return false;
    return word.len > 0;
}

int oci_platform_parse(struct str text, struct oci_platform *ret_platform, struct err *err)
{
    struct str parts[3] = {STR_INIT(""), STR_INIT(""), STR_INIT("")};
    size_t count = 0;
    bool good = text.len > 0;
    for (struct str rest = text, part; str_next(&rest, '/', &part);) {
        good = good && count < ARRAY_LEN(parts) && word_valid(part);
        if (good)
            parts[count++] = part;
    }
    bool short_form = good && !is_system(parts[0]);
    if (!good || (short_form && count > 2) || (!short_form && count < 2)) {
        err_set(err, ERR_USAGE, "'%.*s' is no platform", STR_ARG(text));
        err_hint(err, "write os/architecture[/variant], such as linux/amd64 or linux/arm/v7");
        return -(int)ERR_USAGE;
    }
    struct oci_platform platform = {.os = short_form ? STR("linux") : parts[0],
                                    .architecture = parts[short_form ? 0 : 1],
                                    .variant = parts[short_form ? 1 : 2],
                                    .os_version = STR("")};
    for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
        if (!str_eq(aliases[i].alias, platform.architecture))
            continue;
        platform.architecture = aliases[i].architecture;
        if (platform.variant.len == 0)
            platform.variant = aliases[i].variant;
        break;
    }
    *ret_platform = platform;
    return 0;
}

void oci_platform_text(struct buf *out, const struct oci_platform *platform)
{
    buf_add_str(out, platform->os.len > 0 ? platform->os : STR("unknown"));
    buf_add_char(out, '/');
    buf_add_str(out, platform->architecture.len > 0 ? platform->architecture : STR("unknown"));
    if (platform->variant.len > 0) {
        buf_add_char(out, '/');
        buf_add_str(out, platform->variant);
    }
}

static struct str variant_of(const struct oci_platform *platform)
{
    if (platform->variant.len > 0)
        return platform->variant;
    if (str_eq(platform->architecture, STR("arm64")))
        return STR("v8");
    if (str_eq(platform->architecture, STR("arm")))
        return STR("v7");
    return STR("");
}

bool oci_platform_matches(const struct oci_platform *image, const struct oci_platform *wanted)
{
    return str_eq(image->os, wanted->os) && str_eq(image->architecture, wanted->architecture) &&
           str_eq(variant_of(image), variant_of(wanted));
}

struct oci_platform oci_platform_host(void)
{
#if defined(__x86_64__)
    struct str architecture = STR("amd64");
#elif defined(__aarch64__)
    struct str architecture = STR("arm64");
#elif defined(__arm__)
    struct str architecture = STR("arm");
#elif defined(__i386__)
    struct str architecture = STR("386");
#elif defined(__powerpc64__)
    struct str architecture = STR("ppc64le");
#elif defined(__s390x__)
    struct str architecture = STR("s390x");
#elif defined(__riscv)
    struct str architecture = STR("riscv64");
#else
    struct str architecture = STR("unknown");
#endif
    return (struct oci_platform){STR("linux"), architecture, STR(""), STR("")};
}

int oci_platform_read(const struct data_node *node, struct oci_platform *ret_platform, struct err *err)
{
    struct oci_platform platform = {0};
    int r = data_expect(node, DATA_OBJECT, err);
    if (r != 0 || data_absent(node))
        return r;
    r = data_str(data_get(node, "os"), &platform.os, err);
    if (r == 0)
        r = data_str(data_get(node, "architecture"), &platform.architecture, err);
    if (r == 0)
        r = data_str(data_get(node, "variant"), &platform.variant, err);
    if (r == 0)
        r = data_str(data_get(node, "os.version"), &platform.os_version, err);
    if (r == 0)
        *ret_platform = platform;
    return r;
}

void oci_platform_write(struct json_writer *json, const struct oci_platform *platform)
{
    json_object(json);
    json_field_str(json, "architecture", platform->architecture);
    json_field_str(json, "os", platform->os);
    if (platform->os_version.len > 0)
        json_field_str(json, "os.version", platform->os_version);
    if (platform->variant.len > 0)
        json_field_str(json, "variant", platform->variant);
    json_end(json);
}
