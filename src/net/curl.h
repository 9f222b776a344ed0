/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * net/curl.h - io/transport.h over libcurl: HTTP/1.1, HTTP/2, TLS, proxies, and file: URLs.
 *
 * libcurl and the thirty libraries behind it are loaded with dlopen by the first run, so that a program that fetches
 * nothing starts in a millisecond. Fetches of one run go side by side (LIMIT_DOWNLOADS_AT_ONCE), connections are kept
 * between runs. Redirects are followed (LIMIT_REDIRECTS), never from https: to http: and never to file:. Retried, with
 * a wait that doubles, is what is worth it: no name, refused, reset, timed out, 408, 429, 5xx - as long as the sink
 * has seen nothing. A transfer below 1 KB/s for stall_timeout_ms ends. Cancellation is seen within 50 ms.
 *
 * Errors of a fetch: ERR_NOT_FOUND (404, 410, no such file), ERR_PERMISSION (401, 403, 407), ERR_LIMIT, ERR_INVALID
 * (URL), ERR_NETWORK for the rest, and whatever the sink said. Names and passwords in URLs never reach a message.
 * Proxies come from options, else from the environment as libcurl reads it. One thread at a time.
 */
#include "io/transport.h"

struct curl_options {
    const char *user_agent;      /* NULL: "barehull" */
    const char *proxy;           /* NULL: as the environment says */
    const char *ca_file;         /* PEM; NULL: libcurl's own */
    const char *netrc_file;      /* NULL: none */
    uint32_t connect_timeout_ms; /* 0: 15 s */
    uint32_t stall_timeout_ms;   /* 0: 30 s; rounded up to seconds */
    uint32_t attempts;           /* in all; 0: 4 */
    uint32_t first_wait_ms;      /* before the second attempt; 0: 250 */
};

/* OPTIONS (NULL for the defaults) and its texts are copied. Owner frees with transport_free. Errors: ERR_NOMEM. */
int curl_transport_new(const struct curl_options *options, struct transport **ret_transport, struct err *err);
