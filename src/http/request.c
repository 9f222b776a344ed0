/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include "base/limits.h"
#include "http/chars.h"
#include "http/internal.h"

#include <string.h>

enum { PHASE_START, PHASE_REQUEST_LINE, PHASE_FIELDS, PHASE_DONE, PHASE_REFUSED };

const struct http_limits http_limits_default = {
    .line_bytes = LIMIT_HTTP_LINE_BYTES,
    .field_bytes = LIMIT_HTTP_FIELD_BYTES,
    .head_bytes = LIMIT_HTTP_HEAD_BYTES,
    .fields = LIMIT_HTTP_FIELDS,
    .body_bytes = LIMIT_HTTP_BODY_BYTES,
};

void http_head_reader_init(struct http_head_reader *reader, const struct http_limits *limits, struct http_field *fields)
{
    *reader = (struct http_head_reader){.limits = limits, .fields = fields};
    reader->request.fields = fields;
}

static enum http_step refuse(struct http_head_reader *reader, enum http_fault fault)
{
    reader->fault = fault;
    reader->phase = PHASE_REFUSED;
    return HTTP_REFUSED;
}

/* Passes over an empty line, and looks whether HTTP can follow at all before a line end has to come. */
static enum http_step read_start(struct http_head_reader *reader, struct str bytes)
{
    struct str rest = str_skip(bytes, reader->at);
    while (rest.len > 0 && rest.ptr[0] == '\r') {
        if (rest.len == 1)
            return HTTP_MORE;
        if (rest.ptr[1] != '\n')
            return refuse(reader, HTTP_FAULT_BARE_CR);
        if (++reader->empty_lines > LIMIT_HTTP_EMPTY_LINES)
            return refuse(reader, HTTP_FAULT_EMPTY_LINES);
        reader->at += 2;
        rest = str_skip(rest, 2);
    }
    if (rest.len == 0)
        return HTTP_MORE;
    if (!http_char_is(rest.ptr[0], HTTP_TOKEN))
        return refuse(reader, rest.ptr[0] == '\n' ? HTTP_FAULT_BARE_LF : HTTP_FAULT_NOT_HTTP);
    reader->searched = reader->at;
    reader->phase = PHASE_REQUEST_LINE;
    return HTTP_DONE;
}

/* The next whole line, without its end; never looks beyond what the limits allow, so that cuts change nothing. */
static enum http_step next_line(struct http_head_reader *reader, struct str bytes, struct http_span *ret_line)
{
    bool first = reader->phase == PHASE_REQUEST_LINE;
    uint64_t line_end = (uint64_t)reader->at + (first ? reader->limits->line_bytes : reader->limits->field_bytes);
    uint64_t end = line_end < reader->limits->head_bytes ? line_end : reader->limits->head_bytes;
    size_t window = bytes.len < end ? bytes.len : (size_t)end;
    const char *found =
        window > reader->searched ? memchr(bytes.ptr + reader->searched, '\n', window - reader->searched) : NULL;
    if (!found) {
        reader->searched = window > reader->searched ? (uint32_t)window : reader->searched;
        if (window < end)
            return HTTP_MORE;
        if (first)
            return refuse(reader, HTTP_FAULT_TARGET_LONG);
        return refuse(reader, end == line_end ? HTTP_FAULT_FIELD_LONG : HTTP_FAULT_HEAD_LONG);
    }
    uint32_t lf = (uint32_t)(found - bytes.ptr);
    if (lf == reader->at || bytes.ptr[lf - 1] != '\r')
        return refuse(reader, HTTP_FAULT_BARE_LF);
    *ret_line = (struct http_span){reader->at, lf - 1 - reader->at};
    reader->at = reader->searched = lf + 1;
    return HTTP_DONE;
}

static enum http_fault read_line(struct http_head_reader *reader, struct str bytes, struct http_span line)
{
    if (reader->phase == PHASE_REQUEST_LINE) {
        reader->phase = PHASE_FIELDS;
        return http_request_line_read(&reader->request, bytes, line);
    }
    if (line.len > 0)
        return http_field_read(reader, bytes, line);
    reader->phase = PHASE_DONE;
    reader->request.head_len = reader->at;
    return http_fields_judge(reader);
}

enum http_step http_head_read(struct http_head_reader *reader, struct str bytes)
{
    reader->request.head = bytes.ptr;
    if (reader->phase == PHASE_START) {
        enum http_step step = read_start(reader, bytes);
        if (step != HTTP_DONE)
            return step;
    }
    while (reader->phase < PHASE_DONE) {
        struct http_span line;
        enum http_step step = next_line(reader, bytes, &line);
        if (step != HTTP_DONE)
            return step;
        enum http_fault fault = read_line(reader, bytes, line);
        if (fault != HTTP_FAULT_NONE)
            return refuse(reader, fault);
    }
    return reader->phase == PHASE_DONE ? HTTP_DONE : HTTP_REFUSED;
}

bool http_head_is_idle(const struct http_head_reader *reader)
{
    return reader->phase == PHASE_START;
}

struct str http_request_path(const struct http_request *request)
{
    return request->path.len > 0 ? http_request_text(request, request->path) : STR("/");
}

bool http_request_next(const struct http_request *request, struct str name, uint32_t *index, struct str *ret_value)
{
    for (uint32_t i = *index; i < request->field_count; i++) {
        const struct http_field *field = &request->fields[i];
        if (field->name.len != name.len || !str_eq_fold(http_request_text(request, field->name), name))
            continue;
        *index = i + 1;
        *ret_value = http_request_text(request, field->value);
        return true;
    }
    *index = request->field_count;
    return false;
}

bool http_request_field(const struct http_request *request, struct str name, struct str *ret_value)
{
    uint32_t index = 0;
    return http_request_next(request, name, &index, ret_value);
}

uint32_t http_request_count(const struct http_request *request, struct str name)
{
    uint32_t index = 0, count = 0;
    for (struct str value; http_request_next(request, name, &index, &value);)
        count++;
    return count;
}
