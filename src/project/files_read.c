/* SPDX-License-Identifier: Apache-2.0 */
#include "project/files_read.h"

#include "base/limits.h"
#include "base/pool.h"
#include "io/digest.h"
#include "io/file.h"
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BATCH         16U          /* files that a thread takes at a time */
#define ALONE_MAX     64U          /* as many are read as quickly by one thread */
#define THREADS_MAX   16U          /* as many as a pool has */
#define BLOCK_BYTES   (1U << 20)   /* contents that lie together */
#define PREFAULT_FROM (256U << 10) /* from here on pages are had at once */
#define PIECE_BYTES   (64U << 10)  /* of what is read without being kept */
#define PAGE          ((size_t)4096)

/* One thread's. */
struct reading {
    struct pool_job job;
    const struct op_ctx *ctx;
    const struct project_walk *walk; /* NULL: of one file */
    struct project_files *files;
    atomic_size_t *next;
    atomic_size_t *kept; /* bytes, by all threads */
    struct arena arena;
    struct buf block; /* where contents are being put; cap is the room */
    char *piece;      /* PIECE_BYTES: one for all files, as locals are cleared */
    size_t failed_at;
    struct err err;
    int result;
};

int project_file_cannot(int errnum, const char *what, struct str host_path, struct err *err)
{
    err_errno(err, errnum, "cannot %s '%.*s'", what, STR_ARG(host_path));
    if (errnum == EACCES || errnum == EPERM)
        return err_hint(err, "make it readable for you, or leave it out with --exclude");
    if (errnum == ENOENT)
        return err_hint(err, "something changes the directory: build when it is at rest");
    return err ? -(int)err->code : -ERR_IO;
}

/* One call for all pages of a fresh block, in place of a fault for each. Where it can't be had, faults do. */
static void prefault(const struct buf *block)
{
#ifdef MADV_POPULATE_WRITE
    uintptr_t begin = ((uintptr_t)block->ptr + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)block->ptr + block->cap) & ~(uintptr_t)(PAGE - 1);
    int errnum = errno;
    if (block->cap >= PREFAULT_FROM && begin < end)
        (void)madvise(block->ptr + (begin - (uintptr_t)block->ptr), end - begin, MADV_POPULATE_WRITE);
    errno = errnum;
#else
    (void)block;
#endif
}

/* The arena has the block from now on. */
static bool close_block(struct reading *reading)
{
    return reading->block.len == 0 || arena_take_buf(&reading->arena, &reading->block).ptr;
}

/* Room for SIZE bytes, which stays where it is; what is used of it is added to block.len. NULL: memory is short. */
static char *room(struct reading *reading, size_t size)
{
    struct buf *block = &reading->block;
    if (block->cap - block->len > size)
        return block->ptr + block->len;
    if (!close_block(reading))
        return NULL;
    size_t wanted = size < BLOCK_BYTES / 4 && reading->walk ? BLOCK_BYTES - PAGE : size;
    if (!buf_reserve(block, wanted))
        return NULL;
    prefault(block);
    return block->ptr;
}

/* What is kept in memory is bounded, of one file and of all. */
static int check_limits(struct reading *reading, const struct project_file *file, uint64_t size, uint64_t limit,
                        struct err *err)
{
    if (size > limit) {
        err_set(err, ERR_LIMIT, "'%.*s' is larger than %llu bytes", STR_ARG(file->host_path),
                (unsigned long long)limit);
        return err_hint(err, "leave it out with --exclude when the application does not need it");
    }
    if (atomic_fetch_add(reading->kept, (size_t)size) + size <= LIMIT_PROJECT_KEPT_BYTES)
        return 0;
    err_set(err, ERR_LIMIT, "modules and libraries take more than %llu MiB, at '%.*s'", LIMIT_PROJECT_KEPT_BYTES >> 20,
            STR_ARG(file->host_path));
    return err_hint(err, "leave what the application does not need out with --exclude");
}

/* Reads the whole of FD; a file that grows meanwhile is read to its end. */
static int keep_content(struct reading *reading, int fd, struct project_file *file, uint64_t limit, struct err *err)
{
    int r = check_limits(reading, file, file->size_bytes, limit, err);
    if (r < 0)
        return r;
    size_t size = (size_t)file->size_bytes, used = 0;
    for (;;) {
        /* One byte more than there should be tells the end; and a NUL behind it. */
        char *at = room(reading, size + 2);
        if (!at)
            return err_nomem(err);
        ssize_t got = sys_pread(fd, at + used, size + 1 - used, (off_t)used);
        if (got < 0)
            return project_file_cannot(errno, "read", file->host_path, err);
        used += (size_t)got;
        if (got == 0 || used == size) { /* of a regular file a read is short at its end alone */
            at[used] = '\0';
            file->content = str_of(at, used);
            file->size_bytes = used;
            reading->block.len += used + 1;
            return 0;
        }
        if (used > size) {
            r = check_limits(reading, file, size * 2 + PAGE, limit, err);
            if (r < 0)
                return r;
            size = size * 2 + PAGE;
            used = 0; /* elsewhere, from the beginning */
        }
    }
}

/* The digest of what is not kept: GOT bytes are in PIECE. */
static int digest_rest(struct reading *reading, int fd, char *piece, size_t got, struct project_file *file,
                       struct err *err)
{
    struct digester digester;
    uint64_t size = got;
    digester_init(&digester, DIGEST_SHA256);
    digester_update(&digester, piece, got);
    while (got == PIECE_BYTES) {
        ssize_t more = sys_read(fd, piece, PIECE_BYTES);
        int r = more < 0 ? project_file_cannot(errno, "read", file->host_path, err) : op_check(reading->ctx, err);
        if (r < 0)
            return r;
        got = (size_t)more;
        size += got;
        digester_update(&digester, piece, got);
    }
    uint8_t *kept = arena_alloc(&reading->arena, 32);
    if (!kept)
        return err_nomem(err);
    struct digest digest = digester_final(&digester);
    memcpy(kept, digest.bytes, 32);
    file->sha256 = kept;
    file->size_bytes = size;
    return 0;
}

static int read_file(struct reading *reading, struct project_file *file, bool wanted, struct err *err)
{
    struct stat st;
    int fd CLEANUP_FD = sys_open(AT_FDCWD, file->host_path.ptr, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
    if (fd < 0 || sys_fstat(fd, &st) != 0)
        return project_file_cannot(errno, "read", file->host_path, err);
    if (!S_ISREG(st.st_mode))
        return project_file_cannot(ENOENT, "read", file->host_path, err);
    file->mode = (uint32_t)st.st_mode & 07777U;
    file->size_bytes = (uint64_t)st.st_size;
    if (wanted) {
        int r = keep_content(reading, fd, file, LIMIT_PROJECT_READ_BYTES, err);
        file->is_elf = r == 0 && str_starts(file->content, STR("\177ELF"));
        return r;
    }
    char *piece = reading->piece;
    bool digests = reading->walk && reading->walk->digests;
    ssize_t got = sys_read(fd, piece, digests ? PIECE_BYTES : 4);
    if (got < 0)
        return project_file_cannot(errno, "read", file->host_path, err);
    file->is_elf = got >= 4 && memcmp(piece, "\177ELF", 4) == 0;
    if (file->is_elf)
        return keep_content(reading, fd, file, LIMIT_ELF_BYTES, err);
    return digests ? digest_rest(reading, fd, piece, (size_t)got, file, err) : 0;
}

static void run(struct pool_job *job)
{
    struct reading *reading = (struct reading *)job;
    const struct project_walk *walk = reading->walk;
    char piece[PIECE_BYTES];
    reading->piece = piece;
    for (size_t from; reading->result == 0 && (from = atomic_fetch_add(reading->next, BATCH)) < reading->files->len;) {
        for (size_t i = from; reading->result == 0 && i < from + BATCH && i < reading->files->len; i++) {
            struct project_file *file = &reading->files->ptr[i];
            if (file->type != TREE_FILE || file->dropped)
                continue;
            reading->failed_at = i;
            reading->result = op_check(reading->ctx, &reading->err);
            if (reading->result == 0)
                reading->result =
                    read_file(reading, file, walk->reads && walk->reads(walk->self, file->path), &reading->err);
        }
    }
    if (!close_block(reading) && reading->result == 0)
        reading->result = err_nomem(&reading->err);
}

/* What was read is CTX's; *ret the failure that comes first. */
static const struct reading *gather(const struct op_ctx *ctx, struct reading *readings, size_t count)
{
    const struct reading *failed = NULL;
    for (size_t i = 0; i < count; i++) {
        arena_adopt(ctx->arena, &readings[i].arena);
        buf_done(&readings[i].block);
        if (readings[i].result < 0 && (!failed || readings[i].failed_at < failed->failed_at))
            failed = &readings[i];
    }
    return failed;
}

int project_files_read(const struct op_ctx *ctx, const struct project_walk *walk, struct project_files *files,
                       struct err *err)
{
    CLEANUP_POOL struct pool *pool = NULL;
    struct reading readings[THREADS_MAX];
    atomic_size_t next = 0, kept = 0;
    int r = files->len > ALONE_MAX ? pool_new(0, &pool, err) : 0;
    if (r < 0)
        return r;
    size_t count = pool ? pool_threads(pool) : 1;
    count = count > THREADS_MAX ? THREADS_MAX : count;
    for (size_t i = 0; i < count; i++) {
        readings[i] = (struct reading){
            .job = {.run = run}, .ctx = ctx, .walk = walk, .files = files, .next = &next, .kept = &kept};
        if (pool)
            pool_submit(pool, &readings[i].job);
        else
            run(&readings[i].job);
    }
    for (size_t i = 0; pool && i < count; i++)
        pool_wait_job(pool, &readings[i].job);
    const struct reading *failed = gather(ctx, readings, count);
    if (failed && err)
        *err = failed->err;
    return failed ? failed->result : 0;
}

int project_file_read(const struct op_ctx *ctx, struct project_file *file, bool wanted, struct err *err)
{
    atomic_size_t kept = 0;
    char piece[4];
    struct reading reading = {.ctx = ctx, .kept = &kept, .piece = piece}; /* no digests without a walk */
    int r = read_file(&reading, file, wanted, err);
    if (!close_block(&reading) && r == 0)
        r = err_nomem(err);
    (void)gather(ctx, &reading, 1);
    return r;
}
