/* SPDX-License-Identifier: Apache-2.0 */
#include "io/store.h"

#include "base/clock.h"
#include "base/fault.h"
#include "io/file.h"
#include "io/writer.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char top[32];
static char dir[64];
static const struct op_ctx calm = {0};

static int set_up(void **state)
{
    (void)state;
    strcpy(top, "/tmp/barehull-test-XXXXXX");
    if (!mkdtemp(top))
        return -1;
    snprintf(dir, sizeof(dir), "%s/cache/barehull", top);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return file_remove_tree(AT_FDCWD, top, NULL);
}

static struct store *opened(void)
{
    struct err err = ERR_INIT;
    struct store *store = NULL;
    if (store_open(dir, &store, &err) < 0)
        fail_msg("%s", err.message);
    return store;
}

static mode_t mode_of(const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return lstat(path, &st) == 0 ? st.st_mode : 0;
}

static void age(const char *name, int seconds)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    struct timespec times[2] = {{.tv_sec = clock_unix_seconds() - seconds}, {.tv_sec = clock_unix_seconds() - seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool has(struct store *store, const char *kind, const char *key, const char *text)
{
    struct str bytes = STR_NONE;
    if (!store_map(store, kind, key, &bytes))
        return false;
    bool same = str_eq_z(bytes, text);
    file_unmap(bytes);
    return same;
}

static void test_put_and_get(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_STORE struct store *store = opened();
    assert_string_equal(store_dir(store), dir);
    struct str bytes = STR("untouched");
    assert_false(store_map(store, "debs", "libc6_2.36-9+deb12u13_amd64", &bytes));
    assert_string_equal(bytes.ptr, "untouched");
    assert_int_equal(store_open_fd(store, "debs", "x"), -1);
    mode_t before = umask(0);
    assert_int_equal(store_put(store, "debs", "libc6_2.36-9+deb12u13~x_amd64", STR("one"), &err), 0);
    assert_int_equal(store_put(store, "debs", "libc6_2.36-9+deb12u13~x_amd64", STR("two"), &err), 0);
    umask(before);
    assert_true(has(store, "debs", "libc6_2.36-9+deb12u13~x_amd64", "two"));
    assert_int_equal(mode_of("."), S_IFDIR | 0700);
    assert_int_equal(mode_of("debs"), S_IFDIR | 0700);
    assert_int_equal(mode_of("debs/libc6_2.36-9+deb12u13~x_amd64"), S_IFREG | 0600);
    int fd = store_open_fd(store, "debs", "libc6_2.36-9+deb12u13~x_amd64");
    char text[4] = "";
    assert_int_equal(read(fd, text, 3), 3);
    assert_string_equal(text, "two");
    close(fd);
    store_remove(store, "debs", "libc6_2.36-9+deb12u13~x_amd64");
    store_remove(store, "debs", "libc6_2.36-9+deb12u13~x_amd64");
    assert_false(has(store, "debs", "libc6_2.36-9+deb12u13~x_amd64", "two"));
    assert_int_equal(store_put(store, "debs", "empty", STR_NONE, &err), 0);
    assert_true(has(store, "debs", "empty", ""));
    struct writer *writer = NULL;
    assert_int_equal(store_writer_new(store, "layers", "x", &writer, &err), 0);
    assert_int_equal(writer_write_zeros(writer, 100000, &err), 0);
    writer_cancel(writer);
    assert_int_equal(store_open_fd(store, "layers", "x"), -1);
}

static void test_bad_names(void **state)
{
    (void)state;
    CLEANUP_STORE struct store *store = opened();
    char longest[202];
    memset(longest, 'k', sizeof(longest));
    longest[201] = '\0';
    const char *const bad[] = {"", ".", "..", ".hidden", "a/b", "../x", "a b", "a:b", "\xC3\xA9", longest};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = ERR_INIT;
        struct str bytes;
        int fd = -2;
        assert_int_equal(store_put(store, "kind", bad[i], STR("x"), &err), -ERR_INTERNAL);
        assert_int_equal(store_put(store, bad[i], "key", STR("x"), &err), -ERR_INTERNAL);
        assert_int_equal(store_lock(store, bad[i], &calm, &fd, &err), -ERR_INTERNAL);
        assert_int_equal(fd, -2);
        assert_false(store_map(store, "kind", bad[i], &bytes));
        assert_int_equal(store_open_fd(store, bad[i], "key"), -1);
        store_remove(store, "kind", bad[i]);
    }
    assert_int_equal(store_put(store, "a-kind-with-32-bytes-in-its-name", "key", STR("x"), NULL), -ERR_INTERNAL);
    longest[200] = '\0';
    assert_int_equal(store_put(store, "a-kind-with-31-bytes-in-the-nam", longest, STR("x"), NULL), 0);
}

static void test_no_store(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct store *store = (struct store *)&err;
    struct str bytes;
    int fd = -2;
    assert_int_equal(store_open("", &store, &err), 0);
    assert_null(store);
    assert_int_equal(store_put(store, "kind", "key", STR("x"), &err), 0);
    assert_false(store_map(store, "kind", "key", &bytes));
    assert_int_equal(store_open_fd(store, "kind", "key"), -1);
    assert_int_equal(store_lock(store, "name", &calm, &fd, &err), 0);
    assert_int_equal(fd, -1);
    struct store_usage usage[2];
    uint64_t files = 9, size = 9;
    assert_int_equal(store_usage(store, usage, 2), 0);
    assert_int_equal(store_clear(store, NULL, &files, &size, &err), 0);
    assert_int_equal(files + size, 0);
    assert_string_equal(store_dir(store), "");
    store_remove(store, "kind", "key");
    store_free(store);
}

static void test_unusable_dir(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct store *store = NULL;
    char path[128], message[512];
    snprintf(path, sizeof(path), "%s/file", top);
    assert_int_equal(file_write_all(AT_FDCWD, path, 0600, STR("x"), &err), 0);
    assert_int_equal(store_open(path, &store, &err), -ERR_INVALID);
    snprintf(message, sizeof(message), "cannot use the cache: cannot make directory '%s': '%s' is not a directory",
             path, path);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, "choose another directory with BAREHULL_CACHE_DIR or XDG_CACHE_HOME");
    assert_int_equal(store_open("/proc/none/cache", &store, &err), -ERR_NOT_FOUND);
    assert_string_equal(err.message,
                        "cannot use the cache: cannot make directory '/proc/none/cache': No such file or directory");
    if (geteuid() != 0) { /* root may write anywhere */
        assert_int_equal(mkdir(strcat(path, "-dir"), 0500), 0);
        assert_int_equal(store_open(path, &store, &err), -ERR_PERMISSION);
        assert_string_equal(err.hint, "choose another directory with BAREHULL_CACHE_DIR or XDG_CACHE_HOME");
        assert_int_equal(store_open("/barehull-test", &store, &err), -ERR_PERMISSION);
    }
    assert_null(store);
}

static void test_usage_and_clear(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_STORE struct store *store = opened();
    struct store_usage usage[4];
    assert_int_equal(store_usage(store, usage, 4), 0);
    assert_int_equal(store_put(store, "layers", "a", STR("12345"), &err), 0);
    assert_int_equal(store_put(store, "debs", "a", STR("123"), &err), 0);
    assert_int_equal(store_put(store, "debs", "b", STR("4567"), &err), 0);
    assert_int_equal(store_put(store, "indexes", "a", STR_NONE, &err), 0);
    int fd = -1;
    assert_int_equal(store_lock(store, "held", &calm, &fd, &err), 0);
    int free_fd = -1;
    assert_int_equal(store_lock(store, "free", &calm, &free_fd, &err), 0);
    close(free_fd);
    assert_int_equal(store_usage(store, usage, 4), 3);
    assert_string_equal(usage[0].kind, "debs");
    assert_int_equal(usage[0].files, 2);
    assert_int_equal(usage[0].bytes, 7);
    assert_string_equal(usage[1].kind, "indexes");
    assert_int_equal(usage[1].files, 1);
    assert_int_equal(usage[1].bytes, 0);
    assert_string_equal(usage[2].kind, "layers");
    assert_int_equal(usage[2].bytes, 5);
    assert_int_equal(store_usage(store, usage, 2), 2);
    uint64_t files = 0, size = 0;
    assert_int_equal(store_clear(store, "none", &files, &size, &err), 0);
    assert_int_equal(files + size, 0);
    assert_int_equal(store_clear(store, "debs", &files, &size, &err), 0);
    assert_int_equal(files, 2);
    assert_int_equal(size, 7);
    assert_true(has(store, "layers", "a", "12345"));
    assert_int_equal(store_clear(store, NULL, &files, &size, &err), 0);
    assert_int_equal(files, 2);
    assert_int_equal(size, 5);
    assert_false(has(store, "layers", "a", "12345"));
    assert_int_equal(mode_of("locks/held"), S_IFREG | 0600);
    assert_int_equal(mode_of("locks/free"), 0);
    close(fd);
    assert_int_equal(store_clear(store, NULL, NULL, NULL, &err), 0);
    assert_int_equal(mode_of("locks/held"), 0);
    assert_int_equal(store_put(store, "debs", "a", STR("again"), &err), 0);
}

/* What a killed process left goes once it is old; what is being written stays. */
static void test_sweep(void **state)
{
    (void)state;
    struct store *store = opened();
    assert_int_equal(mode_of(".swept"), S_IFREG | 0600);
    assert_int_equal(store_put(store, "debs", "a", STR("kept"), NULL), 0);
    char path[256];
    static const char *const temps[] = {"debs/.barehull-00000000000000aa", "debs/.barehull-00000000000000bb"};
    for (size_t i = 0; i < ARRAY_LEN(temps); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, temps[i]);
        assert_int_equal(file_write_all(AT_FDCWD, path, 0600, STR("left"), NULL), 0);
    }
    age(temps[0], 7200);
    age("debs/a", 1000000);
    store_free(store);
    store = opened(); /* swept today */
    assert_int_equal(mode_of(temps[0]), S_IFREG | 0600);
    store_free(store);
    age(".swept", 90000);
    store = opened();
    assert_int_equal(mode_of(temps[0]), 0);
    assert_int_equal(mode_of(temps[1]), S_IFREG | 0600);
    assert_true(has(store, "debs", "a", "kept"));
    uint64_t files = 0;
    assert_int_equal(store_clear(store, NULL, &files, NULL, NULL), 0);
    assert_int_equal(files, 1);
    assert_int_equal(mode_of(temps[1]), S_IFREG | 0600);
    age(temps[1], 3700);
    assert_int_equal(store_clear(store, NULL, &files, NULL, NULL), 0);
    assert_int_equal(files, 1);
    assert_int_equal(mode_of(temps[1]), 0);
    store_free(store);
}

/* ---- locks */

static void test_lock_excludes(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    CLEANUP_STORE struct store *store = opened();
    int first = -1, second = -1, other = -1;
    assert_int_equal(store_lock(store, "a", &calm, &first, &err), 0);
    assert_int_equal(store_lock(store, "b", &calm, &other, &err), 0);
    close(other);
    struct op_ctx soon = {.deadline_ns = clock_monotonic_ns() + 30000000};
    assert_int_equal(store_lock(store, "a", &soon, &second, &err), -ERR_DEADLINE);
    assert_int_equal(second, -1);
    atomic_bool cancelled = true;
    struct op_ctx called_off = {.cancelled = &cancelled};
    assert_int_equal(store_lock(store, "a", &called_off, &second, &err), -ERR_CANCELLED);
    close(first);
    assert_int_equal(store_lock(store, "a", &soon, &second, &err), 0); /* free: nobody asks for the deadline */
    close(second);
}

struct counter {
    struct store *store;
    int *value; /* changed under the lock alone */
    int rounds;
};

static void *count(void *argument)
{
    struct counter *counter = argument;
    for (int i = 0; i < counter->rounds; i++) {
        int fd = -1;
        if (store_lock(counter->store, "counter", &calm, &fd, NULL) < 0)
            return argument;
        int seen = *(volatile int *)counter->value;
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
        *(volatile int *)counter->value = seen + 1;
        close(fd);
        if (i % 5 == 0 && store_clear(counter->store, NULL, NULL, NULL, NULL) < 0) /* takes free locks away */
            return argument;
    }
    return NULL;
}

static void test_lock_of_threads(void **state)
{
    (void)state;
    CLEANUP_STORE struct store *store = opened();
    int value = 0;
    struct counter counter = {store, &value, 20};
    pthread_t threads[3];
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, &counter), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
        void *failed = &counter;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(value, 60);
}

/* A process that is killed lets its lock go, and leaves no file under its name. */
static void test_killed(void **state)
{
    (void)state;
    CLEANUP_STORE struct store *store = opened();
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = -1;
        struct writer *writer = NULL;
        if (store_lock(store, "work", &calm, &fd, NULL) < 0 ||
            store_writer_new(store, "debs", "half", &writer, NULL) < 0 ||
            writer_write_zeros(writer, 1 << 20, NULL) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    struct op_ctx soon = {.deadline_ns = clock_monotonic_ns() + 10000000};
    int fd = -1;
    assert_int_equal(store_lock(store, "work", &soon, &fd, NULL), -ERR_DEADLINE);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(store_lock(store, "work", &calm, &fd, NULL), 0);
    close(fd);
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(store_open_fd(store, "debs", "half"), -1);
    struct store_usage usage[2];
    assert_int_equal(store_usage(store, usage, 2), 1);
    assert_true(usage[0].files <= 1); /* none where files can be unnamed */
}

/* ---- failures */

static int all_calls(struct err *err)
{
    CLEANUP_STORE struct store *store = NULL;
    CLEANUP_FD int lock = -1;
    int r = store_open(dir, &store, err);
    if (r == 0)
        r = store_lock(store, "l", &calm, &lock, err);
    if (r == 0)
        r = store_put(store, "debs", "a", STR("content"), err);
    if (r < 0)
        return r;
    struct str bytes;
    if (store_map(store, "debs", "a", &bytes)) { /* a miss is never an error */
        assert_true(str_eq(bytes, STR("content")));
        file_unmap(bytes);
    }
    return store_clear(store, NULL, NULL, NULL, err);
}

static void test_faults(void **state)
{
    (void)state;
    static const int codes[FAULT_KINDS] = {[FAULT_ALLOC] = -ERR_NOMEM, [FAULT_IO] = -ERR_IO};
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        fault_arm((enum fault_kind)kind, 0);
        assert_int_equal(all_calls(NULL), 0);
        uint64_t points = fault_count((enum fault_kind)kind) + 5; /* the first run makes directories */
        for (uint64_t n = 1; n <= points; n++) {
            struct err err = ERR_INIT;
            fault_arm((enum fault_kind)kind, n);
            int r = all_calls(&err);
            fault_disarm();
            if (r < 0)
                assert_int_equal(r, codes[kind]);
            assert_int_equal(file_remove_tree(AT_FDCWD, dir, &err), 0);
        }
    }
}

static void test_full(void **state)
{
    (void)state;
    char path[128];
    struct err err = ERR_INIT;
    CLEANUP_STORE struct store *store = opened();
    struct writer *writer = NULL;
    assert_int_equal(store_writer_new(store, "debs", "a", &writer, &err), 0);
    fault_arm(FAULT_IO, 1);
    assert_int_equal(writer_write_zeros(writer, 1 << 20, &err), -ERR_IO);
    fault_disarm();
    snprintf(path, sizeof(path), "cannot write '%s/debs/a': Input/output error", dir);
    assert_string_equal(err.message, path);
    assert_string_equal(err.hint, "");
    assert_int_equal(writer_close(writer, &err), -ERR_IO);
    assert_int_equal(mode_of("debs/a"), 0);
}

/* Directories live as long as their lock: of one process or another, and not after its death. */
static void test_work_dirs(void **state)
{
    (void)state;
    struct store *store = opened();
    char inside[256];
    static char kept[256];
    struct buf held CLEANUP_BUF = BUF_INIT;
    int fd = -1;
    assert_int_equal(store_work_dir(NULL, &held, &fd, NULL), -ERR_NOT_FOUND);
    assert_int_equal(store_work_dir(store, &held, &fd, NULL), 0);
    snprintf(kept, sizeof(kept), "%.*s", (int)held.len, held.ptr);
    assert_int_equal(strncmp(kept, dir, strlen(dir)), 0);
    assert_int_equal(mode_of(kept + strlen(dir) + 1), S_IFDIR | 0700);
    pid_t child = fork();
    if (child == 0) {
        struct buf path = BUF_INIT;
        int lock;
        if (store_work_dir(store, &path, &lock, NULL) == 0) {
            snprintf(inside, sizeof(inside), "%.*s/lib", (int)path.len, path.ptr);
            (void)file_make_dirs(AT_FDCWD, inside, 0700, NULL);
        }
        raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    struct store_usage usage[2];
    assert_int_equal(store_usage(store, usage, 2), 0);
    unsigned found[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        glob_t matches;
        snprintf(inside, sizeof(inside), "%s/.work-*", dir);
        assert_int_equal(glob(inside, 0, NULL, &matches), 0);
        found[i] = (unsigned)matches.gl_pathc;
        globfree(&matches);
        if (i == 0) { /* the next that opens it */
            store_free(store);
            store = opened();
        }
    }
    assert_int_equal(found[0], 2);
    assert_int_equal(found[1], 1);
    assert_int_equal(mode_of(kept + strlen(dir) + 1), S_IFDIR | 0700);
    assert_int_equal(store_clear(store, NULL, NULL, NULL, NULL), 0);
    assert_int_equal(mode_of(kept + strlen(dir) + 1), S_IFDIR | 0700);
    close(fd);
    assert_int_equal(store_clear(store, NULL, NULL, NULL, NULL), 0);
    assert_int_equal(mode_of(kept + strlen(dir) + 1), 0);
    store_free(store);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(test_put_and_get),     EACH(test_bad_names), EACH(test_no_store),      EACH(test_unusable_dir),
        EACH(test_usage_and_clear), EACH(test_sweep),     EACH(test_lock_excludes), EACH(test_lock_of_threads),
        EACH(test_killed),          EACH(test_faults),    EACH(test_full),          EACH(test_work_dirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
