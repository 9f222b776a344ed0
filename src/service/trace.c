/* SPDX-License-Identifier: Apache-2.0 */
#include "service/trace.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/chars.h"

#include <string.h>
#include <sys/random.h>

void trace_source_init(struct trace_source *source)
{
    atomic_init(&source->count, 0);
    if (getrandom(source->seed, sizeof(source->seed), GRND_NONBLOCK) == (ssize_t)sizeof(source->seed))
        return;
    source->seed[0] = clock_monotonic_ns(); /* too early in the life of the machine */
    source->seed[1] = (uint64_t)clock_unix_seconds() ^ (uint64_t)(uintptr_t)source;
}

/* The finalizer of SplitMix64: a bijection, so that different counts give different ids. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

static void write_hex(char *out, uint64_t value)
{
    for (unsigned i = 0; i < 16; i++)
        out[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 15];
}

static bool is_hex(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!char_is_digit(text.ptr[i]) && (text.ptr[i] < 'a' || text.ptr[i] > 'f'))
            return false;
    return true;
}

static bool is_zero(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != '0')
            return false;
    return true;
}

/* "00-<32>-<16>-<2>"; later versions may have more behind another '-' (section 3.2.4). */
static bool read_parent(struct str value, struct trace *trace)
{
    enum { AT_TRACE = 3, AT_SPAN = 36, AT_FLAGS = 53, LENGTH = 55 };
    if (value.len < LENGTH || value.ptr[2] != '-' || value.ptr[AT_SPAN - 1] != '-' || value.ptr[AT_FLAGS - 1] != '-')
        return false;
    struct str version = str_head(value, 2), id = str_of(value.ptr + AT_TRACE, TRACE_ID_DIGITS);
    struct str span = str_of(value.ptr + AT_SPAN, TRACE_SPAN_DIGITS), flags = str_of(value.ptr + AT_FLAGS, 2);
    if (!is_hex(version) || !is_hex(id) || !is_hex(span) || !is_hex(flags) || str_eq(version, STR("ff")))
        return false;
    bool longer = value.len > LENGTH;
    if (longer && (str_eq(version, STR("00")) || value.ptr[LENGTH] != '-'))
        return false;
    if (is_zero(id) || is_zero(span))
        return false;
    memcpy(trace->trace_id, id.ptr, id.len);
    memcpy(trace->parent_id, span.ptr, span.len);
    return true;
}

static bool is_sane_id(struct str id)
{
    if (id.len == 0 || id.len > LIMIT_REQUEST_ID_BYTES)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!char_is_alnum(id.ptr[i]) && !str_has_char(STR("-._~:/+=@"), id.ptr[i]))
            return false;
    return true;
}

void trace_begin(struct trace *trace, struct trace_source *source, const struct http_request *request)
{
    uint64_t n = atomic_fetch_add_explicit(&source->count, 1, memory_order_relaxed) + 1;
    uint64_t span = mix(source->seed[0] + n * 0x9e3779b97f4a7c15ULL);
    struct str value;
    *trace = (struct trace){0};
    write_hex(trace->span_id, span ? span : 1);
    bool inherited = request && http_request_count(request, STR("traceparent")) == 1 &&
                     http_request_field(request, STR("traceparent"), &value) && read_parent(value, trace);
    if (!inherited) {
        write_hex(trace->trace_id, mix(source->seed[1] ^ span));
        write_hex(trace->trace_id + 16, span ? span : 1);
    }
    trace->request_id = str_of(trace->trace_id, TRACE_ID_DIGITS);
    if (request && http_request_field(request, STR("X-Request-Id"), &value) && is_sane_id(value))
        trace->request_id = value;
}
