/* SPDX-License-Identifier: Apache-2.0 */
#include "http/response.h"

#include "http/chars.h"

#include <string.h>

enum { STAGE_HEAD, STAGE_LENGTH, STAGE_CHUNKED, STAGE_UNTIL_CLOSE, STAGE_BODILESS, STAGE_ENDED };
enum { FAILURE_NONE, FAILURE_FIELD, FAILURE_ORDER, FAILURE_LENGTH };

struct str http_reason_phrase(unsigned status)
{
    static const struct {
        unsigned status;
        struct str phrase;
    } phrases[] = {
        {103, STR_INIT("Early Hints")},
        {200, STR_INIT("OK")},
        {201, STR_INIT("Created")},
        {202, STR_INIT("Accepted")},
        {204, STR_INIT("No Content")},
        {206, STR_INIT("Partial Content")},
        {301, STR_INIT("Moved Permanently")},
        {302, STR_INIT("Found")},
        {303, STR_INIT("See Other")},
        {304, STR_INIT("Not Modified")},
        {307, STR_INIT("Temporary Redirect")},
        {308, STR_INIT("Permanent Redirect")},
        {400, STR_INIT("Bad Request")},
        {401, STR_INIT("Unauthorized")},
        {403, STR_INIT("Forbidden")},
        {404, STR_INIT("Not Found")},
        {405, STR_INIT("Method Not Allowed")},
        {406, STR_INIT("Not Acceptable")},
        {408, STR_INIT("Request Timeout")},
        {409, STR_INIT("Conflict")},
        {410, STR_INIT("Gone")},
        {411, STR_INIT("Length Required")},
        {412, STR_INIT("Precondition Failed")},
        {413, STR_INIT("Content Too Large")},
        {414, STR_INIT("URI Too Long")},
        {415, STR_INIT("Unsupported Media Type")},
        {417, STR_INIT("Expectation Failed")},
        {421, STR_INIT("Misdirected Request")},
        {422, STR_INIT("Unprocessable Content")},
        {426, STR_INIT("Upgrade Required")},
        {429, STR_INIT("Too Many Requests")},
        {431, STR_INIT("Request Header Fields Too Large")},
        {500, STR_INIT("Internal Server Error")},
        {501, STR_INIT("Not Implemented")},
        {502, STR_INIT("Bad Gateway")},
        {503, STR_INIT("Service Unavailable")},
        {504, STR_INIT("Gateway Timeout")},
        {505, STR_INIT("HTTP Version Not Supported")},
        {507, STR_INIT("Insufficient Storage")},
    };
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        if (phrases[i].status == status)
            return phrases[i].phrase;
    }
    return STR("");
}

static void fail(struct http_response *response, unsigned failure)
{
    if (response->failure != FAILURE_NONE)
        return;
    response->failure = (uint8_t)failure;
    if (response->stage == STAGE_HEAD)
        buf_truncate(response->out, response->start);
}

/* True when the head is being written and nothing failed. */
static bool in_head(struct http_response *response)
{
    if (response->stage != STAGE_HEAD)
        fail(response, FAILURE_ORDER);
    return response->failure == FAILURE_NONE;
}

/* A final answer with content, so that its framing has to be told. */
static bool may_have_body(unsigned status)
{
    return status >= 200 && status != 204 && status != 304;
}

void http_response_start(struct http_response *response, struct buf *out, unsigned status, enum http_response_kind kind)
{
    *response = (struct http_response){.out = out, .start = out->len, .kind = kind, .status = status};
    if ((status < 200 && status != 103) || status > 599) {
        fail(response, FAILURE_ORDER);
        return;
    }
    buf_add_str(out, STR("HTTP/1.1 "));
    buf_add_u64(out, status);
    buf_add_char(out, ' ');
    buf_add_str(out, http_reason_phrase(status));
    buf_add_str(out, STR("\r\n"));
}

/* In one piece: an answer has some ten fields, and half of what it costs here would be the calls. */
static void add_field(struct http_response *response, struct str name, struct str value)
{
    char *at = buf_extend(response->out, name.len + value.len + 4);
    if (!at)
        return;
    memcpy(at, name.ptr, name.len);
    at += name.len;
    *at++ = ':';
    *at++ = ' ';
    if (value.len > 0)
        memcpy(at, value.ptr, value.len);
    at += value.len;
    *at++ = '\r';
    *at = '\n';
}

void http_response_field(struct http_response *response, struct str name, struct str value)
{
    if (!in_head(response))
        return;
    if (str_eq_fold(name, STR("Content-Length")) || str_eq_fold(name, STR("Transfer-Encoding")))
        fail(response, FAILURE_ORDER);
    else if (name.len == 0 || http_run(name, HTTP_TOKEN) < name.len || http_text_fault(value) != HTTP_FAULT_NONE)
        fail(response, FAILURE_FIELD);
    else
        add_field(response, name, http_trim(value));
}

void http_response_field_u64(struct http_response *response, struct str name, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    http_response_field(response, name, str_of(digits + at, sizeof(digits) - at));
}

static void end_head(struct http_response *response, unsigned stage)
{
    buf_add_str(response->out, STR("\r\n"));
    response->stage = (uint8_t)stage;
}

/* True when the head may end with content behind it. */
static bool may_end_with_body(struct http_response *response)
{
    if (!may_have_body(response->status))
        fail(response, FAILURE_ORDER);
    return in_head(response);
}

void http_response_length(struct http_response *response, uint64_t bytes)
{
    if (!may_end_with_body(response))
        return;
    buf_add_str(response->out, STR("Content-Length: "));
    buf_add_u64(response->out, bytes);
    buf_add_str(response->out, STR("\r\n"));
    response->left = bytes;
    end_head(response, STAGE_LENGTH);
}

void http_response_chunked(struct http_response *response)
{
    if (!may_end_with_body(response))
        return;
    add_field(response, STR("Transfer-Encoding"), STR("chunked"));
    end_head(response, STAGE_CHUNKED);
}

void http_response_until_close(struct http_response *response)
{
    if (!may_end_with_body(response))
        return;
    add_field(response, STR("Connection"), STR("close"));
    end_head(response, STAGE_UNTIL_CLOSE);
}

void http_response_bodiless(struct http_response *response)
{
    if (may_have_body(response->status))
        fail(response, FAILURE_ORDER);
    if (in_head(response))
        end_head(response, STAGE_BODILESS);
}

size_t http_chunk_line(char line[HTTP_CHUNK_LINE_MAX], size_t bytes)
{
    size_t digits = 1;
    while (digits < 16 && (uint64_t)bytes >> (4 * digits) > 0)
        digits++;
    for (size_t i = 0; i < digits; i++)
        line[i] = "0123456789abcdef"[(uint64_t)bytes >> (4 * (digits - 1 - i)) & 15];
    line[digits] = '\r';
    line[digits + 1] = '\n';
    return digits + 2;
}

void http_response_data(struct http_response *response, struct str data)
{
    if (response->stage != STAGE_LENGTH && response->stage != STAGE_CHUNKED && response->stage != STAGE_UNTIL_CLOSE)
        fail(response, FAILURE_ORDER);
    if (response->stage == STAGE_LENGTH && data.len > response->left)
        fail(response, FAILURE_LENGTH);
    if (response->failure != FAILURE_NONE || data.len == 0)
        return;
    if (response->stage == STAGE_LENGTH)
        response->left -= data.len;
    if (response->kind == HTTP_RESPONSE_HEAD_ONLY)
        return;
    char line[HTTP_CHUNK_LINE_MAX];
    if (response->stage == STAGE_CHUNKED)
        buf_add(response->out, line, http_chunk_line(line, data.len));
    buf_add_str(response->out, data);
    if (response->stage == STAGE_CHUNKED)
        buf_add_str(response->out, HTTP_CHUNK_END);
}

void http_response_end(struct http_response *response)
{
    bool head_only = response->kind == HTTP_RESPONSE_HEAD_ONLY;
    if (response->stage == STAGE_HEAD || response->stage == STAGE_ENDED)
        fail(response, FAILURE_ORDER);
    if (response->stage == STAGE_LENGTH && response->left > 0 && !head_only)
        fail(response, FAILURE_LENGTH);
    if (response->failure != FAILURE_NONE)
        return;
    if (response->stage == STAGE_CHUNKED && !head_only)
        buf_add_str(response->out, HTTP_CHUNK_LAST);
    response->stage = STAGE_ENDED;
}

int http_response_check(const struct http_response *response, struct err *err)
{
    switch (response->failure) {
    case FAILURE_NONE:
        return buf_check(response->out, err);
    case FAILURE_FIELD:
        return err_set(err, ERR_INVALID, "invalid name or value of a field in a response");
    case FAILURE_LENGTH:
        return err_set(err, ERR_INTERNAL, "content of another length than announced in a response");
    default:
        return err_set(err, ERR_INTERNAL, "calls in a wrong order for a response");
    }
}
