/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "python/marshal.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define V311 0x030b

/* "def f(): pass" of 3.11 without much in it: numbers, then code, consts, names, locals, kinds, three texts, line. */
#define NUMBERS "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0"
#define CODE                                                                                                           \
    "\xe3" NUMBERS "\xf3\2\0\0\0\x53\0"                                                                                \
    "\xa9\1N"                                                                                                          \
    "\xa9\0r\3\0\0\0\xf3\0\0\0\0"                                                                                      \
    "\xfa\4/a.p\xda\1f\xfa\1f\1\0\0\0s\0\0\0\0r\4\0\0\0"
#define CANONICAL                                                                                                      \
    "c" NUMBERS "s\2\0\0\0\x53\0"                                                                                      \
    ")\1N"                                                                                                             \
    "\xa9\0r\0\0\0\0\xf3\0\0\0\0"                                                                                      \
    "z\4/a.p\xda\1fr\2\0\0\0\1\0\0\0r\1\0\0\0r\1\0\0\0"

static void expect(unsigned version, struct str code, struct str canonical)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    buf_add_char(&out, '!');
    if (python_marshal_canonical(code, version, &out, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(out.len, canonical.len + 1);
    assert_memory_equal(out.ptr + 1, canonical.ptr, canonical.len);
    buf_reset(&out);
    assert_int_equal(python_marshal_canonical(canonical, version, &out, &err), 0);
    assert_true(str_eq(buf_str(&out), canonical));
}
#define EXPECT(code, canonical) expect(V311, STR(code), STR(canonical))

static void test_canonical(void **state)
{
    (void)state;
    EXPECT(CODE, CANONICAL);
    EXPECT("N", "N");
    EXPECT("\xe9\1\0\0\0", "i\1\0\0\0");
    EXPECT("\xa9\3\xda\1ar\1\0\0\0Z\1a", ")\3\xda\1ar\0\0\0\0r\0\0\0\0");                 /* numbered anew */
    EXPECT(")\3z\3a bZ\3a bu\2\0\0\0\xc3\xa9", ")\3\xda\3a br\0\0\0\0u\2\0\0\0\xc3\xa9"); /* interned if one is */
    EXPECT(")\2Z\1 t\2\0\0\0\xc3\xa9", ")\2z\1 u\2\0\0\0\xc3\xa9");         /* single characters are not */
    EXPECT(")\2z\1xu\3\0\0\0\xe2\x82\xac", ")\2Z\1xu\3\0\0\0\xe2\x82\xac"); /* names are */
    EXPECT("(\2\0\0\0)\1i\1\0\0\0)\1i\1\0\0\0", "(\2\0\0\0\xa9\1i\1\0\0\0r\0\0\0\0");
    EXPECT("[\2\0\0\0[\0\0\0\0[\0\0\0\0", "[\2\0\0\0[\0\0\0\0[\0\0\0\0"); /* lists are their own */
    EXPECT("{Z\1ai\2\0\0\0Z\1bZ\1a0", "{\xda\1ai\2\0\0\0Z\1br\0\0\0\0"
                                      "0");
    EXPECT(">\3\0\0\0Z\1cZ\1aN", ">\3\0\0\0NZ\1aZ\1c"); /* whatever order they come in */
    EXPECT("\xbe\3\0\0\0\xda\1a\xda\1cN", ">\3\0\0\0NZ\1aZ\1c");
    EXPECT("l\3\0\0\0\1\0\2\0\3\0", "l\3\0\0\0\1\0\2\0\3\0");
    EXPECT("l\xff\xff\xff\xff\1\0", "l\xff\xff\xff\xff\1\0");
    EXPECT("g\0\0\0\0\0\0\xf0\x3f", "g\0\0\0\0\0\0\xf0\x3f");
    EXPECT("f\3"
           "1.5",
           "f\3"
           "1.5");
    EXPECT("x\1"
           "1\1"
           "2",
           "x\1"
           "1\1"
           "2");
    EXPECT("y\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "y\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    expect(0x030e, STR("\xba\xe9\1\0\0\0NN"), STR(":i\1\0\0\0NN"));
}

static int refused(unsigned version, struct str code, const char *what)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    int r = python_marshal_canonical(code, version, &out, &err);
    assert_int_equal(out.len, 0);
    if (what)
        assert_string_equal(err.message, what);
    return r;
}
#define REFUSED(code, message) assert_int_equal(refused(V311, STR(code), message), -ERR_INVALID)

static void test_refused(void **state)
{
    (void)state;
    REFUSED("", "marshalled code has its end at byte 0");
    REFUSED("NN", "marshalled code has something behind it at byte 1");
    REFUSED("r\0\0\0\0", "marshalled code has a reference to nothing at byte 5");
    REFUSED("\xdb\1\0\0\0r\0\0\0\0", "marshalled code has a reference to nothing at byte 10"); /* to itself */
    REFUSED("(\xff\xff\xff\xff", "marshalled code has a negative size at byte 5");
    REFUSED("(\3\0\0\0NN", "marshalled code has more members than bytes at byte 5");
    REFUSED("s\3\0\0\0ab", "marshalled code has its end at byte 5");
    REFUSED("l\1\0\0\0\0\x80", "marshalled code has a digit out of range at byte 7");
    REFUSED("l\2\0\0\0\1\0\0\0", "marshalled code has an integer with a leading zero at byte 9");
    REFUSED("l\0\0\0\x80", "marshalled code has its end at byte 5");
    REFUSED("{N", "marshalled code has its end at byte 2");
    assert_int_equal(refused(V311, STR("0"), "marshalled code has an object of unknown type 0x30 at byte 0"),
                     -ERR_UNSUPPORTED);
    assert_int_equal(refused(V311, STR(":NNN"), "marshalled code has an object of unknown type 0x3a at byte 0"),
                     -ERR_UNSUPPORTED);
    assert_int_equal(refused(0x030a, STR("N"), "the code of Python 3.10 is of a format that is not known"),
                     -ERR_UNSUPPORTED);
    assert_int_equal(refused(0x030f, STR("N"), NULL), -ERR_UNSUPPORTED);
    for (size_t i = 0; i < sizeof(CODE) - 1; i++)
        assert_true(refused(V311, str_head(STR(CODE), i), NULL) < 0);
    /* A code object whose name is a number, and one with a variable of no kind. */
    struct buf broken CLEANUP_BUF = BUF_INIT;
    buf_add_str(&broken, STR(CANONICAL));
    broken.ptr[str_find(buf_str(&broken), STR("z\4/a.p"))] = 's';
    assert_int_equal(refused(V311, buf_str(&broken), NULL), -ERR_INVALID);
}

static void test_depth(void **state)
{
    (void)state;
    struct buf code CLEANUP_BUF = BUF_INIT;
    for (int i = 1; i < LIMIT_MARSHAL_DEPTH; i++)
        buf_add_str(&code, STR(")\1"));
    buf_add_char(&code, 'N');
    expect(V311, buf_str(&code), buf_str(&code));
    struct buf deeper CLEANUP_BUF = BUF_INIT;
    buf_add_str(&deeper, STR(")\1"));
    buf_add_str(&deeper, buf_str(&code));
    assert_int_equal(refused(V311, buf_str(&deeper), "marshalled code is nested deeper than 2000 levels"), -ERR_LIMIT);
}

/* What _imp.source_hash gives; the first two are of Python 3.11's own magic number. */
static void test_hash(void **state)
{
    (void)state;
    assert_int_equal(python_source_hash(0x0a0d0da7, STR("abc")), 0xf5a41d7ce782afc7ULL);
    assert_int_equal(python_source_hash(0x0a0d0da7, STR("")), 0x737fe8d5d59c8d73ULL);
    assert_int_equal(python_source_hash(0, STR("abc")), 0xc03bc3a0042630f2ULL);
    struct buf out CLEANUP_BUF = BUF_INIT;
    python_pyc_header(0x0a0d0da7, STR("abc"), &out);
    assert_int_equal(out.len, PYTHON_PYC_HEADER_BYTES);
    assert_memory_equal(out.ptr, "\xa7\r\r\n\1\0\0\0\xc7\xaf\x82\xe7\x7c\x1d\xa4\xf5", 16);
}

static void test_path(void **state)
{
    (void)state;
    static const char *const paths[][2] = {
        {"pkg/mod.py", "pkg/__pycache__/mod.cpython-311.pyc"},
        {"mod.py", "__pycache__/mod.cpython-311.pyc"},
        {"a/b.c.py", "a/__pycache__/b.c.cpython-311.pyc"},
        {"a/script", "a/__pycache__/script.cpython-311.pyc"},
    };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        python_pyc_path(str_z(paths[i][0]), V311, &out);
        assert_string_equal(buf_z(&out), paths[i][1]);
    }
}

static void test_faults(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        assert_true(n < 200);
        fault_arm(FAULT_ALLOC, n);
        r = python_marshal_canonical(STR(")\2" CODE ">\2\0\0\0Z\1b)\1Z\1a"), V311, &out, &err);
        fault_disarm();
        assert_true(r == 0 || (r == -ERR_NOMEM && out.len == 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical), cmocka_unit_test(test_refused), cmocka_unit_test(test_depth),
        cmocka_unit_test(test_hash),      cmocka_unit_test(test_path),    cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
