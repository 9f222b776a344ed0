/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * base/err.h - what went wrong, as a value that the caller owns.
 *
 * A fallible function is `int f(..., struct err *err)`: it returns 0, or the negative of an enum err_code with ERR
 * filled in, and then leaves its outputs untouched. struct err has a fixed size and never allocates, so that running
 * out of memory can be told. A finding is data, not an error.
 *
 * `message` names the thing and the cause: lower case, no full stop, the subject in single quotes, the cause first.
 * `hint` is the remedy (may be empty). ERR may be NULL where the caller only wants the code.
 *
 * The table ERR_TABLE gives each code its name (stable; shown in JSON), exit status, HTTP status and JSON-RPC code.
 * Exit statuses: 2 usage, 3 could not do the job, 4 could not verify (1 is for findings and never comes from here).
 */
#include "base/forward.h"

#define ERR_MESSAGE_MAX 1024 /* bytes with the final NUL; longer messages are cut at a character boundary */
#define ERR_HINT_MAX    768

/*       code                name                  exit http  json-rpc */
#define ERR_TABLE(X)                                                                                                   \
    X(ERR_NOMEM, "out-of-memory", 3, 503, -32603)                                                                      \
    X(ERR_INTERNAL, "internal", 3, 500, -32603)                                                                        \
    X(ERR_USAGE, "usage", 2, 400, -32602)                                                                              \
    X(ERR_INVALID, "invalid-input", 3, 422, -32602)                                                                    \
    X(ERR_LIMIT, "limit-exceeded", 3, 413, -32602)                                                                     \
    X(ERR_UNSUPPORTED, "unsupported", 3, 422, -32602)                                                                  \
    X(ERR_IO, "io", 3, 500, -32603)                                                                                    \
    X(ERR_NOT_FOUND, "not-found", 3, 404, -32602)                                                                      \
    X(ERR_EXISTS, "exists", 3, 409, -32602)                                                                            \
    X(ERR_PERMISSION, "permission", 3, 403, -32603)                                                                    \
    X(ERR_NO_SPACE, "no-space", 3, 507, -32603)                                                                        \
    X(ERR_CANCELLED, "cancelled", 3, 499, -32603)                                                                      \
    X(ERR_DEADLINE, "deadline-exceeded", 3, 504, -32603)                                                               \
    X(ERR_NETWORK, "network", 3, 502, -32603)                                                                          \
    X(ERR_OFFLINE, "offline", 3, 502, -32603)                                                                          \
    X(ERR_PROCESS, "process", 3, 500, -32603)                                                                          \
    X(ERR_NO_SOURCES, "no-sources", 3, 422, -32602)                                                                    \
    X(ERR_ELF, "elf", 3, 422, -32602)                                                                                  \
    X(ERR_ARCHITECTURE, "architecture", 3, 422, -32602)                                                                \
    X(ERR_LIBC, "libc", 3, 422, -32602)                                                                                \
    X(ERR_LIBRARY_MISSING, "library-missing", 3, 422, -32602)                                                          \
    X(ERR_SYMBOL_VERSION, "symbol-version", 3, 422, -32602)                                                            \
    X(ERR_PYTHON_VERSION, "python-version", 3, 422, -32602)                                                            \
    X(ERR_PACKAGE_MISSING, "package-missing", 3, 422, -32602)                                                          \
    X(ERR_DEPENDENCY, "dependency", 3, 422, -32602)                                                                    \
    X(ERR_SIGNATURE, "signature", 4, 422, -32602)                                                                      \
    X(ERR_DIGEST, "digest", 4, 422, -32602)                                                                            \
    X(ERR_EXPIRED, "expired", 4, 422, -32602)                                                                          \
    X(ERR_DOWNGRADE, "downgrade", 4, 422, -32602)

enum err_code {
    ERR_NONE = 0,
#define X(code, name, exit_status, http_status, rpc_code) code,
    ERR_TABLE(X)
#undef X
};

struct err {
    enum err_code code;
    char message[ERR_MESSAGE_MAX];
    char hint[ERR_HINT_MAX];
};

#define ERR_INIT ((struct err){.code = ERR_NONE})

/* Fills ERR, dropping what it held, and returns -CODE. */
int err_set(struct err *err, enum err_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * As err_set, for a failed system call: appends ": " and the text of ERRNUM, and chooses the code from it
 * (ENOENT not-found, EACCES/EPERM/EROFS permission, ENOSPC/EDQUOT no-space, ENOMEM out-of-memory, EEXIST exists,
 * EINTR cancelled, else io).
 */
int err_errno(struct err *err, int errnum, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts "CONTEXT: " before the message that ERR holds. Returns the negative code that ERR holds. */
int err_wrap(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Sets the remedy. Returns the negative code that ERR holds. */
int err_hint(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* "out of memory" in one word: err_set(err, ERR_NOMEM, "out of memory"). */
int err_nomem(struct err *err);

/* The code's stable name ("library-missing"); "none" for ERR_NONE. Static storage. */
const char *err_name(enum err_code code);
int err_exit_status(enum err_code code);
int err_http_status(enum err_code code);
int err_rpc_code(enum err_code code);
