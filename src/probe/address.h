/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/address.h - socket addresses from literals: IPv4 (four decimal numbers), IPv6 (RFC 4291, 2.2; no zone), and
 * paths of Unix sockets ('@' before the name of an abstract one).
 *
 * Each function takes the whole text or gives false; *ret_address is untouched then. No names are looked up.
 */
#include "probe/text.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
        struct sockaddr_un local;
    };
    socklen_t len;
};

bool address_ipv4(struct text text, uint16_t port, struct address *ret_address);
bool address_ipv6(struct text text, uint16_t port, struct address *ret_address); /* without brackets */
bool address_unix(struct text path, struct address *ret_address);

/* A server that listens on all addresses (0.0.0.0, ::) is asked on loopback. True if this was such an address. */
bool address_to_loopback(struct address *address);
