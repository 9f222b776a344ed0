/* SPDX-License-Identifier: Apache-2.0 */
/* The first line is a file's name, the second a wheel tag, the third and fourth are versions, the rest a specifier. */
#include "python/abi.h"
#include "python/version.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void names(struct str name, struct str tag)
{
    struct buf reason CLEANUP_BUF = BUF_INIT;
    struct python_interpreter interpreter = {
        .major = 3, .minor = 11, .platform = STR("x86_64-linux-gnu"), .libc_major = 2, .libc_minor = 36};
    struct python_ext ext = python_ext_parse(name);
    if (python_ext_fits(&ext, &interpreter, &reason) != (reason.len == 0))
        abort();
    bool fits;
    buf_reset(&reason);
    if (!python_tag_fits(tag, &interpreter, &fits, &reason, NULL) && fits != (reason.len == 0))
        abort();
    (void)python_name_parse(name, &interpreter);
}

/* The order is one: turned round it is the opposite, and the operators say what it says. */
static void versions(struct str left, struct str right, struct str specifiers)
{
    struct python_version a, b;
    struct buf clause CLEANUP_BUF = BUF_INIT;
    bool matches, equal;
    (void)python_specifiers_match(specifiers, left, &matches, NULL);
    if (!python_version_parse(left, &a) || !python_version_parse(right, &b))
        return;
    int order = python_version_cmp(&a, &b), back = python_version_cmp(&b, &a);
    if ((order > 0) != (back < 0) || (order == 0) != (back == 0) || python_version_cmp(&a, &a))
        abort();
    if (a.local.ptr || b.local.ptr)
        return;
    buf_addf(&clause, "==%.*s", STR_ARG(str_trim(right)));
    if (python_specifiers_match(buf_str(&clause), left, &equal, NULL) || equal != (order == 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size);
    struct str lines[4] = {STR_NONE, STR_NONE, STR_NONE, STR_NONE};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        (void)str_next(&rest, '\n', &lines[i]);
    names(lines[0], lines[1]);
    versions(lines[2], lines[3], rest);
    return 0;
}
