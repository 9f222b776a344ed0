/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "io/tar.h"
#include "io/tar_block.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- making archives ---- */

struct header {
    const char *name, *link;
    char type;
    const char *content;
    const char *size; /* instead of the content's */
    const char *mode, *uid, *mtime, *prefix, *magic;
};

static void add_block(struct buf *out, struct tar_block *block)
{
    int32_t ignored;
    snprintf(block->checksum, sizeof(block->checksum), "%06o", tar_checksum(block, &ignored));
    block->checksum[7] = ' ';
    buf_add(out, block, sizeof(*block));
}

static void fill(char *field, size_t size, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    assert_true(len <= size);
    if (len)
        memcpy(field, text, len);
}

static void add(struct buf *out, struct header h)
{
    struct tar_block block = {.type = h.type};
    size_t len = h.content ? strlen(h.content) : 0;
    char size[32];
    snprintf(size, sizeof(size), "%011zo", len);
    fill(block.name, sizeof(block.name), h.name);
    fill(block.linkname, sizeof(block.linkname), h.link);
    fill(block.mode, sizeof(block.mode), h.mode ? h.mode : "0000644");
    fill(block.uid, sizeof(block.uid), h.uid ? h.uid : "0000000");
    fill(block.gid, sizeof(block.gid), "0000000");
    fill(block.size, sizeof(block.size), h.size ? h.size : size);
    fill(block.mtime, sizeof(block.mtime), h.mtime ? h.mtime : "00000000000");
    fill(block.prefix, sizeof(block.prefix), h.prefix);
    memcpy(block.magic, h.magic ? h.magic : "ustar\0", 6);
    memcpy(block.version, "00", 2);
    add_block(out, &block);
    buf_add(out, h.content, len);
    buf_add_fill(out, '\0', tar_padding(len));
}

static void add_end(struct buf *out)
{
    buf_add_fill(out, '\0', 1024);
}

/* ---- reading them ---- */

/* All entries as text, one line each; the error's message instead when there is one. */
static int dump(struct str archive, struct buf *out, struct err *err)
{
    struct reader *source CLEANUP_READER = NULL;
    struct tar_reader *tar CLEANUP_TAR_READER = NULL;
    int rc = mem_reader_new(archive, &source, err);
    if (!rc)
        rc = tar_reader_new(source, "x.tar", &tar, err);
    for (bool more = true; !rc;) {
        struct tar_entry entry;
        rc = tar_reader_next(tar, &entry, &more, err);
        if (rc || !more)
            break;
        const struct tree_node *node = &entry.node;
        buf_addf(out, "%c %04o %u %u %lld %llu '%.*s'", "-dlh!?"[node->type], node -> mode, node -> uid, node -> gid,
                 (long long)node -> mtime, (unsigned long long)node -> size_bytes, STR_ARG(node->path));
        if (node->target.len)
            buf_addf(out, " -> '%.*s'", STR_ARG(node->target));
        char bytes[7];
        for (size_t got = 1; !rc && got > 0;) {
            rc = tar_reader_content(tar, bytes, sizeof(bytes), &got, err);
            if (!rc)
                buf_addf(out, "%s%.*s", got ? " " : "", (int)got, bytes);
        }
        buf_add_char(out, '\n');
    }
    if (!rc && tar_reader_xattrs(tar))
        buf_addf(out, "%llu xattrs\n", (unsigned long long)tar_reader_xattrs(tar));
    if (rc) { /* failures stick */
        bool more;
        struct tar_entry entry;
        struct err again = ERR_INIT;
        if (tar) {
            assert_int_equal(tar_reader_next(tar, &entry, &more, &again), rc);
            assert_string_equal(again.message, err->message);
        }
    }
    return rc ? rc : buf_check(out, err);
}

static void assert_reads(struct buf *archive, const char *expected)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    if (dump(buf_str(archive), &out, &err))
        fail_msg("%s", err.message);
    assert_string_equal(buf_z(&out), expected);
    buf_reset(archive);
}

static void assert_refuses(struct buf *archive, enum err_code code, const char *message)
{
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    int rc = dump(buf_str(archive), &out, &err);
    assert_string_equal(err.message, message);
    assert_int_equal(rc, -(int)code);
    buf_reset(archive);
}

static void test_types(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, (struct header){.name = "./", .type = '5', .mode = "0000755"});
    add(&a, (struct header){.name = "./usr//lib/", .type = '5', .mode = "0001777"});
    add(&a, (struct header){.name = "/etc/x", .type = '0', .content = "hello world", .mtime = "14524770400"});
    add(&a, (struct header){.name = "sh", .type = '2', .link = "../../bin//dash", .mode = "0000777"});
    add(&a, (struct header){.name = "hard", .type = '1', .link = "./etc/x", .size = "00000000013"});
    add(&a, (struct header){.name = "dev/null", .type = '3'});
    add(&a, (struct header){.name = "dev/sda", .type = '4'});
    add(&a, (struct header){.name = "fifo", .type = '6'});
    add(&a, (struct header){.name = "contiguous", .type = '7', .content = "c"});
    add(&a, (struct header){.name = "a/b/../c", .type = '0', .mode = "0104755"});
    add_end(&a);
    assert_reads(&a, "d 0755 0 0 0 0 ''\n"
                     "d 1777 0 0 0 0 'usr/lib'\n"
                     "- 0644 0 0 1700000000 11 'etc/x' hello w orld\n"
                     "l 0777 0 0 0 0 'sh' -> '../../bin//dash'\n"
                     "h 0644 0 0 0 0 'hard' -> 'etc/x'\n"
                     "? 0644 0 0 0 0 'dev/null'\n"
                     "? 0644 0 0 0 0 'dev/sda'\n"
                     "? 0644 0 0 0 0 'fifo'\n"
                     "- 0644 0 0 0 1 'contiguous' c\n"
                     "- 4755 0 0 0 0 'a/c'\n");
}

static void test_old_formats(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    static const char none[6];
    add(&a, (struct header){.name = "dir/", .type = '\0', .magic = none, .prefix = "ignored"});
    add(&a, (struct header){.name = "f", .type = '\0', .content = "v7", .mode = "   644 ", .uid = "    17 "});
    add(&a, (struct header){.name = "gnu", .type = '0', .magic = "ustar ", .prefix = "\1\2\3", .mtime = ""});
    add(&a, (struct header){.name = "name", .type = '0', .prefix = "pre/fix"});
    assert_reads(&a, "d 0644 0 0 0 0 'dir'\n"
                     "- 0644 15 0 0 2 'f' v7\n"
                     "- 0644 0 0 0 0 'gnu'\n"
                     "- 0644 0 0 0 0 'pre/fix/name'\n"); /* and no end blocks */
    struct tar_block star = {.name = "f", .type = '0', .magic = "ustar", .pad = "\0\0\0\0\0\0\0\0tar"};
    memset(star.prefix, 'p', sizeof(star.prefix));
    add_block(&a, &star);
    struct tar_block sun = {.type = '0'}; /* sums of signed bytes */
    memcpy(sun.name, "\xff\xfe", 2);
    int32_t with_signs;
    (void)tar_checksum(&sun, &with_signs);
    assert_true(tar_format_octal(sun.checksum, sizeof(sun.checksum), with_signs));
    buf_add(&a, &sun, sizeof(sun));
    struct buf expected CLEANUP_BUF = BUF_INIT;
    buf_add_z(&expected, "- 0000 0 0 0 0 '");
    buf_add_fill(&expected, 'p', 131);
    buf_add_z(&expected, "/f'\n- 0000 0 0 0 0 '\xff\xfe'\n");
    assert_reads(&a, buf_z(&expected));
}

static void test_gnu_extensions(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, (struct header){.name = "././@LongLink", .type = 'L', .content = "./long/name"});
    add(&a, (struct header){.name = "././@LongLink", .type = 'K', .content = "long/target"});
    add(&a, (struct header){.name = "cut", .type = '2', .link = "cut"});
    add(&a, (struct header){.name = "next", .type = '2', .link = "own"});
    struct tar_block big = {.name = "f", .type = '0', .uid = "\x80\0\0\0\xff\xff\xff\xff"};
    memset(big.mtime, 0xff, sizeof(big.mtime)); /* -1 */
    memcpy(big.size, "\x80\0\0\0\0\0\0\0\0\0\0\3", 12);
    memcpy(big.uid, "\x80\0\0\0\xff\xff\xff\xff", 8);
    add_block(&a, &big);
    buf_add(&a, "abc", 3);
    buf_add_fill(&a, '#', 509); /* padding may be anything */
    add_end(&a);
    assert_reads(&a, "l 0644 0 0 0 0 'long/name' -> 'long/target'\n"
                     "l 0644 0 0 0 0 'next' -> 'own'\n"
                     "- 0000 4294967295 0 -1 3 'f' abc\n");
}

static void test_pax(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, (struct header){.name = "g", .type = 'g', .content = "10 uid=42\n17 comment=hello\n"});
    add(&a, (struct header){.name = "x",
                            .type = 'x',
                            .content = "14 path=./p/q\n16 mtime=-1.500\n26 SCHILY.xattr.user.a=b\n\n"
                                       "25 LIBARCHIVE.xattr.x=QQ\n10 gid=70\n10 size=2\n21 atime=1.000000000\n"});
    add(&a, (struct header){.name = "cut", .type = '0', .size = "00000000000"});
    buf_add(&a, "ab", 2);
    buf_add_fill(&a, '\0', 510);
    add(&a, (struct header){.name = "x", .type = 'x', .content = "14 linkpath=t\n7 uid=\n"});
    add(&a, (struct header){.name = "l", .type = '2', .uid = "0000003"});
    add(&a, (struct header){.name = "defaults", .type = '0', .uid = "0000003"});
    add(&a, (struct header){.name = "g", .type = 'g', .content = "7 uid=\n"}); /* takes the default back */
    add(&a, (struct header){.name = "no-defaults", .type = '0', .uid = "0000003"});
    add_end(&a);
    assert_reads(&a, "- 0644 42 70 -2 2 'p/q' ab\n"
                     "l 0644 3 0 0 0 'l' -> 't'\n"
                     "- 0644 42 0 0 0 'defaults'\n"
                     "- 0644 3 0 0 0 'no-defaults'\n"
                     "2 xattrs\n");
}

/* A size in an extended header is the entry's, never that of another header between them. */
static void test_pax_size_is_the_entrys(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, (struct header){.name = "x", .type = 'x', .content = "12 size=512\n"});
    add(&a, (struct header){.name = "L", .type = 'L', .content = "outer"});
    add(&a, (struct header){.name = "cut", .type = '0', .size = "00000000000"});
    struct buf inner CLEANUP_BUF = BUF_INIT;
    add(&inner, (struct header){.name = "smuggled", .type = '0'});
    buf_add_str(&a, buf_str(&inner));
    add(&a, (struct header){.name = "last", .type = '5'});
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(dump(buf_str(&a), &out, &err), 0);
    assert_true(str_starts(buf_str(&out), STR("- 0644 0 0 0 512 'outer' smuggl")));
    assert_true(str_ends(buf_str(&out), STR("\nd 0644 0 0 0 0 'last'\n")));
}

static void test_bad_pax(void **state)
{
    (void)state;
    static const struct {
        const char *records, *message;
        enum err_code code;
    } cases[] = {
        {"x", "an extended header has a record of the wrong length", ERR_INVALID},
        {"9 a=b\n", "an extended header has a record of the wrong length", ERR_INVALID},
        {"5 a=b\n", "an extended header has a record of the wrong length", ERR_INVALID},
        {"99999999999999999999 a=b\n", "an extended header has a record of the wrong length", ERR_INVALID},
        {"0 a=b\n", "an extended header has a record of the wrong length", ERR_INVALID},
        {"2 6 a=b\n", "an extended header has a record of the wrong length", ERR_INVALID},
        {"5 ab\n", "an extended header has a record without a key or a value", ERR_INVALID},
        {"5 =b\n", "an extended header has a record without a key or a value", ERR_INVALID},
        {"9 uid=-1\n", "the uid '-1' of an extended header is no valid number", ERR_INVALID},
        {"10 size=x\n", "the size 'x' of an extended header is no valid number", ERR_INVALID},
        {"28 size=9223372036854775808\n", "the size '9223372036854775808' of an extended header is no valid number",
         ERR_INVALID},
        {"13 mtime=1.x\n", "the mtime '1.x' of an extended header is no valid number", ERR_INVALID},
        {"20 GNU.sparse.map=0\n", "sparse files are not supported", ERR_UNSUPPORTED},
        {"14 uid=123456\n14 uid=1234567\n", "an extended header has a record of the wrong length", ERR_INVALID},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf a CLEANUP_BUF = BUF_INIT;
        char message[200];
        snprintf(message, sizeof(message), "'x.tar' at byte 0: %s", cases[i].message);
        add(&a, (struct header){.name = "x", .type = 'x', .content = cases[i].records});
        assert_refuses(&a, cases[i].code, message);
    }
    struct buf a CLEANUP_BUF = BUF_INIT;
    struct tar_block block = {.name = "x", .type = 'x', .size = "00000000014"};
    add_block(&a, &block);
    buf_add(&a, "12 path=a\0b\n", 12);
    buf_add_fill(&a, '\0', 500);
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 0: the path of an extended header holds a NUL byte");
    block = (struct tar_block){.name = "x", .type = 'x', .size = "00004000001"};
    add_block(&a, &block);
    assert_refuses(&a, ERR_LIMIT, "'x.tar' at byte 0: an extended header is larger than 1048576 bytes");
    block = (struct tar_block){.name = "x", .type = 'x', .size = "00000010020"};
    add_block(&a, &block);
    buf_add_z(&a, "4112 path=");
    buf_add_fill(&a, 'n', 4101);
    buf_add_char(&a, '\n');
    buf_add_fill(&a, '\0', 496);
    assert_refuses(&a, ERR_LIMIT,
                   "'x.tar' at byte 0: the path 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn...' "
                   "is longer than 4096 bytes");
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        struct header header;
        const char *message;
        enum err_code code;
    } cases[] = {
        {{.name = "../x", .type = '0'}, "the name '../x' leads out of the archive", ERR_INVALID},
        {{.name = "/../x", .type = '0'}, "the name '/../x' leads out of the archive", ERR_INVALID},
        {{.name = "a/../../x", .type = '0'}, "the name 'a/../../x' leads out of the archive", ERR_INVALID},
        {{.name = "", .type = '0'}, "an entry's name is empty", ERR_INVALID},
        {{.name = "./", .type = '2', .link = "x"}, "the root of the archive is no directory", ERR_INVALID},
        {{.name = "l", .type = '2', .link = ""}, "the link 'l' has no target", ERR_INVALID},
        {{.name = "h", .type = '1', .link = "../x"},
         "the hard link's target '../x' leads out of the archive",
         ERR_INVALID},
        {{.name = "h", .type = '1', .link = "./"}, "the hard link 'h' leads to the root", ERR_INVALID},
        {{.name = "s", .type = 'S'}, "sparse files are not supported", ERR_UNSUPPORTED},
        {{.name = "m", .type = 'M'}, "entries of type 'M' (0x4d) are not supported", ERR_UNSUPPORTED},
        {{.name = "m", .type = '\x01'}, "entries of type '?' (0x01) are not supported", ERR_UNSUPPORTED},
        {{.name = "d", .type = '5', .content = "x"}, "'d' is no file but claims content", ERR_INVALID},
        {{.name = "l", .type = '2', .link = "t", .content = "x"}, "'l' is no file but claims content", ERR_INVALID},
        {{.name = "f", .type = '0', .size = "12x"}, "the size of the header is no number", ERR_INVALID},
        {{.name = "f", .type = '0', .size = "89"}, "the size of the header is no number", ERR_INVALID},
        {{.name = "f", .type = '0', .size = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
         "the size of the header is out of range",
         ERR_INVALID},
        {{.name = "f", .type = '0', .size = "\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"},
         "the size of the header is no number",
         ERR_INVALID},
        {{.name = "f", .type = '0', .uid = "\x80\x01\x01\x01\x01\x01\x01\x01"},
         "the uid of the header is out of range",
         ERR_INVALID},
        {{.name = "f", .type = '0', .content = "body", .mtime = "yesterday"},
         "the mtime of the header is no number",
         ERR_INVALID},
        {{.name = "L", .type = 'L', .content = ""}, "a long name is empty", ERR_INVALID},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf a CLEANUP_BUF = BUF_INIT;
        char message[200];
        snprintf(message, sizeof(message), "'x.tar' at byte 1024: %s", cases[i].message);
        add(&a, (struct header){.name = "good", .type = '0', .content = "x"});
        add(&a, cases[i].header);
        add_end(&a);
        assert_refuses(&a, cases[i].code, message);
    }
}

static void test_ends(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 0: the archive is empty");
    buf_add_z(&a, "this is text");
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 0: the archive is truncated");
    buf_add_fill(&a, 'x', 1024);
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 0: this is no tar archive");
    add_end(&a);
    buf_add_z(&a, "whatever follows");
    assert_reads(&a, "");
    buf_add_fill(&a, '\0', 512); /* half an end */
    assert_reads(&a, "");
    add(&a, (struct header){.name = "f", .type = '0'});
    buf_add_fill(&a, '\0', 512);
    add(&a, (struct header){.name = "hidden", .type = '0'});
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 512: a lone zero block is followed by more");
    add(&a, (struct header){.name = "f", .type = '0', .content = "x"});
    buf_truncate(&a, 512);
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 0: the archive is truncated");
    add(&a, (struct header){.name = "f", .type = '0', .content = "x"});
    buf_truncate(&a, 600); /* within the padding, as umoci leaves its layers */
    assert_reads(&a, "- 0644 0 0 0 1 'f' x\n");
    add(&a, (struct header){.name = "x", .type = 'x', .content = "6 a=b\n"});
    buf_truncate(&a, 515);
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 0: the archive is truncated");
    add(&a, (struct header){.name = "x", .type = 'x', .content = "9 path=x\n"});
    add_end(&a);
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 1024: the archive ends behind an extended header");
    add(&a, (struct header){.name = "f", .type = '0', .content = "x"});
    a.ptr[3]++;
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 0: this is no tar archive");
    add(&a, (struct header){.name = "f", .type = '0', .content = "x"});
    add(&a, (struct header){.name = "f", .type = '0', .content = "x"});
    a.ptr[1024 + 3]++;
    assert_refuses(&a, ERR_INVALID, "'x.tar' at byte 1024: the checksum of the header is wrong");
}

static void test_skips_and_offsets(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    add(&a, (struct header){.name = "one", .type = '0', .content = "first"});
    add(&a, (struct header){.name = "two", .type = '0', .content = "second"});
    struct reader *source CLEANUP_READER = NULL;
    struct tar_reader *tar CLEANUP_TAR_READER = NULL;
    assert_int_equal(mem_reader_new(buf_str(&a), &source, &err), 0);
    assert_int_equal(tar_reader_new(source, "x.tar", &tar, &err), 0);
    struct tar_entry entry;
    bool more = false;
    size_t got = 99;
    char bytes[16];
    assert_int_equal(tar_reader_next(tar, &entry, &more, &err), 0);
    assert_true(more);
    assert_int_equal(entry.offset_bytes, 512);
    assert_int_equal(tar_reader_content(tar, bytes, 2, &got, &err), 0);
    assert_int_equal(got, 2);
    assert_int_equal(tar_reader_next(tar, &entry, &more, &err), 0);
    assert_int_equal(entry.offset_bytes, 1536);
    assert_int_equal(entry.type_flag, '0');
    assert_string_equal(entry.node.path.ptr, "two");
    assert_int_equal(tar_reader_content(tar, bytes, sizeof(bytes), &got, &err), 0);
    assert_memory_equal(bytes, "second", 6);
    assert_int_equal(got, 6);
    assert_int_equal(tar_reader_content(tar, bytes, sizeof(bytes), &got, &err), 0);
    assert_int_equal(got, 0);
    for (int i = 0; i < 2; i++) { /* the end stays */
        assert_int_equal(tar_reader_next(tar, &entry, &more, &err), 0);
        assert_false(more);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(tar_parse_number("777777777777", 12, &value) && value == 0777777777777);
    assert_true(tar_parse_number("\0garbage", 8, &value) && value == 0);
    assert_true(tar_parse_number("  17 \0  ", 8, &value) && value == 15);
    assert_true(tar_parse_number("\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", 12, &value) && value == INT64_MAX);
    assert_false(tar_parse_number("\x80\0\0\0\x80\0\0\0\0\0\0\0", 12, &value));
    assert_true(tar_parse_number("\xff\xff\xff\xff\x80\0\0\0\0\0\0\0", 12, &value) && value == INT64_MIN);
    assert_false(tar_parse_number("\xff\xff\xff\xff\x7f\0\0\0\0\0\0\0", 12, &value));
    char field[8];
    assert_true(tar_format_octal(field, sizeof(field), 07777777));
    assert_string_equal(field, "7777777");
    assert_false(tar_format_octal(field, sizeof(field), 010000000));
    assert_false(tar_format_octal(field, sizeof(field), -1));
}

static void test_faults(void **state)
{
    (void)state;
    struct buf a CLEANUP_BUF = BUF_INIT;
    add(&a, (struct header){.name = "x", .type = 'x', .content = "14 path=./p/q\n14 linkpath=t\n"});
    add(&a, (struct header){.name = "cut", .type = '2'});
    add(&a, (struct header){.name = "L", .type = 'L', .content = "long"});
    add(&a, (struct header){.name = "K", .type = 'K', .content = "target"});
    add(&a, (struct header){.name = "cut", .type = '1'});
    add_end(&a);
    uint64_t n = 1;
    for (int rc = -1; rc; n++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        struct err err = ERR_INIT;
        assert_true(buf_reserve(&out, 4096));
        fault_arm(FAULT_ALLOC, n);
        rc = dump(buf_str(&a), &out, &err);
        fault_disarm();
        assert_true(rc == 0 || rc == -ERR_NOMEM);
        assert_in_range(n, 1, 100);
    }
    assert_in_range(n, 10, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_old_formats),
        cmocka_unit_test(test_gnu_extensions),
        cmocka_unit_test(test_pax),
        cmocka_unit_test(test_pax_size_is_the_entrys),
        cmocka_unit_test(test_bad_pax),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_skips_and_offsets),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests_name("io/tar_reader", tests, NULL, NULL);
}
