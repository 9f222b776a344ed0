/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "detect/app.h"
#include "elf_fixture.h"
#include "io/file.h"

#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <string.h>
#include <sys/stat.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define LOADER "/lib64/ld-linux-x86-64.so.2"

static void expect_at(const char *path, struct str bytes, enum app_kind kind, const char *noun)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct app app;
    assert_int_equal(detect_app(str_z(path), S_IFREG | 0755, bytes, &arena, &app, &err), 0);
    assert_int_equal(app.noun.len, strlen(noun));
    assert_memory_equal(app.noun.ptr, noun, app.noun.len);
    assert_int_equal(app.kind, kind);
    assert_int_equal(app.remedy.len == 0, detect_is_program(&app));
}

static void expect(struct str bytes, enum app_kind kind, const char *noun)
{
    expect_at("app", bytes, kind, noun);
}

static void expect_elf(const struct elf_fixture *fixture, enum app_kind kind, const char *noun)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(fixture, &bytes);
    expect(buf_str(&bytes), kind, noun);
}

static void test_elf(void **state)
{
    (void)state;
    expect_elf(&(struct elf_fixture){.interpreter = LOADER, .needed = {"libc.so.6"}}, APP_DYNAMIC, "a dynamic program");
    expect_elf(&(struct elf_fixture){.interpreter = LOADER, .needed = {"libstdc++.so.6", "libc.so.6"}}, APP_DYNAMIC,
               "a dynamic program (C++)");
    expect_elf(&(struct elf_fixture){.type = ET_EXEC, .no_dynamic = true, .go_note = true}, APP_STATIC,
               "a static program (Go)");
    expect_elf(&(struct elf_fixture){.type = ET_EXEC, .no_dynamic = true}, APP_STATIC, "a static program");
    expect_elf(&(struct elf_fixture){.interpreter = "/lib/ld-musl-x86_64.so.1"}, APP_MUSL,
               "a program built with musl, and Debian has glibc");
    expect_elf(&(struct elf_fixture){.interpreter = "/system/bin/linker64"}, APP_OTHER_LIBC, "a program for Android");
    expect_elf(&(struct elf_fixture){.interpreter = LOADER, .os_abi = ELFOSABI_FREEBSD}, APP_OTHER_SYSTEM,
               "an ELF file for another system than Linux");
    expect_elf(&(struct elf_fixture){.soname = "libx.so.1"}, APP_LIBRARY, "a shared library");
    expect_elf(&(struct elf_fixture){.type = ET_REL}, APP_OBJECT, "an object file, not linked yet");
    expect_elf(&(struct elf_fixture){.type = ET_CORE}, APP_CORE, "a core file, the memory of a program that crashed");
}

static void test_damaged_elf(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct app app;
    struct str bytes = STR("\177ELF\2\1\1");
    assert_int_equal(detect_app(STR("a"), S_IFREG, bytes, &arena, &app, &err), 0);
    assert_int_equal(app.kind, APP_DAMAGED_ELF);
    assert_int_equal(detect_refuse(&app, STR("a"), &err), -ERR_ELF);
    assert_string_equal(err.message, "'a' is no program that could be loaded: truncated ELF file: 7 bytes");
    assert_string_equal(err.hint, "copy or build it anew");
}

static void expect_script(const char *text, const char *noun, const char *interpreter, const char *language)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct app app;
    expect(str_z(text), APP_SCRIPT, noun);
    assert_int_equal(detect_app(STR("a"), S_IFREG, str_z(text), &arena, &app, &err), 0);
    assert_true(str_eq_z(app.interpreter, interpreter));
    assert_true(str_eq_z(app.language, language));
}

static void test_scripts(void **state)
{
    (void)state;
    expect_script("#!/bin/sh\necho hello\n", "a shell script (#!/bin/sh)", "/bin/sh", "shell");
    expect_script("#! /bin/bash -e\r\n", "a shell script (#!/bin/bash -e)", "/bin/bash", "shell");
    expect_script("#!/usr/bin/env python3\n", "a Python script (#!/usr/bin/env python3)", "python3", "Python");
    expect_script("#!/usr/bin/env -S LANG=C python3.12 -u\n",
                  "a Python script (#!/usr/bin/env -S LANG=C python3.12 -u)", "python3.12", "Python");
    expect_script("#!/usr/bin/pythonic\n", "a script (#!/usr/bin/pythonic)", "/usr/bin/pythonic", "");
    expect_script("#!/opt/\x01\xff", "a script (#!/opt/\?\?)", "/opt/\x01\xff", "");
    expect_script("#!", "a script (#!)", "", "");
    expect_script("#!/usr/bin/env\n", "a script (#!/usr/bin/env)", "/usr/bin/env", "");
    char longest[4000];
    memset(longest, 'x', sizeof(longest));
    longest[0] = '#';
    longest[1] = '!';
    expect(str_of(longest, sizeof(longest)), APP_SCRIPT,
           "a script (#!xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx)");
}

static void test_other_systems(void **state)
{
    (void)state;
    char pe[128] = "MZ";
    pe[0x3c] = 64;
    expect(str_of(pe, 128), APP_WINDOWS, "a DOS program (MZ)");
    memcpy(pe + 64, "PE\0", 4);
    expect(str_of(pe, 128), APP_WINDOWS, "a Windows program (PE)");
    pe[64 + 23] = 0x20;
    expect(str_of(pe, 128), APP_WINDOWS, "a Windows library (PE)");
    memset(pe + 0x3c, 0xff, 4);
    expect(str_of(pe, 128), APP_WINDOWS, "a DOS program (MZ)");
    expect(STR("\xcf\xfa\xed\xfe\7\0\0\1"), APP_MACOS, "a macOS program (Mach-O)");
    expect(STR("\xca\xfe\xba\xbe\0\0\0\2"), APP_MACOS, "a macOS program (Mach-O, universal)");
    expect(STR("\xca\xfe\xba\xbe\0\0\0\x3d"), APP_JAVA_CLASS, "a Java class");
    expect(STR("\0asm\1\0\0\0"), APP_WASM, "a WebAssembly module");
}

static void test_archives(void **state)
{
    (void)state;
    expect(STR("PK\3\4....................META-INF/MANIFEST.MF"), APP_JAR, "a Java archive (jar)");
    expect(STR("PK\3\4....................a.txt"), APP_ARCHIVE, "a zip archive");
    expect(STR("\x1f\x8b\x08\0"), APP_ARCHIVE, "a gzip-compressed file");
    expect(STR("\x28\xb5\x2f\xfd"), APP_ARCHIVE, "a zstd-compressed file");
    expect(STR("\xfd"
               "7zXZ\0"),
           APP_ARCHIVE, "an xz-compressed file");
    expect(STR("!<arch>\ndebian-binary   "), APP_ARCHIVE, "a Debian package");
    expect(STR("!<arch>\n/               "), APP_OBJECT, "a static library, not linked into a program");
    char tar[512] = "name";
    memcpy(tar + 257, "ustar", 5);
    expect(str_of(tar, sizeof(tar)), APP_ARCHIVE, "a tar archive");
}

static void test_text_and_data(void **state)
{
    (void)state;
    expect(STR(""), APP_EMPTY, "an empty file");
    expect(STR("hello\n"), APP_TEXT, "a text file");
    expect(STR("gr\xc3\xbc\xc3"), APP_TEXT, "a text file");
    expect(STR("a\0b"), APP_DATA, "no program of any known kind");
    expect(STR("latin \xfc and more"), APP_DATA, "no program of any known kind");
    expect_at("dir.py/main.go", STR("package main\n"), APP_TEXT, "a Go source file");
    expect_at("x/Dockerfile", STR("FROM scratch\n"), APP_TEXT, "a Dockerfile");
    expect_at("app.py", STR("import os\n"), APP_TEXT, "a Python source file");
    expect(STR("MZ"), APP_TEXT, "a text file");
    expect(STR("PK"), APP_TEXT, "a text file");
}

static void test_other_types_of_file(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct app app;
    assert_int_equal(detect_app(STR("d"), S_IFDIR | 0755, STR_NONE, &arena, &app, &err), 0);
    assert_int_equal(app.kind, APP_DIRECTORY);
    assert_int_equal(detect_refuse(&app, STR("d"), &err), -ERR_INVALID);
    assert_string_equal(err.message, "'d' is a directory");
    assert_int_equal(detect_app(STR("f"), S_IFIFO, STR_NONE, &arena, &app, &err), 0);
    assert_int_equal(app.kind, APP_SPECIAL);
    assert_int_equal(detect_refuse(&app, STR("f"), &err), -ERR_INVALID);
    assert_string_equal(err.message, "'f' is not a regular file");
}

static void test_directories(void **state)
{
    (void)state;
    struct app app;
    const struct str node[] = {STR("Dockerfile"), STR("package.json"), STR("index.js")};
    detect_directory(node, 3, &app);
    assert_true(str_eq(app.noun, STR("a Node.js project")));
    assert_true(str_eq(app.language, STR("JavaScript")));
    const struct str venv[] = {STR("pyvenv.cfg")};
    detect_directory(venv, 1, &app);
    assert_true(str_eq(app.noun, STR("a Python virtual environment")));
    const struct str plain[] = {STR("readme")};
    detect_directory(plain, 1, &app);
    assert_true(str_eq(app.noun, STR("a directory")));
    assert_int_equal(app.language.len, 0);
}

static void test_refusals(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct app app;
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(&(struct elf_fixture){.interpreter = "/lib/ld-musl-x86_64.so.1"}, &bytes);
    assert_int_equal(detect_app(STR("m"), S_IFREG, buf_str(&bytes), &arena, &app, &err), 0);
    assert_int_equal(detect_refuse(&app, STR("m"), &err), -ERR_LIBC);
    assert_int_equal(detect_app(STR("s"), S_IFREG, STR("#!/bin/sh\n"), &arena, &app, &err), 0);
    assert_int_equal(detect_refuse(&app, STR("s"), &err), -ERR_INVALID);
    assert_string_equal(err.message, "'s' is a shell script (#!/bin/sh)");
    assert_string_equal(err.hint, "an image without a shell can't start it; give a compiled program");
}

static void test_this_machine(void **state)
{
    (void)state;
    struct str bytes;
    struct err err = ERR_INIT;
    assert_int_equal(file_map(AT_FDCWD, "/bin/true", LIMIT_ELF_BYTES, &bytes, &err), 0);
    expect(bytes, APP_DYNAMIC, "a dynamic program");
    file_unmap(bytes);
}

static void test_failing_allocations(void **state)
{
    (void)state;
    const struct str inputs[] = {STR("#!/bin/sh\n"), STR("\177ELF")};
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++)
        for (uint64_t n = 1;; n++) {
            struct arena arena CLEANUP_ARENA = ARENA_INIT;
            struct err err = ERR_INIT;
            struct app app = {.kind = APP_DATA};
            fault_arm(FAULT_ALLOC, n);
            int r = detect_app(STR("a"), S_IFREG, inputs[i], &arena, &app, &err);
            fault_disarm();
            if (!r)
                break;
            assert_int_equal(r, -ERR_NOMEM);
            assert_int_equal(app.kind, APP_DATA);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elf),
        cmocka_unit_test(test_damaged_elf),
        cmocka_unit_test(test_scripts),
        cmocka_unit_test(test_other_systems),
        cmocka_unit_test(test_archives),
        cmocka_unit_test(test_text_and_data),
        cmocka_unit_test(test_other_types_of_file),
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_this_machine),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
