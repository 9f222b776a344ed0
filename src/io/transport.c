/* SPDX-License-Identifier: Apache-2.0 */
#include "io/transport.h"

#include <stdio.h>

int transport_run(struct transport *transport, struct transport_fetch *fetches, size_t count, const struct op_ctx *ctx,
                  struct err *err)
{
    return count ? transport->ops->run(transport, fetches, count, ctx, err) : 0;
}

void transport_free(struct transport *transport)
{
    if (transport)
        transport->ops->free(transport);
}

const char *transport_public_url(struct str url, char *out, size_t size)
{
    size_t scheme = str_find(url, STR("://"));
    struct str head = scheme < url.len ? str_head(url, scheme + 3) : STR_NONE;
    struct str rest = str_skip(url, head.len);
    struct str authority = str_head(rest, str_find_char(rest, '/'));
    size_t at = str_rfind_char(authority, '@');
    if (at < authority.len)
        rest = str_skip(rest, at + 1);
    (void)snprintf(out, size, "%.*s%.*s", STR_ARG(head), STR_ARG(rest));
    return out;
}
