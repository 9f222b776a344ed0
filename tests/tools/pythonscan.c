/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pythonscan [-t] [-v MINOR] - tells of each file that standard input names, one a line, what barehull sees of it:
 * "# FILE", then the imports, one a line ("LINE LEVEL MODULE NAME ALIAS FUNCTIONS CONTEXT"; "-" is empty), then
 * "error LINE COLUMN MESSAGE" if there is one. -t: only the time of all scans goes to standard error, nothing is
 * printed.
 */
#include "base/clock.h"
#include "python/imports.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_file(const char *path, struct buf *buf)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof(block), file)) > 0;)
        buf_add(buf, block, n);
    fclose(file);
    return !buf->failed;
}

static struct str shown(struct str text)
{
    return text.len > 0 ? text : STR("-");
}

static void show(const char *path, const struct python_imports *imports)
{
    printf("# %s\n", path);
    for (uint32_t i = 0; i < imports->count; i++) {
        const struct python_import *one = &imports->items[i];
        printf("%u %u %.*s %.*s %.*s %u %u\n", one->place.line, one->level, STR_ARG(shown(one->module)),
               STR_ARG(shown(one->name)), STR_ARG(shown(one->alias)), one->functions, one->context);
    }
    if (imports->problem.message)
        printf("error %u %u %s\n", imports->problem.place.line, imports->problem.place.column,
               imports->problem.message);
}

int main(int argc, char **argv)
{
    bool timed = false;
    unsigned version = 0;
    char path[4096];
    uint64_t bytes = 0, spent_ns = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-t") == 0)
            timed = true;
        else if (strcmp(argv[i], "-v") == 0 && i + 1 < argc)
            version = 0x0300 | (unsigned)strtoul(argv[++i], NULL, 10);
    }
    while (fgets(path, sizeof(path), stdin)) {
        path[strcspn(path, "\n")] = '\0';
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        CLEANUP_BUF struct buf source = BUF_INIT;
        struct python_imports imports;
        struct err err = ERR_INIT;
        if (!read_file(path, &source)) {
            printf("# %s\nunreadable\n", path);
            continue;
        }
        uint64_t start = clock_monotonic_ns();
        int result = python_imports_scan(buf_str(&source), version, &arena, &imports, &err);
        spent_ns += clock_monotonic_ns() - start;
        bytes += source.len;
        if (result < 0)
            printf("# %s\nfailed %s\n", path, err.message);
        else if (!timed)
            show(path, &imports);
    }
    if (timed)
        fprintf(stderr, "%" PRIu64 " bytes in %" PRIu64 " us: %.0f MB/s\n", bytes, spent_ns / 1000,
                (double)bytes * 1000 / (double)(spent_ns ? spent_ns : 1));
    return 0;
}
