/* SPDX-License-Identifier: Apache-2.0 */
#include "http/authority.h"

#include "base/limits.h"
#include "base/num.h"
#include "http/chars.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_name(struct str host)
{
    size_t label = 0;
    for (size_t i = 0; i < host.len; i++) {
        if (http_char_is(host.ptr[i], HTTP_LABEL))
            label++;
        else if (host.ptr[i] == '.' && label > 0)
            label = 0;
        else
            return false;
    }
    return host.len > 0 && host.len <= LIMIT_HTTP_HOST_BYTES;
}

static bool is_ipv6(struct str host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (host.len == 0 || host.len >= sizeof(text) || str_has_char(host, '\0'))
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* ":" and digits that may be none; port 0 is nobody's. */
static bool read_port(struct str text, uint16_t *ret_port)
{
    uint32_t port = 0;
    if (text.len == 0)
        return true;
    if (text.ptr[0] != ':')
        return false;
    struct str digits = str_skip(text, 1);
    if (digits.len == 0)
        return true;
    if (digits.len > 5 || !num_parse_u32(digits, &port) || port == 0 || port > UINT16_MAX)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

bool http_authority_parse(struct str text, struct http_authority *ret_authority)
{
    struct http_authority found = {.ipv6 = text.len > 0 && text.ptr[0] == '['};
    size_t end = str_find_char(text, found.ipv6 ? ']' : ':');
    if (found.ipv6) {
        if (end == text.len)
            return false;
        found.host = str_of(text.ptr + 1, end - 1);
        end++;
    } else {
        found.host = str_head(text, end);
    }
    if (!(found.ipv6 ? is_ipv6(found.host) : is_name(found.host)) || !read_port(str_skip(text, end), &found.port))
        return false;
    *ret_authority = found;
    return true;
}
