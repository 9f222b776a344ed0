/* SPDX-License-Identifier: Apache-2.0 */
#include "net/internal.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "io/reader.h"
#include "io/writer.h"

#include <stdio.h>
#include <string.h>

enum {
    LONGEST_WAIT_MS = 10000,
    SLOW_BYTES_PER_SECOND = 1024,
    BUFFER_BYTES = 512 << 10,
    IGNORED_BODY_BYTES = 1 << 20, /* of an answer that is not wanted, before the connection is dropped instead */
};

/* --- messages -------------------------------------------------------------------------------------------------- */

static int fetch_fails(struct transfer *job, enum err_code code, const char *cause)
{
    char url[700];
    (void)transport_public_url(str_z(job->fetch->url), url, sizeof(url));
    struct str label = job->fetch->label;
    if (label.len == 0 || str_eq_z(label, url))
        return err_set(&job->fetch->err, code, "can't fetch '%s': %s", url, cause);
    return err_set(&job->fetch->err, code, "can't fetch '%.*s' from '%s': %s", STR_ARG(label), url, cause);
}

/* --- callbacks of libcurl -------------------------------------------------------------------------------------- */

static bool is_file_url(const char *url)
{
    return str_eq_fold(str_head(str_z(url), 5), STR("file:"));
}

static bool wanted(const struct transfer *job)
{
    int status = job->fetch->http_status;
    return (status >= 200 && status < 300) || (status == 0 && is_file_url(job->fetch->url));
}

static size_t on_body(char *data, size_t size, size_t count, void *self)
{
    struct transfer *job = self;
    size_t len = size * count;
    struct transport_fetch *fetch = job->fetch;
    if (!wanted(job)) {
        job->ignored += len;
        return job->ignored > IGNORED_BODY_BYTES ? 0 : len;
    }
    if (len > fetch->limit_bytes - job->received) {
        err_set(&job->own_err, ERR_LIMIT, "'%.*s' is larger than %llu bytes", STR_ARG(fetch->label),
                (unsigned long long)fetch->limit_bytes);
        return 0;
    }
    job->received += len;
    if (fetch->sink && len > 0 && writer_write(fetch->sink, data, len, &job->own_err) != 0)
        return 0;
    return len;
}

static bool header_value(struct str line, struct str name, struct str *ret_value)
{
    size_t colon = str_find_char(line, ':');
    if (colon == line.len || !str_eq_fold(str_head(line, colon), name))
        return false;
    *ret_value = str_trim(str_skip(line, colon + 1));
    return true;
}

static void copy_text(char *out, size_t size, struct str value)
{
    if (value.len < size) /* a value that does not fit is no value */
        (void)snprintf(out, size, "%.*s", STR_ARG(value));
}

static size_t on_header(char *data, size_t size, size_t count, void *self)
{
    struct transfer *job = self;
    struct transport_fetch *fetch = job->fetch;
    struct str line = str_trim(str_of(data, size * count));
    struct str value;
    uint64_t number;
    if (str_starts(line, STR("HTTP/"))) { /* each answer on the way (100, a redirect) starts anew */
        struct str status = str_skip(line, str_find_char(line, ' '));
        fetch->http_status = num_parse_u64(str_head(str_trim_left(status), 3), &number) ? (int)number : 0;
        fetch->etag[0] = fetch->location[0] = '\0';
        job->total = fetch->expect_bytes;
    } else if (header_value(line, STR("etag"), &value)) {
        copy_text(fetch->etag, sizeof(fetch->etag), value);
    } else if (header_value(line, STR("location"), &value)) {
        copy_text(fetch->location, sizeof(fetch->location), value);
    } else if (header_value(line, STR("content-length"), &value) && job->total == 0 && wanted(job) &&
               num_parse_u64(value, &number)) {
        job->total = number;
    }
    return size * count;
}

static size_t on_request_body(char *data, size_t size, size_t count, void *self)
{
    struct transfer *job = self;
    size_t got = 0;
    job->body_used = true;
    if (reader_read(job->fetch->body, data, size * count, &got, &job->own_err) != 0)
        return CURL_READFUNC_ABORT;
    return got;
}

/* --- one attempt ----------------------------------------------------------------------------------------------- */

void transfer_drop(struct transfer *job)
{
    struct libcurl *lib = &job->owner->lib;
    if (job->easy) {
        lib->curl_multi_remove_handle(job->owner->multi, job->easy);
        lib->curl_easy_cleanup(job->easy);
    }
    lib->curl_slist_free_all(job->headers);
    job->easy = NULL;
    job->headers = NULL;
}

static int set_headers(struct transfer *job, int64_t *ret_content_length)
{
    for (const char *const *line = job->fetch->headers; line && *line; line++) {
        struct str value;
        uint64_t number;
        if (header_value(str_z(*line), STR("content-length"), &value) && num_parse_u64(value, &number)) {
            *ret_content_length = (int64_t)number;
            continue;
        }
        struct curl_slist *longer = job->owner->lib.curl_slist_append(job->headers, *line);
        if (!longer)
            return -ERR_NOMEM;
        job->headers = longer;
    }
    return 0;
}

#define SET(option, value)                                                                                             \
    do {                                                                                                               \
        if (code == CURLE_OK)                                                                                          \
            code = job->owner->lib.curl_easy_setopt(job->easy, (option), (value));                                     \
    } while (0)

static CURLcode set_request(struct transfer *job)
{
    struct transport_fetch *fetch = job->fetch;
    CURLcode code = CURLE_OK;
    int64_t content_length = -1;
    if (set_headers(job, &content_length) != 0)
        return CURLE_OUT_OF_MEMORY;
    if (fetch->body) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_READFUNCTION, on_request_body);
        SET(CURLOPT_READDATA, (void *)job);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)content_length);
    } else if (fetch->method && strcmp(fetch->method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
    } else if (fetch->method && strcmp(fetch->method, "GET") != 0) {
        SET(CURLOPT_POSTFIELDSIZE, 0L); /* a body of no bytes, with its length */
        SET(CURLOPT_POSTFIELDS, "");
    }
    if (fetch->method && strcmp(fetch->method, "HEAD") != 0)
        SET(CURLOPT_CUSTOMREQUEST, fetch->method);
    if (job->headers)
        SET(CURLOPT_HTTPHEADER, job->headers);
    return code;
}

static CURLcode set_options(struct transfer *job)
{
    struct curl_transport *own = job->owner;
    bool secure = str_eq_fold(str_head(str_z(job->fetch->url), 6), STR("https:"));
    CURLcode code = CURLE_OK;
    SET(CURLOPT_URL, job->fetch->url);
    SET(CURLOPT_PRIVATE, (void *)job);
    SET(CURLOPT_ERRORBUFFER, job->text);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_USERAGENT, own->user_agent ? own->user_agent : "barehull");
    SET(CURLOPT_PROTOCOLS_STR, "http,https,file");
    SET(CURLOPT_FOLLOWLOCATION, 1L);
    SET(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
    SET(CURLOPT_MAXREDIRS, (long)LIMIT_REDIRECTS);
    SET(CURLOPT_CONNECTTIMEOUT_MS, own->connect_timeout_ms);
    SET(CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_SECOND);
    SET(CURLOPT_LOW_SPEED_TIME, own->stall_timeout_s);
    SET(CURLOPT_BUFFERSIZE, (long)BUFFER_BYTES);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, (void *)job);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, (void *)job);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a cancelled fetch does not wait for its resolver */
    if (own->proxy)
        SET(CURLOPT_PROXY, own->proxy);
    if (own->ca_file)
        SET(CURLOPT_CAINFO, own->ca_file);
    if (own->netrc_file) {
        SET(CURLOPT_NETRC, (long)CURL_NETRC_OPTIONAL);
        SET(CURLOPT_NETRC_FILE, own->netrc_file);
    }
    return code == CURLE_OK ? set_request(job) : code;
}
#undef SET

int transfer_start(struct transfer *job)
{
    struct curl_transport *own = job->owner;
    struct transport_fetch *fetch = job->fetch;
    fetch->http_status = 0;
    fetch->etag[0] = fetch->location[0] = '\0';
    fetch->err = ERR_INIT;
    job->own_err = ERR_INIT;
    job->ignored = 0;
    job->total = fetch->expect_bytes;
    job->text[0] = '\0';
    job->tried++;
    job->easy = own->lib.curl_easy_init();
    CURLcode code = job->easy ? set_options(job) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK && own->lib.curl_multi_add_handle(own->multi, job->easy) != CURLM_OK)
        code = CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK)
        return 0;
    return fetch_fails(job, code == CURLE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_INTERNAL, own->lib.curl_easy_strerror(code));
}

/* --- the end of an attempt ------------------------------------------------------------------------------------- */

static bool status_is_passing(int status)
{
    return status == 408 || status == 429 || status >= 500;
}

static bool code_is_passing(CURLcode code)
{
    switch ((int)code) { /* an enum of a hundred; these are the ones that another try may mend */
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    default:
        return false;
    }
}

static enum err_code code_of_curl(CURLcode code)
{
    switch ((int)code) {
    case CURLE_FILE_COULDNT_READ_FILE:
        return ERR_NOT_FOUND;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return ERR_INVALID;
    case CURLE_OUT_OF_MEMORY:
        return ERR_NOMEM;
    default:
        return ERR_NETWORK;
    }
}

static enum err_code code_of_status(int status)
{
    if (status == 404 || status == 410)
        return ERR_NOT_FOUND;
    if (status == 401 || status == 403 || status == 407)
        return ERR_PERMISSION;
    return ERR_NETWORK;
}

/* Fills the fetch's err; true when another try may help. */
static bool judge(struct transfer *job, CURLcode code)
{
    struct transport_fetch *fetch = job->fetch;
    int status = fetch->http_status;
    if (job->own_err.code != ERR_NONE) {
        fetch->err = job->own_err;
        return false;
    }
    /* What an unwanted answer says counts more than how its body ended. */
    if (status >= 300 && status != 304 && (code == CURLE_OK || code == CURLE_WRITE_ERROR)) {
        char cause[48];
        (void)snprintf(cause, sizeof(cause), "the server answered %d", status);
        fetch_fails(job, code_of_status(status), cause);
        return status_is_passing(status);
    }
    if (code == CURLE_OK)
        return false;
    fetch_fails(job, code_of_curl(code), job->text[0] ? job->text : job->owner->lib.curl_easy_strerror(code));
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        err_hint(&fetch->err, "install the package ca-certificates, or name a file of certificates");
    return code_is_passing(code);
}

static uint64_t wait_ns(const struct transfer *job)
{
    uint64_t wait_ms = (uint64_t)job->owner->first_wait_ms << (job->tried - 1 < 16 ? job->tried - 1 : 16);
    curl_off_t asked_s = 0; /* Retry-After */
    if (job->owner->lib.curl_easy_getinfo(job->easy, CURLINFO_RETRY_AFTER, &asked_s) == CURLE_OK && asked_s > 0 &&
        (uint64_t)asked_s * 1000 > wait_ms)
        wait_ms = (uint64_t)asked_s * 1000;
    return (wait_ms < LONGEST_WAIT_MS ? wait_ms : LONGEST_WAIT_MS) * 1000000ULL;
}

bool transfer_end(struct transfer *job, CURLcode code)
{
    bool again = judge(job, code) && job->tried < job->owner->attempts && job->received == 0 && !job->body_used;
    if (again)
        job->not_before_ns = clock_monotonic_ns() + wait_ns(job);
    transfer_drop(job);
    return again;
}
