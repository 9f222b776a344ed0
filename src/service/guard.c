/* SPDX-License-Identifier: Apache-2.0 */
#include "service/guard.h"

#include "http/authority.h"
#include "http/chars.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_ipv4(struct str host)
{
    char text[INET_ADDRSTRLEN];
    struct in_addr address;
    if (host.len >= sizeof(text))
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    return inet_pton(AF_INET, text, &address) == 1;
}

static struct str without_root(struct str host)
{
    return str_ends(host, STR(".")) ? str_head(host, host.len - 1) : host;
}

/* Browsers resolve "localhost" and all below it to loopback themselves, whatever a name server says. */
static bool is_local_name(struct str host)
{
    struct str local = STR("localhost");
    if (host.len <= local.len)
        return str_eq_fold(host, local);
    struct str tail = str_skip(host, host.len - local.len);
    return host.ptr[host.len - local.len - 1] == '.' && str_eq_fold(tail, local);
}

static bool is_listed(const struct service_hosts *hosts, struct str host, uint16_t port)
{
    for (size_t i = 0; i < hosts->len; i++) {
        struct http_authority entry;
        if (http_authority_parse(hosts->ptr[i], &entry) && str_eq_fold(without_root(entry.host), host) &&
            (entry.port == 0 || entry.port == port))
            return true;
    }
    return false;
}

static bool host_is_fine(const struct service_config *config, const struct http_request *request)
{
    struct str host = without_root(http_request_text(request, request->host));
    if (config->any_host || request->host_is_ipv6)
        return true;
    if (host.len == 0) /* HTTP/1.0: no browser */
        return request->minor_version == 0;
    return is_local_name(host) || is_ipv4(host) || is_listed(&config->hosts, host, request->port);
}

static bool is_same_origin(const struct http_request *request, struct str origin)
{
    bool secure = str_starts(origin, STR("https://"));
    struct http_authority authority;
    if (!secure && !str_starts(origin, STR("http://")))
        return false;
    if (!http_authority_parse(str_skip(origin, secure ? 8 : 7), &authority))
        return false;
    uint16_t standard = secure ? 443 : 80;
    uint16_t theirs = authority.port ? authority.port : standard, ours = request->port ? request->port : standard;
    return theirs == ours && str_eq_fold(authority.host, http_request_text(request, request->host));
}

static bool origin_is_listed(const struct service_config *config, struct str origin)
{
    for (size_t i = 0; i < config->origins.len; i++)
        if (str_eq_fold(config->origins.ptr[i], origin))
            return true;
    return false;
}

struct guard_result guard_judge(const struct service_config *config, const struct http_request *request)
{
    struct guard_result result = {.verdict = GUARD_PASS};
    if (!host_is_fine(config, request)) {
        result.verdict = GUARD_HOST;
        return result;
    }
    uint32_t index = 0;
    struct str more;
    if (!http_request_next(request, STR("Origin"), &index, &result.value))
        return result;
    if (http_request_next(request, STR("Origin"), &index, &more))
        result.verdict = GUARD_ORIGIN;
    else if (config->any_origin)
        result.origin = GUARD_ORIGIN_ANY;
    else if (origin_is_listed(config, result.value))
        result.origin = GUARD_ORIGIN_LISTED;
    else if (is_same_origin(request, result.value))
        result.origin = GUARD_ORIGIN_SAME;
    else
        result.verdict = GUARD_ORIGIN;
    return result;
}

#define PARAM_PREFIX "mcp-param-"

void guard_allowed_headers(const struct http_request *request, struct buf *out)
{
    uint32_t index = 0;
    buf_add_z(out, "Accept, Content-Type, If-None-Match, MCP-Protocol-Version, Mcp-Method, Mcp-Name, traceparent, "
                   "tracestate, X-Request-Id");
    struct str value, name;
    while (http_request_next(request, STR("Access-Control-Request-Headers"), &index, &value)) {
        for (struct str rest = value; str_next(&rest, ',', &name);) {
            name = http_trim(name);
            struct str prefix = str_head(name, sizeof(PARAM_PREFIX) - 1);
            if (name.len > prefix.len && str_eq_fold(prefix, STR(PARAM_PREFIX)) &&
                http_run(name, HTTP_TOKEN) == name.len) {
                buf_add_z(out, ", ");
                buf_add_str(out, name);
            }
        }
    }
}
