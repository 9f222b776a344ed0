/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_yaml.c - how fast YAML is read: bench_yaml [FILE], bench_yaml --events FILE
 *
 * libyaml's events alone, and documents into trees, over FILE or a made-up manifest of 10 MB with many documents, in
 * ASCII and with other characters. Prints MB (1e6 bytes) a second of processor time, best of five, the ratio of the
 * two, and the memory of the largest tree in multiples of its document. With --events, libyaml's events alone, once,
 * and nothing printed: for a measurement of the process from outside.
 */
#include "base/limits.h"
#include "data/yaml.h"
#include "io/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

enum { ROUNDS = 5, MANIFEST_BYTES = 10000000 };

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void bare_events(struct str source)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        exit(1);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source.ptr, source.len);
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            fprintf(stderr, "bench_yaml: libyaml: line %zu: %s\n", parser.problem_mark.line + 1, parser.problem);
            exit(1);
        }
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

/* Returns the largest tree's bytes for each byte of its document, of documents above 1 KB. */
static double trees(struct str source)
{
    static const struct yaml_options options = {.schema = YAML_KUBERNETES, .list_duplicates = true};
    CLEANUP_YAML_READER struct yaml_reader *reader = NULL;
    struct err err = ERR_INIT;
    double largest = 0;
    bool more = yaml_reader_new(source, &options, &reader, &err) == 0;
    while (more) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        const struct data_node *root = NULL;
        if (yaml_next_document(reader, &arena, &root, &more, &err) != 0)
            fprintf(stderr, "bench_yaml: %s\n", err.message);
        uint32_t len = yaml_document(reader)->span.len;
        double ratio = len > 1000 ? (double)arena.used_bytes / len : 0;
        largest = ratio > largest ? ratio : largest;
    }
    return largest;
}

static void bench(const char *what, struct str source)
{
    double bare = 1e9, ours = 1e9, memory = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double start = cpu_seconds();
        bare_events(source);
        double middle = cpu_seconds();
        memory = trees(source);
        double end = cpu_seconds();
        bare = middle - start < bare ? middle - start : bare;
        ours = end - middle < ours ? end - middle : ours;
    }
    double mb = (double)source.len * 1e-6;
    printf("%-12s %6.1f MB  libyaml %6.1f MB/s  trees %6.1f MB/s  ratio %.2f  memory %.1f x document\n", what, mb,
           mb / bare, mb / ours, bare / ours, memory);
}

static void add_manifest(struct buf *out, unsigned number, const char *word)
{
    buf_addf(out,
             "---\n# %s %u\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-%u\n  namespace: default\n"
             "  labels: {app: web, tier: \"front\"}\n  annotations:\n    note: '%s'\n    text: |\n      one %s\n"
             "      two\nspec:\n  replicas: 3\n  selector:\n    matchLabels:\n      app: web\n  template:\n"
             "    metadata:\n      labels:\n        app: web\n    spec:\n      securityContext:\n"
             "        runAsNonRoot: true\n        seccompProfile:\n          type: RuntimeDefault\n      containers:\n",
             word, number, number, word, word);
    for (unsigned i = 0; i < 3; i++) {
        buf_addf(out,
                 "      - name: c%u\n        image: registry.example/team/%s:1.2.%u\n        ports:\n"
                 "        - containerPort: 80%u\n        securityContext:\n"
                 "          readOnlyRootFilesystem: true\n          allowPrivilegeEscalation: false\n"
                 "          capabilities:\n            drop: [ALL]\n        resources:\n          limits:\n"
                 "            memory: 128Mi\n            cpu: 500m\n",
                 i, word, number, i);
    }
}

int main(int argc, char **argv)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct err err = ERR_INIT;
    if (argc > 1) {
        bool events = strcmp(argv[1], "--events") == 0 && argc > 2;
        if (file_read_all(AT_FDCWD, argv[events ? 2 : 1], LIMIT_YAML_STREAM_BYTES, &text, &err) != 0) {
            fprintf(stderr, "bench_yaml: %s\n", err.message);
            return 1;
        }
        if (events)
            bare_events(buf_str(&text));
        else
            bench("file", buf_str(&text));
        return 0;
    }
    for (unsigned i = 0; text.len < MANIFEST_BYTES && !text.failed; i++)
        add_manifest(&text, i, "plain");
    bench("ascii", buf_str(&text));
    buf_reset(&text);
    for (unsigned i = 0; text.len < MANIFEST_BYTES && !text.failed; i++)
        add_manifest(&text, i, "caf\xC3\xA9-\xE6\xB8\xAF");
    bench("multibyte", buf_str(&text));
    return 0;
}
