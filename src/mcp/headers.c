/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What HTTP fields say beside the body (2026-07-28, Streamable HTTP, "Request Metadata"): intermediaries judge by the
 * fields, we act by the body, so that the two have to agree.
 */
#include "base/base64.h"
#include "mcp/internal.h"

#define BASE64_PREFIX "=?base64?"
#define BASE64_SUFFIX "?="

/* RFC 4648, section 4: padded, canonical. OUT has room for 3/4 of TEXT. */
static bool base64_decode(struct str text, char *out, size_t *ret_len)
{
    size_t len = 0;
    if (text.len % 4 != 0)
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        bool last = i + 4 == text.len;
        unsigned pad = last && text.ptr[i + 3] == '=' ? 1 + (text.ptr[i + 2] == '=') : 0;
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = k >= 4 - pad ? 0 : base64_sextet(text.ptr[i + k]);
            if (value < 0)
                return false;
            bits = bits << 6 | (uint32_t)value;
        }
        if ((pad == 1 && (bits & 0xFFU)) || (pad == 2 && (bits & 0xFFFFU)))
            return false;
        out[len++] = (char)(bits >> 16);
        if (pad < 2)
            out[len++] = (char)(bits >> 8);
        if (pad < 1)
            out[len++] = (char)bits;
    }
    *ret_len = len;
    return true;
}

/* RFC 9110, section 5.5, as the protocol narrows it: visible ASCII, space and tab. */
static bool is_plain(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < 0x20 && c != '\t') || c >= 0x7F)
            return false;
    }
    return true;
}

int mcp_header_decode(struct str value, struct arena *arena, struct str *ret_value, bool *ret_good, struct err *err)
{
    size_t around = sizeof(BASE64_PREFIX) - 1 + sizeof(BASE64_SUFFIX) - 1;
    *ret_value = value;
    *ret_good = is_plain(value);
    if (value.len < around || !str_starts(value, STR(BASE64_PREFIX)) || !str_ends(value, STR(BASE64_SUFFIX)))
        return 0;
    struct str text = str_of(value.ptr + sizeof(BASE64_PREFIX) - 1, value.len - around);
    char *decoded = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    if (!decoded)
        return err_nomem(err);
    bool whole = base64_decode(text, decoded, &len);
    *ret_value = str_of(decoded, len);
    *ret_good = whole && str_utf8_valid(*ret_value) == len;
    return 0;
}

static int mismatch(struct mcp_request *request, struct arena *arena, struct err *err, const char *field,
                    struct str value, struct str body)
{
    request->kind = MCP_REFUSED;
    if (!value.ptr)
        return mcp_fault_set(&request->fault, arena, MCP_HEADER_MISMATCH, 400, err,
                             "Header mismatch: %s header is missing, the body says '%.*s'", field,
                             STR_ARG(mcp_shown(body)));
    return mcp_fault_set(&request->fault, arena, MCP_HEADER_MISMATCH, 400, err,
                         "Header mismatch: %s header value '%.*s' does not match body value '%.*s'", field,
                         STR_ARG(mcp_shown(value)), STR_ARG(mcp_shown(body)));
}

/* The number of TEXT without a fraction of zeros: "42.0" is "42". */
static struct str whole_number(struct str text)
{
    size_t point = str_find_char(text, '.');
    for (size_t i = point + 1; i < text.len; i++)
        if (text.ptr[i] != '0')
            return text;
    return str_head(text, point);
}

static bool is_same(const struct mcp_mirrored *mirrored, struct str header, const struct data_node *node)
{
    if (mirrored->kind == DATA_NUMBER && node->kind == DATA_NUMBER)
        return str_eq(whole_number(header), whole_number(node->value));
    return node->kind != DATA_OBJECT && node->kind != DATA_ARRAY && str_eq(header, node->value);
}

static const struct data_node *follow(const struct data_node *node, const struct mcp_mirrored *mirrored)
{
    for (size_t i = 0; i < mirrored->depth; i++)
        node = data_get_str(node, mirrored->path[i]);
    return data_absent(node) ? NULL : node;
}

static struct str shown_value(const struct data_node *node)
{
    if (node && node->kind != DATA_OBJECT && node->kind != DATA_ARRAY)
        return node->value;
    return node ? str_z(data_kind_name(node->kind)) : STR("nothing");
}

static int check_param(const struct mcp_headers *headers, const struct mcp_mirrored *mirrored,
                       struct mcp_request *request, struct arena *arena, struct err *err)
{
    struct str value = STR_NONE, decoded = STR_NONE;
    const struct data_node *node = follow(data_get(request->params, "arguments"), mirrored);
    bool given = headers->param && headers->param(headers->self, mirrored->name, &value);
    if (!given && !node)
        return 0;
    char *field = arena_printf(arena, "Mcp-Param-%.*s", STR_ARG(mirrored->name));
    if (!field)
        return err_nomem(err);
    if (!given)
        return mismatch(request, arena, err, field, STR_NONE, shown_value(node));
    bool good = false;
    int r = mcp_header_decode(value, arena, &decoded, &good, err);
    if (r != 0 || (good && node && is_same(mirrored, decoded, node)))
        return r;
    return mismatch(request, arena, err, field, value.ptr ? value : STR(""), shown_value(node));
}

static int check_name(const struct mcp_headers *headers, struct mcp_request *request, struct arena *arena,
                      struct err *err)
{
    struct str decoded = STR_NONE;
    const struct data_node *name =
        request->known && request->known->header_name ? data_get(request->params, request->known->header_name) : NULL;
    if (!name || name->kind != DATA_STRING) /* what is missing in the body is told by the method */
        return 0;
    bool good = false;
    int r = mcp_header_decode(headers->name, arena, &decoded, &good, err);
    if (r != 0 || (good && headers->name.ptr && str_eq(decoded, name->value)))
        return r;
    return mismatch(request, arena, err, "Mcp-Name", headers->name, name->value);
}

int mcp_headers_agree(const struct mcp_headers *headers, struct mcp_request *request, struct arena *arena,
                      struct err *err)
{
    struct str version = STR_NONE;
    data_str(data_get(request->meta, MCP_META_VERSION), &version, NULL);
    bool modern = mcp_is_modern(request->version);
    if (headers->twice) {
        request->kind = MCP_REFUSED;
        return mcp_fault_set(&request->fault, arena, MCP_HEADER_MISMATCH, 400, err,
                             "Header mismatch: a header that describes the body is there more than once");
    }
    if (headers->version.ptr ? !str_eq(headers->version, version) : modern)
        return mismatch(request, arena, err, "MCP-Protocol-Version", headers->version, version);
    if (!modern)
        return 0;
    if (!headers->method.ptr || !str_eq(headers->method, request->method))
        return mismatch(request, arena, err, "Mcp-Method", headers->method, request->method);
    int r = check_name(headers, request, arena, err);
    for (size_t i = 0; r == 0 && request->kind != MCP_REFUSED && request->tool && i < request->tool->mirrored_count;
         i++)
        r = check_param(headers, &request->tool->mirrored[i], request, arena, err);
    return r;
}
