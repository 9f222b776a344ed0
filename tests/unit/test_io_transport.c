/* SPDX-License-Identifier: Apache-2.0 */
#include "io/transport.h"

#include <setjmp.h>

#include <cmocka.h>

struct fake {
    struct transport base;
    int runs;
    int frees;
};

static int fake_run(struct transport *transport, struct transport_fetch *fetches, size_t count,
                    const struct op_ctx *ctx, struct err *err)
{
    struct fake *fake = (struct fake *)transport;
    fake->runs++;
    int r = op_check(ctx, err);
    for (size_t i = 0; r == 0 && i < count; i++) {
        fetches[i].http_status = 404;
        (void)err_set(&fetches[i].err, ERR_NOT_FOUND, "'%s' is not there", fetches[i].url);
        if (fetches[i].finished)
            fetches[i].finished(&fetches[i]);
    }
    return r;
}

static void fake_free(struct transport *transport)
{
    ((struct fake *)transport)->frees++;
}

static void note(struct transport_fetch *fetch)
{
    *(int *)fetch->owner = fetch->http_status;
}

static void test_dispatch(void **state)
{
    (void)state;
    static const struct transport_ops ops = {fake_run, fake_free};
    struct fake fake = {{&ops}, 0, 0};
    struct err err = ERR_INIT;
    int noted = 0;
    struct transport_fetch fetches[2] = {{.url = "http://a/"}, {.url = "http://b/", .finished = note, .owner = &noted}};
    atomic_bool cancelled = false;
    struct op_ctx ctx = {.cancelled = &cancelled};
    assert_int_equal(transport_run(&fake.base, fetches, 2, &ctx, &err), 0);
    assert_int_equal(noted, 404);
    assert_string_equal(fetches[0].err.message, "'http://a/' is not there");
    assert_int_equal(fetches[1].err.code, ERR_NOT_FOUND);
    assert_int_equal(transport_run(&fake.base, NULL, 0, &ctx, &err), 0); /* nothing to do */
    assert_int_equal(fake.runs, 1);
    cancelled = true;
    assert_int_equal(transport_run(&fake.base, fetches, 2, &ctx, &err), -ERR_CANCELLED);
    transport_free(&fake.base);
    transport_free(NULL);
    assert_int_equal(fake.frees, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dispatch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
