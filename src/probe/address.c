/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/address.h"

static uint16_t to_network(uint16_t port)
{
    return (uint16_t)(port << 8 | port >> 8);
}

/* Four numbers to 255, no leading zeros (which some read as octal). */
static bool read_ipv4(struct text text, uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) {
        size_t len = text_find(text, '.');
        uint64_t value = 0;
        if (!text_number(text_head(text, len), 255, &value) || (len > 1 && text.at[0] == '0'))
            return false;
        bytes[i] = (uint8_t)value;
        if ((len == text.len) != (i == 3))
            return false;
        text = text_behind(text, i == 3 ? len : len + 1);
    }
    return true;
}

bool address_ipv4(struct text text, uint16_t port, struct address *ret_address)
{
    uint8_t bytes[4] = {0};
    if (!read_ipv4(text, bytes))
        return false;
    *ret_address = (struct address){.ipv4 = {.sin_family = AF_INET, .sin_port = to_network(port)},
                                    .len = sizeof(struct sockaddr_in)};
    uint8_t *to = (uint8_t *)&ret_address->ipv4.sin_addr;
    for (int i = 0; i < 4; i++)
        to[i] = bytes[i];
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool read_group(struct text text, uint8_t bytes[2])
{
    unsigned value = 0;
    if (text.len == 0 || text.len > 4)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_digit(text.at[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (unsigned)digit;
    }
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
    return true;
}

/* Groups up to the end or to '::', which is left in *REST. -1, or how many bytes were read. */
static int read_groups(struct text *rest, uint8_t bytes[16])
{
    int filled = 0;
    while (rest->len > 0 && !text_starts(*rest, TEXT("::"))) {
        size_t len = text_find(*rest, ':');
        struct text group = text_head(*rest, len);
        if (len == rest->len && text_find(group, '.') < len) {
            if (filled > 12 || !read_ipv4(group, bytes + filled))
                return -1;
            filled += 4;
        } else {
            if (filled > 14 || !read_group(group, bytes + filled))
                return -1;
            filled += 2;
        }
        *rest = text_behind(*rest, len);
        if (rest->len > 0 && !text_starts(*rest, TEXT("::"))) {
            *rest = text_behind(*rest, 1);
            if (rest->len == 0)
                return -1; /* ends with one colon */
        }
    }
    return filled;
}

static bool read_ipv6(struct text text, uint8_t bytes[16])
{
    uint8_t behind[16] = {0};
    int before = read_groups(&text, bytes);
    if (before < 0 || text.len == 0)
        return before == 16;
    text = text_behind(text, 2);
    int after = read_groups(&text, behind);
    if (after < 0 || text.len > 0 || before + after > 14)
        return false;
    for (int i = before; i < 16; i++)
        bytes[i] = i < 16 - after ? 0 : behind[i - (16 - after)];
    return true;
}

bool address_ipv6(struct text text, uint16_t port, struct address *ret_address)
{
    uint8_t bytes[16] = {0};
    if (!read_ipv6(text, bytes))
        return false;
    *ret_address = (struct address){.ipv6 = {.sin6_family = AF_INET6, .sin6_port = to_network(port)},
                                    .len = sizeof(struct sockaddr_in6)};
    for (int i = 0; i < 16; i++)
        ret_address->ipv6.sin6_addr.s6_addr[i] = bytes[i];
    return true;
}

bool address_unix(struct text path, struct address *ret_address)
{
    bool abstract = path.len > 0 && path.at[0] == '@';
    if (path.len < 2 || path.len >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
        return false;
    *ret_address = (struct address){.local = {.sun_family = AF_UNIX}};
    for (size_t i = 0; i < path.len; i++)
        ret_address->local.sun_path[i] = path.at[i];
    if (abstract)
        ret_address->local.sun_path[0] = '\0';
    /* The name of an abstract socket is as long as the address says, without a zero behind it. */
    ret_address->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.len + (abstract ? 0 : 1));
    return true;
}

bool address_to_loopback(struct address *address)
{
    if (address->any.sa_family == AF_INET && address->ipv4.sin_addr.s_addr == 0) {
        *(uint8_t *)&address->ipv4.sin_addr = 127;
        ((uint8_t *)&address->ipv4.sin_addr)[3] = 1;
        return true;
    }
    if (address->any.sa_family != AF_INET6)
        return false;
    for (int i = 0; i < 16; i++) {
        if (address->ipv6.sin6_addr.s6_addr[i] != 0)
            return false;
    }
    address->ipv6.sin6_addr.s6_addr[15] = 1;
    return true;
}
