/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/metrics.h"
#include "service/handle.h"
#include "service/telemetry.h"

/* On the loop, for it takes a fraction of a millisecond, and a service without a free worker has to be seen. */
bool handle_metrics(struct service_request *request, bool on_worker)
{
    CLEANUP_BUF struct buf page = BUF_INIT;
    service_telemetry_write(request->service->telemetry, atomic_load(&request->routes->server), &page);
    answer_send_buf(request, METRICS_MEDIA_TYPE, &page, on_worker);
    return true;
}
