/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_http.c - how fast a request's head is read: bench_http.
 *
 * A POST of about 300 bytes, as a client of an MCP server sends it, and one with a browser's long fields; each whole,
 * and as bytes come one at a time. The floor is memchr for the line ends of the same bytes. A chunked body is told by
 * its bytes. Prints nanoseconds of processor time for each, requests a second, and the ratio to the floor; best of
 * several rounds.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "http/body.h"
#include "http/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 9, READS = 100000 };

static const struct str post = STR_INIT("POST /mcp HTTP/1.1\r\n"
                                        "Host: 127.0.0.1:8080\r\n"
                                        "Content-Type: application/json\r\n"
                                        "Accept: application/json, text/event-stream\r\n"
                                        "MCP-Protocol-Version: 2026-07-28\r\n"
                                        "Mcp-Method: tools/call\r\n"
                                        "Mcp-Name: check\r\n"
                                        "User-Agent: example-client/1.4.2\r\n"
                                        "Accept-Encoding: gzip, deflate\r\n"
                                        "Content-Length: 212\r\n"
                                        "Connection: keep-alive\r\n\r\n");

static const struct str browser = STR_INIT(
    "GET /v1/rules/pinned-image?format=html&lang=en HTTP/1.1\r\n"
    "Host: barehull.example.org\r\n"
    "Connection: keep-alive\r\n"
    "Cache-Control: max-age=0\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
    "Sec-Fetch-Site: none\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef; theme=dark\r\n\r\n");

typedef size_t read_fn(struct str bytes); /* something of the bytes, so that nothing is optimised away */

static size_t read_floor(struct str bytes)
{
    size_t lines = 0;
    for (struct str rest = bytes; rest.len > 0; lines++) {
        const char *lf = memchr(rest.ptr, '\n', rest.len);
        size_t len = lf ? (size_t)(lf - rest.ptr) + 1 : rest.len;
        rest = str_of(rest.ptr + len, rest.len - len);
    }
    return lines;
}

static size_t read_in_steps(struct str bytes, size_t step)
{
    static struct http_field fields[LIMIT_HTTP_FIELDS]; /* as a connection's, not cleared for each */
    struct http_head_reader reader;
    http_head_reader_init(&reader, &http_limits_default, fields);
    for (size_t len = step;; len += step) {
        struct str came = len < bytes.len ? str_of(bytes.ptr, len) : bytes;
        enum http_step now = http_head_read(&reader, came);
        if (now == HTTP_DONE)
            return reader.request.field_count;
        if (now == HTTP_REFUSED || came.len == bytes.len)
            exit(1);
    }
}

static size_t read_whole(struct str bytes)
{
    return read_in_steps(bytes, bytes.len);
}

static size_t read_bytewise(struct str bytes)
{
    return read_in_steps(bytes, 1);
}

static size_t read_chunks(struct str bytes)
{
    struct http_request request = {.framing = HTTP_FRAMING_CHUNKED};
    struct http_body body;
    struct str piece;
    size_t sum = 0;
    http_body_init(&body, &request, &http_limits_default);
    enum http_step step;
    while ((step = http_body_read(&body, &bytes, &piece)) == HTTP_DATA)
        sum += piece.len;
    if (step != HTTP_DONE)
        exit(1);
    return sum;
}

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double measure(read_fn *fn, struct str bytes, unsigned reads)
{
    double best = 1e18;
    volatile size_t sink = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double start = cpu_ns();
        for (unsigned j = 0; j < reads; j++) {
            __asm__ volatile("" : : "r"(bytes.ptr) : "memory");
            sink = fn(bytes);
        }
        double each = (cpu_ns() - start) / reads;
        best = each < best ? each : best;
    }
    (void)sink;
    return best;
}

static void print(const char *what, struct str bytes)
{
    double floor = measure(read_floor, bytes, READS);
    double whole = measure(read_whole, bytes, READS);
    double bytewise = measure(read_bytewise, bytes, READS / 10);
    printf("%s, %zu bytes:\n", what, bytes.len);
    printf("  line ends alone  %8.0f ns\n", floor);
    printf("  read whole       %8.0f ns  %11.0f requests/s  %5.2f x the floor\n", whole, 1e9 / whole, whole / floor);
    printf("  read bytewise    %8.0f ns  %11.1f ns a byte\n", bytewise, bytewise / (double)bytes.len);
}

static void print_chunks(unsigned chunk_bytes)
{
    CLEANUP_BUF struct buf body = BUF_INIT;
    unsigned count = 100000 / chunk_bytes;
    for (unsigned i = 0; i < count; i++) {
        buf_addf(&body, "%x\r\n", chunk_bytes);
        buf_add_fill(&body, 'x', chunk_bytes);
        buf_add_z(&body, "\r\n");
    }
    buf_add_z(&body, "0\r\n\r\n");
    double each = measure(read_chunks, buf_str(&body), 100);
    printf("chunks of %u bytes: %.1f ns a chunk, %.0f MB/s on the wire\n", chunk_bytes, each / count,
           (double)body.len * 1e3 / each);
}

int main(void)
{
    CLEANUP_BUF struct buf longest = BUF_INIT;
    print("POST of an MCP client", post);
    print("GET of a browser", browser);
    buf_add_z(&longest, "GET / HTTP/1.1\r\nHost: a\r\nCookie: ");
    buf_add_fill(&longest, 'c', LIMIT_HTTP_FIELD_BYTES - 100);
    buf_add_z(&longest, "\r\n\r\n");
    print("GET with a long field", buf_str(&longest));
    print_chunks(1);
    print_chunks(1000);
    return 0;
}
