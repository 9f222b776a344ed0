/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * survey/scan.h - what the rules over the words of one source share.
 *
 * A rule looks at the token at AT and a few around it, and adds hints. Names are resolved within the file only: what a
 * literal was given to. No rule needs the source to be right.
 */
#include "survey/internal.h"

struct constant {
    struct str name;
    size_t literal; /* index of its token */
};

struct scanner {
    struct surveying *surveying;
    struct tokens *tokens;
    enum token_syntax syntax;
    struct str path;
    struct map constants; /* name to index of the literal's token + 1 */
    bool binds;           /* some word of it makes a server's socket */
};

enum scan_host { SCAN_HOST_NONE, SCAN_HOST_ANY, SCAN_HOST_LOOPBACK };
enum scan_role { SCAN_ROLE_NONE, SCAN_ROLE_LISTEN, SCAN_ROLE_METRICS };

/* "8080" and "8_080" as a port; 0: it is none. */
unsigned scan_port(struct str text);
/* "", "0.0.0.0", "localhost" ... */
enum scan_host scan_host(struct str text);
/* ":8080", "0.0.0.0:8080", "http://[::1]:8080/"; of others than this machine's addresses 0. */
unsigned scan_address(struct str text, enum scan_host *ret_host);
/* What an option, variable or constant of this NAME is for: "--listen-addr", "HTTP_PORT", "defaultPort". */
enum scan_role scan_role(struct str name);
/* The literal's text at AT, or of the constant that the word there names; ptr NULL without. */
struct str scan_operand(const struct scanner *scanner, size_t at);
/* How far a chain of calls is followed: nobody looks further, and each of a long chain begins one. */
enum { SCAN_CHAIN_TOKENS = 128 };
/* Behind the call that opens at OPEN, and the calls chained to it that begin within SCAN_CHAIN_TOKENS. */
size_t scan_chain_end(const struct tokens *tokens, size_t open);

int scan_hint(struct scanner *scanner, enum hint_kind kind, int weight, struct str value, size_t at, const char *why,
              struct err *err);
int scan_hint_port(struct scanner *scanner, enum hint_kind kind, int weight, unsigned port, size_t at, const char *why,
                   struct err *err);

/* scan_ports.c, scan_routes.c, scan_uses.c */
int scan_ports(struct scanner *scanner, size_t at, struct err *err);
int scan_routes(struct scanner *scanner, size_t at, struct err *err);
int scan_uses(struct scanner *scanner, size_t at, struct err *err);
