/* SPDX-License-Identifier: Apache-2.0 */
/* One interpreter after another compiles a list of sources; what one dies of is left out. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "bytecode/internal.h"
#include "proc/run.h"
#include "python/marshal.h"

#include <signal.h>
#include <string.h>

/*
 * Reads sizes, places and texts from standard input; answers with "H" (magic number, version) and then for each source
 * with "C" (marshalled code) or "P" (problem), each with its size. When memory is short it ends, so that the source is
 * tried again by itself. It imports nothing but what is built in or frozen; codecs come when a source names one.
 */
static const char driver[] = "import _frozen_importlib_external as b, gc, marshal, sys\n"
                             "try:\n"
                             "    import _warnings\n"
                             "    _warnings.filters.insert(0, ('ignore', None, Warning, None, 0))\n"
                             "except Exception:\n"
                             "    pass\n"
                             "gc.disable()\n"
                             "i, o = sys.stdin.buffer, sys.stdout.buffer\n"
                             "def put(k, v):\n"
                             "    o.write(k + len(v).to_bytes(4, 'little') + v)\n"
                             "    o.flush()\n"
                             "def text(s):\n"
                             "    return s.encode('utf-8', 'replace')[:400]\n"
                             "put(b'H', b.MAGIC_NUMBER + bytes(sys.version_info[:2]))\n"
                             "while len(n := i.read(8)) == 8:\n"
                             "    p = i.read(int.from_bytes(n[:4], 'little')).decode('utf-8', 'surrogateescape')\n"
                             "    t = i.read(int.from_bytes(n[4:], 'little'))\n"
                             "    try:\n"
                             "        put(b'C', marshal.dumps(compile(t, p, 'exec', dont_inherit=True, optimize=0)))\n"
                             "    except SyntaxError as e:\n"
                             "        put(b'P', text('line %d: %s' % (e.lineno, e.msg) if e.lineno else str(e.msg)))\n"
                             "    except MemoryError:\n"
                             "        sys.exit(9)\n"
                             "    except Exception as e:\n"
                             "        put(b'P', text(str(e) or type(e).__name__))\n";

enum { EXIT_MEMORY = 9, HELLO_BYTES = 6, PROBLEM_BYTES_MAX = 400 };

/* How a run came to its end, if not by itself. */
enum run_end { RUN_ENDED, RUN_TOO_LARGE, RUN_TOO_LATE };

struct batch {
    const struct op_ctx *ctx;
    const struct bytecode_interpreter *interpreter;
    struct bytecode_item **items;
    size_t count;
    size_t next; /* the first without an answer */
    uint32_t magic;
    bool greeted; /* the run at hand said hello */
    struct bytecode_progress *progress;
};

static void answered(struct batch *batch)
{
    batch->items[batch->next++]->done = true;
    size_t done = atomic_fetch_add(&batch->progress->done, 1) + 1;
    op_progress_items(batch->ctx, STR("compiling"), STR("Python modules"), done, batch->progress->total);
}

static int set_problem(struct bytecode_item *item, struct err *err, const char *format, ...) PRINTF_LIKE(3, 4);
static int set_problem(struct bytecode_item *item, struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_reset(&item->result);
    buf_addv(&item->result, format, args);
    va_end(args);
    item->compiled = false;
    return buf_check(&item->result, err);
}

static int take_code(const struct batch *batch, struct bytecode_item *item, struct str code, struct err *err)
{
    struct err why = ERR_INIT;
    buf_reset(&item->result);
    python_pyc_header(batch->magic, item->source->text, &item->result);
    int r = buf_check(&item->result, err);
    if (r < 0)
        return r;
    r = python_marshal_canonical(code, batch->interpreter->version, &item->result, &why);
    if (r == -ERR_NOMEM)
        return err_nomem(err);
    item->compiled = r == 0;
    if (r < 0)
        return set_problem(item, err, "%s", why.message);
    if (atomic_fetch_add(&batch->progress->bytes, item->result.len) + item->result.len <= LIMIT_BYTECODE_BYTES)
        return 0;
    err_set(err, ERR_LIMIT, "the application's bytecode takes more than %llu MiB", LIMIT_BYTECODE_BYTES >> 20);
    return err_hint(err, "leave modules out with --exclude, or all bytecode with --bytecode none");
}

static int take_hello(struct batch *batch, struct str body, struct err *err)
{
    if (body.len != HELLO_BYTES)
        return err_set(err, ERR_PROCESS, "the interpreter '%s' answers in an unknown way", batch->interpreter->argv[0]);
    unsigned version = (unsigned)(uint8_t)body.ptr[4] << 8 | (uint8_t)body.ptr[5];
    unsigned wanted = batch->interpreter->version;
    if (version != wanted)
        return err_set(err, ERR_PYTHON_VERSION, "the interpreter '%s' is Python %u.%u, not %u.%u",
                       batch->interpreter->argv[0], version >> 8, version & 0xff, wanted >> 8, wanted & 0xff);
    batch->magic = num_le32(body.ptr);
    batch->greeted = true;
    return 0;
}

/* Takes the whole answers of OUTPUT; what follows them is none. */
static int take_answers(struct batch *batch, struct str output, struct err *err)
{
    while (output.len >= 5 && num_le32(output.ptr + 1) <= output.len - 5) {
        struct str body = str_head(str_skip(output, 5), num_le32(output.ptr + 1));
        struct bytecode_item *item = batch->next < batch->count ? batch->items[batch->next] : NULL;
        int r;
        if (!batch->greeted)
            r = take_hello(batch, output.ptr[0] == 'H' ? body : STR_NONE, err);
        else if (!item || (output.ptr[0] != 'C' && output.ptr[0] != 'P'))
            return 0;
        else if (output.ptr[0] == 'C')
            r = take_code(batch, item, body, err);
        else
            r = set_problem(item, err, "%.*s", STR_ARG(str_head(body, PROBLEM_BYTES_MAX)));
        if (r < 0)
            return r;
        if (item && batch->greeted && output.ptr[0] != 'H')
            answered(batch);
        output = str_skip(output, 5 + body.len);
    }
    return 0;
}

static int add_input(const struct batch *batch, struct buf *input, struct err *err)
{
    for (size_t i = batch->next; i < batch->count; i++) {
        const struct bytecode_source *source = batch->items[i]->source;
        char sizes[8];
        num_put_le32(sizes, (uint32_t)source->place.len);
        num_put_le32(sizes + 4, (uint32_t)source->text.len);
        buf_add(input, sizes, sizeof(sizes));
        buf_add_str(input, source->place);
        buf_add_str(input, source->text);
    }
    return buf_check(input, err);
}

/* The program never said a word: it can't run here, or not at all. */
static int not_greeted(const struct batch *batch, const struct proc_result *result, enum run_end end, struct err *err)
{
    if (end != RUN_ENDED) {
        err_set(err, ERR_PROCESS, "the interpreter '%s' %s", batch->interpreter->argv[0],
                end == RUN_TOO_LATE ? "gives no answer" : "answers in an unknown way");
        return err_hint(err, "give another one with --python, or build without bytecode: --bytecode none");
    }
    int r = proc_failure(batch->interpreter->argv[0], result, err);
    if (result->signal == SIGILL || result->signal == SIGSYS)
        err->code = ERR_UNSUPPORTED;
    return err && err->code ? -(int)err->code : r;
}

/* The interpreter died of the first source that it had: that one has no code. */
static int lose(struct batch *batch, const struct proc_result *result, enum run_end end, struct err *err)
{
    struct bytecode_item *item = batch->items[batch->next];
    int r;
    item->lost = true;
    if (end == RUN_TOO_LATE)
        r = set_problem(item, err, "the interpreter does not come to an end with it");
    else if (end == RUN_TOO_LARGE)
        r = set_problem(item, err, "its code is larger than %llu bytes", LIMIT_PYTHON_CODE_BYTES);
    else if (result->signal == SIGXCPU || result->signal == SIGKILL)
        r = set_problem(item, err, "compiling it takes longer than %d s, or more memory than there is",
                        LIMIT_BYTECODE_CPU_SECONDS);
    else if (result->signal)
        r = set_problem(item, err, "the interpreter ends by signal %d when it compiles it", result->signal);
    else if (result->exit_status == EXIT_MEMORY)
        r = set_problem(item, err, "compiling it takes more than %llu MiB", LIMIT_BYTECODE_MEMORY_BYTES >> 20);
    else
        r = set_problem(item, err, "the interpreter ends with status %d when it compiles it", result->exit_status);
    if (r < 0)
        return r;
    answered(batch);
    if (atomic_fetch_add(&batch->progress->lost, 1) + 1 <= LIMIT_BYTECODE_LOST)
        return 0;
    err_set(err, ERR_PROCESS, "the interpreter '%s' fails time and again; with '%.*s' at last: %s",
            batch->interpreter->argv[0], STR_ARG(item->source->place), buf_z(&item->result));
    return err_hint(err, "leave such modules out with --exclude, or all bytecode with --bytecode none");
}

/* proc_run for no longer than a run may take. */
static int run_in_time(const struct batch *batch, const struct proc_run *run, struct proc_result *result,
                       enum run_end *ret_end, struct err *err)
{
    struct op_ctx ctx = *batch->ctx;
    uint64_t patience_ms = batch->interpreter->patience_ms;
    if (patience_ms == 0)
        patience_ms = LIMIT_BYTECODE_SECONDS * UINT64_C(1000);
    uint64_t deadline_ns = clock_monotonic_ns() + patience_ms * 1000000U;
    if (ctx.deadline_ns == 0 || deadline_ns < ctx.deadline_ns)
        ctx.deadline_ns = deadline_ns;
    int r = proc_run(run, &ctx, result, err);
    *ret_end = r == -ERR_LIMIT ? RUN_TOO_LARGE : RUN_ENDED;
    if (r == -ERR_DEADLINE && op_check(batch->ctx, NULL) == 0)
        *ret_end = RUN_TOO_LATE;
    return *ret_end == RUN_ENDED ? r : 0;
}

/* Runs one interpreter over what has no answer yet. */
static int run_once(struct batch *batch, struct proc_result *result, struct err *err)
{
    static const struct proc_confinement confinement = {.memory_bytes = LIMIT_BYTECODE_MEMORY_BYTES,
                                                        .cpu_seconds = LIMIT_BYTECODE_CPU_SECONDS,
                                                        .files = 64,
                                                        .writes_no_files = true,
                                                        .no_network = true,
                                                        .no_processes = true};
    struct buf input CLEANUP_BUF = BUF_INIT;
    struct buf output CLEANUP_BUF = BUF_INIT;
    const char *argv[32];
    size_t argc = 0;
    while (argc + 3 < ARRAY_LEN(argv) && batch->interpreter->argv[argc]) {
        argv[argc] = batch->interpreter->argv[argc];
        argc++;
    }
    argv[argc] = "-c";
    argv[argc + 1] = driver;
    argv[argc + 2] = NULL;
    int r = add_input(batch, &input, err);
    if (r < 0)
        return r;
    struct proc_run run = {
        .program = argv[0],
        .argv = argv,
        .env = batch->interpreter->env,
        .input = buf_str(&input),
        .output = &output,
        .output_limit_bytes = LIMIT_PYTHON_CODE_BYTES,
        .output_fd = -1,
        .confinement = &confinement,
    };
    size_t first = batch->next;
    enum run_end end;
    batch->greeted = false;
    r = run_in_time(batch, &run, result, &end, err);
    if (r == 0)
        r = take_answers(batch, buf_str(&output), err);
    if (r < 0)
        return r;
    if (!batch->greeted)
        return not_greeted(batch, result, end, err);
    bool lost = batch->next == first || (end == RUN_TOO_LATE && batch->next < batch->count);
    return lost ? lose(batch, result, end, err) : 0;
}

int bytecode_batch_run(const struct op_ctx *ctx, const struct bytecode_interpreter *interpreter,
                       struct bytecode_item **items, size_t count, struct bytecode_progress *progress, struct err *err)
{
    struct batch batch = {.ctx = ctx, .interpreter = interpreter, .items = items, .count = count, .progress = progress};
    struct proc_result *result CLEANUP_MEM = mem_calloc(1, sizeof(*result));
    if (!result)
        return err_nomem(err);
    int r = 0;
    while (r == 0 && batch.next < count)
        r = run_once(&batch, result, err);
    return r;
}
