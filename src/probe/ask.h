/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/ask.h - one question over one connection: connect, send, read the answer, all by one deadline.
 */
#include "probe/response.h"
#include "probe/target.h"

enum ask_end {
    ASK_ANSWERED,  /* response is done or bad */
    ASK_REFUSED,   /* nothing listens: refused, or no such socket */
    ASK_TIMED_OUT, /* at the stage told */
    ASK_FAILED,    /* error is an errno: no route, no permission */
};

enum ask_stage {
    ASK_CONNECTING,
    ASK_SENDING,
    ASK_READING, /* response tells how far it came */
};

struct answer {
    enum ask_end end;
    enum ask_stage stage;
    int error;
    struct response response;
};

/* DEADLINE_NS is on the monotonic clock (sys_now_ns). */
void ask(const struct target *target, uint64_t deadline_ns, struct answer *ret_answer);
/* Waits for EVENTS on FD (-1: for time alone); false when the deadline passed. */
bool ask_wait(int fd, short events, uint64_t deadline_ns);
