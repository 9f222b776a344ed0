/* SPDX-License-Identifier: Apache-2.0 */
/* The head of an answer, and the little that the server adds to it. */
#include "base/clock.h"
#include "server/internal.h"

#include <string.h>
#include <time.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7); made once a second. */
static struct str date_now(struct date_cache *date)
{
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t now = clock_unix_seconds();
    if (now == date->second)
        return str_of(date->text, 29);
    time_t seconds = (time_t)now;
    struct tm tm;
    if (!gmtime_r(&seconds, &tm))
        return STR("Thu, 01 Jan 1970 00:00:00 GMT");
    char *p = date->text;
    unsigned year = (unsigned)tm.tm_year + 1900;
    memcpy(p, days + 3 * tm.tm_wday, 3);
    memcpy(p + 3, ", dd mmm yyyy hh:mm:ss GMT", 27);
    p[5] = (char)('0' + tm.tm_mday / 10), p[6] = (char)('0' + tm.tm_mday % 10);
    memcpy(p + 8, months + 3 * tm.tm_mon, 3);
    for (size_t i = 0; i < 4; i++, year /= 10)
        p[15 - i] = (char)('0' + year % 10);
    p[17] = (char)('0' + tm.tm_hour / 10), p[18] = (char)('0' + tm.tm_hour % 10);
    p[20] = (char)('0' + tm.tm_min / 10), p[21] = (char)('0' + tm.tm_min % 10);
    p[23] = (char)('0' + tm.tm_sec / 10), p[24] = (char)('0' + tm.tm_sec % 10);
    date->second = now;
    return str_of(p, 29);
}

/* The status line and all fields but those of the framing. */
void answer_start(struct server_exchange *exchange, struct date_cache *date, struct buf *out)
{
    const struct http_request *request = &exchange->reader.request;
    bool head = request->method == HTTP_METHOD_HEAD;
    struct http_response *response = &exchange->response;
    if (exchange->complete && !request->keep_alive)
        exchange->close = true;
    if (server_is_draining(exchange))
        exchange->close = true;
    http_response_start(response, out, exchange->status, head ? HTTP_RESPONSE_HEAD_ONLY : HTTP_RESPONSE_BODY);
    http_response_field(response, STR("Date"), date_now(date));
    if (exchange->type.len > 0)
        http_response_field(response, STR("Content-Type"), exchange->type);
    for (const struct answer_field *field = exchange->fields; field; field = field->next)
        http_response_field(response, field->name, field->value);
    if (exchange->refusal && exchange->status == 503)
        http_response_field_u64(response, STR("Retry-After"), exchange->server->options.retry_after_s);
}

static void write_connection(struct server_exchange *exchange)
{
    if (exchange->close)
        http_response_field(&exchange->response, STR("Connection"), STR("close"));
    else if (exchange->reader.request.minor_version == 0)
        http_response_field(&exchange->response, STR("Connection"), STR("keep-alive"));
}

/* What is answered when the application's answer can't be written. */
static bool write_failure(struct server_exchange *exchange, struct buf *out, size_t start)
{
    if (out->failed)
        return false;
    buf_truncate(out, start);
    exchange->close = true;
    exchange->status = 500;
    exchange->answer = STR_NONE;
    buf_add_str(out, STR("HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
    return !out->failed;
}

bool answer_admit(struct server_exchange *exchange)
{
    uint64_t bytes = exchange->answer.len;
    if (bytes > exchange->arena.used_bytes) /* the rest of it is static */
        bytes = exchange->arena.used_bytes;
    if (bytes <= SERVER_LARGE_BYTES)
        return true;
    if (!server_charge(exchange->server, bytes))
        return false;
    exchange->charged_bytes += bytes;
    return true;
}

bool answer_write(struct server_exchange *exchange, struct date_cache *date, struct buf *out)
{
    struct http_response *response = &exchange->response;
    size_t start = out->len;
    answer_start(exchange, date, out);
    write_connection(exchange);
    bool bodiless = exchange->status == 204 || exchange->status == 304;
    if (bodiless)
        http_response_bodiless(response);
    else
        http_response_length(response, exchange->answer.len);
    if (exchange->failed || http_response_check(response, NULL) != 0)
        return write_failure(exchange, out, start);
    if (bodiless || response->kind == HTTP_RESPONSE_HEAD_ONLY)
        exchange->answer = STR_NONE;
    if (exchange->answer.len <= SERVER_COPY_BYTES) {
        buf_add_str(out, exchange->answer);
        exchange->answer = STR_NONE;
    }
    return !out->failed;
}
