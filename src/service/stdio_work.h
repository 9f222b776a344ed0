/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/stdio_work.h - requests of a stdio client that take their time: on threads of their own, so that the reader
 * sees what comes meanwhile.
 *
 * A request is in work from stdio_work_add until its answer was sent; its id belongs to it as long. Called off, it gets
 * no answer, whether it was waiting, running, or ended at the same moment. Everything but the threads' own part is
 * called by the reader alone.
 */
#include "mcp/server.h"
#include "service/line_output.h"

struct stdio_work;

/* One request, with the memory that it stands on; on success it is the work's. */
struct stdio_job {
    struct stdio_work *work;
    struct stdio_job *next;
    struct mcp_peer peer; /* as it was when the request came */
    struct mcp_message message;
    struct arena arena; /* of the message and its answer */
    char *bytes;        /* of the message; mem_free */
    atomic_bool cancelled;
    bool taken; /* by a thread */
};

/* THREADS: how many may run at once; they start when they are needed. Errors: ERR_NOMEM. */
int stdio_work_new(const struct mcp_server *mcp, struct line_output *out, unsigned threads, unsigned queue,
                   struct stdio_work **ret_work, struct err *err);

/* False, and JOB stays the caller's, when too many wait already or no thread can be had. */
bool stdio_work_add(struct stdio_work *work, struct stdio_job *job);

/* A request with this id (as in mcp_message) is in work. */
bool stdio_work_has(struct stdio_work *work, struct str id);

/* Calls off the request with this id; false when there is none. */
bool stdio_work_cancel(struct stdio_work *work, struct str id);

/*
 * Ends it all: what is in work has GRACE_MS to be answered, is called off then, and has LIMIT_MS more to notice. False:
 * a thread did not; then nothing is freed, and the process has to end. True: WORK is freed.
 */
bool stdio_work_end(struct stdio_work *work, uint64_t grace_ms, uint64_t limit_ms);

void stdio_job_free(struct stdio_job *job); /* NULL is fine */

/* {"jsonrpc":"2.0","id":ID,"error":...} where the protocol's own answer can't be had. ID empty: null. */
void stdio_refuse(struct line_output *out, struct str id, int code, const char *message);
