/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte says how many bytes come at a time (0: all), the second where one cut is: requests read so are those
 * read from the whole. What is accepted keeps the promises of http/request.h, and written anew is read the same.
 */
#include "../unit/http_fixture.h"

#include "http/authority.h"
#include "http/chars.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void check_span(const struct http_request *request, struct http_span span)
{
    require(span.at <= request->head_len && span.len <= request->head_len - span.at);
}

static void check_fields(const struct http_request *request)
{
    uint32_t end = 0;
    for (uint32_t i = 0; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        check_span(request, field->name);
        check_span(request, field->value);
        require(field->name.at > end && field->value.at > field->name.at);
        end = field->value.at + field->value.len;
        struct str name = http_request_text(request, field->name), value = http_request_text(request, field->value);
        require(name.len > 0 && http_run(name, HTTP_TOKEN) == name.len);
        require(http_run(value, HTTP_TEXT) == value.len && http_trim(value).len == value.len);
    }
    uint32_t lengths = http_request_count(request, STR("Content-Length"));
    require(lengths + http_request_count(request, STR("Transfer-Encoding")) <= 1 || lengths == 0);
    require(http_request_count(request, STR("Host")) <= 1);
}

static void check_request(const struct http_request *request, const struct http_limits *limits)
{
    const struct http_span spans[] = {request->method_name, request->target,    request->path,
                                      request->query,       request->authority, request->host};
    for (size_t i = 0; i < ARRAY_LEN(spans); i++)
        check_span(request, spans[i]);
    require(request->head_len <= limits->head_bytes && request->field_count <= limits->fields);
    require(request->content_length <= limits->body_bytes);
    require(request->minor_version == 0 || request->host.len > 0);
    require(!request->expect_continue || request->framing != HTTP_FRAMING_NONE);
    require(request->minor_version == 1 || request->framing != HTTP_FRAMING_CHUNKED);
    struct http_authority authority;
    if (request->host.len > 0) {
        require(http_authority_parse(http_request_text(request, request->authority), &authority));
        require(str_eq(authority.host, http_request_text(request, request->host)) && authority.port == request->port);
    }
    check_fields(request);
}

/* The first request of INPUT, written anew in the plainest form, is the same request. */
static void check_again(struct str input, const struct http_limits *limits)
{
    struct http_field fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader reader;
    http_head_reader_init(&reader, limits, fields);
    if (http_head_read(&reader, input) != HTTP_DONE)
        return;
    const struct http_request *request = &reader.request;
    check_request(request, limits);
    CLEANUP_BUF struct buf first = BUF_INIT, again = BUF_INIT, second = BUF_INIT;
    http_add_request(&first, request);
    buf_add_str(&again, http_request_text(request, request->method_name));
    buf_add_char(&again, ' ');
    buf_add_str(&again, http_request_text(request, request->target));
    buf_add_z(&again, request->minor_version ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
    for (uint32_t i = 0; i < request->field_count; i++) {
        buf_add_str(&again, http_request_text(request, fields[i].name));
        buf_add_char(&again, ':');
        buf_add_str(&again, http_request_text(request, fields[i].value));
        buf_add_z(&again, "\r\n");
    }
    buf_add_z(&again, "\r\n");
    require(again.len <= request->head_len);
    struct http_field other_fields[LIMIT_HTTP_FIELDS];
    struct http_head_reader other;
    http_head_reader_init(&other, limits, other_fields);
    require(http_head_read(&other, buf_str(&again)) == HTTP_DONE && other.request.head_len == again.len);
    http_add_request(&second, &other.request);
    require(str_eq(buf_str(&first), buf_str(&second)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > 16384)
        return 0;
    struct str input = str_of((const char *)data + 2, size - 2);
    const struct http_limits *limits = data[1] & 1 ? &http_small_limits : &http_limits_default;
    struct http_cuts cuts = {.step = data[0], .first = input.len * data[1] / 256};
    CLEANUP_BUF struct buf whole = BUF_INIT, cut = BUF_INIT;
    size_t end = http_feed_all(input, limits, (struct http_cuts){0}, &whole);
    require(end <= input.len);
    require(http_feed_all(input, limits, cuts, &cut) == end && str_eq(buf_str(&whole), buf_str(&cut)));
    check_again(input, limits);
    return 0;
}
