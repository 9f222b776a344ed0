/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/symbols.h"
#include "elf_fixture.h"

#include <elf.h>
#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const struct elf_fixture base = {
    .needs = {{"libc.so.6", "GLIBC_2.34", false}},
    .needed = {"libc.so.6"},
    .imports = {"dlopen", "malloc"},
    .exports = {"mine", "also_mine"},
};

struct opened {
    struct arena arena;
    struct buf bytes;
    struct elf_file file;
};

static void open_fixture(struct opened *opened, const struct elf_fixture *fixture)
{
    struct err err = ERR_INIT;
    *opened = (struct opened){.arena = ARENA_INIT, .bytes = BUF_INIT};
    elf_fixture_build(fixture, &opened->bytes);
    if (elf_read(buf_str(&opened->bytes), &opened->arena, &opened->file, &err))
        fail_msg("%s", err.message);
}

static void close_fixture(struct opened *opened)
{
    arena_done(&opened->arena);
    buf_done(&opened->bytes);
}

static void check_symbols(const struct elf_fixture *fixture)
{
    struct opened o;
    struct elf_symbol symbol;
    open_fixture(&o, fixture);
    struct elf_symbols symbols = elf_symbols_of(&o.file);
    assert_int_equal(symbols.count, 5);
    assert_true(elf_symbol_at(&symbols, 1, &symbol));
    assert_true(str_eq(symbol.name, STR("dlopen")));
    assert_false(symbol.defined || symbol.weak);
    assert_int_equal(symbol.version, 2);
    assert_true(elf_symbol_at(&symbols, 2, &symbol));
    assert_int_equal(symbol.version, 1);
    assert_true(elf_symbol_at(&symbols, 4, &symbol));
    assert_true(str_eq(symbol.name, STR("also_mine")));
    assert_true(symbol.defined);
    assert_false(elf_symbol_at(&symbols, 5, &symbol));
    assert_int_equal(elf_symbol_version(&symbols, 1), 2);
    assert_int_equal(elf_symbol_version(&symbols, 5), 1);
    assert_true(elf_imports(&o.file, STR("dlopen")));
    assert_true(elf_imports(&o.file, STR("malloc")));
    assert_false(elf_imports(&o.file, STR("mine")));
    assert_false(elf_imports(&o.file, STR("dlope")));
    assert_false(elf_imports(&o.file, STR("dlopen2")));
    close_fixture(&o);
}

static void test_every_table_gives_the_same(void **state)
{
    (void)state;
    for (unsigned shape = 0; shape < 4; shape++) {
        struct elf_fixture fixture = base;
        fixture.is_32 = shape & 1;
        fixture.is_big = shape & 2;
        check_symbols(&fixture); /* GNU hash */
        fixture.sysv_hash = true;
        check_symbols(&fixture);
        fixture.no_hash = true; /* the versions' table ends the symbols */
        check_symbols(&fixture);
    }
    struct elf_fixture s390x = base;
    s390x.machine = EM_S390;
    s390x.is_big = true;
    s390x.sysv_hash = true; /* with words of 8 bytes */
    check_symbols(&s390x);
}

static void test_imports_leave_out_what_is_hashed(void **state)
{
    (void)state;
    struct opened o;
    open_fixture(&o, &base);
    assert_int_equal(elf_symbols_imported(&o.file).count, 3);
    close_fixture(&o);
}

static void test_nothing_exported(void **state)
{
    (void)state;
    struct opened o;
    struct elf_fixture fixture = base;
    fixture.exports[0] = NULL;
    open_fixture(&o, &fixture);
    assert_true(elf_symbols_of(&o.file).count >= 3);
    assert_true(elf_imports(&o.file, STR("malloc")));
    close_fixture(&o);
}

static void test_no_table(void **state)
{
    (void)state;
    struct opened o;
    open_fixture(&o, &(struct elf_fixture){.no_dynamic = true, .type = ET_EXEC});
    assert_int_equal(elf_symbols_of(&o.file).count, 0);
    assert_false(elf_imports(&o.file, STR("malloc")));
    close_fixture(&o);
}

/* A table that says more than there is gives what there is. */
static void test_lying_hash(void **state)
{
    (void)state;
    struct opened o;
    struct elf_fixture fixture = base;
    fixture.sysv_hash = true;
    open_fixture(&o, &fixture);
    size_t at = (size_t)(o.file.tables.hash - ELF_FIXTURE_ADDRESS);
    memset(o.bytes.ptr + at + 4, 0xff, 4);
    struct elf_symbols symbols = elf_symbols_of(&o.file);
    assert_true(symbols.count < o.bytes.len / 24);
    struct elf_symbol symbol;
    for (uint64_t i = 0; i < symbols.count + 2; i++)
        (void)elf_symbol_at(&symbols, i, &symbol);
    assert_false(elf_imports(&o.file, STR("nothing")));
    close_fixture(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_table_gives_the_same),
        cmocka_unit_test(test_imports_leave_out_what_is_hashed),
        cmocka_unit_test(test_nothing_exported),
        cmocka_unit_test(test_no_table),
        cmocka_unit_test(test_lying_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
