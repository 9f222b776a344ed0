/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * load/answer.h - one HTTP/1.1 answer out of the bytes that came, for clients that know what they expect.
 */
#include "base/buf.h"

struct answer {
    unsigned status;
    size_t len;      /* of all of it, head and body */
    struct str body; /* of a chunked one: in the buffer given */
    bool close;      /* the connection ends behind it */
};

enum answer_step { ANSWER_MORE, ANSWER_WHOLE, ANSWER_BROKEN };

/*
 * The answer that BYTES begin with. HEAD: it has no body whatever it says. ENDED: nothing more comes, which ends an
 * answer without a length. CHUNKS takes the body of a chunked one and is emptied before.
 */
enum answer_step answer_read(struct str bytes, bool head, bool ended, struct buf *chunks, struct answer *ret_answer);
