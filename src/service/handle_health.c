/* SPDX-License-Identifier: Apache-2.0 */
#include "service/handle.h"

static void send(struct service_request *request, unsigned status, struct str text)
{
    const struct answer answer = {.status = status, .type = STR("text/plain; charset=utf-8"), .body = text};
    answer_send(request, &answer);
}

/* An answer at all is the proof: this runs on the loop that serves everybody. */
bool handle_live(struct service_request *request, bool on_worker UNUSED)
{
    send(request, 200, STR("ok\n"));
    return true;
}

bool handle_ready(struct service_request *request, bool on_worker UNUSED)
{
    int state = atomic_load_explicit(&request->service->state, memory_order_acquire);
    if (state == SERVICE_DRAINING || server_is_draining(request->exchange))
        send(request, 503, STR("draining\n"));
    else if (state != SERVICE_READY)
        send(request, 503, STR("starting\n"));
    else
        send(request, 200, STR("ok\n"));
    return true;
}
