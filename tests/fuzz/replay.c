/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay.c - runs a fuzzer over its corpus as an ordinary test: every file as it is, then cut short at a spread of
 * lengths and with single bits flipped at a spread of places (both fixed, so that a failure repeats). Exit 1 when
 * the corpus is missing or empty.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPLAY_SIZE_MAX = 4 << 20, REPLAY_VARIANTS = 48 };

/* Exact-size copies let AddressSanitizer see a read past the end. */
static void run_copy(const uint8_t *data, size_t size, size_t flip)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    if (flip < size * 8)
        copy[flip / 8] ^= (uint8_t)(1U << (flip % 8));
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    uint8_t *data = malloc(REPLAY_SIZE_MAX);
    if (!data)
        abort();
    size_t size = fread(data, 1, REPLAY_SIZE_MAX, file);
    fclose(file);
    size_t runs = 1;
    run_copy(data, size, SIZE_MAX);
    uint64_t state = 0x9E3779B97F4A7C15ULL ^ size;
    for (size_t i = 0; size > 0 && i < REPLAY_VARIANTS; i++, runs += 2) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        run_copy(data, (size_t)(state >> 11) % size, SIZE_MAX);
        run_copy(data, size, (size_t)(state >> 7) % (size * 8));
    }
    free(data);
    return runs;
}

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    if (!dir) {
        fprintf(stderr, "usage: %s CORPUS-DIRECTORY\n", argv[0]);
        return 1;
    }
    size_t files = 0, runs = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
        size_t done = run_file(path);
        files += done > 0;
        runs += done;
    }
    closedir(dir);
    printf("%zu files, %zu runs\n", files, runs);
    return files > 0 ? 0 : 1;
}
