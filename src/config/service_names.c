/* SPDX-License-Identifier: Apache-2.0 */
/*
 * service_names.c - addresses, origins and names of hosts.
 */
#include "base/limits.h"
#include "base/num.h"
#include "config/service_values.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

/* What is read item by item. */
struct names {
    struct service_loading *loading;
    const struct service_var *var;
    VEC(struct str) found;
};

#define names_wrong(names, ...) service_wrong((names)->loading, (names)->var, __VA_ARGS__)

static const char *shown(const struct names *names, struct str item)
{
    return service_shown(names->loading, item);
}

/* Room for an IPv6 address; false when TEXT can't be one. */
static bool copy_address(struct str text, char out[INET6_ADDRSTRLEN])
{
    if (text.len == 0 || text.len >= INET6_ADDRSTRLEN || str_has_char(text, '\0'))
        return false;
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
    return true;
}

static bool is_ipv4(struct str text, struct in_addr *ret_address)
{
    char copy[INET6_ADDRSTRLEN];
    return copy_address(text, copy) && inet_pton(AF_INET, copy, ret_address) == 1;
}

static bool is_ipv6(struct str text, struct in6_addr *ret_address)
{
    char copy[INET6_ADDRSTRLEN];
    return copy_address(text, copy) && inet_pton(AF_INET6, copy, ret_address) == 1;
}

static bool is_address(struct str text)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    return is_ipv4(text, &ipv4) || is_ipv6(text, &ipv6);
}

bool service_host_is_loopback(struct str host)
{
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (is_ipv4(host, &ipv4))
        return ntohl(ipv4.s_addr) >> 24 == 127;
    if (is_ipv6(host, &ipv6))
        return IN6_IS_ADDR_LOOPBACK(&ipv6) || (IN6_IS_ADDR_V4MAPPED(&ipv6) && ipv6.s6_addr[12] == 127);
    return service_host_is_unix(host) || str_eq_fold(host, STR("localhost"));
}

static struct str unbracket(struct str host)
{
    bool brackets = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    return brackets ? str_of(host.ptr + 1, host.len - 2) : host;
}

static void read_socket(struct service_loading *loading, const struct service_var *var, struct str value)
{
    struct str path = str_skip(value, 5);
    struct sockaddr_un room;
    if (path.len == 0 || (path.ptr[0] != '/' && path.ptr[0] != '@'))
        service_wrong(loading, var, "'%s' has no absolute path", service_shown(loading, value));
    else if (path.len >= sizeof(room.sun_path))
        service_wrong(loading, var, "'%s' has a path of %zu bytes; a socket's has at most %zu",
                      service_shown(loading, value), path.len, sizeof(room.sun_path) - 1);
    else
        loading->config->host = service_keep(loading, value);
}

void service_read_host(struct service_loading *loading, const struct service_var *var, struct str value)
{
    struct str host = unbracket(value);
    struct str before = str_head(value, str_rfind_char(value, ':'));
    const char *text = service_shown(loading, value);
    if (service_host_is_unix(value))
        read_socket(loading, var, value);
    else if (str_eq_fold(value, STR("localhost")))
        loading->config->host = STR("localhost");
    else if (is_address(host) && (host.len == value.len || str_has_char(host, ':')))
        loading->config->host = service_keep(loading, host);
    else if (str_find(value, STR("://")) < value.len)
        service_wrong(loading, var, "'%s' is a URL: an address is asked for", text);
    else if (before.len < value.len && (is_address(unbracket(before)) || str_eq_fold(before, STR("localhost"))))
        service_wrong(loading, var, "'%s' holds a port: that is for PORT", text);
    else
        service_wrong(loading, var,
                      "'%s' is neither an IP address, 'localhost' nor 'unix:/path' (names are not looked "
                      "up)",
                      text);
}

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] > '~')
            return false;
    }
    return true;
}

static bool has_upper(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (char_lower(text.ptr[i]) != text.ptr[i])
            return true;
    }
    return false;
}

/* Labels of letters, digits, '-' and '_' with single dots between them; the last dot may stand at the end. */
static bool is_name(struct str host)
{
    size_t label = 0;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool dot = c == '.';
        if ((dot && label == 0) || (!dot && !char_is_alnum(c) && c != '-' && c != '_'))
            return false;
        label = dot ? 0 : label + 1;
    }
    return host.len > 0 && host.len <= LIMIT_HTTP_HOST_BYTES;
}

struct authority {
    struct str host; /* with brackets */
    uint32_t port;   /* 0: none */
};

enum authority_fault { AUTHORITY_FINE, AUTHORITY_NO_HOST, AUTHORITY_BAD_HOST, AUTHORITY_BAD_PORT };

static enum authority_fault read_authority(struct str text, struct authority *ret_authority)
{
    struct in6_addr ipv6;
    bool brackets = text.len > 0 && text.ptr[0] == '[';
    size_t end = brackets ? str_find_char(text, ']') + 1 : str_find_char(text, ':');
    struct str host = str_head(text, end), port = str_skip(text, end);
    *ret_authority = (struct authority){.host = host};
    if (host.len == 0)
        return AUTHORITY_NO_HOST;
    if (brackets ? !is_ipv6(unbracket(host), &ipv6) : !is_name(host))
        return AUTHORITY_BAD_HOST;
    if (port.len == 0)
        return AUTHORITY_FINE;
    bool fine = port.ptr[0] == ':' && num_parse_u32(str_skip(port, 1), &ret_authority->port);
    return fine && ret_authority->port > 0 && ret_authority->port <= UINT16_MAX ? AUTHORITY_FINE : AUTHORITY_BAD_PORT;
}

/* True when something was told of ITEM. */
static bool tell_authority(struct names *names, struct str item, struct str text, struct authority *ret_authority)
{
    switch (read_authority(text, ret_authority)) {
    case AUTHORITY_FINE:
        return false;
    case AUTHORITY_NO_HOST:
        names_wrong(names, "'%s' has no host", shown(names, item));
        break;
    case AUTHORITY_BAD_HOST:
        names_wrong(names, "'%s' has no well-formed host", shown(names, item));
        break;
    case AUTHORITY_BAD_PORT:
        names_wrong(names, "'%s' has a port that is not between 1 and 65535", shown(names, item));
        break;
    }
    return true;
}

static void keep_name(struct names *names, struct str item)
{
    for (size_t i = 0; i < names->found.len; i++) {
        if (!str_eq(names->found.ptr[i], item))
            continue;
        service_tell(names->loading, names->var->name, NULL, true, "'%s' stands there twice", shown(names, item));
        return;
    }
    struct str copy = service_keep(names->loading, item);
    if (!VEC_PUSH(&names->found, copy))
        names->loading->failed = true;
}

static bool is_default_port(struct str scheme, uint32_t port)
{
    return (str_eq_z(scheme, "http") && port == 80) || (str_eq_z(scheme, "https") && port == 443);
}

static bool is_scheme(struct str scheme)
{
    for (size_t i = 0; i < scheme.len; i++) {
        char c = scheme.ptr[i];
        if (!char_is_alpha(c) && (i == 0 || (!char_is_digit(c) && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return scheme.len > 0;
}

/* The ways to write an address of IPv6 are many; browsers know one. */
static void check_ipv6(struct names *names, struct str item, struct str scheme, const struct authority *authority)
{
    char text[INET6_ADDRSTRLEN] = "";
    struct in6_addr address;
    if (!is_ipv6(unbracket(authority->host), &address) ||
        (inet_ntop(AF_INET6, &address, text, sizeof(text)) && str_eq_z(unbracket(authority->host), text)))
        keep_name(names, item);
    else
        names_wrong(names, "'%s' is not as browsers write it: %.*s://[%s]", shown(names, item), STR_ARG(scheme), text);
}

static void read_origin(struct names *names, struct str item)
{
    size_t end = str_find(item, STR("://"));
    struct str scheme = str_head(item, end), rest = str_skip(item, end + 3);
    struct authority authority;
    const char *text = shown(names, item);
    if (str_eq_z(item, "null"))
        names_wrong(names, "'null' is what every sandboxed page sends: it can't be let in by that");
    else if (end == item.len)
        names_wrong(names, "'%s' has no scheme, as in 'https://app.example.com'", text);
    else if (!is_ascii(item))
        names_wrong(names, "'%s' is not ASCII: browsers send such names as 'xn--...'", text);
    else if (str_has_char(item, '*'))
        names_wrong(names, "'%s' has a wildcard: origins are named one by one", text);
    else if (str_has_char(rest, '@'))
        names_wrong(names, "'%s' holds a user, which no origin has", text);
    else if (str_find_char(rest, '/') < rest.len || str_find_char(rest, '?') < rest.len ||
             str_find_char(rest, '#') < rest.len)
        names_wrong(names, "'%s' has something behind host and port: an origin ends there, without a '/'", text);
    else if (has_upper(item))
        names_wrong(names, "'%s' has upper case: browsers send origins in lower case", text);
    else if (!is_scheme(scheme))
        names_wrong(names, "'%s' has no well-formed scheme", text);
    else if (tell_authority(names, item, rest, &authority))
        return;
    else if (is_default_port(scheme, authority.port))
        names_wrong(names, "'%s' names the port that %.*s has anyway: browsers leave it out", text, STR_ARG(scheme));
    else if (authority.host.ptr[0] == '[')
        check_ipv6(names, item, scheme, &authority);
    else
        keep_name(names, item);
}

static void read_allowed_host(struct names *names, struct str item)
{
    struct authority authority;
    char lower[LIMIT_HTTP_HOST_BYTES + sizeof(":65535")];
    const char *text = shown(names, item);
    if (str_find(item, STR("://")) < item.len)
        names_wrong(names, "'%s' has a scheme: a host is a name, or a name and a port", text);
    else if (!is_ascii(item))
        names_wrong(names, "'%s' is not ASCII: clients send such names as 'xn--...'", text);
    else if (str_has_char(item, '*'))
        names_wrong(names, "'%s' has a wildcard: hosts are named one by one", text);
    else if (str_has_char(item, '/') || str_has_char(item, '@'))
        names_wrong(names, "'%s' has more than a name and a port", text);
    else if (is_address(item) && str_has_char(item, ':'))
        names_wrong(names, "'%s' needs brackets: '[%s]'", text, text);
    else if (tell_authority(names, item, item, &authority))
        return;
    else if (item.len < sizeof(lower)) {
        for (size_t i = 0; i < item.len; i++)
            lower[i] = char_lower(item.ptr[i]);
        keep_name(names, str_of(lower, item.len));
    } else {
        names_wrong(names, "'%s' has no well-formed host", text);
    }
}

/* Each item by READ; at most LIMIT_SERVICE_NAMES of them. */
static struct service_hosts read_items(struct names *names, struct str value,
                                       void (*read)(struct names *names, struct str item))
{
    struct service_hosts kept = {0};
    struct str item;
    size_t count = 0;
    while (str_next(&value, ',', &item)) {
        item = str_trim(item);
        if (++count > LIMIT_SERVICE_NAMES) {
            names_wrong(names, "holds more than %d names", LIMIT_SERVICE_NAMES);
            break;
        }
        if (item.len == 0)
            names_wrong(names, "has a comma with nothing behind or before it");
        else if (str_eq_z(item, "*") || str_eq_z(item, "none"))
            names_wrong(names, "'%s' stands alone, or not at all", shown(names, item));
        else
            read(names, item);
    }
    struct str *copy = ARENA_ARRAY(names->loading->arena, names->found.len + 1, struct str);
    if (!copy)
        names->loading->failed = true;
    for (size_t i = 0; copy && i < names->found.len; i++)
        copy[i] = names->found.ptr[i];
    if (copy)
        kept = (struct service_hosts){copy, names->found.len};
    VEC_DONE(&names->found);
    return kept;
}

void service_read_origins(struct service_loading *loading, const struct service_var *var, struct str value)
{
    struct names names = {.loading = loading, .var = var};
    loading->config->any_origin = str_eq_z(value, "*");
    if (!loading->config->any_origin && !str_eq_z(value, "none"))
        loading->config->origins = read_items(&names, value, read_origin);
}

void service_read_hosts(struct service_loading *loading, const struct service_var *var, struct str value)
{
    struct names names = {.loading = loading, .var = var};
    loading->config->any_host = str_eq_z(value, "*");
    if (!loading->config->any_host)
        loading->config->hosts = read_items(&names, value, read_allowed_host);
}
