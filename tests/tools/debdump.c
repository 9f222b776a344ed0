/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debdump.c - shows what barehull reads of a Debian package, in the words of others, so that they can judge it. The
 * package goes through the cache's form and, for "disk", through a tree.
 *
 *     debdump list FILE      as `TZ=UTC tar tv --numeric-owner --full-time` has it, without "./" and final slashes
 *     debdump disk FILE      one line a path: type, mode, uid, gid, time, path, target (as find -printf can have it)
 *     debdump sha256 FILE    as sha256sum has it, for every file and hard link
 *     debdump control FILE   the control file; likewise md5sums, conffiles, scripts
 *     debdump cache FILE     the cached form
 *     debdump time FILE      seconds to unpack and to open
 *     debdump all FILE DIR   each of the above but cache and time into a file of its name in DIR, which exists
 */
#include "archive/deb_cache.h"
#include "base/clock.h"
#include "io/digest.h"
#include "io/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct dump {
    struct arena arena;
    struct deb_package package;
    struct tree *tree;
};

static const char type_letters[] = {[TREE_FILE] = '-',     [TREE_DIR] = 'd',      [TREE_SYMLINK] = 'l',
                                    [TREE_HARDLINK] = 'h', [TREE_WHITEOUT] = 'w', [TREE_OTHER] = '?'};

static void add_mode(struct buf *out, const struct tree_node *node)
{
    static const char special[] = "sst"; /* set-uid, set-gid, sticky */
    buf_add_char(out, type_letters[node->type]);
    for (int i = 0; i < 9; i++) {
        bool on = node->mode >> (8 - i) & 1;
        char c = on ? "rwx"[i % 3] : '-';
        if (i % 3 == 2 && node->mode >> (11 - i / 3) & 1)
            c = (char)(on ? special[i / 3] : special[i / 3] - ('a' - 'A'));
        buf_add_char(out, c);
    }
}

static void list(struct dump *dump, struct buf *out)
{
    for (size_t i = 0; i < dump->package.entry_count; i++) {
        const struct tree_node *node = &dump->package.entries[i];
        struct buf date CLEANUP_BUF = BUF_INIT;
        clock_format_rfc3339(&date, node->mtime);
        uint64_t size = node->size_bytes;
        add_mode(out, node);
        buf_addf(out, " %u/%u %llu %.10s %.8s %.*s", node->uid, node->gid, (unsigned long long)size, buf_z(&date),
                 buf_z(&date) + 11, STR_ARG(node->path));
        if (node->target.len)
            buf_addf(out, "%s%.*s", node->type == TREE_SYMLINK ? " -> " : " link to ", STR_ARG(node->target));
        buf_add_char(out, '\n');
    }
}

static void disk(struct dump *dump, struct buf *out)
{
    for (size_t i = 0; i < tree_count(dump->tree); i++) {
        const struct tree_node *node = tree_at(dump->tree, i);
        const struct tree_node *file = tree_link_file(node);
        buf_addf(out, "%c %04o %u %u %lld %.*s %.*s\n", "fdl??"[file->type], file -> mode, file -> uid, file -> gid,
                 (long long)file -> mtime, STR_ARG(node->path), STR_ARG(file->target));
    }
}

static void sha256(struct dump *dump, struct buf *out)
{
    for (size_t i = 0; i < tree_count(dump->tree); i++) {
        const struct tree_node *node = tree_at(dump->tree, i);
        const struct tree_node *file = tree_link_file(node);
        if (file->type != TREE_FILE)
            continue;
        char hex[DIGEST_TEXT_MAX];
        struct digest digest = digest_of(DIGEST_SHA256, file->content);
        buf_addf(out, "%s  %.*s\n", digest_hex(&digest, hex), STR_ARG(node->path));
    }
}

static void scripts(struct dump *dump, struct buf *out)
{
    for (unsigned i = 0; i < DEB_SCRIPTS; i++)
        if (dump->package.scripts >> i & 1)
            buf_addf(out, "%s\n", deb_script_name((enum deb_script)i));
}

static void show(struct dump *dump, const char *what, struct str cached, struct buf *out)
{
    if (strcmp(what, "list") == 0)
        list(dump, out);
    else if (strcmp(what, "disk") == 0)
        disk(dump, out);
    else if (strcmp(what, "sha256") == 0)
        sha256(dump, out);
    else if (strcmp(what, "control") == 0)
        buf_add_str(out, dump->package.control);
    else if (strcmp(what, "md5sums") == 0)
        buf_add_str(out, dump->package.md5sums);
    else if (strcmp(what, "scripts") == 0)
        scripts(dump, out);
    else if (strcmp(what, "cache") == 0)
        buf_add_str(out, cached);
    else if (strcmp(what, "conffiles") == 0)
        for (size_t i = 0; i < dump->package.conffile_count; i++)
            buf_addf(out, "/%.*s\n", STR_ARG(dump->package.conffiles[i]));
}

static int unpack(const char *path, struct buf *cached, struct err *err)
{
    struct reader *source CLEANUP_READER = NULL;
    struct writer *sink CLEANUP_WRITER = NULL;
    struct op_ctx ctx = {0};
    int fd = -1;
    int rc = file_open(AT_FDCWD, path, &fd, NULL, err);
    if (!rc)
        rc = fd_reader_new(fd, path, &source, err);
    if (!rc)
        rc = buf_writer_new(cached, &sink, err);
    if (!rc)
        rc = deb_unpack(source, path, sink, &ctx, err);
    return rc ? rc : writer_close(TAKE_PTR(sink), err);
}

static int load(struct dump *dump, struct str cached, struct err *err)
{
    int rc = deb_package_open(cached, &dump->arena, &dump->package, err);
    for (size_t i = 0; !rc && i < dump->package.entry_count; i++)
        rc = deb_package_check(&dump->package, i, err);
    if (!rc)
        rc = tree_new(&dump->arena, &dump->tree, err);
    for (size_t i = 0; !rc && i < dump->package.entry_count; i++)
        rc = tree_put(dump->tree, &dump->package.entries[i], err);
    return rc;
}

static int show_all(struct dump *dump, const char *dir, struct err *err)
{
    static const char *const names[] = {"list", "disk", "sha256", "control", "md5sums", "conffiles", "scripts"};
    int rc = 0;
    for (size_t i = 0; !rc && i < ARRAY_LEN(names); i++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        char path[4096];
        (void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
        show(dump, names[i], STR_NONE, &out);
        rc = buf_check(&out, err);
        if (!rc)
            rc = file_write_all(AT_FDCWD, path, 0644, buf_str(&out), err);
    }
    return rc;
}

static int dump_package(const char *what, const char *path, const char *dir, struct buf *out, struct err *err)
{
    struct buf cached CLEANUP_BUF = BUF_INIT;
    struct dump dump = {0};
    uint64_t start = clock_monotonic_ns();
    int rc = unpack(path, &cached, err);
    uint64_t unpacked = clock_monotonic_ns();
    if (!rc)
        rc = deb_package_open(buf_str(&cached), &dump.arena, &dump.package, err);
    uint64_t opened = clock_monotonic_ns();
    if (!rc)
        rc = load(&dump, buf_str(&cached), err);
    if (!rc && strcmp(what, "time") == 0)
        buf_addf(out, "unpack %.6f s, open %.6f s, check and tree %.6f s, %zu entries, %zu bytes\n",
                 (double)(unpacked - start) / 1e9, (double)(opened - unpacked) / 1e9,
                 (double)(clock_monotonic_ns() - opened) / 1e9, dump.package.entry_count, cached.len);
    else if (!rc && dir)
        rc = show_all(&dump, dir, err);
    else if (!rc)
        show(&dump, what, buf_str(&cached), out);
    tree_free(dump.tree);
    arena_done(&dump.arena);
    return rc ? rc : buf_check(out, err);
}

int main(int argc, char **argv)
{
    bool all = argc == 4 && strcmp(argv[1], "all") == 0;
    if (argc != 3 && !all) {
        fprintf(stderr, "usage: debdump list|disk|sha256|control|md5sums|conffiles|scripts|cache|time FILE\n"
                        "       debdump all FILE DIR\n");
        return 2;
    }
    struct err err = ERR_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    if (dump_package(argv[1], argv[2], all ? argv[3] : NULL, &out, &err)) {
        fprintf(stderr, "debdump: %s\n", err.message);
        return 1;
    }
    return fwrite(buf_z(&out), 1, out.len, stdout) == out.len && fflush(stdout) == 0 ? 0 : 1;
}
