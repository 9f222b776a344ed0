/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole connection: bytes through the readers of HTTP, the routes, the guard, REST, the protocol core and the
 * operations, to answers. The first byte: odd, and the connection is taken twice, by one service, with the same answers
 * but for what tells of the request itself. service_fake.h holds the application to its word.
 */
#include "../unit/service_fake.h"
#include "../unit/service_made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct service_made *made_once(void)
{
    static struct service_made made; /* for the whole run: answers that never change are made once, as in life */
    struct err err = {0};
    if (!made.service && made_init(&made, &err) < 0)
        abort();
    return &made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 65536)
        return 0;
    struct service_made *made = made_once();
    struct str bytes = str_of((const char *)data + 1, size - 1);
    CLEANUP_BUF struct buf first = BUF_INIT, second = BUF_INIT;
    size_t count = fake_connection(&made->application, &made->limits, bytes, &first);
    if (data[0] & 1)
        fake_require(fake_connection(&made->application, &made->limits, bytes, &second) == count,
                     "the same bytes, another number of answers");
    return 0;
}
