/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/version.h"

#include "base/num.h"

struct version version_split(struct str text)
{
    struct version version = {STR_NONE, text, STR_NONE};
    size_t colon = str_find_char(text, ':');
    if (colon < text.len) {
        version.epoch = str_head(text, colon);
        version.upstream = str_skip(text, colon + 1);
    }
    size_t hyphen = str_rfind_char(version.upstream, '-');
    if (hyphen < version.upstream.len) {
        version.revision = str_skip(version.upstream, hyphen + 1);
        version.upstream = str_head(version.upstream, hyphen);
    }
    return version;
}

/* The weight of the byte at I among non-digits; digits and the end weigh nothing. */
static int weight(struct str s, size_t i)
{
    if (i >= s.len || char_is_digit(s.ptr[i]))
        return 0;
    if (s.ptr[i] == '~')
        return -1;
    int byte = (unsigned char)s.ptr[i];
    return char_is_alpha(s.ptr[i]) ? byte : byte + 256;
}

/* Length of the run of digits at I, behind leading zeros, which *I passes over. */
static size_t digit_run(struct str s, size_t *i)
{
    while (*i < s.len && s.ptr[*i] == '0')
        (*i)++;
    size_t end = *i;
    while (end < s.len && char_is_digit(s.ptr[end]))
        end++;
    return end - *i;
}

/* The order of one part: upstream, revision or epoch. */
static int compare_part(struct str a, struct str b)
{
    size_t i = 0;
    size_t j = 0;
    while (i < a.len || j < b.len) {
        while ((i < a.len && !char_is_digit(a.ptr[i])) || (j < b.len && !char_is_digit(b.ptr[j]))) {
            int order = weight(a, i) - weight(b, j);
            if (order)
                return order;
            i++;
            j++;
        }
        size_t run_a = digit_run(a, &i);
        size_t run_b = digit_run(b, &j);
        if (run_a != run_b)
            return run_a < run_b ? -1 : 1;
        int order = str_cmp(str_head(str_skip(a, i), run_a), str_head(str_skip(b, j), run_b));
        if (order)
            return order;
        i += run_a;
        j += run_b;
    }
    return 0;
}

int version_compare(struct str a, struct str b)
{
    if (str_eq(a, b))
        return 0;
    struct version x = version_split(a);
    struct version y = version_split(b);
    int order = compare_part(x.epoch, y.epoch);
    if (!order)
        order = compare_part(x.upstream, y.upstream);
    return order ? order : compare_part(x.revision, y.revision);
}

static bool made_of(struct str s, struct str extra)
{
    for (size_t i = 0; i < s.len; i++)
        if (!char_is_alnum(s.ptr[i]) && !str_has_char(extra, s.ptr[i]))
            return false;
    return true;
}

static const char *fault(struct str text)
{
    struct version version = version_split(text);
    uint64_t epoch = 0;
    if (text.len == 0)
        return "it is empty";
    if (str_has_char(text, ':')) {
        if (!num_parse_u64(version.epoch, &epoch))
            return "the epoch is not a number";
        if (epoch > INT32_MAX)
            return "the epoch is too large";
    }
    if (version.upstream.len == 0)
        return "the upstream version is empty";
    if (str_has_char(str_skip(text, version.epoch.len), '-') && version.revision.len == 0)
        return "the revision is empty";
    if (!char_is_digit(version.upstream.ptr[0]))
        return "it does not start with a digit";
    if (!made_of(version.upstream, STR(".+-~:")) || !made_of(version.revision, STR(".+~")))
        return "a character is not allowed";
    return NULL;
}

int version_validate(struct str text, struct err *err)
{
    const char *why = fault(text);
    return why ? err_set(err, ERR_INVALID, "bad version '%.*s': %s", STR_ARG(str_head(text, 80)), why) : 0;
}
