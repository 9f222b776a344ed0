/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/response.h"

#define LENGTH_MAX (UINT64_MAX / 2)

void response_init(struct response *response)
{
    *response = (struct response){.state = RESPONSE_MORE};
}

static void fail(struct response *response, enum response_fault fault)
{
    response->state = RESPONSE_BAD;
    response->fault = fault;
}

/* "HTTP/1.1 200 OK"; the reason may be missing, with its space. */
static void read_status_line(struct response *response, struct text line)
{
    uint64_t status = 0;
    if (line.len < 12 || line.at[8] != ' ' || !text_number(text_head(text_behind(line, 9), 3), 599, &status) ||
        status < 100 || (line.len > 12 && line.at[12] != ' ') || line.at[7] < '0' || line.at[7] > '9') {
        fail(response, RESPONSE_MALFORMED);
        return;
    }
    response->status = (unsigned)status;
    response->phase = RESPONSE_FIELDS;
}

static void read_length(struct response *response, struct text value)
{
    uint64_t length = 0;
    if (!text_number(value, LENGTH_MAX, &length) || (response->has_length && response->left != length)) {
        fail(response, RESPONSE_MALFORMED);
        return;
    }
    response->has_length = true;
    response->left = length;
}

static void read_field(struct response *response, struct text line)
{
    size_t colon = text_find(line, ':');
    struct text name = text_head(line, colon);
    if (line.at[0] == ' ' || line.at[0] == '\t')
        return; /* goes on with the line before (RFC 9112, 5.2); neither field below is ever folded */
    if (colon == 0 || (colon == line.len && line.len < sizeof response->line)) {
        fail(response, RESPONSE_MALFORMED);
        return;
    }
    bool length = text_eq_nocase(name, TEXT("content-length"));
    if (!length && !text_eq_nocase(name, TEXT("transfer-encoding")))
        return;
    struct text value = text_trim(text_behind(line, colon + 1));
    if (line.len == sizeof response->line)
        fail(response, RESPONSE_MALFORMED); /* cut, so it is not known what it says */
    else if (length)
        read_length(response, value);
    else if (value.len >= 7 && text_eq_nocase(text_behind(value, value.len - 7), TEXT("chunked")))
        response->chunked = true;
    else
        response->other_coding = true;
}

/* The head is over: where does the body end? RFC 9112, 6.3. */
static void end_head(struct response *response)
{
    if (response->status == 101) {
        response->state = RESPONSE_DONE; /* what follows is no HTTP */
    } else if (response->status < 200) {
        response->phase = RESPONSE_STATUS_LINE;
        response->chunked = response->other_coding = response->has_length = false;
        response->status = 0;
    } else if (response->status == 204 || response->status == 304) {
        response->state = RESPONSE_DONE;
    } else if (response->chunked) {
        response->phase = RESPONSE_CHUNK_SIZE;
    } else if (response->has_length && !response->other_coding) {
        response->phase = RESPONSE_LENGTH_DATA;
        response->state = response->left == 0 ? RESPONSE_DONE : RESPONSE_MORE;
    } else {
        response->phase = RESPONSE_DATA_TO_CLOSE;
    }
}

/* Hexadecimal digits, then nothing, white space or extensions. */
static void read_chunk_size(struct response *response, struct text line)
{
    uint64_t size = 0;
    size_t i = 0;
    for (; i < line.len && size < LENGTH_MAX >> 4; i++) {
        char c = line.at[i];
        int letter = (c | 0x20) - 'a';
        if (c >= '0' && c <= '9')
            size = size << 4 | (uint64_t)(c - '0');
        else if (letter >= 0 && letter < 6)
            size = size << 4 | (uint64_t)(letter + 10);
        else
            break;
    }
    if (i == 0 || (i < line.len && line.at[i] != ';' && line.at[i] != ' ' && line.at[i] != '\t')) {
        fail(response, RESPONSE_MALFORMED);
        return;
    }
    response->left = size;
    response->phase = size == 0 ? RESPONSE_TRAILERS : RESPONSE_CHUNK_DATA;
}

static void end_line(struct response *response)
{
    struct text line = {response->line, response->line_len};
    if (line.len > 0 && line.len < sizeof response->line && line.at[line.len - 1] == '\r')
        line.len--;
    response->line_len = 0;
    if (response->phase == RESPONSE_STATUS_LINE) {
        read_status_line(response, line);
    } else if (response->phase == RESPONSE_CHUNK_SIZE) {
        read_chunk_size(response, line);
    } else if (response->phase == RESPONSE_CHUNK_END) {
        response->phase = RESPONSE_CHUNK_SIZE;
        if (line.len > 0)
            fail(response, RESPONSE_MALFORMED);
    } else if (response->phase == RESPONSE_TRAILERS) {
        response->state = line.len == 0 ? RESPONSE_DONE : RESPONSE_MORE;
    } else if (line.len == 0) {
        end_head(response);
    } else {
        read_field(response, line);
    }
}

/* What is no HTTP is known by its first wrong byte, and is not waited for. */
static void check_start(struct response *response, char byte)
{
    static const char start[] = "HTTP/1.";
    if (response->line_len >= sizeof start - 1 || start[response->line_len] == byte)
        return;
    bool tls = response->line_len == 0 && (byte == 0x15 || byte == 0x16); /* alert, handshake: RFC 8446, 5.1 */
    fail(response, tls ? RESPONSE_TLS : RESPONSE_NOT_HTTP);
}

static void feed_line(struct response *response, char byte)
{
    if (++response->head_bytes > PROBE_HEAD_BYTES) {
        fail(response, RESPONSE_HEAD_TOO_LONG);
        return;
    }
    if (response->phase == RESPONSE_STATUS_LINE)
        check_start(response, byte);
    if (byte == '\n' && response->state == RESPONSE_MORE)
        end_line(response);
    else if (response->line_len < sizeof response->line)
        response->line[response->line_len++] = byte;
}

static void keep_excerpt(struct response *response, char byte)
{
    if (response->excerpt_ends)
        return;
    bool white = byte == '\r' || byte == '\n' || byte == ' ' || byte == '\t';
    if (response->excerpt_len == 0 && (white || byte == '<'))
        response->excerpt_ends = byte == '<'; /* markup is not for people */
    else if (byte == '\r' || byte == '\n' || response->excerpt_len == sizeof response->excerpt)
        response->excerpt_ends = true;
    else
        response->excerpt[response->excerpt_len++] = byte;
}

static void feed_body(struct response *response, char byte)
{
    keep_excerpt(response, byte);
    if (++response->body_bytes == PROBE_BODY_BYTES) {
        response->state = RESPONSE_DONE;
        return;
    }
    if (response->phase == RESPONSE_DATA_TO_CLOSE || --response->left > 0)
        return;
    if (response->phase == RESPONSE_CHUNK_DATA)
        response->phase = RESPONSE_CHUNK_END;
    else
        response->state = RESPONSE_DONE;
}

enum response_state response_feed(struct response *response, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len && response->state == RESPONSE_MORE; i++) {
        bool body = response->phase == RESPONSE_CHUNK_DATA || response->phase == RESPONSE_LENGTH_DATA ||
                    response->phase == RESPONSE_DATA_TO_CLOSE;
        if (body)
            feed_body(response, bytes[i]);
        else
            feed_line(response, bytes[i]);
    }
    return response->state;
}

enum response_state response_close(struct response *response, bool reset)
{
    if (response->state != RESPONSE_MORE)
        return response->state;
    if (response->phase == RESPONSE_DATA_TO_CLOSE && !reset)
        response->state = RESPONSE_DONE;
    else
        fail(response, response->head_bytes == 0 ? RESPONSE_EMPTY : RESPONSE_CUT);
    return response->state;
}

struct text response_excerpt(const struct response *response)
{
    return text_trim((struct text){response->excerpt, response->excerpt_len});
}
