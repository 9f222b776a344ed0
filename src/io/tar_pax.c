/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tar_pax.h"

#include "base/limits.h"
#include "base/num.h"

const struct str pax_names[PAX_KEYS] = {
    [PAX_PATH] = STR_INIT("path"), [PAX_LINKPATH] = STR_INIT("linkpath"), [PAX_SIZE] = STR_INIT("size"),
    [PAX_UID] = STR_INIT("uid"),   [PAX_GID] = STR_INIT("gid"),           [PAX_MTIME] = STR_INIT("mtime"),
};

void pax_done(struct pax_values *values)
{
    for (size_t i = 0; i < PAX_TEXTS; i++)
        buf_done(&values->text[i]);
}

void pax_forget(struct pax_values *values)
{
    for (size_t i = 0; i < PAX_KEYS; i++)
        values->state[i] = PAX_ABSENT;
}

static int set_text(struct pax_values *values, enum pax_key key, struct str value, struct err *err)
{
    if (value.len > LIMIT_TAR_NAME_BYTES)
        return err_set(err, ERR_LIMIT, "the %s '%.*s...' is longer than %d bytes", pax_names[key].ptr,
                       STR_ARG(str_head(value, 64)), LIMIT_TAR_NAME_BYTES);
    if (str_has_char(value, '\0'))
        return err_set(err, ERR_INVALID, "the %s of an extended header holds a NUL byte", pax_names[key].ptr);
    buf_reset(&values->text[key]);
    buf_add_str(&values->text[key], value);
    return buf_check(&values->text[key], err);
}

/* "1700000000.123", "-1.5": seconds, rounded down. */
static bool parse_time(struct str value, int64_t *ret_seconds)
{
    bool negative = value.len && value.ptr[0] == '-';
    value = str_skip(value, negative);
    size_t dot = str_find_char(value, '.');
    struct str fraction = str_skip(value, dot + 1);
    uint64_t whole;
    if (!num_parse_u64(str_head(value, dot), &whole) || whole > INT64_MAX - 1)
        return false;
    bool rest = false;
    for (size_t i = 0; i < fraction.len; i++) {
        if (!char_is_digit(fraction.ptr[i]))
            return false;
        rest |= fraction.ptr[i] != '0';
    }
    *ret_seconds = negative ? -(int64_t)whole - rest : (int64_t)whole;
    return true;
}

static int set_number(struct pax_values *values, enum pax_key key, struct str value, struct err *err)
{
    int64_t number = 0;
    uint64_t count = 0;
    bool valid = key == PAX_MTIME ? parse_time(value, &number) : num_parse_u64(value, &count) && count <= INT64_MAX;
    if (!valid)
        return err_set(err, ERR_INVALID, "the %s '%.*s' of an extended header is no valid number", pax_names[key].ptr,
                       STR_ARG(str_head(value, 64)));
    values->number[key] = key == PAX_MTIME ? number : (int64_t)count;
    return 0;
}

static int set_value(struct pax_values *values, struct str key, struct str value, struct err *err)
{
    if (str_starts(key, STR("SCHILY.xattr.")) || str_starts(key, STR("LIBARCHIVE.xattr.")))
        values->xattrs++;
    if (str_starts(key, STR("GNU.sparse.")))
        return err_set(err, ERR_UNSUPPORTED, "sparse files are not supported");
    for (enum pax_key i = 0; i < PAX_KEYS; i++) {
        if (!str_eq(key, pax_names[i]))
            continue;
        int rc = 0;
        if (value.len)
            rc = i < PAX_TEXTS ? set_text(values, i, value, err) : set_number(values, i, value, err);
        if (!rc)
            values->state[i] = value.len ? PAX_SET : PAX_CLEARED;
        return rc;
    }
    return 0;
}

int pax_parse(struct pax_values *values, struct str records, struct err *err)
{
    while (records.len) {
        size_t space = str_find_char(str_head(records, 20), ' ');
        uint64_t len;
        if (!num_parse_u64(str_head(records, space), &len) || len <= space + 1 || len > records.len ||
            records.ptr[len - 1] != '\n')
            return err_set(err, ERR_INVALID, "an extended header has a record of the wrong length");
        struct str record = str_skip(str_head(records, len - 1), space + 1);
        size_t equals = str_find_char(record, '=');
        if (equals == 0 || equals == record.len)
            return err_set(err, ERR_INVALID, "an extended header has a record without a key or a value");
        int rc = set_value(values, str_head(record, equals), str_skip(record, equals + 1), err);
        if (rc)
            return rc;
        records = str_skip(records, len);
    }
    return 0;
}

static size_t digits(size_t n)
{
    size_t count = 1;
    for (; n >= 10; n /= 10)
        count++;
    return count;
}

size_t pax_record_len(enum pax_key key, size_t value_len)
{
    size_t rest = pax_names[key].len + value_len + 3; /* space, '=', newline */
    size_t len = rest + digits(rest);
    return rest + digits(len); /* the number counts itself */
}

void pax_record_add(struct buf *out, enum pax_key key, struct str value)
{
    buf_addf(out, "%zu %s=", pax_record_len(key, value.len), pax_names[key].ptr);
    buf_add_str(out, value);
    buf_add_char(out, '\n');
}
