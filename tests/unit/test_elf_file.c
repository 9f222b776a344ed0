/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/num.h"
#include "elf/file.h"
#include "elf/symbols.h"
#include "elf_fixture.h"
#include "io/file.h"

#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str view_ = (view);                                                                                     \
        assert_int_equal(view_.len, strlen(text));                                                                     \
        assert_memory_equal(view_.ptr ? view_.ptr : "", text, view_.len);                                              \
    } while (0)

/* A server in the four shapes that class and byte order give. */
static const struct elf_fixture rich = {
    .interpreter = "/lib64/ld-linux-x86-64.so.2",
    .needed = {"libssl.so.3", "libc.so.6", "libssl.so.3"},
    .auxiliary = "libfast.so",
    .runpath = "$ORIGIN/../lib:/opt/lib",
    .rpath = "/old",
    .needs = {{"libc.so.6", "GLIBC_2.34", false}, {"libssl.so.3", "OPENSSL_3.0.0", true}},
    .definitions = {"server", "SERVER_1"},
    .imports = {"pthread_create", "SSL_new", "iconv_open"},
    .exports = {"plugin_api"},
    .dynamic_flags_1 = DF_1_PIE | DF_1_NOW,
    .relro = true,
    .build_id = "\x12\x34\xab",
    .x86_isa = 5,
};

static void read_fixture(const struct elf_fixture *fixture, struct buf *bytes, struct arena *arena,
                         struct elf_file *file)
{
    struct err err = ERR_INIT;
    elf_fixture_build(fixture, bytes);
    if (elf_read(buf_str(bytes), arena, file, &err))
        fail_msg("%s", err.message);
}

static void check_rich(const struct elf_file *file)
{
    assert_int_equal(file->type, ELF_TYPE_PIE);
    assert_int_equal(file->libc, ELF_LIBC_GLIBC);
    assert_str(file->interpreter, "/lib64/ld-linux-x86-64.so.2");
    assert_int_equal(file->needed_count, 3);
    assert_str(file->needed[0], "libssl.so.3");
    assert_str(file->needed[1], "libc.so.6");
    assert_str(file->needed[2], "libssl.so.3");
    assert_int_equal(file->filter_count, 1);
    assert_str(file->filters[0], "libfast.so");
    assert_true(file->has_rpath && file->has_runpath);
    assert_str(file->rpath, "/old");
    assert_str(file->runpath, "$ORIGIN/../lib:/opt/lib");
    assert_int_equal(file->soname.len, 0);
    assert_int_equal(file->need_count, 2);
    assert_str(file->needs[0].library, "libc.so.6");
    assert_str(file->needs[0].version, "GLIBC_2.34");
    assert_int_equal(file->needs[0].index, 2);
    assert_false(file->needs[0].weak);
    assert_str(file->needs[1].version, "OPENSSL_3.0.0");
    assert_true(file->needs[1].weak);
    assert_int_equal(file->definition_count, 2);
    assert_true(file->definitions[0].base);
    assert_str(file->definitions[1].version, "SERVER_1");
    assert_false(file->definitions[1].base);
    assert_true(file->relro && file->bind_now && file->is_dynamic && file->is_stripped);
    assert_false(file->is_static || file->needs_executable_stack || file->no_default_dirs || file->is_go);
    assert_str(file->build_id, "\x12\x34\xab");
}

static void test_reads_all_classes_and_byte_orders(void **state)
{
    (void)state;
    for (unsigned shape = 0; shape < 4; shape++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct buf bytes CLEANUP_BUF = BUF_INIT;
        struct elf_file file;
        struct elf_fixture fixture = rich;
        fixture.is_32 = shape & 1;
        fixture.is_big = shape & 2;
        read_fixture(&fixture, &bytes, &arena, &file);
        check_rich(&file);
        assert_int_equal(file.is_64, !(shape & 1));
        assert_int_equal(file.is_big_endian, (shape & 2) != 0);
        assert_int_equal(file.x86_isa, 5);
        const enum elf_machine machines[] = {ELF_MACHINE_AMD64, ELF_MACHINE_I386, ELF_MACHINE_UNKNOWN,
                                             ELF_MACHINE_UNKNOWN};
        assert_int_equal(file.machine, machines[shape]);
    }
}

static void expect_type(const struct elf_fixture *fixture, enum elf_type type, bool is_static, enum elf_libc libc)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_file file;
    read_fixture(fixture, &bytes, &arena, &file);
    assert_int_equal(file.type, type);
    assert_int_equal(file.is_static, is_static);
    assert_int_equal(file.libc, libc);
}

static void test_tells_kinds_apart(void **state)
{
    (void)state;
    expect_type(&(struct elf_fixture){.type = ET_EXEC, .no_dynamic = true}, ELF_TYPE_EXECUTABLE, true, ELF_LIBC_NONE);
    expect_type(&(struct elf_fixture){.type = ET_EXEC, .interpreter = "/lib/ld64.so.1"}, ELF_TYPE_EXECUTABLE, false,
                ELF_LIBC_GLIBC);
    expect_type(&(struct elf_fixture){.dynamic_flags_1 = DF_1_PIE}, ELF_TYPE_PIE, true, ELF_LIBC_NONE);
    expect_type(&(struct elf_fixture){.debug_tag = true}, ELF_TYPE_PIE, true, ELF_LIBC_NONE);
    expect_type(&(struct elf_fixture){.interpreter = "/lib/ld-musl-x86_64.so.1"}, ELF_TYPE_PIE, false, ELF_LIBC_MUSL);
    expect_type(&(struct elf_fixture){.interpreter = "/system/bin/linker64"}, ELF_TYPE_PIE, false, ELF_LIBC_BIONIC);
    expect_type(&(struct elf_fixture){.interpreter = "/lib/ld-uClibc.so.0"}, ELF_TYPE_PIE, false, ELF_LIBC_UCLIBC);
    expect_type(&(struct elf_fixture){.interpreter = "/nix/store/x/ld-linux-x86-64.so.2"}, ELF_TYPE_PIE, false,
                ELF_LIBC_GLIBC);
    expect_type(&(struct elf_fixture){.soname = "libx.so.1"}, ELF_TYPE_LIBRARY, false, ELF_LIBC_NONE);
    expect_type(&(struct elf_fixture){.soname = "libc.so.6", .interpreter = "/lib64/ld-linux-x86-64.so.2"},
                ELF_TYPE_LIBRARY, false, ELF_LIBC_GLIBC);
    expect_type(&(struct elf_fixture){.needed = {"libc.musl-aarch64.so.1"}}, ELF_TYPE_LIBRARY, false, ELF_LIBC_MUSL);
    expect_type(&(struct elf_fixture){.needed = {"libc.so"}}, ELF_TYPE_LIBRARY, false, ELF_LIBC_MUSL);
    expect_type(&(struct elf_fixture){.needed = {"libm.so.6", "libc.so.6"}}, ELF_TYPE_LIBRARY, false, ELF_LIBC_GLIBC);
    expect_type(&(struct elf_fixture){.type = ET_REL}, ELF_TYPE_RELOCATABLE, false, ELF_LIBC_NONE);
    expect_type(&(struct elf_fixture){.type = ET_CORE}, ELF_TYPE_CORE, false, ELF_LIBC_NONE);
    expect_type(&(struct elf_fixture){.type = 0xfe00}, ELF_TYPE_OTHER, false, ELF_LIBC_NONE);
}

static void test_stack_defaults_by_machine(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_file file;
    struct elf_fixture fixture = {.no_stack_header = true};
    read_fixture(&fixture, &bytes, &arena, &file);
    assert_true(file.needs_executable_stack);
    fixture.machine = EM_AARCH64;
    read_fixture(&fixture, &bytes, &arena, &file);
    assert_false(file.needs_executable_stack);
    fixture.no_stack_header = false;
    fixture.executable_stack = true;
    read_fixture(&fixture, &bytes, &arena, &file);
    assert_true(file.needs_executable_stack);
}

static void test_arm_float_abi(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_file hard, soft;
    struct elf_fixture fixture = {.is_32 = true, .machine = EM_ARM, .flags = EF_ARM_ABI_FLOAT_HARD};
    read_fixture(&fixture, &bytes, &arena, &hard);
    fixture.flags = EF_ARM_ABI_FLOAT_SOFT;
    struct buf other CLEANUP_BUF = BUF_INIT;
    read_fixture(&fixture, &other, &arena, &soft);
    assert_int_equal(hard.machine, ELF_MACHINE_ARMHF);
    assert_int_equal(soft.machine, ELF_MACHINE_ARMEL);
    assert_false(elf_same_machine(&hard, &soft));
    assert_true(elf_same_machine(&hard, &hard));
    fixture.flags = 0;
    fixture.interpreter = "/lib/ld-linux-armhf.so.3";
    read_fixture(&fixture, &other, &arena, &soft);
    assert_int_equal(soft.machine, ELF_MACHINE_ARMHF);
}

static void test_go_and_packed(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_file file;
    read_fixture(&(struct elf_fixture){.go_note = true, .build_id = "id"}, &bytes, &arena, &file);
    assert_true(file.is_go && elf_is_go(&file));
    assert_str(file.build_id, "id");
    assert_false(elf_is_rust(&file) || file.is_packed);
    memcpy(bytes.ptr + 0xec + 0x180, "UPX!", 4);
    struct err err = ERR_INIT;
    assert_int_equal(elf_read(buf_str(&bytes), &arena, &file, &err), 0);
    assert_true(file.is_packed);
}

static void expect_error(struct str bytes, enum err_code code, const char *part)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct elf_file file = {.type = ELF_TYPE_CORE};
    assert_int_equal(elf_read(bytes, &arena, &file, &err), -(int)code);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, part))
        fail_msg("'%s' is not in '%s'", part, err.message);
    assert_int_equal(file.type, ELF_TYPE_CORE); /* untouched */
}

static void test_what_is_no_elf(void **state)
{
    (void)state;
    assert_true(elf_is_elf(STR("\177ELF")));
    assert_false(elf_is_elf(STR("\177EL")));
    expect_error(STR_NONE, ERR_ELF, "not an ELF file");
    expect_error(STR("#!/bin/sh\n"), ERR_ELF, "not an ELF file");
    expect_error(STR("\177ELF"), ERR_ELF, "truncated ELF file: 4 bytes");
    expect_error(STR("\177ELF\3\1\1\0\0\0\0\0\0\0\0\0"), ERR_ELF, "class is 3");
    expect_error(STR("\177ELF\2\0\1\0\0\0\0\0\0\0\0\0"), ERR_ELF, "byte order is 0");
    expect_error(STR("\177ELF\2\1\7\0\0\0\0\0\0\0\0\0"), ERR_ELF, "version 7");
    expect_error(STR("\177ELF\2\1\1\0\0\0\0\0\0\0\0\0"), ERR_ELF, "header needs 64 bytes, there are 16");
    expect_error(STR("\177ELF\1\1\1\0\0\0\0\0\0\0\0\0"), ERR_ELF, "header needs 52 bytes, there are 16");
}

/* Every prefix of a file is refused or reads well, in exact-size memory that a sanitizer watches. */
static void test_every_prefix(void **state)
{
    (void)state;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(&rich, &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        char *copy CLEANUP_MEM = mem_alloc(len);
        memcpy(copy, bytes.ptr, len);
        struct err err = ERR_INIT;
        struct elf_file file;
        assert_int_equal(elf_read(str_of(copy, len), &arena, &file, &err), -ERR_ELF);
        assert_true(strstr(err.message, "truncated") || strstr(err.message, "not an ELF"));
    }
}

/* Sets WIDTH bytes at AT of a fresh fixture to VALUE. */
static void expect_after_change(size_t at, uint64_t value, size_t width, enum err_code code, const char *part)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(&rich, &bytes);
    for (size_t i = 0; i < width; i++)
        bytes.ptr[at + i] = (char)(value >> (8 * i));
    expect_error(buf_str(&bytes), code, part);
}

static void test_hostile_headers(void **state)
{
    (void)state;
    expect_after_change(56, 0, 2, ERR_ELF, "no program headers");
    expect_after_change(54, 32, 2, ERR_ELF, "have 32 bytes instead of 56");
    expect_after_change(56, 4097, 2, ERR_LIMIT, "4097 program headers");
    expect_after_change(56, 4096, 2, ERR_ELF, "program headers lie beyond");
    expect_after_change(32, UINT64_MAX, 8, ERR_ELF, "program headers lie beyond");
    expect_after_change(32, UINT64_MAX - 60, 8, ERR_ELF, "program headers lie beyond");
    expect_after_change(64 + 8, UINT64_MAX, 8, ERR_ELF, "interpreter lies beyond");
    expect_after_change(64 + 32, 27, 8, ERR_ELF, "interpreter has no end");
    expect_after_change(64 + 32, 0, 8, ERR_ELF, "interpreter has no end");
}

/* The value of the dynamic entry TAG is changed. */
static void expect_after_tag(uint64_t tag, uint64_t value, enum err_code code, const char *part)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_file file;
    read_fixture(&rich, &bytes, &arena, &file);
    uint64_t at = 0;
    for (size_t i = 0; i < file.segment_count; i++)
        if (file.segments[i].type == PT_DYNAMIC)
            at = file.segments[i].offset;
    while (num_le64(bytes.ptr + at) != tag)
        at += 16;
    num_put_le64(bytes.ptr + at + 8, value);
    expect_error(buf_str(&bytes), code, part);
}

static void test_hostile_dynamic_section(void **state)
{
    (void)state;
    expect_after_tag(DT_STRTAB, 1, ERR_ELF, "string table is not in a loaded segment");
    expect_after_tag(DT_STRSZ, 1ULL << 40, ERR_ELF, "string table is not in a loaded segment");
    expect_after_tag(DT_STRSZ, 1, ERR_ELF, "is not in the dynamic string table");
    expect_after_tag(DT_NEEDED, 1ULL << 32, ERR_ELF, "needed library is not in the dynamic string table");
    expect_after_tag(DT_RUNPATH, UINT64_MAX, ERR_ELF, "RUNPATH is not in");
    expect_after_tag(DT_VERNEED, UINT64_MAX - 4, ERR_ELF, "table of needed versions leads out");
    expect_after_tag(DT_VERDEF, 5, ERR_ELF, "table of defined versions leads out");
}

static void test_names_that_are_too_long(void **state)
{
    (void)state;
    char name[LIMIT_ELF_NAME_BYTES + 2];
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_file file;
    memset(name, 'x', sizeof(name));
    name[LIMIT_ELF_NAME_BYTES] = '\0';
    struct elf_fixture fixture = {.needed = {name}};
    read_fixture(&fixture, &bytes, &arena, &file);
    assert_int_equal(file.needed[0].len, LIMIT_ELF_NAME_BYTES);
    name[LIMIT_ELF_NAME_BYTES] = 'x';
    name[LIMIT_ELF_NAME_BYTES + 1] = '\0';
    elf_fixture_build(&fixture, &bytes);
    expect_error(buf_str(&bytes), ERR_ELF, "longer than 4096 bytes");
}

static void test_os_abi(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    struct elf_file file;
    read_fixture(&(struct elf_fixture){.os_abi = ELFOSABI_FREEBSD}, &bytes, &arena, &file);
    assert_false(elf_os_abi_is_linux(&file));
    assert_string_equal(elf_os_abi_name(file.os_abi), "FreeBSD");
    read_fixture(&(struct elf_fixture){.os_abi = ELFOSABI_GNU}, &bytes, &arena, &file);
    assert_true(elf_os_abi_is_linux(&file));
    assert_string_equal(elf_os_abi_name(200), "unknown");
    assert_string_equal(elf_type_name(ELF_TYPE_LIBRARY), "shared library");
}

static void read_system(const char *path, struct str *bytes, struct arena *arena, struct elf_file *file)
{
    struct err err = ERR_INIT;
    if (file_map(AT_FDCWD, path, LIMIT_ELF_BYTES, bytes, &err) || elf_read(*bytes, arena, file, &err))
        fail_msg("%s: %s", path, err.message);
}

static void test_own_program(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct str bytes;
    struct elf_file file;
    read_system("/bin/true", &bytes, &arena, &file);
    assert_int_equal(file.type, ELF_TYPE_PIE);
    assert_int_equal(file.libc, ELF_LIBC_GLIBC);
    assert_true(str_eq(file.interpreter, elf_machine_info(file.machine)->loader));
    assert_int_equal(file.needed_count, 1);
    assert_str(file.needed[0], "libc.so.6");
    assert_true(file.relro && file.is_stripped && file.build_id.len == 20 && file.min_kernel >= 0x20600);
    assert_true(elf_imports(&file, STR("__libc_start_main")));
    assert_false(elf_imports(&file, STR("__libc_start_mai")));
    assert_false(elf_imports(&file, STR("")));
    file_unmap(bytes);
    read_system("/proc/self/exe", &bytes, &arena, &file);
    assert_false(file.is_stripped || file.is_go || file.is_rust || file.is_packed);
    assert_true(elf_imports(&file, STR("_cmocka_run_group_tests")));
    file_unmap(bytes);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(&rich, &bytes);
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct err err = ERR_INIT;
        struct elf_file file = {0};
        fault_arm(FAULT_ALLOC, n);
        int r = elf_read(buf_str(&bytes), &arena, &file, &err);
        fault_disarm();
        if (!r) {
            assert_true(n > 1);
            check_rich(&file);
            return;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(file.needed_count, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_all_classes_and_byte_orders),
        cmocka_unit_test(test_tells_kinds_apart),
        cmocka_unit_test(test_stack_defaults_by_machine),
        cmocka_unit_test(test_arm_float_abi),
        cmocka_unit_test(test_go_and_packed),
        cmocka_unit_test(test_what_is_no_elf),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_hostile_headers),
        cmocka_unit_test(test_hostile_dynamic_section),
        cmocka_unit_test(test_names_that_are_too_long),
        cmocka_unit_test(test_os_abi),
        cmocka_unit_test(test_own_program),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
