/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests that our reader takes, as http_parser (which nobody here wrote) reads them: the same method, target, fields,
 * content and end, or the two would see different requests in the same bytes, which is what smuggling lives on.
 * http_parser is the more lenient one: what ours refuses is not asked about. What it refuses and ours takes is listed
 * in is_known.
 */
#include "../unit/http_fixture.h"

#include "http/chars.h"

#define http_method http_parser_method /* ours has the name too */
#include <http_parser.h>
#undef http_method
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A request as text, by whoever read it. */
struct reading {
    struct buf text; /* "METHOD target\nname: value\n...\n\ncontent" */
    bool head_read, done, value_open;
    bool keep_alive;
};

static void end_value(struct reading *reading)
{
    while (reading->value_open && reading->text.len > 0 && strchr(" \t", reading->text.ptr[reading->text.len - 1]))
        buf_truncate(&reading->text, reading->text.len - 1);
    reading->value_open = false;
}

static int judge_url(http_parser *parser, const char *at, size_t len)
{
    struct reading *reading = parser->data;
    buf_add(&reading->text, at, len);
    return 0;
}

static int judge_field(http_parser *parser, const char *at, size_t len)
{
    struct reading *reading = parser->data;
    if (reading->head_read) /* a trailer */
        return 0;
    end_value(reading);
    buf_add_char(&reading->text, '\n');
    buf_add(&reading->text, at, len);
    return 0;
}

static int judge_value(http_parser *parser, const char *at, size_t len)
{
    struct reading *reading = parser->data;
    if (reading->head_read)
        return 0;
    buf_add_z(&reading->text, ": ");
    buf_add(&reading->text, at, len);
    reading->value_open = true;
    return 0;
}

static int judge_head(http_parser *parser)
{
    struct reading *reading = parser->data;
    end_value(reading);
    buf_add_z(&reading->text, "\n\n");
    reading->head_read = true;
    reading->keep_alive = http_should_keep_alive(parser); /* a trailer may change its mind */
    return 0;
}

static int judge_body(http_parser *parser, const char *at, size_t len)
{
    struct reading *reading = parser->data;
    buf_add(&reading->text, at, len);
    return 0;
}

static int judge_done(http_parser *parser)
{
    struct reading *reading = parser->data;
    reading->done = true;
    http_parser_pause(parser, 1);
    return 0;
}

/* What http_parser makes of the request at the front of BYTES; returns where it ends. */
static size_t judge(struct str bytes, struct reading *reading, enum http_errno *ret_errno)
{
    static const http_parser_settings settings = {
        .on_url = judge_url,
        .on_header_field = judge_field,
        .on_header_value = judge_value,
        .on_headers_complete = judge_head,
        .on_body = judge_body,
        .on_message_complete = judge_done,
    };
    http_parser parser;
    http_parser_init(&parser, HTTP_REQUEST);
    parser.data = reading;
    size_t end = http_parser_execute(&parser, &settings, bytes.ptr, bytes.len);
    *ret_errno = HTTP_PARSER_ERRNO(&parser);
    return end;
}

/* The same by our reader; 0 when it is not whole, or refused. */
static size_t read_ours(struct str bytes, struct http_head_reader *reader, struct http_field *fields,
                        struct reading *reading)
{
    http_head_reader_init(reader, &http_limits_default, fields);
    if (http_head_read(reader, bytes) != HTTP_DONE)
        return 0;
    const struct http_request *request = &reader->request;
    buf_add_str(&reading->text, http_request_text(request, request->target));
    for (uint32_t i = 0; i < request->field_count; i++) {
        buf_add_char(&reading->text, '\n');
        buf_add_str(&reading->text, http_request_text(request, fields[i].name));
        buf_add_z(&reading->text, ": ");
        buf_add_str(&reading->text, http_request_text(request, fields[i].value));
        reading->value_open = true;
        end_value(reading); /* of an empty value: the blank of ": " */
    }
    buf_add_z(&reading->text, "\n\n");
    reading->keep_alive = request->keep_alive;
    struct http_body body;
    struct str rest = str_skip(bytes, request->head_len), piece;
    http_body_init(&body, request, &http_limits_default);
    enum http_step step;
    while ((step = http_body_read(&body, &rest, &piece)) == HTTP_DATA)
        buf_add_str(&reading->text, piece);
    return step == HTTP_DONE ? bytes.len - rest.len : 0;
}

/* It takes a longer name for one of its own when it only begins so ("Transfer-Encoding.x"). */
static bool has_longer_name(const struct http_request *request)
{
    static const char *const own[] = {"Transfer-Encoding", "Content-Length", "Connection", "Proxy-Connection",
                                      "Upgrade"};
    for (uint32_t i = 0; i < request->field_count; i++) {
        struct str name = http_request_text(request, request->fields[i].name);
        for (size_t k = 0; k < ARRAY_LEN(own); k++)
            if (name.len > strlen(own[k]) && str_eq_fold(str_head(name, strlen(own[k])), str_z(own[k])))
                return true;
    }
    return false;
}

/* What http_parser does not know, or is stricter about. */
static bool is_known(enum http_errno judged, const struct reading *reading, const struct http_request *request,
                     struct str bytes)
{
    struct str value;
    bool framing = judged == HPE_INVALID_CONTENT_LENGTH || judged == HPE_UNEXPECTED_CONTENT_LENGTH ||
                   judged == HPE_INVALID_TRANSFER_ENCODING;
    return judged == HPE_INVALID_METHOD || /* it has a list of methods; ours takes any token */
           judged == HPE_HEADER_OVERFLOW ||
           (framing && (has_longer_name(request) || reading->head_read)) || /* in a trailer, which ours drops unread */
           /* White space before an extension (RFC 9112, section 7.1.1) is no tab to it. */
           (judged == HPE_INVALID_CHUNK_SIZE && memchr(bytes.ptr, '\t', bytes.len)) ||
           /* Another protocol: what follows the head is not HTTP to it. */
           http_request_field(request, STR("Upgrade"), &value);
}

static void fail(const char *what, struct str bytes, const struct reading *ours, const struct reading *judged,
                 enum http_errno error)
{
    fprintf(stderr, "%s (%s)\n--- bytes\n%.*s\n--- ours\n%s\n--- http_parser\n%s\n", what, http_errno_name(error),
            STR_ARG(bytes), buf_z(&ours->text), buf_z(&judged->text));
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str rest = str_of((const char *)data, size < 16384 ? size : 16384);
    while (rest.len > 0) {
        struct http_field fields[LIMIT_HTTP_FIELDS];
        struct http_head_reader reader;
        struct reading ours = {.text = BUF_INIT}, judged = {.text = BUF_INIT};
        enum http_errno error = HPE_OK;
        size_t end = read_ours(rest, &reader, fields, &ours);
        if (end > 0) {
            size_t judged_end = judge(rest, &judged, &error);
            if (!judged.done) {
                if (!is_known(error, &judged, &reader.request, rest))
                    fail("only ours takes it", rest, &ours, &judged, error);
            } else {
                if (judged_end != end)
                    fail("it ends elsewhere", rest, &ours, &judged, error);
                if (!str_eq(buf_str(&ours.text), buf_str(&judged.text)))
                    fail("it is another request", rest, &ours, &judged, error);
                if (ours.keep_alive && !judged.keep_alive)
                    fail("it is the last one", rest, &ours, &judged, error);
            }
        }
        buf_done(&ours.text);
        buf_done(&judged.text);
        if (end == 0)
            break;
        rest = str_skip(rest, end);
    }
    return 0;
}
