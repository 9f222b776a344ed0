/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * service/line_output.h - standard output of a service over stdio: whole lines of several threads, and no waiting for
 * a client that is gone.
 *
 * A client that does not read makes its senders wait (that is all the flow control there is), but neither a stop nor
 * the end of its own sending is missed meanwhile. Flags of the descriptor stay as they are: it may be shared.
 */
#include "base/str.h"

#include <pthread.h>
#include <stdatomic.h>

struct line_output {
    int fd;
    int in_fd, stop_fd; /* what else ends the waiting: -1 for none */
    int way;
    pthread_mutex_t lock;
    atomic_int problem; /* errno of what made it useless, or 0 */
    atomic_bool closed; /* nothing is sent any more */
};

void line_output_init(struct line_output *out, int fd, int in_fd, int stop_fd);
void line_output_done(struct line_output *out);

/* LINE and a line end, by one system call where it fits. A line that could not be sent whole closes the output. */
void line_output_send(struct line_output *out, struct str line);
