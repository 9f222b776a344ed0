/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/limits.h"
#include "dockerfile/file.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

/* Reads SOURCE; every byte that a diagnostic or an instruction names has to lie in it. */
static int read_bytes(struct str source, uint32_t *ret_instructions, uint32_t *ret_diagnostics, struct err *err)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct dockerfile file = {0};
    int r = dockerfile_read(source, &arena, &file, err);
    for (uint32_t i = 0; i < file.diagnostics.count; i++) {
        struct data_span span = file.diagnostics.items[i].span;
        assert_true((size_t)span.offset + span.len <= source.len);
    }
    for (uint32_t i = 0; i < file.instruction_count; i++) {
        struct data_span span = file.instructions[i].span;
        assert_true((size_t)span.offset + span.len <= source.len);
    }
    *ret_instructions = file.instruction_count;
    *ret_diagnostics = file.diagnostics.count;
    return r;
}

static void test_small_and_ugly(void **state)
{
    (void)state;
    static const struct {
        struct str source;
        uint32_t instructions;
        uint32_t diagnostics;
    } cases[] = {
        {STR_INIT(""), 0, 1},
        {STR_INIT("\xEF\xBB\xBF"), 0, 1},
        {STR_INIT("\\"), 0, 2},
        {STR_INIT("\r\n\r\n"), 0, 1},
        {STR_INIT("\0\0"), 1, 3},
        {STR_INIT("FROM \0\n"), 1, 1},
        {STR_INIT("FROM x\n\xFF\xFE \x80\n"), 2, 1},
        {STR_INIT("FROM x\nUSER \xFF\n"), 2, 0},
        {STR_INIT("FROM x\r\nUSER a\\\r\nb\r\n"), 2, 0},
        {STR_INIT("FROM x\nRUN <<"), 2, 0},
        {STR_INIT("FROM x\nRUN <<E"), 2, 1},
        {STR_INIT("FROM x\nCMD [\"a"), 2, 0},
        {STR_INIT("FROM x\nENV A=\"b"), 2, 1},
        {STR_INIT("FROM x\nCOPY --from"), 2, 2},
        {STR_INIT("FROM x\nONBUILD"), 2, 1},
        {STR_INIT("FROM x\nHEALTHCHECK --"), 2, 1},
        {STR_INIT("#"), 0, 1},
        {STR_INIT("# escape=\n"), 0, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t instructions = 99;
        uint32_t diagnostics = 99;
        assert_int_equal(read_bytes(cases[i].source, &instructions, &diagnostics, NULL), 0);
        if (instructions != cases[i].instructions || diagnostics != cases[i].diagnostics)
            fail_msg("case %zu: %u instructions, %u diagnostics", i, instructions, diagnostics);
    }
}

/* REPEAT times TEXT behind HEAD. */
static void repeat(struct buf *out, const char *head, const char *text, size_t times)
{
    buf_reset(out);
    buf_add_z(out, head);
    for (size_t i = 0; i < times; i++)
        buf_add_z(out, text);
}

static void test_large(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf source = BUF_INIT;
    static const struct {
        const char *head;
        const char *text;
        size_t times;
        int r;
        uint32_t instructions;
    } cases[] = {
        {"FROM x\nRUN ", "a", 1 << 20, 0, 2},
        {"FROM x\nUSER ", "$A", 1 << 19, 0, 2},
        {"FROM x\n", "RUN true\n", 100000, 0, 100001},
        {"FROM x\n", "ENV A=$A$A\n", 20000, 0, 20001},
        {"FROM scratch\nENV A=abcdefghij\n", "ENV A=$A$A\n", 20000, 0, 20002},
        {"FROM scratch\nENV A=abababababababababababababababab\n", "USER ${A##*a*a*a*a*c}\n", 100000, 0, 100002},
        {"FROM scratch\n", "WORKDIR a\n", 100000, 0, 100001},
        {"FROM x\nRUN a", " \\\n#\n\n", 200000, 0, 2},
        {"FROM x\nCMD ", "[", 1 << 20, 0, 2},
        {"FROM x\nCMD [\"\"", ",\"\"", 100000, 0, 2},
        {"FROM scratch AS a\n", "FROM a AS a\nENV A=$A\n", 500, 0, 1001},
        {"", "FROM a\n", LIMIT_DOCKERFILE_STAGES + 1, -ERR_LIMIT, 0},
        {"", "x\n", LIMIT_DOCKERFILE_INSTRUCTIONS + 1, -ERR_LIMIT, 0},
        {"FROM x\nRUN", " a", LIMIT_DOCKERFILE_WORDS + 1, -ERR_LIMIT, 0},
        {"FROM x\nRUN", " --mount=a", LIMIT_DOCKERFILE_FLAGS + 1, -ERR_LIMIT, 0},
        {"", "#", LIMIT_DOCKERFILE_BYTES + 1, -ERR_LIMIT, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t instructions = 0;
        uint32_t diagnostics = 0;
        repeat(&source, cases[i].head, cases[i].text, cases[i].times);
        uint64_t start = clock_monotonic_ns();
        int r = read_bytes(buf_str(&source), &instructions, &diagnostics, NULL);
        uint64_t took_ms = (clock_monotonic_ns() - start) / 1000000;
        if (r != cases[i].r || instructions != cases[i].instructions || took_ms > 10000)
            fail_msg("case %zu: %d, %u instructions, %llu ms", i, r, instructions, (unsigned long long)took_ms);
    }
}

static const char everything[] =
    "# syntax=docker/dockerfile:1\n# escape=\\\nARG V=1 W\nFROM --platform=$TARGETPLATFORM a:${V:-2} AS b\n"
    "RUN --mount=type=cache,target=/x <<E cat && \\\n # note\n\n true\nbody\nE\nENV A=1 B=${A#?}$PATH\nLABEL a b\n"
    "FROM b\nARG V\nWORKDIR x\nWORKDIR /y/$V\nWORKDIR z\nCOPY --from=b [\"a\", \"b\"]\nEXPOSE 80 $V\nVOLUME /x /y\n"
    "HEALTHCHECK --retries=1 CMD [\"/p\"]\nONBUILD USER x\nUSER ${V/1/2}\nBAD x\nCMD ['x']\nSHELL x\n"
    "FROM b AS b\nUSER ${V:?no}\n";

static void test_faults(void **state)
{
    (void)state;
    uint32_t instructions;
    uint32_t diagnostics;
    bool failed = true;
    for (uint64_t n = 1; failed; n++) {
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = read_bytes(str_of(everything, sizeof(everything) - 1), &instructions, &diagnostics, &err);
        failed = fault_count(FAULT_ALLOC) >= n;
        fault_disarm();
        assert_true(n < 1000);
        assert_int_equal(r, failed ? -ERR_NOMEM : 0);
        assert_int_equal(err.code, failed ? ERR_NOMEM : ERR_NONE);
    }
    assert_int_equal(instructions, 21);
    assert_int_equal(diagnostics, 4);
}

/* Whatever the file is cut to, nothing leaves it. */
static void test_cuts(void **state)
{
    (void)state;
    uint32_t instructions;
    uint32_t diagnostics;
    for (size_t len = 0; len < sizeof(everything); len++)
        assert_int_equal(read_bytes(str_of(everything, len), &instructions, &diagnostics, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_and_ugly),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
