/* SPDX-License-Identifier: Apache-2.0 */
#include "pkg/release.h"

#include "base/limits.h"
#include "base/num.h"
#include "pkg/deb822.h"

#include <stdlib.h>

static int month_number(struct str word)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int i = 0; i < 12; i++)
        if (str_eq_fold(word, str_of(names + 3 * i, 3)))
            return i + 1;
    return 0;
}

/* Days from 1970-01-01 in the Gregorian calendar; years start in March so that the leap day comes last. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* A number of one or two digits (or the four of a year) not above MAX. */
static bool small_number(struct str text, uint32_t max, uint32_t *ret_value)
{
    return text.len <= 4 && num_parse_u32(text, ret_value) && *ret_value <= max;
}

static bool parse_time(struct str text, int64_t *ret_seconds)
{
    struct str hour;
    struct str minute;
    uint32_t h;
    uint32_t m;
    uint32_t s;
    if (!str_next(&text, ':', &hour) || !str_next(&text, ':', &minute))
        return false;
    if (!small_number(hour, 23, &h) || !small_number(minute, 59, &m) || !small_number(text, 60, &s))
        return false;
    *ret_seconds = (int64_t)h * 3600 + (int64_t)m * 60 + s;
    return true;
}

bool release_parse_date(struct str text, int64_t *ret_seconds)
{
    static const struct str zones[] = {STR_INIT("UTC"), STR_INIT("GMT"), STR_INIT("Z"), STR_INIT("+0000"),
                                       STR_INIT("-0000")};
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    struct str words[6];
    size_t count = 0;
    for (struct str word; str_next_word(&text, &word); count++) {
        if (count == ARRAY_LEN(words))
            return false;
        words[count] = word;
    }
    uint32_t day;
    uint32_t year;
    int64_t time_s;
    int month = count == 6 ? month_number(words[2]) : 0;
    if (month == 0 || words[0].len != 4 || words[0].ptr[3] != ',' || !small_number(words[1], 31, &day) ||
        !small_number(words[3], 9999, &year) || !parse_time(words[4], &time_s))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day == 0 || day > lengths[month - 1] + (month == 2 && leap ? 1U : 0U) || year < 1970)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
        if (str_eq(words[5], zones[i])) {
            *ret_seconds = days_from_civil(year, month, day) * 86400 + time_s;
            return true;
        }
    }
    return false;
}

static int get_date(const struct deb822_paragraph *paragraph, struct str name, int64_t *ret_seconds, struct err *err)
{
    struct str value = deb822_get(paragraph, name);
    *ret_seconds = INT64_MIN;
    if (value.len > 0 && !release_parse_date(value, ret_seconds))
        return err_set(err, ERR_INVALID, "bad date '%.*s' in field '%.*s' of Release", STR_ARG(str_head(value, 60)),
                       STR_ARG(name));
    return 0;
}

/* One line of a list: "<hex digest> <size> <path>". */
static bool parse_file(struct str line, enum digest_algorithm algorithm, struct release_file *file)
{
    struct str hex;
    struct str size;
    if (!str_next_word(&line, &hex) || !str_next_word(&line, &size))
        return false;
    file->path = str_trim(line);
    return file->path.len > 0 && num_parse_u64(size, &file->size_bytes) &&
           digest_parse_hex(algorithm, hex, &file->digest);
}

static size_t count_lines(struct str value)
{
    size_t count = 0;
    struct str line;
    for (size_t offset = 0; deb822_value_line(value, &offset, &line);)
        count += line.len > 0;
    return count;
}

static int add_files(struct str list, enum digest_algorithm algorithm, struct release *release, struct err *err)
{
    struct str line;
    for (size_t offset = 0; deb822_value_line(list, &offset, &line);) {
        if (line.len == 0)
            continue;
        if (!parse_file(line, algorithm, &release->files[release->file_count]))
            return err_set(err, ERR_INVALID, "can't understand '%.*s' in the %s list of Release",
                           STR_ARG(str_head(line, 200)), digest_name(algorithm));
        release->file_count++;
    }
    return 0;
}

/* By path; of one path the strongest algorithm first. */
static int compare_files(const void *a, const void *b)
{
    const struct release_file *x = a;
    const struct release_file *y = b;
    int order = str_cmp(x->path, y->path);
    if (order)
        return order;
    size_t strength_x = digest_size(x->digest.algorithm);
    size_t strength_y = digest_size(y->digest.algorithm);
    return strength_x < strength_y ? 1 : strength_x > strength_y ? -1 : 0;
}

/* Leaves the strongest entry of each path; they must agree. */
static int merge_files(struct release *release, struct err *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < release->file_count; i++) {
        const struct release_file *file = &release->files[i];
        const struct release_file *last = kept > 0 ? &release->files[kept - 1] : NULL;
        if (!last || !str_eq(last->path, file->path)) {
            release->files[kept++] = *file;
            continue;
        }
        bool same_algorithm = last->digest.algorithm == file->digest.algorithm;
        if (last->size_bytes != file->size_bytes || (same_algorithm && !digest_eq(&last->digest, &file->digest)))
            return err_set(err, ERR_INVALID, "Release contradicts itself about '%.*s'",
                           STR_ARG(str_head(file->path, 200)));
    }
    release->file_count = kept;
    return 0;
}

static int read_lists(const struct deb822_paragraph *paragraph, struct arena *arena, struct release *release,
                      struct err *err)
{
    struct str sha512 = deb822_get(paragraph, STR("SHA512"));
    struct str sha256 = deb822_get(paragraph, STR("SHA256"));
    size_t count = count_lines(sha512) + count_lines(sha256);
    if (count == 0)
        return err_set(err, ERR_DIGEST, "Release has neither a SHA256 nor a SHA512 list");
    release->files = ARENA_ARRAY(arena, count, struct release_file);
    if (!release->files)
        return err_nomem(err);
    int rc = add_files(sha512, DIGEST_SHA512, release, err);
    if (!rc)
        rc = add_files(sha256, DIGEST_SHA256, release, err);
    if (rc)
        return rc;
    qsort(release->files, release->file_count, sizeof(*release->files), compare_files);
    return merge_files(release, err);
}

static void read_names(const struct deb822_paragraph *paragraph, struct release *release)
{
    release->origin = deb822_get(paragraph, STR("Origin"));
    release->label = deb822_get(paragraph, STR("Label"));
    release->suite = deb822_get(paragraph, STR("Suite"));
    release->codename = deb822_get(paragraph, STR("Codename"));
    release->version = deb822_get(paragraph, STR("Version"));
    release->date = deb822_get(paragraph, STR("Date"));
    release->architectures = deb822_get(paragraph, STR("Architectures"));
    release->components = deb822_get(paragraph, STR("Components"));
    release->acquire_by_hash = deb822_bool(deb822_get(paragraph, STR("Acquire-By-Hash")), false);
    release->not_automatic = deb822_bool(deb822_get(paragraph, STR("NotAutomatic")), false);
    release->no_support_for_all =
        str_eq(deb822_get(paragraph, STR("No-Support-for-Architecture-all")), STR("Packages"));
}

int release_parse(struct str text, struct arena *arena, struct release *ret_release, struct err *err)
{
    if (text.len > LIMIT_RELEASE_BYTES)
        return err_set(err, ERR_LIMIT, "Release is larger than %llu bytes", LIMIT_RELEASE_BYTES);
    struct deb822_paragraph paragraph;
    struct release release = {0};
    int rc = deb822_read_one(text, DEB822_PLAIN, "Release", &paragraph, err);
    if (rc)
        return rc;
    read_names(&paragraph, &release);
    rc = get_date(&paragraph, STR("Date"), &release.date_s, err);
    if (!rc)
        rc = get_date(&paragraph, STR("Valid-Until"), &release.valid_until_s, err);
    if (!rc)
        rc = read_lists(&paragraph, arena, &release, err);
    if (rc)
        return rc;
    *ret_release = release;
    return 0;
}

const struct release_file *release_find(const struct release *release, struct str path)
{
    size_t low = 0;
    size_t high = release->file_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(release->files[middle].path, path);
        if (order == 0)
            return &release->files[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

bool release_has_architecture(const struct release *release, struct str architecture)
{
    struct str rest = release->architectures;
    for (struct str word; str_next_word(&rest, &word);)
        if (str_eq(word, architecture))
            return true;
    return false;
}

bool release_has_component(const struct release *release, struct str component)
{
    struct str rest = release->components;
    for (struct str word; str_next_word(&rest, &word);) {
        size_t slash = str_rfind_char(word, '/');
        struct str last = slash < word.len ? str_skip(word, slash + 1) : word;
        if (str_eq(word, component) || str_eq(last, component))
            return true;
    }
    return false;
}
