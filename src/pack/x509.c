/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/x509.h"

enum tag {
    TAG_BOOLEAN = 0x01,
    TAG_INTEGER = 0x02,
    TAG_BIT_STRING = 0x03,
    TAG_OCTET_STRING = 0x04,
    TAG_OID = 0x06,
    TAG_UTC_TIME = 0x17,
    TAG_GENERAL_TIME = 0x18,
    TAG_SEQUENCE = 0x30,
    TAG_SET = 0x31,
    TAG_VERSION = 0xa0,
    TAG_ISSUER_ID = 0x81,
    TAG_SUBJECT_ID = 0x82,
    TAG_EXTENSIONS = 0xa3,
};

/* A failure stays: what is read after it is empty. */
struct der {
    struct str rest;
    const char *problem;
};

static struct str fail(struct der *der, const char *problem)
{
    if (!der->problem)
        der->problem = problem;
    der->rest = STR_NONE;
    return STR_NONE;
}

static unsigned char byte_at(struct str s, size_t i)
{
    return (unsigned char)s.ptr[i];
}

/* The next value of any tag; its tag in *RET_TAG, with the value's own head in *RET_WHOLE. */
static struct str take_any(struct der *der, unsigned *ret_tag, struct str *ret_whole)
{
    struct str s = der->rest;
    size_t head = 2, len;
    *ret_tag = 0;
    if (s.len < 2)
        return fail(der, "it ends too early");
    len = byte_at(s, 1);
    if (len >= 0x80) {
        size_t digits = len & 0x7fU;
        if (digits == 0 || digits > 4 || s.len < 2 + digits || byte_at(s, 2) == 0)
            return fail(der, "a length is not in DER");
        len = 0;
        for (size_t i = 0; i < digits; i++)
            len = len << 8 | byte_at(s, 2 + i);
        if (len < 0x80)
            return fail(der, "a length is not in DER");
        head += digits;
    }
    if (len > s.len - head)
        return fail(der, "it ends too early");
    *ret_tag = byte_at(s, 0);
    *ret_whole = str_head(s, head + len);
    der->rest = str_skip(s, head + len);
    return str_head(str_skip(s, head), len);
}

static bool next_is(const struct der *der, enum tag tag)
{
    return der->rest.len > 0 && byte_at(der->rest, 0) == (unsigned)tag;
}

static struct str take(struct der *der, enum tag tag, const char *problem)
{
    unsigned found;
    struct str whole;
    if (!next_is(der, tag))
        return fail(der, problem);
    return take_any(der, &found, &whole);
}

/* As take, with the value's head, for comparisons. */
static struct str take_whole(struct der *der, enum tag tag, const char *problem)
{
    unsigned found;
    struct str whole = STR_NONE;
    if (!next_is(der, tag))
        return fail(der, problem);
    (void)take_any(der, &found, &whole);
    return whole;
}

/* An algorithm: SEQUENCE { OID, parameters }. */
static void take_algorithm(struct der *der)
{
    struct der inner = {take(der, TAG_SEQUENCE, "an algorithm is missing"), NULL};
    (void)take(&inner, TAG_OID, "an algorithm has no name");
    if (inner.problem)
        fail(der, inner.problem);
}

static bool two_digits(struct str text, size_t at, unsigned *ret_number)
{
    if (at + 2 > text.len || !char_is_digit(text.ptr[at]) || !char_is_digit(text.ptr[at + 1]))
        return false;
    *ret_number = (unsigned)(text.ptr[at] - '0') * 10 + (unsigned)(text.ptr[at + 1] - '0');
    return true;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar; MONTH and DAY from 1. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* UTCTime is YYMMDDHHMMSSZ, GeneralizedTime YYYYMMDDHHMMSSZ (RFC 5280 section 4.1.2.5). */
static int64_t take_time(struct der *der)
{
    bool general = next_is(der, TAG_GENERAL_TIME);
    struct str text = take(der, general ? TAG_GENERAL_TIME : TAG_UTC_TIME, "a date is missing");
    unsigned part[6], century = 0;
    size_t at = 0;
    bool good = text.len == (general ? 15U : 13U) && text.ptr[text.len - 1] == 'Z';
    if (good && general)
        good = two_digits(text, 0, &century);
    at += general ? 2 : 0;
    for (size_t i = 0; good && i < ARRAY_LEN(part); i++, at += 2)
        good = two_digits(text, at, &part[i]);
    good = good && part[1] >= 1 && part[1] <= 12 && part[2] >= 1 && part[2] <= 31 && part[3] < 24 && part[4] < 60 &&
           part[5] < 60;
    if (!good) {
        fail(der, "a date is not in the form of a certificate's");
        return 0;
    }
    if (!general)
        century = part[0] >= 50 ? 19 : 20;
    int64_t days = days_of((int64_t)century * 100 + part[0], part[1], part[2]);
    return ((days * 24 + part[3]) * 60 + part[4]) * 60 + part[5];
}

/* Of a Name: RDNs of attributes { OID, string }. 2.5.4.3 is the common name, 2.5.4.10 the organisation's. */
static struct str name_of(struct str name, const char **ret_problem)
{
    struct der sets = {name, NULL};
    struct str common = STR_NONE, organisation = STR_NONE;
    while (sets.rest.len > 0) {
        struct der set = {take(&sets, TAG_SET, "a name is damaged"), NULL};
        while (set.rest.len > 0) {
            struct der attribute = {take(&set, TAG_SEQUENCE, "a name is damaged"), NULL};
            unsigned tag;
            struct str whole;
            struct str type = take(&attribute, TAG_OID, "a name is damaged");
            struct str value = take_any(&attribute, &tag, &whole);
            if (attribute.problem || attribute.rest.len > 0)
                fail(&set, "a name is damaged");
            if (str_eq(type, STR("\x55\x04\x03")))
                common = value;
            else if (str_eq(type, STR("\x55\x04\x0a")))
                organisation = value;
        }
        if (set.problem)
            fail(&sets, set.problem);
    }
    if (sets.problem)
        *ret_problem = sets.problem;
    return common.len ? common : organisation;
}

/* Looks for basicConstraints, 2.5.29.19: SEQUENCE { cA BOOLEAN DEFAULT FALSE, ... }. */
static void take_extensions(struct der *der, bool *ret_authority)
{
    struct der outer = {take(der, TAG_EXTENSIONS, ""), NULL};
    struct der list = {take(&outer, TAG_SEQUENCE, "the extensions are damaged"), NULL};
    while (list.rest.len > 0) {
        struct der one = {take(&list, TAG_SEQUENCE, "an extension is damaged"), NULL};
        struct str type = take(&one, TAG_OID, "an extension is damaged");
        if (next_is(&one, TAG_BOOLEAN))
            (void)take(&one, TAG_BOOLEAN, "");
        struct str value = take(&one, TAG_OCTET_STRING, "an extension is damaged");
        if (one.problem || one.rest.len > 0)
            fail(&list, "an extension is damaged");
        if (!str_eq(type, STR("\x55\x1d\x13")))
            continue;
        struct der constraints = {value, NULL};
        struct der inner = {take(&constraints, TAG_SEQUENCE, "basicConstraints are damaged"), NULL};
        struct str authority = next_is(&inner, TAG_BOOLEAN) ? take(&inner, TAG_BOOLEAN, "") : STR_NONE;
        *ret_authority = authority.len == 1 && authority.ptr[0] != 0;
        if (constraints.problem)
            fail(&list, constraints.problem);
    }
    if (outer.problem || list.problem || outer.rest.len > 0)
        fail(der, list.problem ? list.problem : "the extensions are damaged");
}

/* The part that is signed. */
static void take_content(struct der *der, struct x509_certificate *certificate)
{
    bool first_version = !next_is(der, TAG_VERSION);
    if (!first_version)
        (void)take(der, TAG_VERSION, "");
    (void)take(der, TAG_INTEGER, "the serial number is missing");
    take_algorithm(der);
    struct str issuer = take_whole(der, TAG_SEQUENCE, "the issuer is missing");
    struct der validity = {take(der, TAG_SEQUENCE, "the dates are missing"), NULL};
    certificate->not_before_s = take_time(&validity);
    certificate->not_after_s = take_time(&validity);
    if (validity.problem || validity.rest.len > 0)
        fail(der, validity.problem ? validity.problem : "the dates are damaged");
    struct der subject = {take_whole(der, TAG_SEQUENCE, "the subject is missing"), NULL};
    certificate->self_issued = str_eq(issuer, subject.rest);
    const char *problem = NULL;
    certificate->name = name_of(take(&subject, TAG_SEQUENCE, "the subject is missing"), &problem);
    (void)name_of(issuer.len ? take(&(struct der){issuer, NULL}, TAG_SEQUENCE, "") : issuer, &problem);
    if (problem)
        fail(der, problem);
    struct der key = {take(der, TAG_SEQUENCE, "the key is missing"), NULL};
    take_algorithm(&key);
    (void)take(&key, TAG_BIT_STRING, "the key is missing");
    if (key.problem || key.rest.len > 0)
        fail(der, key.problem ? key.problem : "the key is damaged");
    if (next_is(der, TAG_ISSUER_ID))
        (void)take(der, TAG_ISSUER_ID, "");
    if (next_is(der, TAG_SUBJECT_ID))
        (void)take(der, TAG_SUBJECT_ID, "");
    certificate->has_authority_bit = first_version;
    if (next_is(der, TAG_EXTENSIONS))
        take_extensions(der, &certificate->has_authority_bit);
}

bool x509_read(struct str bytes, struct x509_certificate *ret_certificate, const char **ret_problem)
{
    struct x509_certificate certificate = {0};
    struct der whole = {bytes, NULL};
    struct der outer = {take(&whole, TAG_SEQUENCE, "it is no DER"), NULL};
    struct der content = {take(&outer, TAG_SEQUENCE, "it has no content"), NULL};
    take_content(&content, &certificate);
    take_algorithm(&outer);
    (void)take(&outer, TAG_BIT_STRING, "the signature is missing");
    const char *problem = whole.problem ? whole.problem : content.problem ? content.problem : outer.problem;
    if (!problem && (whole.rest.len > 0 || outer.rest.len > 0 || content.rest.len > 0))
        problem = "something follows its end";
    if (problem) {
        *ret_problem = problem;
        return false;
    }
    *ret_certificate = certificate;
    return true;
}
