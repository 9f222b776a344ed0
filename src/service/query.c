/* SPDX-License-Identifier: Apache-2.0 */
#include "service/query.h"

#include "service/percent.h"

bool query_next(struct str *rest, struct str *ret_name, struct str *ret_value)
{
    struct str pair;
    while (rest->len > 0 && str_next(rest, '&', &pair)) {
        if (pair.len == 0)
            continue;
        size_t at = str_find_char(pair, '=');
        *ret_name = str_head(pair, at);
        *ret_value = at < pair.len ? str_skip(pair, at + 1) : STR_NONE;
        return true;
    }
    return false;
}

bool query_get(const struct http_request *request, struct str name, struct buf *out)
{
    struct str rest = query_of(request), own, value;
    while (query_next(&rest, &own, &value))
        if (str_eq(own, name))
            return percent_decode(value, true, out);
    return false;
}
