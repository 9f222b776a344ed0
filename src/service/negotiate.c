/* SPDX-License-Identifier: Apache-2.0 */
#include "service/negotiate.h"

#include "http/chars.h"

/* Cuts REST at the first DELIMITER that stands in no quoted string. */
static bool next_part(struct str *rest, char delimiter, struct str *ret_part)
{
    bool quoted = false;
    size_t i = 0;
    if (!rest->ptr)
        return false;
    for (; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == delimiter && !quoted)
            break;
    }
    bool ended = i >= rest->len;
    *ret_part = http_trim(str_head(*rest, i));
    *rest = ended ? STR_NONE : str_skip(*rest, i + 1);
    return true;
}

/* "0", "1.000", "0.25" as thousandths (RFC 9110, section 12.4.2), and Java's ".2"; false for anything else. */
static bool parse_weight(struct str text, unsigned *ret_weight)
{
    unsigned weight = 0, unit = NEGOTIATE_BEST / 10;
    if (text.len > 0 && (text.ptr[0] == '0' || text.ptr[0] == '1')) {
        weight = text.ptr[0] == '1' ? NEGOTIATE_BEST : 0;
        text = str_skip(text, 1);
    } else if (text.len < 2) {
        return false;
    }
    if (text.len > 4 || (text.len > 0 && text.ptr[0] != '.'))
        return false;
    for (size_t i = 1; i < text.len; i++, unit /= 10) {
        if (!char_is_digit(text.ptr[i]))
            return false;
        weight += (unsigned)(text.ptr[i] - '0') * unit;
    }
    if (weight > NEGOTIATE_BEST)
        return false;
    *ret_weight = weight;
    return true;
}

/* One element: its name, and its weight; false when it is not well made. */
static bool read_element(struct str element, struct str *ret_name, unsigned *ret_weight)
{
    struct str rest = element, param;
    *ret_weight = NEGOTIATE_BEST;
    if (!next_part(&rest, ';', ret_name) || ret_name->len == 0)
        return false;
    while (next_part(&rest, ';', &param)) {
        if (param.len >= 2 && char_lower(param.ptr[0]) == 'q' && param.ptr[1] == '=')
            return parse_weight(str_skip(param, 2), ret_weight);
    }
    return true;
}

/* How well RANGE fits TYPE: 0 not at all, 1 for all types, 2 for the main type, 3 for it alone. */
static unsigned fit(struct str range, struct str type)
{
    if (str_eq(range, STR("*/*")) || str_eq(range, STR("*"))) /* the latter is Java's */
        return 1;
    size_t slash = str_find_char(type, '/');
    if (range.len == slash + 2 && range.ptr[slash + 1] == '*' &&
        str_eq_fold(str_head(range, slash), str_head(type, slash)))
        return 2;
    return str_eq_fold(range, type) ? 3 : 0;
}

unsigned negotiate_type(const struct http_request *request, struct str type)
{
    uint32_t index = 0;
    unsigned best = 0, weight = 0;
    bool any = false;
    for (struct str value, element; http_request_next(request, STR("Accept"), &index, &value);) {
        struct str rest = value;
        while (value.len > 0 && next_part(&rest, ',', &element)) {
            struct str range;
            unsigned own;
            if (!read_element(element, &range, &own))
                continue;
            any = true;
            unsigned fitting = fit(range, type);
            if (fitting > best || (fitting == best && fitting > 0 && own > weight)) {
                best = fitting;
                weight = own;
            }
        }
    }
    return any ? weight : NEGOTIATE_BEST;
}

size_t negotiate_best(const struct http_request *request, const struct str *offers, size_t count)
{
    size_t best = count;
    unsigned most = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned weight = negotiate_type(request, offers[i]);
        if (weight > most) {
            most = weight;
            best = i;
        }
    }
    return best;
}

bool negotiate_gzip(const struct http_request *request)
{
    uint32_t index = 0;
    unsigned gzip = 0, any = 0, identity = 0;
    bool named = false;
    for (struct str value, element; http_request_next(request, STR("Accept-Encoding"), &index, &value);) {
        struct str rest = value;
        while (next_part(&rest, ',', &element)) {
            struct str name;
            unsigned weight;
            if (!read_element(element, &name, &weight))
                continue;
            if (str_eq_fold(name, STR("gzip")) || str_eq_fold(name, STR("x-gzip"))) {
                gzip = weight;
                named = true;
            } else if (str_eq(name, STR("*"))) {
                any = weight;
            } else if (str_eq_fold(name, STR("identity"))) {
                identity = weight;
            }
        }
    }
    unsigned weight = named ? gzip : any;
    return weight > 0 && weight >= identity;
}

struct str negotiate_essence(struct str value)
{
    struct str essence = http_trim(str_head(value, str_find_char(value, ';')));
    size_t slash = http_run(essence, HTTP_TOKEN);
    if (slash == 0 || slash >= essence.len || essence.ptr[slash] != '/')
        return STR_NONE;
    size_t sub = http_run(str_skip(essence, slash + 1), HTTP_TOKEN);
    return sub > 0 && slash + 1 + sub == essence.len ? essence : STR_NONE;
}

bool negotiate_etag(const struct http_request *request, struct str field, struct str tag)
{
    uint32_t index = 0;
    for (struct str value, element; http_request_next(request, field, &index, &value);) {
        struct str rest = value;
        while (next_part(&rest, ',', &element)) {
            if (str_eq(element, STR("*")))
                return true;
            if (str_starts(element, STR("W/")))
                element = str_skip(element, 2);
            if (str_eq(element, tag))
                return true;
        }
    }
    return false;
}
