/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The façade over a mirror in memory. Signatures are tried elsewhere (test_archive_signature, the table of attacks):
 * here the archive is unsigned and allowed to be, so that no program runs and every failure can be swept.
 */
#include "archive/archive.h"

#include "archive/resolve.h"
#include "base/fault.h"
#include "base/num.h"
#include "base/pool.h"
#include "io/digest.h"
#include "io/file.h"
#include "io/writer.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/make_deb.h"

#define NOW 1795300000

/* --- a mirror in memory ---------------------------------------------------------------------------------------- */

struct entry {
    char path[160];
    struct buf bytes;
};

static struct mirror {
    struct transport base;
    struct entry entries[64];
    size_t count;
    size_t requests; /* that were answered with a body */
    size_t asked;    /* all */
    bool away;
    enum err_code cut; /* the next big file breaks off with this */
} mirror;

static struct entry *find_entry(struct str path)
{
    for (size_t i = 0; i < mirror.count; i++)
        if (str_eq_z(path, mirror.entries[i].path))
            return &mirror.entries[i];
    return NULL;
}

static void put(const char *path, struct str bytes)
{
    struct entry *entry = find_entry(str_z(path));
    if (!entry) {
        assert_true(mirror.count < ARRAY_LEN(mirror.entries));
        entry = &mirror.entries[mirror.count++];
        snprintf(entry->path, sizeof(entry->path), "%s", path);
    }
    buf_reset(&entry->bytes);
    buf_add_str(&entry->bytes, bytes);
    assert_false(entry->bytes.failed);
}

static void serve(struct transport_fetch *fetch)
{
    struct str url = str_z(fetch->url);
    struct entry *entry = str_starts(url, STR("http://m/")) ? find_entry(str_skip(url, 9)) : NULL;
    char tag[32];
    fetch->err = ERR_INIT;
    fetch->http_status = 200;
    mirror.asked++;
    if (mirror.away) {
        fetch->http_status = 0;
        err_set(&fetch->err, ERR_NETWORK, "can't fetch '%.*s': refused", STR_ARG(fetch->label));
        return;
    }
    if (!entry) {
        fetch->http_status = 404;
        err_set(&fetch->err, ERR_NOT_FOUND, "can't fetch '%.*s': the server answered 404", STR_ARG(fetch->label));
        return;
    }
    struct digest digest = digest_of(DIGEST_SHA256, buf_str(&entry->bytes));
    snprintf(tag, sizeof(tag), "\"%08x\"", num_be32(digest.bytes));
    snprintf(fetch->etag, sizeof(fetch->etag), "%s", tag);
    if (fetch->headers && fetch->headers[0] && strstr(fetch->headers[0], tag)) {
        fetch->http_status = 304;
        return;
    }
    mirror.requests++;
    if (entry->bytes.len > fetch->limit_bytes) {
        err_set(&fetch->err, ERR_LIMIT, "too large");
        return;
    }
    size_t half = entry->bytes.len / 2;
    if (writer_write(fetch->sink, entry->bytes.ptr, half, &fetch->err) != 0)
        return;
    if (mirror.cut != ERR_NONE && entry->bytes.len > 300) {
        err_set(&fetch->err, mirror.cut, "broke off");
        mirror.cut = ERR_NONE;
        return;
    }
    (void)writer_write(fetch->sink, entry->bytes.ptr + half, entry->bytes.len - half, &fetch->err);
}

static int mirror_run(struct transport *transport, struct transport_fetch *fetches, size_t count,
                      const struct op_ctx *ctx, struct err *err)
{
    (void)transport;
    for (size_t i = 0; i < count; i++) {
        int rc = op_check(ctx, err);
        if (rc != 0)
            return rc;
        serve(&fetches[i]);
        if (fetches[i].finished)
            fetches[i].finished(&fetches[i]);
    }
    return 0;
}

static void mirror_free(struct transport *transport)
{
    (void)transport;
}

static const struct transport_ops mirror_ops = {.run = mirror_run, .free = mirror_free};

/* --- what is on it --------------------------------------------------------------------------------------------- */

static void make_deb(struct buf *deb, const char *name, const char *version, const char *path)
{
    char control[256];
    snprintf(control, sizeof(control), "Package: %s\nVersion: %s\nArchitecture: amd64\nDescription: x\n", name,
             version);
    const struct tree_node controls[] = {{.path = STR("./control"),
                                          .type = TREE_FILE,
                                          .mode = 0644,
                                          .content = str_z(control),
                                          .size_bytes = strlen(control)}};
    const struct tree_node files[] = {
        {.path = str_z(path), .type = TREE_FILE, .mode = 0755, .content = STR("content"), .size_bytes = 7}};
    deb_add_member(deb, "debian-binary", STR("2.0\n"));
    deb_add_tar(deb, "control.tar", "", controls, 1);
    deb_add_tar(deb, "data.tar", ".gz", files, 1);
}

static void add_package(struct buf *packages, const char *base, const char *name, const char *version,
                        const char *depends)
{
    struct buf deb CLEANUP_BUF = BUF_INIT;
    char filename[64], path[160], file[64], hex[DIGEST_TEXT_MAX];
    snprintf(file, sizeof(file), "usr/lib/x86_64-linux-gnu/%s.so.1", name);
    make_deb(&deb, name, version, file);
    snprintf(filename, sizeof(filename), "pool/%s_%s.deb", name, version);
    snprintf(path, sizeof(path), "%s/%s", base, filename);
    put(path, buf_str(&deb));
    struct digest digest = digest_of(DIGEST_SHA256, buf_str(&deb));
    buf_addf(packages, "Package: %s\nVersion: %s\nArchitecture: amd64\n%s%s%sFilename: %s\nSize: %zu\nSHA256: %s\n\n",
             name, version, depends ? "Depends: " : "", depends ? depends : "", depends ? "\n" : "", filename, deb.len,
             digest_hex(&digest, hex));
}

/* InRelease of SUITE over Packages.gz and Contents.gz; DATE counts seconds before NOW. */
static void put_suite(const char *base, const char *suite, struct buf *packages, const char *contents, int64_t age_s)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct buf lists[2] = {*packages, BUF_INIT};
    static const char *const names[] = {"main/binary-amd64/Packages.gz", "main/Contents-amd64.gz"};
    time_t date = NOW - age_s;
    struct tm tm;
    char when[64], path[160], hex[DIGEST_TEXT_MAX];
    strftime(when, sizeof(when), "%a, %d %b %Y %H:%M:%S UTC", gmtime_r(&date, &tm));
    buf_add_z(&lists[1], contents);
    buf_addf(&text, "Origin: Debian\nCodename: %s\nDate: %s\nArchitectures: all amd64\nComponents: main\nSHA256:\n",
             suite, when);
    for (size_t i = 0; i < 2; i++) {
        deb_compress(&lists[i], ".gz");
        snprintf(path, sizeof(path), "%s/dists/%s/%s", base, suite, names[i]);
        put(path, buf_str(&lists[i]));
        struct digest digest = digest_of(DIGEST_SHA256, buf_str(&lists[i]));
        buf_addf(&text, " %s %zu %s\n", digest_hex(&digest, hex), lists[i].len, names[i]);
        buf_done(&lists[i]);
    }
    *packages = BUF_INIT;
    snprintf(path, sizeof(path), "%s/dists/%s/InRelease", base, suite);
    put(path, buf_str(&text));
}

static void fill_mirror(int64_t age_s)
{
    struct buf packages = BUF_INIT;
    add_package(&packages, "debian", "liba", "1.0", NULL);
    add_package(&packages, "debian", "app", "2:3+x~y", "liba (>= 1)");
    put_suite("debian", "bookworm", &packages,
              "usr/lib/x86_64-linux-gnu/liba.so.1  libs/liba\nopt/b/liba.so.1  misc/app\n", age_s);
    add_package(&packages, "debian-security", "liba", "1.0+deb12u1", NULL);
    put_suite("debian-security", "bookworm-security", &packages, "", age_s);
}

/* One that is there. */
static struct entry *entry_of(const char *path)
{
    struct entry *entry = find_entry(str_z(path));
    if (!entry)
        abort();
    return entry;
}

/* --- runs ------------------------------------------------------------------------------------------------------ */

static char store_path[64];
static struct store *store;
static char warnings[4096];

static void on_warning(void *self, struct str message)
{
    (void)self;
    size_t len = strlen(warnings);
    snprintf(warnings + len, sizeof(warnings) - len, "%.*s\n", STR_ARG(message));
}

static const struct op_sink sink = {.warning = on_warning};
static const struct str mirrors[] = {STR_INIT("http://m/debian")};

static struct archive_options good_options(void)
{
    return (struct archive_options){
        .mirrors = mirrors,
        .mirror_count = 1,
        .suite = STR("bookworm"),
        .architecture = STR("amd64"),
        .debian_keyring = "/nonexistent",
        .allow_unsigned = true,
        .max_age_s = 600,
        .now_s = NOW,
        .store = store,
        .transport = &mirror.base,
    };
}

static int begin(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    mirror = (struct mirror){.base.ops = &mirror_ops};
    fill_mirror(1000);
    snprintf(store_path, sizeof(store_path), "/tmp/barehull-archive-XXXXXX");
    warnings[0] = '\0';
    return mkdtemp(store_path) && store_open(store_path, &store, &err) == 0 ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    store_free(store);
    store = NULL;
    for (size_t i = 0; i < mirror.count; i++)
        buf_done(&mirror.entries[i].bytes);
    return file_remove_tree(AT_FDCWD, store_path, NULL);
}

struct outcome {
    int rc;
    struct err err;
    char text[512];
};

/* Opens, looks for liba.so.1, fetches app with what it needs; "hit liba default; hit app; liba=1.0+deb12u1; ...". */
static struct outcome build_with(const struct archive_options *options)
{
    struct outcome out = {0};
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct op_ctx ctx = {.arena = &arena, .sink = &sink};
    struct archive *archive CLEANUP_ARCHIVE = NULL;
    const struct soname_hit *hits = NULL;
    size_t count = 0;
    struct resolution resolution = {0};
    struct package packages[8];
    struct archive_fetched fetched[8];
    out.rc = archive_open(options, &ctx, &archive, &out.err);
    if (out.rc == 0)
        out.rc = archive_find_soname(archive, STR("liba.so.1"), &ctx, &hits, &count, &out.err);
    for (size_t i = 0; i < count && out.rc == 0; i++) {
        size_t len = strlen(out.text);
        snprintf(out.text + len, sizeof(out.text) - len, "hit %.*s%s; ", STR_ARG(hits[i].package),
                 hits[i].in_default_directory ? " default" : "");
    }
    if (out.rc == 0) {
        static const struct str wanted[] = {STR_INIT("app")};
        struct resolve_request request = {
            .index = archive_packages(archive), .architecture = STR("amd64"), .wanted = wanted, .wanted_count = 1};
        out.rc = resolve_packages(&request, &arena, &resolution, &out.err);
    }
    for (size_t i = 0; i < resolution.count && i < ARRAY_LEN(packages); i++)
        packages[i] = resolution.packages[i].package;
    if (out.rc == 0)
        out.rc = archive_fetch(archive, packages, resolution.count, &ctx, fetched, &out.err);
    for (size_t i = 0; i < resolution.count && out.rc == 0; i++) {
        size_t len = strlen(out.text);
        assert_int_equal(fetched[i].deb.entry_count, 1);
        assert_true(str_eq_z(fetched[i].deb.entries[0].content, "content"));
        snprintf(out.text + len, sizeof(out.text) - len, "%.*s=%.*s@%.*s%s; ", STR_ARG(packages[i].name),
                 STR_ARG(packages[i].version), STR_ARG(archive_release_of(archive, &packages[i])->suite),
                 fetched[i].from_cache ? " cached" : "");
    }
    return out;
}

#define HITS   "hit liba default; hit app; "
#define FRESH  HITS "liba=1.0+deb12u1@bookworm-security; app=2:3+x~y@bookworm; "
#define CACHED HITS "liba=1.0+deb12u1@bookworm-security cached; app=2:3+x~y@bookworm cached; "

static void builds(const struct archive_options *options, const char *expected)
{
    struct outcome out = build_with(options);
    assert_string_equal(out.rc == 0 ? "" : out.err.message, "");
    assert_string_equal(out.text, expected);
}

static void fails(const struct archive_options *options, enum err_code code, const char *part)
{
    struct outcome out = build_with(options);
    assert_int_equal(out.rc, -(int)code);
    assert_non_null(strstr(out.err.message, part));
}

static void test_cold_and_warm(void **state)
{
    (void)state;
    struct archive_options options = good_options();
    builds(&options, FRESH);
    /* Three InReleases (updates is not there), 2 Packages, 2 Contents, 2 packages. */
    assert_int_equal(mirror.requests, 8);
    assert_non_null(
        strstr(warnings, "suite 'bookworm-updates' is not at 'http://m/debian/dists/bookworm-updates/' and left out"));
    assert_non_null(strstr(warnings, "'http://m/debian/dists/bookworm/' is not verified"));
    mirror.asked = mirror.requests = 0;
    builds(&options, CACHED);
    assert_int_equal(mirror.asked, 0); /* not for the companion that is not there either */
    options.offline = true;
    options.transport = NULL;
    builds(&options, CACHED);
    options = good_options();
    options.max_age_s = 0;
    builds(&options, CACHED);
    assert_int_equal(mirror.requests, 0); /* their tags fit */
    options.now_s += 86400;               /* another day: verified anew, from the cache */
    options.max_age_s = 1000000;
    warnings[0] = '\0';
    builds(&options, CACHED);
    assert_non_null(strstr(warnings, "'http://m/debian/dists/bookworm/' is not verified"));
}

static void test_prefetch_and_pool(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct archive_options options = good_options();
    struct pool *pool CLEANUP_POOL = NULL;
    assert_int_equal(pool_new(3, &pool, &err), 0);
    options.pool = pool;
    options.want_sonames = true;
    builds(&options, FRESH);
    assert_int_equal(mirror.requests, 8);
    builds(&options, CACHED);
}

static void test_no_store(void **state)
{
    (void)state;
    struct archive_options options = good_options();
    options.store = NULL;
    builds(&options, FRESH);
    builds(&options, FRESH);
}

static void test_identity(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct op_ctx ctx = {.arena = &arena};
    struct err err = ERR_INIT;
    struct archive *archive = NULL;
    struct archive_options options = good_options();
    char first[DIGEST_TEXT_MAX];
    assert_int_equal(archive_open(&options, &ctx, &archive, &err), 0);
    assert_int_equal(archive_release_count(archive), 2);
    const struct archive_release *release = archive_release_at(archive, 1);
    assert_true(str_eq_z(release->uri, "http://m/debian-security/dists/bookworm-security/"));
    assert_true(str_eq_z(release->suite, "bookworm-security"));
    assert_true(str_eq_z(release->origin, "Debian"));
    assert_true(str_eq_z(release->components, "main"));
    assert_int_equal(release->date_s, NOW - 1000);
    assert_int_equal(release->signer.len, 0);
    assert_false(release->stale);
    snprintf(first, sizeof(first), "%s", archive_identity(archive));
    assert_true(strncmp(first, "sha256:", 7) == 0);
    archive_free(archive);
    fill_mirror(900);
    options.max_age_s = 0;
    assert_int_equal(archive_open(&options, &ctx, &archive, &err), 0);
    assert_string_not_equal(archive_identity(archive), first);
    archive_free(archive);
}

static void test_update(void **state)
{
    (void)state;
    struct archive_options options = good_options();
    builds(&options, FRESH);
    fill_mirror(900);
    builds(&options, CACHED); /* young enough not to be asked for */
    options.max_age_s = 0;
    builds(&options, CACHED); /* new InRelease, same content */
    fill_mirror(2000);
    fails(&options, ERR_DOWNGRADE, "older than the one of 2026-11-21T22:11:40Z that was accepted before");
    options.max_age_s = 600;
    builds(&options, CACHED);
    /* An index that the cached InRelease names is gone from the mirror: both are fetched anew. */
    fill_mirror(100);
    assert_int_equal(store_clear(store, "indexes", NULL, NULL, NULL), 0);
    struct buf packages = BUF_INIT;
    add_package(&packages, "debian", "liba", "5.0", NULL);
    add_package(&packages, "debian", "app", "2:3+x~y", "liba (>= 1)");
    put_suite("debian", "bookworm", &packages, "usr/lib/x86_64-linux-gnu/liba.so.1  libs/liba\n", 50);
    builds(&options, "hit liba default; liba=5.0@bookworm; app=2:3+x~y@bookworm cached; ");
}

static void test_mirror_away(void **state)
{
    (void)state;
    struct archive_options options = good_options();
    mirror.away = true;
    fails(&options, ERR_NETWORK, "can't fetch 'InRelease of bookworm'");
    mirror.away = false;
    builds(&options, FRESH);
    mirror.away = true;
    options.max_age_s = 0;
    warnings[0] = '\0';
    builds(&options, CACHED);
    assert_non_null(strstr(warnings, "can't fetch 'InRelease of bookworm': refused; the copy in the cache is used"));
}

static void test_tampering(void **state)
{
    (void)state;
    struct archive_options options = good_options();
    struct entry *entry = entry_of("debian/dists/bookworm/main/binary-amd64/Packages.gz");
    entry->bytes.ptr[20] ^= 1;
    fails(&options, ERR_DIGEST, "is not what its index says: expected sha256:");
    entry->bytes.ptr[20] ^= 1;
    buf_add_char(&entry->bytes, 'x');
    fails(&options, ERR_DIGEST, "is longer than the");
    buf_truncate(&entry->bytes, entry->bytes.len - 1);
    entry = entry_of("debian/pool/app_2:3+x~y.deb");
    entry->bytes.len--;
    fails(&options, ERR_DIGEST, "bytes long, its index says");
    entry->bytes.len++;
    entry = entry_of("debian-security/dists/bookworm-security/InRelease");
    memcpy(strstr(entry->bytes.ptr, "bookworm-security"), "bullseye-security", 17);
    options.max_age_s = 0;
    fails(&options, ERR_INVALID, "is the release 'bullseye-security', but 'bookworm-security' was asked for");
}

static void test_broken_off(void **state)
{
    (void)state;
    struct archive_options options = good_options();
    builds(&options, FRESH);
    assert_int_equal(store_clear(store, "packages", NULL, NULL, NULL), 0);
    mirror.cut = ERR_NETWORK; /* begun again */
    builds(&options, FRESH);
    assert_int_equal(mirror.cut, ERR_NONE);
    assert_int_equal(store_clear(store, "packages", NULL, NULL, NULL), 0);
    mirror.cut = ERR_NO_SPACE;
    fails(&options, ERR_NO_SPACE, "broke off");
}

static void test_cancelled(void **state)
{
    (void)state;
    struct archive_options options = good_options();
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    atomic_bool cancelled = true;
    struct op_ctx ctx = {.arena = &arena, .cancelled = &cancelled};
    struct err err = ERR_INIT;
    struct archive *archive = NULL;
    assert_int_equal(archive_open(&options, &ctx, &archive, &err), -ERR_CANCELLED);
    assert_null(archive);
}

/* Every n-th failure, with an empty cache and with a full one; afterwards all is as good as new. */
static void sweep(enum fault_kind kind, bool warm)
{
    struct archive_options options = good_options();
    for (uint64_t n = 1;; n++) {
        assert_int_equal(store_clear(store, NULL, NULL, NULL, NULL), 0);
        warnings[0] = '\0';
        if (warm)
            builds(&options, FRESH);
        fault_arm(kind, n);
        struct outcome out = build_with(&options);
        uint64_t passed = fault_count(kind);
        fault_disarm();
        if (out.rc == 0)
            assert_non_null(strstr(out.text, "liba=1.0+deb12u1@bookworm-security"));
        else if (kind == FAULT_ALLOC)
            assert_int_equal(out.err.code, ERR_NOMEM);
        else
            assert_true(out.err.code == ERR_IO || out.err.code == ERR_PERMISSION);
        if (passed < n) {
            assert_int_equal(out.rc, 0);
            assert_true(n > 10);
            break;
        }
        if (n % 16 == 0)
            assert_int_equal(build_with(&options).rc, 0);
    }
}

static void test_faults(void **state)
{
    (void)state;
    sweep(FAULT_ALLOC, false);
    sweep(FAULT_ALLOC, true);
    sweep(FAULT_IO, false);
    sweep(FAULT_IO, true);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_cold_and_warm), CASE(test_prefetch_and_pool),
        CASE(test_no_store),      CASE(test_identity),
        CASE(test_update),        CASE(test_mirror_away),
        CASE(test_tampering),     CASE(test_broken_off),
        CASE(test_cancelled),     CASE(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
