/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/alloc.h"

#include <stdio.h>
#include <string.h>

void buf_done(struct buf *buf)
{
    mem_free(buf->ptr);
    *buf = BUF_INIT;
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

bool buf_reserve(struct buf *buf, size_t extra)
{
    if (buf->failed)
        return false;
    size_t need;
    if (__builtin_add_overflow(buf->len, extra, &need) || __builtin_add_overflow(need, 1, &need)) {
        buf->failed = true;
        return false;
    }
    if (need <= buf->cap)
        return true;
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    char *ptr = mem_realloc(buf->ptr, cap, 1);
    if (!ptr) {
        buf->failed = true;
        return false;
    }
    if (!buf->ptr)
        ptr[0] = '\0';
    buf->ptr = ptr;
    buf->cap = cap;
    return true;
}

char *buf_extend(struct buf *buf, size_t len)
{
    if (!buf_reserve(buf, len))
        return NULL;
    char *at = buf->ptr + buf->len;
    buf->len += len;
    buf->ptr[buf->len] = '\0';
    return at;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
    char *at = buf_extend(buf, len);
    if (at && len)
        memcpy(at, data, len);
}

void buf_add_str(struct buf *buf, struct str s)
{
    buf_add(buf, s.ptr, s.len);
}

void buf_add_z(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_char(struct buf *buf, char c)
{
    char *at = buf_extend(buf, 1);
    if (at)
        *at = c;
}

void buf_add_fill(struct buf *buf, char c, size_t count)
{
    char *at = buf_extend(buf, count);
    if (at)
        memset(at, c, count);
}

void buf_addv(struct buf *buf, const char *format, va_list args)
{
    if (!buf_reserve(buf, 0))
        return;
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(buf->ptr + buf->len, room, format, args);
    if (len < 0) {
        buf->failed = true;
        buf->ptr[buf->len] = '\0';
    } else if ((size_t)len < room) {
        buf->len += (size_t)len;
    } else {
        buf->ptr[buf->len] = '\0';
        if (buf_reserve(buf, (size_t)len)) {
            (void)vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
            buf->len += (size_t)len;
        }
    }
    va_end(again);
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_addv(buf, format, args);
    va_end(args);
}

void buf_add_u64(struct buf *buf, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    buf_add(buf, digits + at, sizeof(digits) - at);
}

void buf_add_hex(struct buf *buf, const void *data, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    if (len > SIZE_MAX / 2) {
        buf->failed = true;
        return;
    }
    char *at = buf_extend(buf, len * 2);
    const unsigned char *bytes = data;
    for (size_t i = 0; at && i < len; i++) {
        *at++ = hex[bytes[i] >> 4];
        *at++ = hex[bytes[i] & 15];
    }
}

void buf_truncate(struct buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->ptr[len] = '\0';
}

const char *buf_z(const struct buf *buf)
{
    return buf->ptr ? buf->ptr : "";
}

int buf_check(const struct buf *buf, struct err *err)
{
    return buf->failed ? err_nomem(err) : 0;
}

char *buf_take(struct buf *buf, size_t *ret_len)
{
    if (buf->failed || !buf->ptr)
        return NULL;
    char *ptr = buf->ptr;
    if (ret_len)
        *ret_len = buf->len;
    *buf = BUF_INIT;
    return ptr;
}
