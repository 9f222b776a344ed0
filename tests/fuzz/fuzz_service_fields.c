/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the service reads of a request's head by itself: query, percent-encoding, Accept and Accept-Encoding, entity
 * tags, traceparent, X-Request-Id, Host and Origin. The first line is the target behind its '/', the others are fields;
 * a Host is added where none is. The guard is held against a second, plainer judgement of the same names.
 */
#include "base/limits.h"
#include "http/chars.h"
#include "service/guard.h"
#include "service/negotiate.h"
#include "service/percent.h"
#include "service/query.h"
#include "service/trace.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static struct str lower(struct str text, struct buf *out)
{
    buf_reset(out);
    for (size_t i = 0; i < text.len; i++)
        buf_add_char(out, char_lower(text.ptr[i]));
    return buf_str(out);
}

/* What was decoded, written with nothing but digits, is decoded to the same. */
static void check_percent(struct str text, bool form)
{
    CLEANUP_BUF struct buf once = BUF_INIT, written = BUF_INIT, twice = BUF_INIT;
    if (!percent_decode(text, form, &once))
        return;
    struct str value = buf_str(&once);
    need(value.len <= text.len && str_utf8_valid(value) == value.len);
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = (uint8_t)value.ptr[i];
        need(c >= ' ' || c == '\t' || c == '\n' || c == '\r');
        need(c != 0x7f);
        buf_addf(&written, i % 2 ? "%%%02x" : "%%%02X", c);
    }
    need(percent_decode(buf_str(&written), form, &twice) && str_eq(buf_str(&twice), value));
}

static void check_query(const struct http_request *request)
{
    struct str query = query_of(request), rest = query, name, value;
    const char *end = query.ptr;
    bool seen = false;
    while (query_next(&rest, &name, &value)) {
        need(name.len == 0 || (name.ptr >= end && name.ptr + name.len <= query.ptr + query.len));
        need(!str_has_char(name, '=') && !str_has_char(name, '&') && !str_has_char(value, '&'));
        end = name.ptr + name.len;
        check_percent(name, true);
        check_percent(value, true);
        CLEANUP_BUF struct buf first = BUF_INIT, decoded = BUF_INIT;
        if (!str_eq(name, STR("a")) || seen)
            continue;
        seen = true; /* the first one counts */
        bool fine = query_get(request, STR("a"), &first);
        need(fine == percent_decode(value, true, &decoded));
        need(!fine || str_eq(buf_str(&first), buf_str(&decoded)));
    }
    CLEANUP_BUF struct buf none = BUF_INIT;
    need(seen || !query_get(request, STR("a"), &none));
}

struct wants {
    unsigned html, json;
    size_t best;
    bool gzip, tagged;
};

static struct wants wants_of(const struct http_request *request)
{
    static const struct str offers[] = {STR_INIT("application/json"), STR_INIT("text/html")};
    struct wants wants = {
        .html = negotiate_type(request, offers[1]),
        .json = negotiate_type(request, offers[0]),
        .best = negotiate_best(request, offers, 2),
        .gzip = negotiate_gzip(request),
        .tagged = negotiate_etag(request, STR("If-None-Match"), STR("\"t\"")),
    };
    need(wants.html <= NEGOTIATE_BEST && wants.json <= NEGOTIATE_BEST);
    need((wants.best == 0) == (wants.json > 0 && wants.json >= wants.html));
    need((wants.best == 2) == (wants.json == 0 && wants.html == 0));
    return wants;
}

static bool read_request(struct http_head_reader *reader, struct http_field *fields, const struct buf *text)
{
    http_head_reader_init(reader, &http_limits_default, fields);
    return http_head_read(reader, buf_str(text)) == HTTP_DONE;
}

/* All fields of NAME as one (RFC 9110, section 5.2). */
static void add_joined(const struct http_request *request, struct str name, struct buf *out)
{
    uint32_t index = 0;
    struct str value;
    for (bool first = true; http_request_next(request, name, &index, &value); first = false)
        buf_addf(out, "%s%.*s", first ? "" : ", ", STR_ARG(value));
}

/* Fields of one name are one list; letters are letters, large or small; a media type that nobody has changes nothing.
 */
static void check_negotiation(const struct http_request *request)
{
    static const char *const names[] = {"Accept", "Accept-Encoding", "If-None-Match"};
    struct wants wants = wants_of(request);
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_add_z(&text, "GET / HTTP/1.1\r\nhost: a\r\n");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        CLEANUP_BUF struct buf value = BUF_INIT, small = BUF_INIT;
        add_joined(request, str_z(names[i]), &value);
        if (str_has_char(buf_str(&value), '"') && http_request_count(request, str_z(names[i])) > 1)
            return; /* a quoted string that does not end swallows what comes behind it */
        if (http_request_count(request, str_z(names[i])) == 0)
            continue;
        bool tags = i == ARRAY_LEN(names) - 1;
        struct str shown = tags ? buf_str(&value) : lower(buf_str(&value), &small);
        buf_addf(&text, "%s: %.*s\r\n", names[i], STR_ARG(shown));
    }
    buf_add_z(&text, "\r\n");
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    if (!read_request(&reader, fields, &text))
        return; /* together too long for one field */
    struct wants joined = wants_of(&reader.request);
    need(joined.html == wants.html && joined.json == wants.json && joined.best == wants.best);
    need(joined.gzip == wants.gzip && joined.tagged == wants.tagged);
}

static void check_id(const char *id, size_t len)
{
    need(strlen(id) == len && strspn(id, "0123456789abcdef") == len && strspn(id, "0") < len);
}

/* What a request is called is fit for logs and fields, and hands itself on. */
static void check_trace(const struct http_request *request)
{
    struct trace_source source = {.seed = {1, 2}};
    struct trace trace, next;
    trace_begin(&trace, &source, request);
    check_id(trace.trace_id, TRACE_ID_DIGITS);
    check_id(trace.span_id, TRACE_SPAN_DIGITS);
    need(trace.request_id.len > 0 && trace.request_id.len <= LIMIT_REQUEST_ID_BYTES);
    for (size_t i = 0; i < trace.request_id.len; i++)
        need(trace.request_id.ptr[i] > ' ' && !strchr("\"\\,;<>", trace.request_id.ptr[i]));
    struct str value = STR_NONE;
    if (trace.parent_id[0]) {
        check_id(trace.parent_id, TRACE_SPAN_DIGITS);
        need(http_request_field(request, STR("traceparent"), &value));
        need(memcmp(value.ptr + 3, trace.trace_id, TRACE_ID_DIGITS) == 0);
        need(memcmp(value.ptr + 36, trace.parent_id, TRACE_SPAN_DIGITS) == 0);
    }
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "GET / HTTP/1.1\r\nhost: a\r\ntraceparent: 00-%s-%s-01\r\n\r\n", trace.trace_id, trace.span_id);
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    need(read_request(&reader, fields, &text));
    trace_begin(&next, &source, &reader.request);
    need(strcmp(next.trace_id, trace.trace_id) == 0 && strcmp(next.parent_id, trace.span_id) == 0);
    need(strcmp(next.span_id, trace.span_id) != 0);
}

/* By the letters alone: what a Host that is let in looks like. */
static bool host_may_pass(const struct http_request *request)
{
    CLEANUP_BUF struct buf small = BUF_INIT;
    struct str host = lower(http_request_text(request, request->host), &small);
    struct in_addr address;
    if (request->host_is_ipv6 || host.len == 0)
        return true;
    if (host.ptr[host.len - 1] == '.')
        host = str_head(host, host.len - 1);
    char text[LIMIT_HTTP_HOST_BYTES + 1];
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    return strcmp(text, "localhost") == 0 || str_ends(host, STR(".localhost")) || strcmp(text, "app.example") == 0 ||
           (strcmp(text, "port.example") == 0 && request->port == 8443) || inet_pton(AF_INET, text, &address) == 1;
}

/* "scheme://host[:port]" of the request itself, the scheme written as browsers write it. */
static bool is_own(const struct http_request *request, struct str origin)
{
    CLEANUP_BUF struct buf small = BUF_INIT, made = BUF_INIT, given = BUF_INIT;
    CLEANUP_BUF struct buf host = BUF_INIT;
    if (!str_starts(origin, STR("http://")) && !str_starts(origin, STR("https://")))
        return false;
    origin = lower(origin, &small);
    struct str own = lower(http_request_text(request, request->host), &host);
    for (unsigned secure = 0; secure < 2; secure++) {
        unsigned standard = secure ? 443 : 80, port = request->port ? request->port : standard;
        buf_reset(&made);
        buf_addf(&made, request->host_is_ipv6 ? "http%s://[%.*s]" : "http%s://%.*s", secure ? "s" : "", STR_ARG(own));
        buf_reset(&given);
        buf_addf(&given, "%.*s:%u", STR_ARG(buf_str(&made)), port);
        if (str_eq(origin, buf_str(&given)) || (port == standard && str_eq(origin, buf_str(&made))))
            return true;
    }
    return false;
}

static bool origin_is_listed(struct str origin)
{
    return str_eq_fold(origin, STR("https://ui.example")) || str_eq_fold(origin, STR("http://dev.example:3000"));
}

static void check_guard(const struct http_request *request)
{
    static const struct str hosts[] = {STR_INIT("app.example"), STR_INIT("port.example:8443")};
    static const struct str origins[] = {STR_INIT("https://ui.example"), STR_INIT("http://dev.example:3000")};
    static const struct service_config listed = {.hosts = {hosts, 2}, .origins = {origins, 2}};
    static const struct service_config open = {.any_host = true, .any_origin = true};
    struct guard_result result = guard_judge(&listed, request), any = guard_judge(&open, request);
    uint32_t count = http_request_count(request, STR("Origin"));
    need((result.verdict != GUARD_HOST) == host_may_pass(request));
    need(any.verdict == (count > 1 ? GUARD_ORIGIN : GUARD_PASS));
    need(any.verdict != GUARD_PASS || any.origin == (count > 0 ? GUARD_ORIGIN_ANY : GUARD_ORIGIN_NONE));
    need(result.origin != GUARD_ORIGIN_ANY);
    if (result.verdict == GUARD_PASS && count > 0) {
        need(count == 1 && result.origin != GUARD_ORIGIN_NONE);
        need((result.origin == GUARD_ORIGIN_LISTED) == origin_is_listed(result.value));
    }
    if (result.verdict != GUARD_HOST && count == 1 && is_own(request, any.value))
        need(result.verdict == GUARD_PASS);
    CLEANUP_BUF struct buf headers = BUF_INIT;
    guard_allowed_headers(request, &headers);
    struct str name;
    for (struct str rest = buf_str(&headers); str_next(&rest, ',', &name);)
        need(http_trim(name).len > 0 && http_run(http_trim(name), HTTP_TOKEN) == http_trim(name).len);
}

static bool names_host(struct str line)
{
    return str_eq_fold(str_head(line, str_find_char(line, ':')), STR("host"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size), line;
    check_percent(rest, false);
    check_percent(rest, true);
    struct str essence = negotiate_essence(rest);
    need(essence.len <= rest.len && (essence.len == 0 || str_eq(negotiate_essence(essence), essence)));
    if (!str_next(&rest, '\n', &line))
        return 0;
    CLEANUP_BUF struct buf text = BUF_INIT;
    buf_addf(&text, "GET /%.*s HTTP/1.1\r\n", STR_ARG(line));
    bool host = false;
    while (str_next(&rest, '\n', &line)) {
        buf_addf(&text, "%.*s\r\n", STR_ARG(line));
        host = host || names_host(line);
    }
    buf_add_z(&text, host ? "\r\n" : "Host: app.example\r\n\r\n");
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    if (!read_request(&reader, fields, &text))
        return 0;
    check_query(&reader.request);
    check_negotiation(&reader.request);
    check_trace(&reader.request);
    check_guard(&reader.request);
    return 0;
}
