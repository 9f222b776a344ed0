/* SPDX-License-Identifier: Apache-2.0 */
#include "../lib/make_image.h"
#include "base/fault.h"
#include "oci/index.h"
#include "oci/layout.h"

#include <dirent.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>

static const struct op_ctx no_ctx = {0};

static struct oci_descriptor entry(struct arena *arena, const char *name)
{
    struct oci_descriptor descriptor = oci_descriptor_of(STR(TYPE_MANIFEST), str_z(name));
    struct data_pair *pair = ARENA_NEW(arena, struct data_pair);
    *pair = (struct data_pair){STR(OCI_ANNOTATION_REF_NAME), str_z(name)};
    descriptor.annotations = (struct data_pairs){pair, 1};
    return descriptor;
}

static size_t count_entries(struct bench *bench, const char *index_json)
{
    struct oci_index index;
    assert_int_equal(oci_index_read(bench_read(bench, index_json), &bench->arena, &index, NULL), 0);
    return index.manifest_count;
}

static size_t count_files(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;
    assert_non_null(dir);
    for (struct dirent *item; (item = readdir(dir));)
        count += item->d_name[0] != '.' || strlen(item->d_name) > 2;
    closedir(dir);
    return count;
}

static void test_new_layout(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct oci_layout *layout = NULL;
    const char *path = bench_path(&bench, "a/b");
    assert_int_equal(oci_layout_open(path, false, &layout, NULL), -ERR_NOT_FOUND);
    assert_int_equal(oci_layout_open(path, true, &layout, NULL), 0);
    struct digest digest = digest_of(DIGEST_SHA256, STR("abc"));
    assert_false(oci_layout_has_blob(layout, &digest, 3));
    assert_int_equal(oci_layout_put_blob(layout, &digest, STR("abc"), NULL), 0);
    assert_true(oci_layout_has_blob(layout, &digest, 3));
    assert_false(oci_layout_has_blob(layout, &digest, 4));
    struct oci_descriptor added = entry(&bench.arena, "x:1");
    assert_int_equal(oci_layout_add_manifest(layout, &added, &no_ctx, NULL), 0);
    assert_int_equal(oci_layout_add_manifest(layout, &added, &no_ctx, NULL), 0);
    oci_layout_free(layout);
    assert_string_equal(bench_read(&bench, "a/b/oci-layout").ptr, "{\"imageLayoutVersion\":\"1.0.0\"}");
    assert_string_equal(
        bench_read(&bench, "a/b/blobs/sha256/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").ptr,
        "abc");
    assert_int_equal(count_entries(&bench, "a/b/index.json"), 1);
    assert_int_equal(count_files(path), 3);
    assert_int_equal(oci_layout_open(path, false, &layout, NULL), 0);
    oci_layout_free(layout);
    bench_done(&bench);
}

static void assert_open_fails(struct bench *bench, const char *name, bool create, enum err_code code, const char *part)
{
    struct oci_layout *layout = NULL;
    struct err err = ERR_INIT;
    assert_int_equal(oci_layout_open(bench_path(bench, name), create, &layout, &err), -(int)code);
    assert_non_null(strstr(err.message, part));
    assert_null(layout);
}

static void test_refused(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    bench_write(&bench, "full/notes.txt", STR("mine"));
    assert_open_fails(&bench, "full", true, ERR_EXISTS, "is neither empty nor an OCI layout: it holds 'notes.txt'");
    assert_open_fails(&bench, "full", false, ERR_INVALID, "is no OCI layout: it has no file 'oci-layout'");
    assert_int_equal(count_files(bench_path(&bench, "full")), 1);
    bench_write(&bench, "old/oci-layout", STR("{\"imageLayoutVersion\":\"2.0.0\"}"));
    assert_open_fails(&bench, "old", true, ERR_UNSUPPORTED, "has version '2.0.0', not 1.0.0");
    bench_write(&bench, "bad/oci-layout", STR("{}"));
    assert_open_fails(&bench, "bad", true, ERR_INVALID, "has no 'imageLayoutVersion'");
    bench_write(&bench, "file", STR("x"));
    assert_open_fails(&bench, "file", true, ERR_INVALID, "is not a directory");
    bench_write(&bench, "odd/oci-layout/x", STR("x"));
    assert_open_fails(&bench, "odd", true, ERR_INVALID, "is a directory, not a regular file");
    /* What a killed creation leaves behind is taken up. */
    bench_write(&bench, "killed/.barehull-0123456789abcdef", STR("x"));
    bench_write(&bench, "killed/blobs/sha256/.barehull-0123456789abcdef", STR("x"));
    struct oci_layout *layout = NULL;
    assert_int_equal(oci_layout_open(bench_path(&bench, "killed"), true, &layout, NULL), 0);
    oci_layout_free(layout);
    bench_done(&bench);
}

static void test_undo(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct digest digest = digest_of(DIGEST_SHA256, STR("abc"));
    struct oci_layout *layout = NULL, *other = NULL;
    const char *path = bench_path(&bench, "new");

    /* What was created goes, blobs and all; while another writer is there, all stays. */
    assert_int_equal(oci_layout_open(path, true, &layout, NULL), 0);
    assert_int_equal(oci_layout_put_blob(layout, &digest, STR("abc"), NULL), 0);
    assert_int_equal(oci_layout_open(path, true, &other, NULL), 0);
    oci_layout_undo(layout);
    assert_true(oci_layout_has_blob(other, &digest, 3));
    oci_layout_free(other);
    oci_layout_undo(layout);
    assert_int_equal(access(path, F_OK), -1);
    oci_layout_free(layout);

    /* A directory that was there stays, emptied of what is ours; somebody's "blobs" stay. */
    assert_int_equal(mkdir(path, 0755), 0);
    assert_int_equal(oci_layout_open(path, true, &layout, NULL), 0);
    oci_layout_undo(layout);
    oci_layout_free(layout);
    assert_int_equal(count_files(path), 0);
    bench_write(&bench, "new/blobs/mine", STR("x"));
    assert_int_equal(oci_layout_open(path, true, &layout, NULL), 0);
    oci_layout_undo(layout);
    oci_layout_free(layout);
    assert_string_equal(bench_read(&bench, "new/blobs/mine").ptr, "x");

    /* An image that is named keeps everything. */
    path = bench_path(&bench, "named");
    assert_int_equal(oci_layout_open(path, true, &layout, NULL), 0);
    struct oci_descriptor added = entry(&bench.arena, "x:1");
    assert_int_equal(oci_layout_add_manifest(layout, &added, &no_ctx, NULL), 0);
    oci_layout_undo(layout);
    oci_layout_free(layout);
    assert_int_equal(count_files(path), 3);
    bench_done(&bench);
}

static void test_broken_index_stays(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct oci_layout *layout = NULL;
    struct err err = ERR_INIT;
    bench_write(&bench, "l/oci-layout", STR("{\"imageLayoutVersion\":\"1.0.0\"}"));
    bench_write(&bench, "l/index.json", STR("{\"schemaVersion\":2,\"manifests\":["));
    assert_int_equal(oci_layout_open(bench_path(&bench, "l"), true, &layout, NULL), 0);
    struct oci_descriptor added = entry(&bench.arena, "x:1");
    assert_int_equal(oci_layout_add_manifest(layout, &added, &no_ctx, &err), -ERR_INVALID);
    assert_non_null(strstr(err.message, "/l/index.json': line 1, column 33: the document ends too early"));
    oci_layout_free(layout);
    assert_string_equal(bench_read(&bench, "l/index.json").ptr, "{\"schemaVersion\":2,\"manifests\":[");
    bench_done(&bench);
}

static void test_blob_streams(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct oci_layout *layout = NULL;
    struct writer *writer = NULL;
    struct err err = ERR_INIT;
    struct oci_descriptor found = {.media_type = STR("kept")};
    struct digest digest = digest_of(DIGEST_SHA256, STR("abc"));
    const char *blobs = bench_path(&bench, "l/blobs/sha256");
    assert_int_equal(oci_layout_open(bench_path(&bench, "l"), true, &layout, NULL), 0);

    assert_int_equal(oci_layout_blob_writer(layout, &digest, 3, &writer, NULL), 0);
    assert_int_equal(writer_write_str(writer, STR("abd"), NULL), 0);
    assert_int_equal(writer_close(writer, &err), -ERR_DIGEST);
    assert_int_equal(oci_layout_blob_writer(layout, &digest, 4, &writer, NULL), 0);
    assert_int_equal(writer_write_str(writer, STR("abc"), NULL), 0);
    assert_int_equal(writer_close(writer, &err), -ERR_DIGEST);
    assert_string_equal(err.message, "the blob has 3 bytes, not 4");
    assert_int_equal(oci_layout_blob_writer(layout, &digest, 3, &writer, NULL), 0);
    writer_cancel(writer);
    assert_int_equal(count_files(blobs), 0);

    for (int i = 0; i < 2; i++) { /* the second time it is there already */
        assert_int_equal(oci_layout_blob_create(layout, &found, &writer, NULL), 0);
        assert_int_equal(writer_write_str(writer, STR("a"), NULL), 0);
        assert_int_equal(writer_write_str(writer, STR("bc"), NULL), 0);
        assert_int_equal(writer_close(writer, NULL), 0);
        assert_true(digest_eq(&found.digest, &digest));
        assert_int_equal(found.size_bytes, 3);
        assert_int_equal(found.media_type.len, 4);
    }
    assert_int_equal(count_files(blobs), 1);
    /* A blob of another size under this name is damage: it is replaced. */
    bench_write(&bench, "l/blobs/sha256/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", STR("ab"));
    assert_int_equal(oci_layout_put_blob(layout, &digest, STR("abc"), NULL), 0);
    assert_true(oci_layout_has_blob(layout, &digest, 3));
    oci_layout_free(layout);
    bench_done(&bench);
}

static void add_many(const char *path, int who, int count)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct oci_layout *layout = NULL;
    int r = oci_layout_open(path, true, &layout, NULL);
    for (int i = 0; r == 0 && i < count; i++) {
        struct oci_descriptor added = entry(&arena, arena_printf(&arena, "p%d:%d", who, i));
        r = oci_layout_add_manifest(layout, &added, &no_ctx, NULL);
    }
    _exit(r == 0 ? 0 : 1);
}

static void test_parallel_writers_lose_nothing(void **state)
{
    (void)state;
    enum { WRITERS = 6, ENTRIES = 20 };
    struct bench bench = bench_new();
    const char *path = bench_path(&bench, "l");
    for (int i = 0; i < WRITERS; i++)
        if (fork() == 0)
            add_many(path, i, ENTRIES);
    for (int i = 0; i < WRITERS; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count_entries(&bench, "l/index.json"), WRITERS * ENTRIES);
    assert_int_equal(count_files(path), 3);
    bench_done(&bench);
}

static void test_killed_writers_leave_a_layout(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    const char *path = bench_path(&bench, "l");
    size_t last = 0;
    for (int i = 0; i < 25; i++) {
        pid_t child = fork();
        if (child == 0)
            add_many(path, i, 1000000);
        nanosleep(&(struct timespec){0, 1000000L + i * 211000L}, NULL);
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        struct oci_layout *layout = NULL;
        assert_int_equal(oci_layout_open(path, true, &layout, NULL), 0);
        struct oci_descriptor added = entry(&bench.arena, "after:1");
        assert_int_equal(oci_layout_add_manifest(layout, &added, &no_ctx, NULL), 0); /* nobody holds the lock */
        oci_layout_free(layout);
        size_t now = count_entries(&bench, "l/index.json");
        assert_true(now >= last);
        last = now;
    }
    bench_done(&bench);
}

static void test_waiting_for_the_lock_can_be_cancelled(void **state)
{
    (void)state;
    struct bench bench = bench_new();
    struct oci_layout *layout = NULL;
    struct err err = ERR_INIT;
    atomic_bool cancelled = true;
    struct op_ctx ctx = {.cancelled = &cancelled};
    const char *path = bench_path(&bench, "l");
    assert_int_equal(oci_layout_open(path, true, &layout, NULL), 0);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    struct oci_descriptor added = entry(&bench.arena, "x:1");
    assert_int_equal(oci_layout_add_manifest(layout, &added, &ctx, &err), -ERR_CANCELLED);
    close(fd);
    assert_int_equal(oci_layout_add_manifest(layout, &added, &ctx, &err), 0);
    oci_layout_free(layout);
    bench_done(&bench);
}

static int write_all(struct bench *bench, struct err *err)
{
    CLEANUP_OCI_LAYOUT struct oci_layout *layout = NULL;
    CLEANUP_WRITER struct writer *writer = NULL;
    struct digest digest = digest_of(DIGEST_SHA256, STR("one"));
    struct oci_descriptor found;
    struct data_pair pair = {STR(OCI_ANNOTATION_REF_NAME), STR("x:1")};
    struct oci_descriptor added = oci_descriptor_of(STR(TYPE_MANIFEST), STR("two"));
    added.annotations = (struct data_pairs){&pair, 1};
    CLEANUP_BUF struct buf path = BUF_INIT;
    buf_addf(&path, "%s/l", bench->dir);
    int r = buf_check(&path, err);
    if (r == 0)
        r = oci_layout_open(path.ptr, true, &layout, err);
    if (r == 0)
        r = oci_layout_put_blob(layout, &digest, STR("one"), err);
    if (r == 0)
        r = oci_layout_blob_create(layout, &found, &writer, err);
    if (r == 0)
        r = writer_write_str(writer, STR("two"), err);
    if (r == 0)
        r = writer_close(TAKE_PTR(writer), err);
    return r != 0 ? r : oci_layout_add_manifest(layout, &added, &no_ctx, err);
}

static void sweep(enum fault_kind kind)
{
    for (uint64_t n = 1;; n++) {
        struct bench bench = bench_new();
        struct err err = ERR_INIT;
        fault_arm(kind, n);
        int r = write_all(&bench, &err);
        bool reached = fault_count(kind) >= n; /* some failures are no one's (a look whether a blob is there) */
        fault_disarm();
        if (r != 0)
            assert_int_equal(r, -(int)err.code);
        /* Whatever stands there is taken up. */
        assert_int_equal(write_all(&bench, NULL), 0);
        assert_int_equal(count_entries(&bench, "l/index.json"), 1);
        bench_done(&bench);
        if (!reached) {
            assert_int_equal(r, 0);
            assert_true(n > 10);
            return;
        }
    }
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    sweep(FAULT_ALLOC);
}

static void test_every_system_call_may_fail(void **state)
{
    (void)state;
    sweep(FAULT_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_layout),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_undo),
        cmocka_unit_test(test_broken_index_stays),
        cmocka_unit_test(test_blob_streams),
        cmocka_unit_test(test_parallel_writers_lose_nothing),
        cmocka_unit_test(test_killed_writers_leave_a_layout),
        cmocka_unit_test(test_waiting_for_the_lock_can_be_cancelled),
        cmocka_unit_test(test_every_allocation_may_fail),
        cmocka_unit_test(test_every_system_call_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
