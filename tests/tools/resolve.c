/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve - resolves packages over Packages files, for comparison with apt.
 *
 *     resolve ARCHITECTURE PACKAGES-FILE... < requests
 *
 * Each line of the standard input is one request, names with blanks between; a name behind a '-' is excluded. Each
 * gives a line: the names chosen, sorted, or "error: ...". With "+order" as the first word they stay in their order.
 */
#include "archive/resolve.h"
#include "base/limits.h"
#include "base/vec.h"
#include "io/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 64, WORDS_MAX = 1024 };

static int compare_names(const void *a, const void *b)
{
    return str_cmp(((const struct resolved_package *)a)->package.name,
                   ((const struct resolved_package *)b)->package.name);
}

static void answer(struct packages *index, struct str architecture, struct str line)
{
    struct str wanted[WORDS_MAX];
    struct str excluded[WORDS_MAX];
    struct resolve_request request = {
        .index = index, .architecture = architecture, .wanted = wanted, .excluded = excluded};
    bool sorted = true;
    for (struct str word; str_next_word(&line, &word) && request.wanted_count + request.excluded_count < WORDS_MAX;) {
        if (str_eq(word, STR("+order")))
            sorted = false;
        else if (word.ptr[0] == '-')
            excluded[request.excluded_count++] = str_skip(word, 1);
        else
            wanted[request.wanted_count++] = word;
    }
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct resolution resolution;
    struct err err = ERR_INIT;
    if (resolve_packages(&request, &arena, &resolution, &err)) {
        printf("error: %s\n", err.message);
        return;
    }
    if (sorted)
        qsort(resolution.packages, resolution.count, sizeof(*resolution.packages), compare_names);
    for (size_t i = 0; i < resolution.count; i++)
        printf("%s%.*s", i > 0 ? " " : "", STR_ARG(resolution.packages[i].package.name));
    printf("\n");
}

int main(int argc, char **argv)
{
    struct packages_input inputs[FILES_MAX];
    struct buf texts[FILES_MAX];
    struct err err = ERR_INIT;
    size_t count = 0;
    if (argc < 3 || argc - 2 > FILES_MAX) {
        fprintf(stderr, "usage: resolve ARCHITECTURE PACKAGES-FILE... < requests\n");
        return 2;
    }
    for (int i = 2; i < argc; i++, count++) {
        texts[count] = BUF_INIT;
        if (file_read_all(AT_FDCWD, argv[i], LIMIT_INDEX_BYTES, &texts[count], &err)) {
            fprintf(stderr, "resolve: %s\n", err.message);
            return 1;
        }
        inputs[count] = (struct packages_input){.text = buf_str(&texts[count]), .name = argv[i]};
    }
    struct buf block = BUF_INIT;
    struct packages index;
    if (packages_build(inputs, count, &block, &err) || packages_open(buf_str(&block), &index, &err)) {
        fprintf(stderr, "resolve: %s\n", err.message);
        return 1;
    }
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0)
        answer(&index, str_z(argv[1]), str_z(line));
    free(line);
    buf_done(&block);
    for (size_t i = 0; i < count; i++)
        buf_done(&texts[i]);
    return 0;
}
