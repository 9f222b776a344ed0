/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/target.h - what is asked, and where: from a URL, or from the variables that the server itself reads.
 *
 *     http://127.0.0.1:8080/readyz    http://[::1]:8080    http://localhost:8080/health?x=1    (port 80 without one)
 *     unix:/run/app.sock              unix:/run/app.sock:/health                               unix:@abstract
 *     /health                         of the server that HOST and PORT name
 *
 * HOST is an address, 'localhost' or 'unix:PATH' (127.0.0.1 without one), PORT a number (8080). 'localhost' stands for
 * 127.0.0.1 and, where that refuses, ::1. Names are not looked up.
 * Whatever goes into a request is printable ASCII without spaces. Texts are views of what was given.
 */
#include "probe/address.h"
#include "probe/text.h"

#define TARGET_ADDRESSES 2

struct target {
    struct address addresses[TARGET_ADDRESSES]; /* to be tried in this order */
    unsigned count;
    struct text path; /* with its query; empty if none was given */
    size_t place_len;
    char buffer[sizeof "http://[]:65535" + 108];
};

/* "http://127.0.0.1:8080" or "unix:/run/app.sock", for people; a view into the target. */
struct text target_place(const struct target *target);
/* What the Host field says: the end of the place; "localhost" for a socket. */
struct text target_host(const struct target *target);

/* Why a target could not be read: "cause 'subject'". NULL is no fault. */
struct target_fault {
    const char *cause;
    struct text subject;
};

struct target_fault target_from_url(struct text url, struct target *ret_target);
/* HOST and PORT may be empty: the server's defaults. */
struct target_fault target_from_server(struct text host, struct text port, struct target *ret_target);
struct target_fault target_set_path(struct target *target, struct text path);
