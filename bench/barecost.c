/* SPDX-License-Identifier: Apache-2.0 */
/*
 * barecost FILE [LEVEL [BLOCK]] - what nothing that makes a layer of FILE can avoid: compressing it (gzip members of
 * BLOCK bytes, side by side on all processors) and hashing it twice (SHA-256 of the bytes: the diff ID; of what is
 * compressed: the digest). No tar, no JSON, no output file. Shares no code with barehull. Prints both sizes.
 */
#include <fcntl.h>
#include <libdeflate.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct member {
    unsigned char *bytes;
    size_t size;
};

static struct {
    const unsigned char *bytes;
    size_t size, block, count;
    int level;
    struct member *members;
    atomic_size_t next; /* job 0 hashes the bytes, job i + 1 compresses member i */
    unsigned char diff_id[SHA256_DIGEST_LENGTH];
} work;

static void compress_member(struct libdeflate_compressor *compressor, size_t i)
{
    size_t from = i * work.block, left = work.size - from;
    size_t size = left < work.block ? left : work.block;
    size_t bound = libdeflate_gzip_compress_bound(compressor, size);

    work.members[i].bytes = malloc(bound);
    work.members[i].size = libdeflate_gzip_compress(compressor, work.bytes + from, size, work.members[i].bytes, bound);
}

static void *run_jobs(void *unused)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(work.level);

    for (size_t job; (job = atomic_fetch_add(&work.next, 1)) <= work.count;)
        if (job == 0)
            SHA256(work.bytes, work.size, work.diff_id);
        else
            compress_member(compressor, job - 1);
    libdeflate_free_compressor(compressor);
    return unused;
}

static void run_on_all_processors(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t threads[64];
    int count = 0;

    while (count < processors - 1 && count < 64 && pthread_create(&threads[count], NULL, run_jobs, NULL) == 0)
        count++;
    run_jobs(NULL);
    while (count > 0)
        pthread_join(threads[--count], NULL);
}

int main(int argc, char **argv)
{
    int fd = argc > 1 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
    struct stat st;
    SHA256_CTX hash;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    size_t compressed = 0;

    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0) {
        fprintf(stderr, "usage: barecost FILE [LEVEL [BLOCK]]\n");
        return 2;
    }
    work.size = (size_t)st.st_size;
    work.level = argc > 2 ? atoi(argv[2]) : 5;
    work.block = argc > 3 ? strtoul(argv[3], NULL, 10) : 256 << 10;
    work.count = (work.size + work.block - 1) / work.block;
    work.members = calloc(work.count, sizeof *work.members);
    work.bytes = mmap(NULL, work.size, PROT_READ, MAP_PRIVATE, fd, 0);
    run_on_all_processors();

    SHA256_Init(&hash);
    for (size_t i = 0; i < work.count; i++) {
        SHA256_Update(&hash, work.members[i].bytes, work.members[i].size);
        compressed += work.members[i].size;
    }
    SHA256_Final(digest, &hash);
    printf("%zu %zu %02x%02x\n", work.size, compressed, work.diff_id[0], digest[0]);
    return 0;
}
