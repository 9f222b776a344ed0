/* SPDX-License-Identifier: Apache-2.0 */
#include "http/body.h"

#include "base/limits.h"
#include "http/chars.h"

enum {
    STATE_LENGTH,  /* content of a known length */
    STATE_SIZE,    /* hexadecimal digits */
    STATE_BLANK,   /* white space that must lead to an extension */
    STATE_EXT,     /* chunk extensions */
    STATE_SIZE_LF, /* the LF of the size's line */
    STATE_CHUNK,   /* bytes of a chunk */
    STATE_CHUNK_CR,
    STATE_CHUNK_LF,
    STATE_TRAILER, /* the first byte of a trailer field, or of the last line end */
    STATE_NAME,
    STATE_VALUE,
    STATE_VALUE_LF,
    STATE_LAST_LF,
    STATE_DONE,
    STATE_REFUSED,
};

void http_body_init(struct http_body *body, const struct http_request *request, const struct http_limits *limits)
{
    *body = (struct http_body){.limit = limits->body_bytes, .state = STATE_DONE};
    if (request->framing == HTTP_FRAMING_CHUNKED) {
        body->state = STATE_SIZE;
    } else if (request->framing == HTTP_FRAMING_LENGTH && request->content_length > 0) {
        body->state = STATE_LENGTH;
        body->left = body->bytes = request->content_length;
    }
}

static enum http_fault line_feed(struct http_body *body, char c, unsigned next)
{
    if (c != '\n')
        return HTTP_FAULT_BARE_CR;
    body->state = (uint8_t)next;
    return HTTP_FAULT_NONE;
}

static enum http_fault read_size_digit(struct http_body *body, unsigned digit)
{
    if (++body->digits > 16)
        return HTTP_FAULT_CHUNK_SIZE;
    body->left = body->left << 4 | digit;
    return body->left > body->limit - body->bytes ? HTTP_FAULT_BODY_LONG : HTTP_FAULT_NONE;
}

static enum http_fault read_size(struct http_body *body, char c)
{
    if (char_is_digit(c))
        return read_size_digit(body, (unsigned)(c - '0'));
    if (char_lower(c) >= 'a' && char_lower(c) <= 'f')
        return read_size_digit(body, (unsigned)(char_lower(c) - 'a' + 10));
    if (body->digits == 0)
        return c == '\r' ? HTTP_FAULT_CHUNK_SIZE : http_bad_byte(c, HTTP_FAULT_CHUNK_SIZE);
    if (c == '\r')
        body->state = STATE_SIZE_LF;
    else if (c == ';')
        body->state = STATE_EXT;
    else if (c == ' ' || c == '\t')
        body->state = STATE_BLANK;
    else
        return http_bad_byte(c, HTTP_FAULT_CHUNK_SIZE);
    return HTTP_FAULT_NONE;
}

static enum http_fault read_extension(struct http_body *body, char c)
{
    if (c == '\r' && body->state == STATE_EXT) {
        body->state = STATE_SIZE_LF;
        return HTTP_FAULT_NONE;
    }
    if (++body->extension_bytes > LIMIT_HTTP_CHUNK_EXTENSION_BYTES)
        return HTTP_FAULT_CHUNK_EXTENSION_LONG;
    if (!http_char_is(c, HTTP_TEXT))
        return c == '\r' ? HTTP_FAULT_CHUNK_EXTENSION : http_bad_byte(c, HTTP_FAULT_CHUNK_EXTENSION);
    if (body->state == STATE_BLANK && c != ' ' && c != '\t') {
        if (c != ';')
            return HTTP_FAULT_CHUNK_EXTENSION;
        body->state = STATE_EXT;
    }
    return HTTP_FAULT_NONE;
}

/* Behind the line of a chunk's size. */
static enum http_fault begin_chunk(struct http_body *body, char c)
{
    body->digits = 0;
    body->bytes += body->left;
    return line_feed(body, c, body->left > 0 ? STATE_CHUNK : STATE_TRAILER);
}

/* Behind the bytes of a chunk. */
static enum http_fault end_chunk(struct http_body *body, char c)
{
    if (body->state == STATE_CHUNK_LF)
        return line_feed(body, c, STATE_SIZE);
    body->state = STATE_CHUNK_LF;
    return c == '\r' ? HTTP_FAULT_NONE : c == '\n' ? HTTP_FAULT_BARE_LF : HTTP_FAULT_CHUNK_END;
}

static enum http_fault begin_trailer(struct http_body *body, char c)
{
    if (c == '\r') {
        body->state = STATE_LAST_LF;
        return HTTP_FAULT_NONE;
    }
    if (c == ' ' || c == '\t')
        return HTTP_FAULT_FIELD_FOLDED;
    if (!http_char_is(c, HTTP_TOKEN))
        return http_bad_byte(c, HTTP_FAULT_FIELD_NAME);
    body->state = STATE_NAME;
    return ++body->trailers > LIMIT_HTTP_FIELDS ? HTTP_FAULT_TRAILER_LONG : HTTP_FAULT_NONE;
}

static enum http_fault read_trailer_name(struct http_body *body, char c)
{
    if (http_char_is(c, HTTP_TOKEN))
        return HTTP_FAULT_NONE;
    if (c == ':') {
        body->state = STATE_VALUE;
        return HTTP_FAULT_NONE;
    }
    if (c == ' ' || c == '\t')
        return HTTP_FAULT_FIELD_SPACE;
    return c == '\r' ? HTTP_FAULT_FIELD_COLON : http_bad_byte(c, HTTP_FAULT_FIELD_NAME);
}

static enum http_fault read_trailer(struct http_body *body, char c)
{
    if (++body->trailer_bytes > LIMIT_HTTP_TRAILER_BYTES)
        return HTTP_FAULT_TRAILER_LONG;
    switch (body->state) {
    case STATE_TRAILER:
        return begin_trailer(body, c);
    case STATE_NAME:
        return read_trailer_name(body, c);
    case STATE_VALUE:
        if (c == '\r')
            body->state = STATE_VALUE_LF;
        return c == '\r' || http_char_is(c, HTTP_TEXT) ? HTTP_FAULT_NONE : http_bad_byte(c, HTTP_FAULT_CONTROL);
    case STATE_VALUE_LF:
        return line_feed(body, c, STATE_TRAILER);
    default:
        return line_feed(body, c, STATE_DONE);
    }
}

/* One byte of what stands around the chunks. */
static enum http_fault read_frame(struct http_body *body, char c)
{
    switch (body->state) {
    case STATE_SIZE:
        return read_size(body, c);
    case STATE_BLANK:
    case STATE_EXT:
        return read_extension(body, c);
    case STATE_SIZE_LF:
        return begin_chunk(body, c);
    case STATE_CHUNK_CR:
    case STATE_CHUNK_LF:
        return end_chunk(body, c);
    default:
        return read_trailer(body, c);
    }
}

enum http_step http_body_read(struct http_body *body, struct str *bytes, struct str *ret_piece)
{
    while (body->state < STATE_DONE && bytes->len > 0) {
        if (body->state == STATE_LENGTH || body->state == STATE_CHUNK) {
            *ret_piece = bytes->len > body->left ? str_head(*bytes, (size_t)body->left) : *bytes;
            *bytes = str_skip(*bytes, ret_piece->len);
            body->left -= ret_piece->len;
            if (body->left == 0)
                body->state = body->state == STATE_LENGTH ? STATE_DONE : STATE_CHUNK_CR;
            return HTTP_DATA;
        }
        body->fault = read_frame(body, bytes->ptr[0]);
        if (body->fault != HTTP_FAULT_NONE)
            body->state = STATE_REFUSED;
        else
            *bytes = str_skip(*bytes, 1);
    }
    if (body->state < STATE_DONE)
        return HTTP_MORE;
    return body->state == STATE_DONE ? HTTP_DONE : HTTP_REFUSED;
}
