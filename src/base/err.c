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

/* Ends TEXT before a UTF-8 sequence that vsnprintf cut in half. */
static void trim_partial_character(char *text, size_t size)
{
    size_t len = strlen(text);
    if (len + 1 < size)
        return;
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0U) == 0x80U)
        start--;
    if (start > 0 && ((unsigned char)text[start - 1] & 0x80U) != 0)
        text[start - 1] = '\0';
}

PRINTF_LIKE(3, 0)
static void format_into(char *text, size_t size, const char *format, va_list args)
{
    if (vsnprintf(text, size, format, args) < 0)
        text[0] = '\0';
    trim_partial_character(text, size);
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
        size_t len = strlen(err->message);
        (void)snprintf(err->message + len, sizeof(err->message) - len, ": %s", reason);
        trim_partial_character(err->message, sizeof(err->message));
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
    size_t len = strlen(err->message);
    (void)snprintf(err->message + len, sizeof(err->message) - len, ": %s", inner);
    trim_partial_character(err->message, sizeof(err->message));
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
