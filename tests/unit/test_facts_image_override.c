/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "facts/image_override.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena arena;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

/* What the entries make of IMAGE; the number of the last that was for it in *RET_AT, -1 for none. */
static struct str apply(const struct image_override *items, size_t count, const char *image, int *ret_at)
{
    const struct image_overrides overrides = {items, count};
    const struct image_override *last = NULL;
    struct err err = ERR_INIT;
    struct str name = STR_NONE;
    assert_int_equal(image_override_apply(&overrides, str_z(image), &arena, &name, &last, &err), 0);
    *ret_at = last ? (int)(last - items) : -1;
    return name;
}

static const struct {
    const char *image;
    struct image_override override;
    const char *expected; /* NULL: the entry is for another */
} cases[] = {
    {"web", {.name = STR_INIT("web"), .new_tag = STR_INIT("1.2")}, "web:1.2"},
    {"web:1.0", {.name = STR_INIT("web"), .new_tag = STR_INIT("1.2")}, "web:1.2"},
    {"web:1.0", {.name = STR_INIT("web"), .digest = STR_INIT("sha256:" HEX)}, "web@sha256:" HEX},
    {"web@sha256:" HEX, {.name = STR_INIT("web"), .new_tag = STR_INIT("1.2")}, "web:1.2"},
    {"web:1@sha256:" HEX, {.name = STR_INIT("web"), .new_name = STR_INIT("b")}, "b:1@sha256:" HEX},
    {"web",
     {.name = STR_INIT("web"),
      .new_name = STR_INIT("registry.example:5000/team/web"),
      .new_tag = STR_INIT("1.2"),
      .digest = STR_INIT("sha256:" HEX)},
     "registry.example:5000/team/web:1.2@sha256:" HEX},
    {"registry.example:5000/web",
     {.name = STR_INIT("registry.example:5000/web"), .new_tag = STR_INIT("2")},
     "registry.example:5000/web:2"},
    {"registry.example:5000/web:1", {.name = STR_INIT("registry.example:5000/web"), .new_name = STR_INIT("x")}, "x:1"},
    {"web:1", {.name = STR_INIT("web")}, "web:1"},
    /* Others. */
    {"docker.io/library/web", {.name = STR_INIT("web"), .new_tag = STR_INIT("1")}, NULL},
    {"web", {.name = STR_INIT("docker.io/library/web"), .new_tag = STR_INIT("1")}, NULL},
    {"webs:1", {.name = STR_INIT("web"), .new_tag = STR_INIT("1")}, NULL},
    {"team/web", {.name = STR_INIT("web"), .new_tag = STR_INIT("1")}, NULL},
    {"web:1", {.name = STR_INIT("web:1"), .new_tag = STR_INIT("2")}, NULL},
    {"registry.example:5000/web", {.name = STR_INIT("registry.example"), .new_tag = STR_INIT("2")}, NULL},
    {"", {.name = STR_INIT(""), .new_tag = STR_INIT("2")}, NULL},
    {":", {.name = STR_INIT(""), .new_tag = STR_INIT("2")}, NULL},
    {"@", {.name = STR_INIT("@"), .new_tag = STR_INIT("2")}, NULL},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *expected = cases[i].expected ? cases[i].expected : cases[i].image;
        int at = 7;
        struct str name = apply(&cases[i].override, 1, cases[i].image, &at);
        if (!str_eq_z(name, expected) || at != (cases[i].expected ? 0 : -1))
            fail_msg("%zu: '%.*s' is not '%s' (%d)", i, STR_ARG(name), expected, at);
    }
}

static void test_order(void **state)
{
    (void)state;
    static const struct image_override items[] = {
        {.name = STR_INIT("web"), .new_name = STR_INIT("registry.example/web"), .new_tag = STR_INIT("1")},
        {.name = STR_INIT("web"), .new_tag = STR_INIT("9")}, /* no image is called that any more */
        {.name = STR_INIT("registry.example/web"), .digest = STR_INIT("sha256:" HEX)},
        {.name = STR_INIT("other"), .new_tag = STR_INIT("3")},
    };
    int at = 7;
    struct str name = apply(items, ARRAY_LEN(items), "web", &at);
    assert_true(str_eq_z(name, "registry.example/web@sha256:" HEX));
    assert_int_equal(at, 2);
    name = apply(NULL, 0, "web", &at);
    assert_true(str_eq_z(name, "web"));
    assert_int_equal(at, -1);
    const struct image_override *last = &items[0];
    assert_int_equal(image_override_apply(NULL, STR("a:b"), &arena, &name, &last, NULL), 0);
    assert_null(last);
}

static void test_memory(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena small = ARENA_INIT;
    const struct image_overrides overrides = {&cases[0].override, 1};
    const struct image_override *last = NULL;
    struct err err = ERR_INIT;
    struct str name = STR_NONE;
    fault_arm(FAULT_ALLOC, 1);
    int r = image_override_apply(&overrides, STR("web"), &small, &name, &last, &err);
    fault_disarm();
    assert_int_equal(r, -ERR_NOMEM);
    assert_null(name.ptr);
    assert_null(last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
