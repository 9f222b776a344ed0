/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/layer_key.h"

#include "base/pool.h"
#include "io/digest.h"
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define SHARDS_MAX 16
#define BATCH      64 /* nodes that a shard takes at a time */

/* All shards take from one list, in batches, until it is empty. */
struct work {
    const struct op_ctx *ctx;
    const struct tree *tree;
    uint8_t (*digests)[32]; /* of each node's content */
    atomic_size_t next;
};

struct shard {
    struct pool_job job;
    struct work *work;
    struct err err;
    int result;
};

static int digest_host_file(const struct tree_node *node, char *chunk, size_t chunk_size, struct digest *ret_digest,
                            struct err *err)
{
    struct digester digester;
    CLEANUP_FD int fd = open(node->host_path.ptr, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_errno(err, errno, "cannot read '%s'", node->host_path.ptr);
    digester_init(&digester, DIGEST_SHA256);
    for (;;) {
        ssize_t got = read(fd, chunk, chunk_size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_errno(err, errno, "cannot read '%s'", node->host_path.ptr);
        if (got == 0)
            break;
        digester_update(&digester, chunk, (size_t)got);
    }
    *ret_digest = digester_final(&digester);
    return 0;
}

static void run_shard(struct pool_job *job)
{
    struct shard *shard = (struct shard *)((char *)job - offsetof(struct shard, job));
    struct work *work = shard->work;
    char chunk[64 << 10];
    size_t count = tree_count(work->tree);
    for (size_t from; shard->result == 0 && (from = atomic_fetch_add(&work->next, BATCH)) < count;) {
        shard->result = op_check(work->ctx, &shard->err);
        for (size_t i = from; shard->result == 0 && i < from + BATCH && i < count; i++) {
            const struct tree_node *node = tree_at(work->tree, i);
            if (node->type != TREE_FILE)
                continue;
            if (node->sha256) {
                memcpy(work->digests[i], node->sha256, sizeof(work->digests[i]));
                continue;
            }
            struct digest digest;
            if (node->host_path.len)
                shard->result = digest_host_file(node, chunk, sizeof(chunk), &digest, &shard->err);
            else
                digest = digest_of(DIGEST_SHA256, node->content);
            if (shard->result == 0)
                memcpy(work->digests[i], digest.bytes, sizeof(work->digests[i]));
        }
    }
}

static int digest_contents(struct work *work, struct pool *pool, struct err *err)
{
    struct shard shards[SHARDS_MAX];
    size_t count = pool_threads(pool);
    count = count < 1 ? 1 : count > SHARDS_MAX ? SHARDS_MAX : count;
    for (size_t i = 0; i < count; i++) {
        shards[i] = (struct shard){.job = {.run = run_shard}, .work = work};
        pool_submit(pool, &shards[i].job);
    }
    int r = 0;
    for (size_t i = 0; i < count; i++) {
        pool_wait_job(pool, &shards[i].job);
        if (r == 0 && shards[i].result < 0) {
            r = shards[i].result;
            if (err)
                *err = shards[i].err;
        }
    }
    return r;
}

/* Texts with their length in front, so that no two nodes read alike. */
static void add_text(struct digester *digester, struct str text)
{
    uint64_t len = text.len;
    digester_update(digester, &len, sizeof(len));
    digester_update(digester, text.ptr, text.len);
}

static void add_node(struct digester *digester, const struct tree_node *node, const uint8_t content[32])
{
    const uint64_t facts[] = {(uint64_t)node->type,
                              node->mode,
                              node->uid,
                              node->gid,
                              (uint64_t)node->mtime,
                              node->type == TREE_FILE ? node->size_bytes : 0};
    digester_update(digester, facts, sizeof(facts));
    add_text(digester, node->path);
    add_text(digester, node->target);
    digester_update(digester, content, 32);
}

int layer_key(const struct op_ctx *ctx, struct pool *pool, const struct tree *tree, char ret_key[static 65],
              struct err *err)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct work work = {.ctx = ctx, .tree = tree};
    work.digests = arena_array(&arena, tree_count(tree) + 1, sizeof(*work.digests));
    if (!work.digests)
        return err_nomem(err);
    int r = digest_contents(&work, pool, err);
    if (r < 0)
        return r;
    struct digester digester;
    digester_init(&digester, DIGEST_SHA256);
    for (size_t i = 0; i < tree_count(tree); i++)
        add_node(&digester, tree_at(tree, i), work.digests[i]);
    struct digest digest = digester_final(&digester);
    char hex[DIGEST_TEXT_MAX];
    memcpy(ret_key, digest_hex(&digest, hex), 65);
    return 0;
}
