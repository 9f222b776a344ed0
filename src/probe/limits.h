/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/limits.h - bounds of the health probe, each with its reason. All its memory is on the stack: about 10 KB.
 */

/* What is asked of, as URL or path. A request line that any server takes; the request fits PROBE_LINE_BYTES with it. */
#define PROBE_URL_BYTES 1024
/* A request, or what is printed. Docker keeps 4,096 bytes of a probe's output. */
#define PROBE_LINE_BYTES 2048
/* A reason from the body, of which one line is shown. */
#define PROBE_EXCERPT_BYTES 120
/* One line of a head, as far as it is looked into; a longer one is passed over unless it says how long the body is. */
#define PROBE_HEAD_LINE_BYTES 128
/* Heads of an answer, interim ones and trailers included. Servers send up to 32 KB when cookies and policies pile up.
 */
#define PROBE_HEAD_BYTES 65536
/* Beyond that much of a body the answer counts as complete: the verdict is in the status. */
#define PROBE_BODY_BYTES 65536
/* Taken from a socket at once. */
#define PROBE_READ_BYTES 4096
/* Longer than any platform waits for a probe, and so surely a mistake in the unit. */
#define PROBE_TIMEOUT_MAX_MS 300000
/* Below what Compose files and manifests usually allow, so that the reason is told before the platform kills. */
#define PROBE_TIMEOUT_DEFAULT_MS 2000
/* A Unix socket whose queue is full can't be waited for: asked again that often. */
#define PROBE_RETRY_MS 5
