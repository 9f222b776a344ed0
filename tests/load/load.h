/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * load/load.h - the load client: many connections to one HTTP server, each answer counted and judged.
 *
 * Requests are bytes as they go over the line, with what their answers have to be; they take turns. The text LOAD_ID
 * in one (ten bytes, so that its length stays) is a number of its own each time. A connection sends as many requests
 * as may be owed at once, then waits; latency goes from handing a request to the kernel to having read its answer.
 */
#include "base/buf.h"
#include "histogram.h"

#include <sys/socket.h>

#define LOAD_ID "@@ID@@####" /* ten digits stand in its place */

enum { LOAD_TEMPLATES = 64, LOAD_DEPTH = 64, LOAD_ID_LEN = sizeof(LOAD_ID) - 1 };

struct load_template {
    struct buf bytes;
    bool head;        /* HEAD: an answer without a body */
    bool has_id;      /* the answer has to tell it back */
    size_t id_at;     /* of the last one in the bytes */
    unsigned status;  /* 0: any */
    struct buf exact; /* the body; unless has_exact, anything */
    bool has_exact;
    struct str contains; /* empty: anything */
    uint64_t answers;
};

struct load_options {
    struct sockaddr_storage address;
    socklen_t address_len;
    struct load_template templates[LOAD_TEMPLATES];
    unsigned template_count;
    unsigned connections, depth, idle;
    uint64_t requests, warm_up; /* requests 0: by seconds */
    double seconds;
    uint64_t per_connection; /* close it behind as many; 0: keep it */
    bool persist;            /* a server that is away is asked again until it is back */
};

struct load_totals {
    struct histogram latency;
    uint64_t sent, answers, wrong, lost, connects, refused, bytes;
    uint64_t statuses[1000];
    uint64_t begin_ns, end_ns, idle_open;
    uint64_t longest_gap_ns; /* between two answers: how long nobody was served */
    struct buf first_wrong;
};

/* Ends the program with a message when the arguments make no sense. */
void load_options_read(int argc, char **argv, struct load_options *options);

/* False: the server could not be reached at all. */
bool load_run(struct load_options *options, struct load_totals *totals);
