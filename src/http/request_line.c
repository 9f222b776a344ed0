/* SPDX-License-Identifier: Apache-2.0 */
#include "base/limits.h"
#include "base/num.h"
#include "http/authority.h"
#include "http/chars.h"
#include "http/internal.h"

static enum http_method find_method(struct str name)
{
    static const struct {
        struct str name;
        enum http_method method;
    } methods[] = {
#define X(name) {STR_INIT(#name), HTTP_METHOD_##name},
        HTTP_METHOD_TABLE(X)
#undef X
    };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        if (str_eq(name, methods[i].name))
            return methods[i].method;
    }
    return HTTP_METHOD_OTHER;
}

/* "HTTP/D.D" (RFC 9112, section 2.3); all that is wrong with it but its number. */
static enum http_fault read_version(struct str text, char *ret_major, char *ret_minor)
{
    for (size_t i = 0; i < text.len; i++) {
        enum http_fault fault = http_bad_byte(text.ptr[i], HTTP_FAULT_NONE);
        if (fault != HTTP_FAULT_NONE)
            return fault;
    }
    if (text.len != 8 || !str_starts(text, STR("HTTP/")) || !char_is_digit(text.ptr[5]) || text.ptr[6] != '.' ||
        !char_is_digit(text.ptr[7]))
        return HTTP_FAULT_VERSION_SYNTAX;
    *ret_major = text.ptr[5];
    *ret_minor = text.ptr[7];
    return HTTP_FAULT_NONE;
}

/* The run of CLASS and "%XX" at the start of TEXT. */
static enum http_fault scan_encoded(struct str text, enum http_char class, size_t *ret_len)
{
    size_t i = http_run(text, class);
    while (i < text.len && text.ptr[i] == '%') {
        uint64_t value;
        if (text.len - i < 3 || !num_parse_hex(str_of(text.ptr + i + 1, 2), &value))
            return HTTP_FAULT_TARGET_PERCENT;
        if (value == 0 && class == HTTP_PATH)
            return HTTP_FAULT_TARGET_PERCENT;
        i += 3;
        i += http_run(str_skip(text, i), class);
    }
    *ret_len = i;
    return HTTP_FAULT_NONE;
}

/* Path and query: TEXT begins at byte AT of the head. */
static enum http_fault read_path(struct http_request *request, struct str text, uint32_t at)
{
    size_t path_len = 0, query_len = 0;
    enum http_fault fault = scan_encoded(text, HTTP_PATH, &path_len);
    if (fault != HTTP_FAULT_NONE)
        return fault;
    request->path = (struct http_span){at, (uint32_t)path_len};
    struct str rest = str_skip(text, path_len);
    if (rest.len > 0 && rest.ptr[0] == '?') {
        rest = str_skip(rest, 1);
        fault = scan_encoded(rest, HTTP_QUERY, &query_len);
        if (fault != HTTP_FAULT_NONE)
            return fault;
        request->has_query = true;
        request->query = (struct http_span){at + (uint32_t)path_len + 1, (uint32_t)query_len};
        rest = str_skip(rest, query_len);
    }
    return rest.len == 0 ? HTTP_FAULT_NONE : http_bad_byte(rest.ptr[0], HTTP_FAULT_TARGET_CHAR);
}

/* "http://host:port/path?query" (RFC 9112, section 3.2.2); SCHEME_LEN bytes with the slashes. */
static enum http_fault read_absolute(struct http_request *request, struct str text, uint32_t at, size_t scheme_len)
{
    struct str rest = str_skip(text, scheme_len);
    size_t len = 0;
    while (len < rest.len && rest.ptr[len] != '/' && rest.ptr[len] != '?' && rest.ptr[len] != '#')
        len++;
    struct str name = str_head(rest, len);
    struct http_authority authority;
    if (str_has_char(name, '@'))
        return HTTP_FAULT_TARGET_USER;
    if (!http_authority_parse(name, &authority)) {
        enum http_fault fault = http_text_fault(name);
        return fault != HTTP_FAULT_NONE ? fault : HTTP_FAULT_TARGET_HOST;
    }
    uint32_t name_at = at + (uint32_t)scheme_len;
    request->form = HTTP_TARGET_ABSOLUTE;
    request->authority = (struct http_span){name_at, (uint32_t)len};
    request->host =
        (struct http_span){name_at + (uint32_t)(authority.host.ptr - name.ptr), (uint32_t)authority.host.len};
    request->host_is_ipv6 = authority.ipv6;
    request->port = authority.port;
    return read_path(request, str_skip(rest, len), name_at + (uint32_t)len);
}

static enum http_fault read_target(struct http_request *request, struct str text, uint32_t at)
{
    if (text.ptr[0] == '/')
        return read_path(request, text, at);
    if (str_eq(text, STR("*"))) {
        request->form = HTTP_TARGET_ASTERISK;
        request->path = (struct http_span){at, 1};
        return request->method == HTTP_METHOD_OPTIONS ? HTTP_FAULT_NONE : HTTP_FAULT_TARGET_ASTERISK;
    }
    if (str_eq_fold(str_head(text, 7), STR("http://")))
        return read_absolute(request, text, at, 7);
    if (str_eq_fold(str_head(text, 8), STR("https://")))
        return read_absolute(request, text, at, 8);
    enum http_fault fault = http_text_fault(text);
    return fault != HTTP_FAULT_NONE ? fault : HTTP_FAULT_TARGET;
}

/* The method and the space behind it. */
static enum http_fault read_method(struct http_request *request, struct str text, size_t *ret_len)
{
    size_t len = http_run(text, HTTP_TOKEN);
    if (len == text.len)
        return HTTP_FAULT_REQUEST_LINE;
    if (text.ptr[len] != ' ')
        return http_bad_byte(text.ptr[len], HTTP_FAULT_METHOD);
    if (len > LIMIT_HTTP_METHOD_BYTES)
        return HTTP_FAULT_METHOD_LONG;
    request->method = find_method(str_head(text, len));
    *ret_len = len;
    return HTTP_FAULT_NONE;
}

enum http_fault http_request_line_read(struct http_request *request, struct str bytes, struct http_span line)
{
    struct str text = str_of(bytes.ptr + line.at, line.len);
    size_t method_len = 0;
    char major = 0, minor = 0;
    enum http_fault fault = read_method(request, text, &method_len);
    if (fault != HTTP_FAULT_NONE)
        return fault;
    struct str method = str_head(text, method_len), rest = str_skip(text, method_len + 1);
    size_t target_len = str_find_char(rest, ' ');
    struct str target = str_head(rest, target_len);
    if (target_len == 0 || target_len == rest.len)
        return HTTP_FAULT_REQUEST_LINE;
    fault = read_version(str_skip(rest, target_len + 1), &major, &minor);
    if (fault != HTTP_FAULT_NONE)
        return fault;
    if (major != '1')
        return str_eq(method, STR("PRI")) && str_eq(target, STR("*")) ? HTTP_FAULT_HTTP2 : HTTP_FAULT_VERSION;
    if (str_eq(method, STR("CONNECT")))
        return HTTP_FAULT_TUNNEL;
    uint32_t target_at = line.at + (uint32_t)method_len + 1;
    request->minor_version = minor != '0';
    request->method_name = (struct http_span){line.at, (uint32_t)method_len};
    request->target = (struct http_span){target_at, (uint32_t)target_len};
    return read_target(request, target, target_at);
}
