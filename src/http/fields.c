/* SPDX-License-Identifier: Apache-2.0 */
#include "base/num.h"
#include "http/authority.h"
#include "http/chars.h"
#include "http/internal.h"

static enum http_fault note_host(struct http_head_reader *reader, struct str value, struct http_span span)
{
    struct http_request *request = &reader->request;
    struct http_authority authority;
    if (reader->host_seen)
        return HTTP_FAULT_HOST_TWICE;
    reader->host_seen = true;
    if (!http_authority_parse(value, &authority))
        return HTTP_FAULT_HOST;
    if (request->form == HTTP_TARGET_ABSOLUTE)
        return HTTP_FAULT_NONE;
    request->authority = span;
    request->host =
        (struct http_span){span.at + (uint32_t)(authority.host.ptr - value.ptr), (uint32_t)authority.host.len};
    request->host_is_ipv6 = authority.ipv6;
    request->port = authority.port;
    return HTTP_FAULT_NONE;
}

/* A number too large for 64 bits is a number still: content too large, whatever the limit. */
static enum http_fault note_length(struct http_head_reader *reader, struct str value)
{
    if (reader->length_seen)
        return HTTP_FAULT_LENGTH_TWICE;
    reader->length_seen = true;
    for (size_t i = 0; i < value.len; i++) {
        if (!char_is_digit(value.ptr[i]))
            return HTTP_FAULT_LENGTH;
    }
    if (value.len == 0)
        return HTTP_FAULT_LENGTH;
    if (!num_parse_u64(value, &reader->request.content_length))
        reader->request.content_length = UINT64_MAX;
    return HTTP_FAULT_NONE;
}

/* Elements that are empty, and parameters of chunked, are how two readers come to differ: none may be there. */
static void note_coding(struct http_head_reader *reader, struct str value)
{
    struct str rest = value, element;
    reader->coding_seen = true;
    while (str_next(&rest, ',', &element)) {
        element = http_trim(element);
        size_t name_len = http_run(element, HTTP_TOKEN);
        bool chunked = str_eq_fold(str_head(element, name_len), STR("chunked"));
        struct str parameters = http_trim(str_skip(element, name_len));
        reader->coding_malformed |= name_len == 0 || reader->chunked_last || (chunked && parameters.len > 0) ||
                                    (parameters.len > 0 && parameters.ptr[0] != ';');
        reader->coding_unknown |= !chunked;
        reader->chunked_last = chunked;
    }
}

static void note_connection(struct http_head_reader *reader, struct str value)
{
    struct str rest = value, option;
    while (str_next(&rest, ',', &option)) {
        option = http_trim(option);
        reader->close_seen |= str_eq_fold(option, STR("close"));
        reader->keep_alive_seen |= str_eq_fold(option, STR("keep-alive"));
    }
}

static void note_expect(struct http_head_reader *reader, struct str value)
{
    struct str rest = value, element;
    while (str_next(&rest, ',', &element)) {
        bool known = str_eq_fold(http_trim(element), STR("100-continue"));
        reader->expect_seen |= known;
        reader->expectation_unknown |= !known;
    }
}

/* The fields that framing, connection and authority hang on; most others differ by length or by their first letter. */
static enum http_fault note(struct http_head_reader *reader, struct str name, struct str value, struct http_span span)
{
    switch ((unsigned)char_lower(name.ptr[0]) << 8 | (name.len < 256 ? (unsigned)name.len : 0)) {
    case 'h' << 8 | 4:
        return str_eq_fold(name, STR("Host")) ? note_host(reader, value, span) : HTTP_FAULT_NONE;
    case 'e' << 8 | 6:
        if (str_eq_fold(name, STR("Expect")))
            note_expect(reader, value);
        return HTTP_FAULT_NONE;
    case 'c' << 8 | 10:
        if (str_eq_fold(name, STR("Connection")))
            note_connection(reader, value);
        return HTTP_FAULT_NONE;
    case 'c' << 8 | 14:
        return str_eq_fold(name, STR("Content-Length")) ? note_length(reader, value) : HTTP_FAULT_NONE;
    case 't' << 8 | 17:
        if (str_eq_fold(name, STR("Transfer-Encoding")))
            note_coding(reader, value);
        return HTTP_FAULT_NONE;
    default:
        return HTTP_FAULT_NONE;
    }
}

/* What is wrong with LINE, whose first NAME_LEN bytes are a token that no colon follows. */
static enum http_fault name_fault(struct str line, size_t name_len)
{
    if (name_len == line.len)
        return HTTP_FAULT_FIELD_COLON;
    char next = line.ptr[name_len];
    if (next != ' ' && next != '\t')
        return http_bad_byte(next, HTTP_FAULT_FIELD_NAME);
    if (name_len == 0)
        return HTTP_FAULT_FIELD_FOLDED;
    struct str rest = http_trim(str_skip(line, name_len));
    return rest.len > 0 && rest.ptr[0] == ':' ? HTTP_FAULT_FIELD_SPACE : HTTP_FAULT_FIELD_NAME;
}

enum http_fault http_field_read(struct http_head_reader *reader, struct str bytes, struct http_span line)
{
    struct http_request *request = &reader->request;
    struct str text = str_of(bytes.ptr + line.at, line.len);
    size_t name_len = http_run(text, HTTP_TOKEN);
    if (name_len == 0 && text.ptr[0] == ':')
        return HTTP_FAULT_FIELD_NAME;
    if (name_len == text.len || text.ptr[name_len] != ':')
        return name_fault(text, name_len);
    struct str value = http_trim(str_skip(text, name_len + 1));
    enum http_fault fault = http_text_fault(value);
    if (fault != HTTP_FAULT_NONE)
        return fault;
    if (request->field_count == reader->limits->fields)
        return HTTP_FAULT_FIELDS_MANY;
    struct http_field *field = &reader->fields[request->field_count++];
    field->name = (struct http_span){line.at, (uint32_t)name_len};
    field->value = (struct http_span){line.at + (uint32_t)(value.ptr - text.ptr), (uint32_t)value.len};
    return note(reader, str_head(text, name_len), value, field->value);
}

static enum http_fault judge_coding(const struct http_head_reader *reader)
{
    if (reader->request.minor_version == 0)
        return HTTP_FAULT_CODING_OLD;
    if (reader->length_seen)
        return HTTP_FAULT_LENGTH_AND_CODING;
    if (reader->coding_malformed || !reader->chunked_last)
        return HTTP_FAULT_CODING_SYNTAX;
    return reader->coding_unknown ? HTTP_FAULT_CODING : HTTP_FAULT_NONE;
}

enum http_fault http_fields_judge(struct http_head_reader *reader)
{
    struct http_request *request = &reader->request;
    bool old = request->minor_version == 0;
    if (!reader->host_seen && !old)
        return HTTP_FAULT_HOST_MISSING;
    if (reader->coding_seen) {
        enum http_fault fault = judge_coding(reader);
        if (fault != HTTP_FAULT_NONE)
            return fault;
        request->framing = HTTP_FRAMING_CHUNKED;
    } else if (reader->length_seen) {
        request->framing = HTTP_FRAMING_LENGTH;
    }
    if (reader->expectation_unknown)
        return HTTP_FAULT_EXPECTATION;
    if (request->content_length > reader->limits->body_bytes)
        return HTTP_FAULT_BODY_LONG;
    bool has_body = request->framing == HTTP_FRAMING_CHUNKED || request->content_length > 0;
    request->expect_continue = reader->expect_seen && !old && has_body;
    request->keep_alive = !reader->close_seen && (!old || reader->keep_alive_seen);
    return HTTP_FAULT_NONE;
}
