/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <stdio.h>

/* JSON text: what is no printable ASCII becomes a dot. */
static void print_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\')
            putchar('\\');
        putchar(c >= ' ' && c <= '~' ? c : '.');
    }
}

static void print_totals(const struct load_options *options, const struct load_totals *totals)
{
    double seconds = (double)(totals->end_ns - totals->begin_ns) / 1e9;
    printf("{\"sent\": %llu, \"answers\": %llu, \"wrong\": %llu, \"lost\": %llu, \"connects\": %llu, \"refused\": %llu",
           (unsigned long long)totals->sent, (unsigned long long)totals->answers, (unsigned long long)totals->wrong,
           (unsigned long long)totals->lost, (unsigned long long)totals->connects, (unsigned long long)totals->refused);
    printf(", \"seconds\": %.6f, \"rate\": %.1f, \"bytes\": %llu, \"idle_open\": %llu, \"longest_gap_ms\": %.3f",
           seconds, seconds > 0 ? (double)totals->answers / seconds : 0, (unsigned long long)totals->bytes,
           (unsigned long long)totals->idle_open, (double)totals->longest_gap_ns / 1e6);
    const struct histogram *latency = &totals->latency;
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};
    static const char *const names[] = {"p50", "p90", "p99", "p999"};
    printf(", \"latency_us\": {\"mean\": %.3f",
           latency->count ? (double)latency->sum / (double)latency->count / 1e3 : 0);
    for (size_t i = 0; i < ARRAY_LEN(shares); i++)
        printf(", \"%s\": %.3f", names[i], (double)histogram_quantile(latency, shares[i]) / 1e3);
    printf(", \"max\": %.3f}, \"statuses\": {", (double)latency->max / 1e3);
    const char *separator = "";
    for (unsigned i = 0; i < ARRAY_LEN(totals->statuses); i++)
        if (totals->statuses[i]) {
            printf("%s\"%u\": %llu", separator, i, (unsigned long long)totals->statuses[i]);
            separator = ", ";
        }
    printf("}, \"by_request\": [");
    for (unsigned i = 0; i < options->template_count; i++)
        printf("%s%llu", i ? ", " : "", (unsigned long long)options->templates[i].answers);
    printf("], \"first_wrong\": \"");
    print_text(buf_str(&totals->first_wrong));
    printf("\"}\n");
}

int main(int argc, char **argv)
{
    static struct load_options options;
    static struct load_totals totals;
    load_options_read(argc, argv, &options);
    if (!load_run(&options, &totals)) {
        fprintf(stderr, "load: nobody listens there\n");
        return 3;
    }
    print_totals(&options, &totals);
    bool good = totals.wrong == 0 && totals.lost == 0 && totals.answers > 0;
    for (unsigned i = 0; i < options.template_count; i++) {
        buf_done(&options.templates[i].bytes);
        buf_done(&options.templates[i].exact);
    }
    buf_done(&totals.first_wrong);
    return good ? 0 : 1;
}
