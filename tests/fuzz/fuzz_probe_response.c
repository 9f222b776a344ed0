/* SPDX-License-Identifier: Apache-2.0 */
/* An answer is read the same however it is cut, and the reader keeps what its header promises. */
#include "probe/response.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct response *response)
{
    if (response->state == RESPONSE_DONE && (response->status < 101 || response->status > 599))
        abort();
    if (response->head_bytes > PROBE_HEAD_BYTES + 1 || response->body_bytes > PROBE_BODY_BYTES ||
        response->line_len > sizeof response->line || response->excerpt_len > sizeof response->excerpt)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct response whole, pieces;
    response_init(&whole);
    response_init(&pieces);
    response_feed(&whole, (const char *)data, size);
    for (size_t at = 0, len = 1; at < size; at += len) {
        len = 1 + data[at] % 7;
        len = len < size - at ? len : size - at;
        response_feed(&pieces, (const char *)data + at, len);
        check(&pieces);
    }
    if (memcmp(&whole, &pieces, sizeof whole) != 0)
        abort();
    response_close(&whole, size % 2);
    check(&whole);
    if (whole.state == RESPONSE_MORE)
        abort();
    return 0;
}
