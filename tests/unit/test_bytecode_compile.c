/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/pool.h"
#include "bytecode/compile.h"
#include "io/file.h"
#include "io/store.h"
#include "python/marshal.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
// clang-format off
#include <cmocka.h>
// clang-format on

/* The machine's own interpreter; every test but the first few needs one. */
static char program[64];
static unsigned version;

struct opening {
    const char *argv[8];
    unsigned version;
    unsigned times;
    int result;
    uint64_t patience_ms;
};

static int open_interpreter(void *self, struct bytecode_interpreter *ret_interpreter, struct err *err)
{
    struct opening *opening = self;
    static const char *const env[] = {NULL};
    opening->times++;
    if (opening->result < 0)
        return err_set(err, (enum err_code) - opening->result, "no interpreter");
    *ret_interpreter = (struct bytecode_interpreter){
        .argv = opening->argv, .env = env, .version = opening->version, .patience_ms = opening->patience_ms};
    return 0;
}

#define OPENING ((struct opening){.argv = {program, "-S", "-s", "-B", "-P", NULL}, .version = version})

static int find_interpreter(void **state)
{
    (void)state;
    char name[32] = "";
    unsigned minor = 0;
    if (readlink("/usr/bin/python3", name, sizeof(name) - 1) < 0 || strncmp(name, "python3.", 8) != 0)
        return 0;
    minor = (unsigned)strtoul(name + 8, NULL, 10);
    (void)snprintf(program, sizeof(program), "/usr/bin/%s", name);
    version = 0x0300U | minor;
    return 0;
}

struct place {
    struct arena arena;
    struct pool *pool;
    struct store *store;
    struct op_ctx ctx;
    char dir[64];
};

static void place_init(struct place *place, unsigned threads)
{
    if (version < 0x030b || version > 0x030e)
        skip();
    *place = (struct place){.arena = ARENA_INIT, .dir = "/tmp/barehull-bytecode-XXXXXX"};
    assert_non_null(mkdtemp(place->dir));
    assert_int_equal(pool_new(threads, &place->pool, NULL), 0);
    assert_int_equal(store_open(place->dir, &place->store, NULL), 0);
    place->ctx.arena = &place->arena;
}

static void place_done(struct place *place)
{
    pool_free(place->pool);
    store_free(place->store);
    arena_done(&place->arena);
    assert_int_equal(file_remove_tree(AT_FDCWD, place->dir, NULL), 0);
}

static int compile_all(struct place *place, struct opening *opening, struct bytecode_source *sources, size_t count,
                       struct err *err)
{
    return bytecode_compile(&place->ctx, place->store, place->pool, STR("test 1"), opening->version, open_interpreter,
                            opening, sources, count, err);
}

#define MODULE(at, source) ((struct bytecode_source){.place = STR(at), .text = STR(source)})

static void test_compiles(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 2);
    struct opening opening = OPENING;
    struct bytecode_source sources[] = {
        MODULE("/app/ok.py", "x = 1\n"),
        MODULE("/app/pkg/print.py", "print 'x'\n"),
        MODULE("/app/pkg/empty.py", ""),
        MODULE("/app/pkg/latin.py", "# -*- coding: latin-1 -*-\nx = '\xe9'\n"),
        MODULE("/app/pkg/unknown.py", "# -*- coding: klingon -*-\n"),
        MODULE("/app/pkg/bytes.py", "x = '\xe9'\n"),
        MODULE("/app/pkg/null.py", "x = '\0'\n"),
        MODULE("/app/pkg/warn.py", "x = '\\d'\nassert (1, 2)\nx is 1\n"),
        MODULE("/app/\xff/name.py", "y = 2\n"),
        MODULE("/app/pkg/late.py", "z = 3\n"),
    };
    struct err err = ERR_INIT;
    assert_int_equal(compile_all(&place, &opening, sources, ARRAY_LEN(sources), &err), 0);
    assert_int_equal(opening.times, 1);
    static const bool good[] = {true, false, true, true, false, false, false, true, true, true};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        assert_int_equal(sources[i].pyc.len > PYTHON_PYC_HEADER_BYTES, good[i]);
        assert_int_equal(sources[i].problem.len == 0, good[i]);
    }
    assert_true(str_starts(sources[1].problem, STR("line 1: Missing parentheses in call to 'print'")));
    assert_true(str_find(sources[4].problem, STR("klingon")) < sources[4].problem.len);
    struct buf header CLEANUP_BUF = BUF_INIT;
    python_pyc_header((uint32_t)(uint8_t)sources[0].pyc.ptr[0] | (uint32_t)(uint8_t)sources[0].pyc.ptr[1] << 8 |
                          0x0a0d0000U,
                      sources[0].text, &header);
    assert_true(str_starts(sources[0].pyc, buf_str(&header)));
    assert_true(str_find(sources[0].pyc, STR("/app/ok.py")) < sources[0].pyc.len);
    place_done(&place);
}

static void test_cache(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 1);
    struct opening opening = OPENING;
    struct bytecode_source first[] = {MODULE("/app/a.py", "a = 1\n"), MODULE("/app/b.py", "print 1\n"),
                                      MODULE("/usr/lib/python3/dist-packages/p/c.py", "c = 1\n")};
    struct bytecode_source second[] = {first[2], first[1], first[0]};
    struct err err = ERR_INIT;
    assert_int_equal(compile_all(&place, &opening, first, 3, &err), 0);
    assert_int_equal(compile_all(&place, &opening, second, 3, &err), 0);
    assert_int_equal(opening.times, 1); /* all was there */
    for (size_t i = 0; i < 3; i++) {
        assert_true(str_eq(first[i].pyc, second[2 - i].pyc));
        assert_true(str_eq(first[i].problem, second[2 - i].problem));
    }
    second[2].text = STR("a = 2\n"); /* /app again, the package not */
    assert_int_equal(compile_all(&place, &opening, second, 3, &err), 0);
    assert_int_equal(opening.times, 2);
    assert_false(str_eq(first[0].pyc, second[2].pyc));
    assert_true(str_eq(first[2].pyc, second[0].pyc));

    /* A damaged pack is made again. */
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/bytecode", place.dir);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t packs = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        int fd = openat(dirfd(dir), entry->d_name, O_WRONLY);
        assert_true(fd >= 0 && pwrite(fd, packs == 0 ? "\xff" : "", packs == 0, 40) >= 0);
        assert_int_equal(packs == 1 ? ftruncate(fd, 7) : packs == 2 ? ftruncate(fd, 0) : 0, 0);
        close(fd);
        packs++;
    }
    closedir(dir);
    assert_int_equal(packs, 3);
    struct bytecode_source third[] = {first[0], first[1], first[2]};
    assert_int_equal(compile_all(&place, &opening, third, 3, &err), 0);
    assert_int_equal(opening.times, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(str_eq(first[i].pyc, third[i].pyc));
    place_done(&place);
}

/* Equal bytes however the sources are split and in whatever company. */
static void test_splits(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    struct bytecode_source sources[3][COUNT];
    struct place places[3];
    struct err err = ERR_INIT;
    for (unsigned k = 0; k < 3; k++) {
        place_init(&places[k], k + 1);
        struct arena *arena = &places[k].arena;
        for (unsigned i = 0; i < COUNT; i++) {
            unsigned at = k == 1 ? COUNT - 1 - i : i;
            sources[k][at] = (struct bytecode_source){
                .place = str_z(arena_printf(arena, "/app/m%u.py", i)),
                .text = str_z(arena_printf(arena,
                                           "class A:\n  class B:\n    pass\n  def f(self, x):\n"
                                           "    return x in {'a%u', 'b', 'A.B', (1, 2.5)}, 'A.B', ' ', %s\n",
                                           i % 7, i == 5 ? "'" : "1")),
            };
            if (i == 9 && k != 2) { /* some company: a batch of its own */
                struct buf big CLEANUP_BUF = BUF_INIT;
                buf_add_fill(&big, '#', 300000);
                sources[k][at].text = arena_buf(arena, &big);
            } else if (i == 9) {
                struct buf big CLEANUP_BUF = BUF_INIT;
                buf_add_fill(&big, '#', 300000);
                sources[k][at].text = arena_take_buf(arena, &big);
            }
        }
        struct opening opening = OPENING;
        assert_int_equal(compile_all(&places[k], &opening, sources[k], COUNT, &err), 0);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        assert_true(str_eq(sources[0][i].pyc, sources[1][COUNT - 1 - i].pyc));
        assert_true(str_eq(sources[0][i].pyc, sources[2][i].pyc));
        assert_int_equal(sources[0][i].pyc.len == 0, i == 5);
    }
    for (unsigned k = 0; k < 3; k++)
        place_done(&places[k]);
}

/* What the interpreter dies of is lost alone, and tried again the next time. */
static void test_death(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 2);
    /* Stands in for an interpreter that dies of a source: this one takes -c after its own program. */
    static const char dies[] = "import sys, os\n"
                               "code = sys.argv[2].replace('put(b\\'C\\'', 'b\\'die\\' in t and os.kill(os.getpid(), "
                               "11); b\\'leave\\' in t and os._exit(3); put(b\\'C\\'')\n"
                               "exec(code)\n";
    struct opening opening = {
        .argv = {program, "-S", "-s", "-B", "-P", "-c", dies, NULL},
        .version = version,
    };
    struct bytecode_source sources[] = {MODULE("/app/a.py", "a = 1\n"), MODULE("/app/b.py", "'die'\n"),
                                        MODULE("/app/c.py", "c = 1\n"), MODULE("/app/d.py", "'leave'\n"),
                                        MODULE("/app/e.py", "'die'\n")};
    struct err err = ERR_INIT;
    assert_int_equal(compile_all(&place, &opening, sources, 5, &err), 0);
    assert_true(sources[0].pyc.len > 16 && sources[2].pyc.len > 16);
    assert_true(str_eq(sources[1].problem, STR("the interpreter ends by signal 11 when it compiles it")));
    assert_true(str_eq(sources[3].problem, STR("the interpreter ends with status 3 when it compiles it")));
    assert_true(str_eq(sources[4].problem, sources[1].problem));
    assert_int_equal(compile_all(&place, &opening, sources, 5, &err), 0);
    assert_int_equal(opening.times, 2); /* not kept */
    place_done(&place);
}

/* A run that never ends is ended; answered sources are kept, the one that it hangs in is lost. */
static void test_hangs(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 1);
    static const char hangs[] = "import sys, time\n"
                                "exec(sys.argv[2].replace('put(b\\'C\\'', 'b\\'hang\\' in t and time.sleep(1000); "
                                "put(b\\'C\\''))\n";
    struct opening opening = {
        .argv = {program, "-S", "-s", "-B", "-P", "-c", hangs, NULL}, .version = version, .patience_ms = 1500};
    struct bytecode_source sources[] = {MODULE("/app/a.py", "a = 1\n"), MODULE("/app/b.py", "'hang'\n"),
                                        MODULE("/app/c.py", "c = 1\n")};
    struct err err = ERR_INIT;
    assert_int_equal(compile_all(&place, &opening, sources, 3, &err), 0);
    assert_true(sources[0].pyc.len > 16 && sources[2].pyc.len > 16);
    assert_true(str_eq(sources[1].problem, STR("the interpreter does not come to an end with it")));

    opening = (struct opening){.argv = {"/bin/sleep", "1000", NULL}, .version = version, .patience_ms = 100};
    opening.argv[0] = program;
    opening.argv[1] = "-Sc";
    opening.argv[2] = "import time; time.sleep(1000)";
    sources[0].text = STR("a = 2\n");
    assert_int_equal(compile_all(&place, &opening, sources, 1, &err), -ERR_PROCESS);
    assert_non_null(strstr(err.message, "gives no answer"));
    assert_string_equal(err.hint, "give another one with --python, or build without bytecode: --bytecode none");
    place_done(&place);
}

/* Says hello and then nothing, or nothing but nonsense: that ends, and soon. */
static void test_never_answers(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 1);
    enum { COUNT = 100 };
    static const char *const says[] = {"sys.exit(7)", "o.write(bytes([88, 255, 255, 255, 255])); sys.exit(7)",
                                       "put(b\"H\", b\"123456\"); sys.exit(7)",
                                       "[o.write(bytes(1 << 20)) for _ in range(100)]"};
    for (size_t i = 0; i < ARRAY_LEN(says); i++) {
        struct bytecode_source sources[COUNT];
        for (unsigned k = 0; k < COUNT; k++) {
            char *path = arena_printf(&place.arena, "/app/m%zu_%u.py", i, k);
            sources[k] = (struct bytecode_source){.place = str_z(path), .text = STR("x = 1\n")};
        }
        char *code = arena_printf(&place.arena,
                                  "import sys\nexec(sys.argv[2].replace('while len(n', '%s\\nwhile len(n'))", says[i]);
        struct opening opening = {.argv = {program, "-S", "-s", "-B", "-P", "-c", code, NULL}, .version = version};
        struct err err = ERR_INIT;
        assert_int_equal(compile_all(&place, &opening, sources, i == 3 ? 2 : COUNT, &err), i == 3 ? 0 : -ERR_PROCESS);
        if (i < 3)
            assert_non_null(strstr(err.message, "fails time and again; with '/app/m"));
        else
            assert_true(str_eq(sources[1].problem, STR("its code is larger than 67108864 bytes")));
    }
    place_done(&place);
}

static void test_no_interpreter(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 2);
    struct bytecode_source source = MODULE("/app/a.py", "a = 1\n");
    struct err err = ERR_INIT;
    struct opening opening = {.version = version, .result = -ERR_NOT_FOUND};
    assert_int_equal(compile_all(&place, &opening, &source, 1, &err), -ERR_NOT_FOUND);
    opening = (struct opening){.argv = {"/bin/false", NULL}, .version = version};
    assert_int_equal(compile_all(&place, &opening, &source, 1, &err), -ERR_PROCESS);
    assert_string_equal(err.message, "'/bin/false' failed with exit status 1");
    char foreign[96];
    (void)snprintf(foreign, sizeof(foreign), "%s/foreign", place.dir);
    assert_int_equal(file_write_all(AT_FDCWD, foreign, 0755,
                                    STR("\x7f"
                                        "ELF, of another machine"),
                                    NULL),
                     0);
    opening = (struct opening){.argv = {foreign, NULL}, .version = version};
    assert_int_equal(compile_all(&place, &opening, &source, 1, &err), -ERR_UNSUPPORTED);
    opening = OPENING;
    opening.version = 0x030b == version ? 0x030c : 0x030b;
    assert_int_equal(compile_all(&place, &opening, &source, 1, &err), -ERR_PYTHON_VERSION);
    opening = (struct opening){.argv = {"/bin/echo", NULL}, .version = version};
    assert_int_equal(compile_all(&place, &opening, &source, 1, &err), -ERR_PROCESS);
    atomic_bool cancelled = true;
    place.ctx.cancelled = &cancelled;
    opening = OPENING;
    assert_int_equal(compile_all(&place, &opening, &source, 1, &err), -ERR_CANCELLED);
    place_done(&place);
}

/* The child can't write files, has no descriptors but its own, no environment, and sits in "/". */
static void test_confinement(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 1);
    static const char spy[] =
        "import os, sys\n"
        "def no(f, *a):\n"
        "    try:\n"
        "        f(*a)\n"
        "    except OSError:\n"
        "        return True\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "ok = os.getcwd() == '/' and not set(os.environ) - {'LC_CTYPE'} and os.umask(0o22) is not None\n"
        "ok = ok and sorted(os.listdir('/proc/self/fd'))[:3] == ['0', '1', '2'] and len(os.listdir('/proc/self/fd')) "
        "== 4\n"
        "ok = ok and 'NoNewPrivs:\\t1' in open('/proc/self/status').read()\n"
        "path = '/tmp/barehull-bytecode-%d' % os.getpid()\n"
        "fd = os.open(path, os.O_CREAT | os.O_WRONLY); os.unlink(path)\n"
        "ok = ok and no(os.write, fd, b'x')\n"
        "os.close(fd)\n"
        "ok = ok and no(os.fork) and no(os.posix_spawn, '/bin/true', ['true'], {})\n"
        "import _thread; lock = _thread.allocate_lock(); lock.acquire(); _thread.start_new_thread(lock.release, ())\n"
        "ok = ok and lock.acquire(timeout=5)\n"
        "sys.exit(0 if ok else 5) if not ok else exec(sys.argv[2])\n";
    struct opening opening = {.argv = {program, "-S", "-s", "-B", "-P", "-c", spy, NULL}, .version = version};
    struct bytecode_source source = MODULE("/app/a.py", "a = 1\n");
    struct err err = ERR_INIT;
    assert_int_equal(compile_all(&place, &opening, &source, 1, &err), 0);
    assert_true(source.pyc.len > 16);
    place_done(&place);
}

static void test_faults(void **state)
{
    (void)state;
    struct place place;
    place_init(&place, 1);
    struct opening opening = OPENING;
    struct bytecode_source sources[] = {MODULE("/app/a.py", "a = 1\n"), MODULE("/app/b.py", "print 1\n")};
    struct err err = ERR_INIT;
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        place.ctx.arena = &arena;
        assert_true(n < 2000);
        fault_arm(FAULT_ALLOC, n);
        r = compile_all(&place, &opening, sources, 2, &err);
        fault_disarm();
        assert_true(r == 0 || r == -ERR_NOMEM);
    }
    place.ctx.arena = &place.arena;
    place_done(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compiles), cmocka_unit_test(test_cache),          cmocka_unit_test(test_splits),
        cmocka_unit_test(test_death),    cmocka_unit_test(test_no_interpreter), cmocka_unit_test(test_confinement),
        cmocka_unit_test(test_hangs),    cmocka_unit_test(test_never_answers),  cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, find_interpreter, NULL);
}
