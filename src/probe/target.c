/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/target.h"

#define HTTP_PORT   80
#define SERVER_PORT 8080

static struct target_fault fault(const char *cause, struct text subject)
{
    return (struct target_fault){cause, subject};
}

static void keep(struct target *target, struct text text)
{
    for (size_t i = 0; i < text.len && target->place_len < sizeof target->buffer; i++)
        target->buffer[target->place_len++] = text.at[i];
}

struct text target_place(const struct target *target)
{
    return (struct text){target->buffer, target->place_len};
}

struct text target_host(const struct target *target)
{
    bool local = target->addresses[0].any.sa_family == AF_UNIX;
    return local ? TEXT("localhost") : text_behind(target_place(target), sizeof "http://" - 1);
}

/* "http://HOST:PORT" into the buffer. */
static void keep_place(struct target *target, struct text host, uint16_t port)
{
    bool bracket = target->addresses[0].any.sa_family == AF_INET6;
    char digits[5];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + port % 10);
        port = (uint16_t)(port / 10);
    } while (port > 0);
    target->place_len = 0;
    keep(target, TEXT("http://"));
    keep(target, bracket ? TEXT("[") : TEXT(""));
    keep(target, host);
    keep(target, bracket ? TEXT("]:") : TEXT(":"));
    keep(target, (struct text){digits + first, sizeof digits - first});
}

static struct target_fault set_unix(struct target *target, struct text path)
{
    if (path.len == 0 || (path.at[0] != '/' && path.at[0] != '@') || !address_unix(path, &target->addresses[0]))
        return fault("no path of a socket (absolute, or '@' and a name; at most 107 bytes):", path);
    target->count = 1;
    target->place_len = 0;
    keep(target, TEXT("unix:"));
    keep(target, path);
    return (struct target_fault){0};
}

/* HOST is a literal without brackets, or 'localhost'. */
static bool set_host(struct target *target, struct text host, uint16_t port)
{
    target->count = 1;
    if (text_eq_nocase(host, TEXT("localhost"))) {
        address_ipv4(TEXT("127.0.0.1"), port, &target->addresses[0]);
        address_ipv6(TEXT("::1"), port, &target->addresses[1]);
        target->count = 2;
    } else if (!address_ipv4(host, port, &target->addresses[0]) && !address_ipv6(host, port, &target->addresses[0])) {
        return false;
    }
    if (address_to_loopback(&target->addresses[0]))
        host = target->addresses[0].any.sa_family == AF_INET ? TEXT("127.0.0.1") : TEXT("::1");
    keep_place(target, host, port);
    return true;
}

static bool read_port(struct text text, uint16_t *ret_port)
{
    uint64_t port = 0;
    if (!text_number(text, UINT16_MAX, &port) || port == 0)
        return false;
    *ret_port = (uint16_t)port;
    return true;
}

static struct text unbracket(struct text host)
{
    bool brackets = host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    return brackets ? text_head(text_behind(host, 1), host.len - 2) : host;
}

struct target_fault target_set_path(struct target *target, struct text path)
{
    if (path.len > PROBE_URL_BYTES)
        return fault("longer than 1024 bytes:", text_head(path, 64));
    if (path.len > 0 && path.at[0] != '/')
        return fault("a path begins with '/':", path);
    for (size_t i = 0; i < path.len; i++) {
        if (path.at[i] <= ' ' || path.at[i] > '~' || path.at[i] == '#')
            return fault("a space, '#', control or non-ASCII character (write %XX) in", path);
    }
    target->path = path;
    return (struct target_fault){0};
}

/* Behind "http://". */
static struct target_fault read_http(struct text rest, struct target *target)
{
    size_t end = 0;
    while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?' && rest.at[end] != '#')
        end++;
    struct text authority = text_head(rest, end);
    if (text_find(authority, '@') < end)
        return fault("a user in the URL, where anyone can read it:", text_behind(authority, text_find(authority, '@')));
    size_t host_len = authority.len > 0 && authority.at[0] == '[' ? text_find(authority, ']') : 0;
    host_len += text_find(text_behind(authority, host_len), ':');
    uint16_t port = HTTP_PORT;
    if (host_len < end && !read_port(text_behind(authority, host_len + 1), &port))
        return fault("a port is 1 to 65535, not", text_behind(authority, host_len + 1));
    struct text host = text_head(authority, host_len);
    /* Brackets are what tells IPv6 from a port (RFC 3986, 3.2.2). */
    bool ipv6 = host.len > 0 && host.at[0] == '[';
    if ((ipv6 && text_find(unbracket(host), ':') >= unbracket(host).len) || !set_host(target, unbracket(host), port))
        return fault("neither an IP address nor 'localhost' (names are not looked up):", host);
    return target_set_path(target, text_behind(rest, end));
}

struct target_fault target_from_url(struct text url, struct target *ret_target)
{
    if (url.len > PROBE_URL_BYTES)
        return fault("longer than 1024 bytes:", text_head(url, 64));
    if (text_starts(url, TEXT("http://")))
        return read_http(text_behind(url, 7), ret_target);
    if (text_starts(url, TEXT("https://")))
        return fault("TLS is not spoken: serve health in clear on loopback or a Unix socket, not at", url);
    if (!text_starts(url, TEXT("unix:")))
        return fault("neither 'http://…', 'unix:…' nor a path:", url);
    struct text path = text_behind(url, 5);
    size_t end = text_find(path, ':');
    struct target_fault bad = set_unix(ret_target, text_head(path, end));
    if (bad.cause || end == path.len)
        return bad;
    return target_set_path(ret_target, text_behind(path, end + 1));
}

struct target_fault target_from_server(struct text host, struct text port, struct target *ret_target)
{
    uint16_t number = SERVER_PORT;
    if (text_starts(host, TEXT("unix:")))
        return set_unix(ret_target, text_behind(host, 5));
    if (port.len > 0 && !read_port(port, &number))
        return fault("PORT is 1 to 65535, not", port);
    if (!set_host(ret_target, host.len > 0 ? unbracket(host) : TEXT("127.0.0.1"), number))
        return fault("HOST is neither an IP address, 'localhost' nor 'unix:PATH':", host);
    return (struct target_fault){0};
}
