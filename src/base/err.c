/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_status;
    int http_status;
    int rpc_code;
} table[] = {[ERR_NONE] = {"none", 0, 200, 0},
#define X(code, name, exit_status, http_status, rpc_code) [code] = {name, exit_status, http_status, rpc_code},
             ERR_TABLE(X)
#undef X
};

/* Ends TEXT before a UTF-8 sequence that was cut in half. */
static void trim_partial_character(char *text)
{
    size_t len = strlen(text);
    size_t tail = 0; /* continuation bytes at the end */
    while (tail < len && tail < 3 && ((unsigned char)text[len - 1 - tail] & 0xC0U) == 0x80U)
        tail++;
    if (tail == len)
        return;
    unsigned char lead = (unsigned char)text[len - 1 - tail];
    size_t wanted = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (tail < wanted)
        text[len - 1 - tail] = '\0';
}

PRINTF_LIKE(3, 0)
static void format_into(char *text, size_t size, const char *format, va_list args)
{
    int len = vsnprintf(text, size, format, args);
    if (len < 0)
        text[0] = '\0';
    else if ((size_t)len >= size)
        trim_partial_character(text);
}

/* Appends ": " and TAIL, which is cut where there is no room. */
static void append_to_message(struct err *err, const char *tail)
{
    size_t len = strlen(err->message);
    size_t room = sizeof(err->message) - len;
    if ((size_t)snprintf(err->message + len, room, ": %s", tail) >= room)
        trim_partial_character(err->message);
}

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        err->code = code;
        err->hint[0] = '\0';
        format_into(err->message, sizeof(err->message), format, args);
        va_end(args);
    }
    return -(int)code;
}

static enum err_code code_of_errno(int errnum)
{
    switch (errnum) {
    case ENOENT:
    case ENOTDIR:
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERR_PERMISSION;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR_NO_SPACE;
    case ENOMEM:
        return ERR_NOMEM;
    case EEXIST:
        return ERR_EXISTS;
    case EINTR:
        return ERR_CANCELLED;
    default:
        return ERR_IO;
    }
}

int err_errno(struct err *err, int errnum, const char *format, ...)
{
    enum err_code code = code_of_errno(errnum);
    if (err) {
        va_list args;
        va_start(args, format);
        err->code = code;
        err->hint[0] = '\0';
        format_into(err->message, sizeof(err->message), format, args);
        va_end(args);
        char text[128];
        const char *reason = strerror_r(errnum, text, sizeof(text));
        size_t room = sizeof(err->message) - sizeof(": ") - strlen(reason);
        if (strlen(err->message) > room) { /* a long path gives way: the cause must be told */
            err->message[room] = '\0';
            trim_partial_character(err->message);
        }
        append_to_message(err, reason);
    }
    return -(int)code;
}

int err_wrap(struct err *err, const char *format, ...)
{
    if (!err)
        return -(int)ERR_INTERNAL;
    char inner[ERR_MESSAGE_MAX];
    memcpy(inner, err->message, sizeof(inner));
    va_list args;
    va_start(args, format);
    format_into(err->message, sizeof(err->message), format, args);
    va_end(args);
    append_to_message(err, inner);
    return -(int)err->code;
}

int err_hint(struct err *err, const char *format, ...)
{
    if (!err)
        return -(int)ERR_INTERNAL;
    va_list args;
    va_start(args, format);
    format_into(err->hint, sizeof(err->hint), format, args);
    va_end(args);
    return -(int)err->code;
}

int err_nomem(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

static size_t slot(enum err_code code)
{
    return (size_t)code < ARRAY_LEN(table) ? (size_t)code : (size_t)ERR_INTERNAL;
}

const char *err_name(enum err_code code)
{
    return table[slot(code)].name;
}

int err_exit_status(enum err_code code)
{
    return table[slot(code)].exit_status;
}

int err_http_status(enum err_code code)
{
    return table[slot(code)].http_status;
}

int err_rpc_code(enum err_code code)
{
    return table[slot(code)].rpc_code;
}
