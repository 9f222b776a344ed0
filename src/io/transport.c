/* SPDX-License-Identifier: Apache-2.0 */
#include "io/transport.h"

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
