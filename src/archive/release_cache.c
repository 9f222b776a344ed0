/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/release_cache.h"

#include "base/num.h"
#include "io/file.h"

#include <inttypes.h>
#include <stdio.h>

#define MAGIC "barehull release 1"

void release_record_key(struct str dist_uri, bool is_unsigned, char out[static DIGEST_TEXT_MAX])
{
    struct digest digest = digest_of(DIGEST_SHA256, dist_uri);
    digest_hex(&digest, out);
    out[40] = is_unsigned ? 'u' : 's'; /* 160 bits tell places apart */
    out[41] = '\0';
}

static bool parse_i64(struct str text, int64_t *ret_value)
{
    bool negative = str_starts(text, STR("-"));
    uint64_t value;
    if (!num_parse_u64(negative ? str_skip(text, 1) : text, &value))
        return false;
    if (value > (uint64_t)INT64_MAX)
        *ret_value = INT64_MIN;
    else
        *ret_value = negative ? -(int64_t)value : (int64_t)value;
    return negative || value <= (uint64_t)INT64_MAX;
}

/* The value of the next line, which must be "NAME VALUE". */
static bool next_value(struct str *rest, const char *name, struct str *ret_value)
{
    struct str line;
    if (!str_next_line(rest, &line) || !str_starts(line, str_z(name)))
        return false;
    line = str_skip(line, str_z(name).len);
    if (!str_starts(line, STR(" ")))
        return false;
    *ret_value = str_skip(line, 1);
    return true;
}

static bool copy_text(char *out, size_t size, struct str value)
{
    if (value.len >= size)
        return false;
    (void)snprintf(out, size, "%.*s", STR_ARG(value));
    return true;
}

static bool parse(struct str bytes, struct release_record *record)
{
    struct str rest = bytes, line, value;
    uint64_t size;
    return str_next_line(&rest, &line) && str_eq_z(line, MAGIC) && next_value(&rest, "checked", &value) &&
           parse_i64(value, &record->checked_s) && next_value(&rest, "date", &value) &&
           parse_i64(value, &record->date_s) && next_value(&rest, "etag", &value) &&
           copy_text(record->etag, sizeof(record->etag), value) && next_value(&rest, "signer", &value) &&
           copy_text(record->signer, sizeof(record->signer), value) && next_value(&rest, "seal", &value) &&
           digest_parse(value, &record->seal) && next_value(&rest, "size", &value) && num_parse_u64(value, &size) &&
           size <= rest.len && (record->in_release = str_head(rest, (size_t)size), true) &&
           (record->text = str_skip(rest, (size_t)size), true);
}

bool release_record_load(struct store *store, const char *key, struct arena *arena, struct release_record *ret_record)
{
    struct str bytes;
    if (!store_map(store, RELEASE_CACHE_KIND, key, &bytes))
        return false;
    struct release_record record = {0};
    bool fine = parse(bytes, &record);
    if (fine) {
        record.in_release = arena_str(arena, record.in_release);
        record.text = arena_str(arena, record.text);
        fine = record.in_release.ptr && record.text.ptr;
    }
    file_unmap(bytes);
    if (fine)
        *ret_record = record;
    return fine;
}

int release_record_save(struct store *store, const char *key, const struct release_record *record, struct err *err)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    char seal[DIGEST_TEXT_MAX];
    buf_addf(&bytes, "%s\nchecked %" PRId64 "\ndate %" PRId64 "\netag %s\nsigner %s\nseal %s\nsize %zu\n", MAGIC,
             record->checked_s, record->date_s, record->etag, record->signer, digest_text(&record->seal, seal),
             record->in_release.len);
    buf_add_str(&bytes, record->in_release);
    buf_add_str(&bytes, record->text);
    int rc = buf_check(&bytes, err);
    return rc == 0 ? store_put(store, RELEASE_CACHE_KIND, key, buf_str(&bytes), err) : rc;
}

static void absence_key(const char *key, char out[static DIGEST_TEXT_MAX + 8])
{
    (void)snprintf(out, DIGEST_TEXT_MAX + 8, "%s.absent", key);
}

int64_t release_absence_age(struct store *store, const char *key, int64_t now_s)
{
    char name[DIGEST_TEXT_MAX + 8];
    struct str bytes;
    int64_t noted_s;
    absence_key(key, name);
    if (!store_map(store, RELEASE_CACHE_KIND, name, &bytes))
        return -1;
    bool fine = parse_i64(bytes, &noted_s) && noted_s >= 0 && noted_s <= now_s;
    file_unmap(bytes);
    return fine ? now_s - noted_s : -1;
}

/* Only saves work: a failure costs one more question. */
void release_absence_note(struct store *store, const char *key, int64_t now_s)
{
    char name[DIGEST_TEXT_MAX + 8], text[32];
    absence_key(key, name);
    (void)snprintf(text, sizeof(text), "%" PRId64, now_s);
    (void)store_put(store, RELEASE_CACHE_KIND, name, str_z(text), NULL);
}

struct digest release_seal(const struct digest *trust, int64_t now_s, struct str in_release, struct str text)
{
    struct digester digester;
    uint8_t numbers[16];
    num_put_le64(numbers, (uint64_t)(now_s / 86400));
    num_put_le64(numbers + 8, in_release.len);
    digester_init(&digester, DIGEST_SHA256);
    digester_update(&digester, trust->bytes, digest_size(trust->algorithm));
    digester_update(&digester, numbers, sizeof(numbers));
    digester_update(&digester, in_release.ptr, in_release.len);
    digester_update(&digester, text.ptr, text.len);
    return digester_final(&digester);
}
