/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_check REQUEST [N] - what the checker itself costs: the JSON of `POST /v1/check` in REQUEST is read, judged and
 * answered in JSON, N times (1,000) in this process. Prints the median and the least microseconds of
 * each part, and the mean of the processor time of all.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/num.h"
#include "op/decode_json.h"
#include "op/result.h"
#include "op/services.h"
#include "ops_pure/check_texts.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { READ, JUDGE, WRITE, ALL, PARTS, TIMES_MAX = 100000 };

static int compare(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return (one > other) - (one < other);
}

static int read_args(struct str text, struct arena *arena, void *args, struct err *err)
{
    const struct data_node *root;
    struct op_decoder decoder = op_decoder_init(check_texts_operation.params, args, arena, OP_SURFACE_JSON);
    int r = json_parse(text, arena, &root, err);
    r = r ? r : op_decode_object(&decoder, root, err);
    return r ? r : op_decode_finish(&decoder, NULL, err);
}

/* Durations go to TIMES[part]. */
static int once(struct str text, struct arena *arena, struct buf *out, uint64_t times[PARTS], struct err *err)
{
    const struct op_services services = {.version = STR("0"), .threads = 1};
    const struct op_ctx ctx = {.arena = arena};
    uint64_t begin = clock_monotonic_ns();
    void *args = arena_alloc(arena, check_texts_operation.args_size);
    void *result = arena_alloc(arena, check_texts_operation.result->size);
    int r = args && result ? read_args(text, arena, args, err) : err_nomem(err);
    uint64_t was_read = clock_monotonic_ns();
    r = r ? r : check_texts_operation.run(&services, &ctx, args, result, err);
    uint64_t judged = clock_monotonic_ns();
    if (r)
        return r;
    struct json_writer json;
    json_writer_init(&json, out, JSON_COMPACT);
    op_result_write(check_texts_operation.result, result, &json);
    uint64_t end = clock_monotonic_ns();
    times[READ] = was_read - begin;
    times[JUDGE] = judged - was_read;
    times[WRITE] = end - judged;
    times[ALL] = end - begin;
    return json_writer_check(&json, err);
}

/* Of this process, which other load on the machine changes least. */
static double processor_us(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1e6 + (double)used.tv_nsec / 1e3;
}

static struct buf read_file(const char *path)
{
    struct buf text = BUF_INIT;
    char piece[4096];
    size_t len;
    FILE *file = fopen(path, "rb");
    while (file && (len = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_add(&text, piece, len);
    if (file)
        fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    static uint64_t times[PARTS][TIMES_MAX];
    uint64_t count = 1000;
    if (argc < 2 || (argc > 2 && !num_parse_u64(str_z(argv[2]), &count)) || count == 0 || count > TIMES_MAX) {
        fprintf(stderr, "usage: bench_check REQUEST [N]\n");
        return 2;
    }
    CLEANUP_BUF struct buf text = read_file(argv[1]), out = BUF_INIT;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    double begin = processor_us();
    for (uint64_t i = 0; i < count; i++) {
        uint64_t one[PARTS];
        struct err err = ERR_INIT;
        arena_reset(&arena);
        buf_reset(&out);
        if (once(buf_str(&text), &arena, &out, one, &err) != 0) {
            fprintf(stderr, "bench_check: %s\n", err.message);
            return 1;
        }
        for (size_t part = 0; part < PARTS; part++)
            times[part][i] = one[part];
    }
    double processor = processor_us() - begin;
    static const char *const names[] = {"read", "judge", "write", "all"};
    printf("{\"request_bytes\": %zu, \"answer_bytes\": %zu", text.len, out.len);
    for (size_t part = 0; part < PARTS; part++) {
        qsort(times[part], count, sizeof(times[part][0]), compare);
        printf(", \"%s_us\": %.3f, \"%s_least_us\": %.3f", names[part], (double)times[part][count / 2] / 1e3,
               names[part], (double)times[part][0] / 1e3);
    }
    printf(", \"all_processor_us\": %.3f}\n", processor / (double)count);
    return 0;
}
