/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * net/internal.h - the functions of libcurl that net/ calls, found at run time, and one transfer of a run.
 *
 * The types come from libcurl's own header, so that a call that does not fit is an error of the compiler.
 */
#include "io/transport.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#define LIBCURL_FUNCTIONS(X)                                                                                           \
    X(curl_global_init)                                                                                                \
    X(curl_easy_init)                                                                                                  \
    X(curl_easy_setopt)                                                                                                \
    X(curl_easy_getinfo)                                                                                               \
    X(curl_easy_reset)                                                                                                 \
    X(curl_easy_cleanup)                                                                                               \
    X(curl_easy_strerror)                                                                                              \
    X(curl_multi_init)                                                                                                 \
    X(curl_multi_setopt)                                                                                               \
    X(curl_multi_add_handle)                                                                                           \
    X(curl_multi_remove_handle)                                                                                        \
    X(curl_multi_perform)                                                                                              \
    X(curl_multi_poll)                                                                                                 \
    X(curl_multi_info_read)                                                                                            \
    X(curl_multi_cleanup)                                                                                              \
    X(curl_multi_strerror)                                                                                             \
    X(curl_slist_append)                                                                                               \
    X(curl_slist_free_all)

struct libcurl {
#define X(name) __typeof__(name) *name;
    LIBCURL_FUNCTIONS(X)
#undef X
};

/*
 * Loads the library (once per process in effect; it is never unloaded, its resolver threads may outlive a fetch).
 * Errors: ERR_UNSUPPORTED with the package to install.
 */
int libcurl_load(struct libcurl *ret_library, struct err *err);

struct curl_transport {
    struct transport base;
    struct libcurl lib;
    CURLM *multi; /* NULL until the first run */
    char *user_agent, *proxy, *ca_file, *netrc_file;
    long connect_timeout_ms, stall_timeout_s;
    uint32_t attempts, first_wait_ms;
};

enum transfer_state { TRANSFER_WAITING, TRANSFER_RUNNING, TRANSFER_DONE };

/* One fetch of a run, over all its attempts. */
struct transfer {
    struct curl_transport *owner;
    struct transport_fetch *fetch;
    enum transfer_state state; /* the run's */
    CURL *easy;                /* of the attempt under way */
    struct curl_slist *headers;
    uint32_t tried;
    uint64_t not_before_ns; /* of the next attempt */
    uint64_t received;      /* of a wanted answer */
    uint64_t ignored;       /* of any other */
    uint64_t total;         /* as announced */
    bool body_used;         /* the request's body can't be sent again */
    struct err own_err;     /* what a callback stopped the transfer for */
    char text[CURL_ERROR_SIZE];
};

/* Begins an attempt; on failure the fetch's err says why. */
int transfer_start(struct transfer *job);

/* Takes the end of an attempt: fills the fetch's answer, drops the handle; true when another try is worth it. */
bool transfer_end(struct transfer *job, CURLcode code);

/* Ends an attempt without an answer; nothing when there is none. */
void transfer_drop(struct transfer *job);
