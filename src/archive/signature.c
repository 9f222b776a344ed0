/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/signature.h"

#include "archive/armor.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "io/file.h"
#include "proc/run.h"

#include <fcntl.h>
#include <stdio.h>

enum { STATUS_FD = 3, KEYRING_FD = 4, STATUS_BYTES_MAX = 1 << 20 };

int keyring_add_bytes(struct str bytes, const char *name, struct buf *keyring, struct err *err)
{
    if (armor_is_key(bytes))
        return armor_decode_keys(bytes, name, keyring, err);
    /* A keybox begins with the length of its first blob, its type 1, its version, two flag bytes and this magic. */
    if (bytes.len >= 12 && str_eq(str_of(bytes.ptr + 8, 4), STR("KBXf"))) {
        err_set(err, ERR_UNSUPPORTED, "keyring '%s' is a keybox file", name);
        return err_hint(err, "export its keys: gpg --export > keyring.gpg");
    }
    /* Every packet of OpenPGP begins with the high bit set. */
    if (bytes.len == 0 || ((unsigned char)bytes.ptr[0] & 0x80U) == 0)
        return err_set(err, ERR_INVALID, "'%s' is not a keyring", name);
    buf_add_str(keyring, bytes);
    return buf_check(keyring, err);
}

int keyring_add_file(const char *path, struct buf *keyring, struct err *err)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    int rc = file_read_all(AT_FDCWD, path, LIMIT_KEYRING_BYTES, &bytes, err);
    if (rc != 0)
        return rc;
    return keyring_add_bytes(buf_str(&bytes), path, keyring, err);
}

/* Lines of armour may carry white space behind them (RFC 9580 section 6.2). */
static bool next_line(struct str *rest, struct str *ret_line)
{
    if (!str_next_line(rest, ret_line))
        return false;
    *ret_line = str_trim_right(*ret_line);
    return true;
}

int signature_frame(struct str bytes, const char *name, struct str *ret_text, struct err *err)
{
    struct str rest = bytes, line = STR_NONE;
    if (str_has_char(bytes, '\0'))
        return err_set(err, ERR_SIGNATURE, "'%s' holds a NUL byte", name);
    bool begun = next_line(&rest, &line) && str_eq(line, STR("-----BEGIN PGP SIGNED MESSAGE-----"));
    if (!begun && str_find(bytes, STR("-----BEGIN PGP SIGNED MESSAGE-----")) < bytes.len)
        return err_set(err, ERR_SIGNATURE, "'%s' has text before the part that is signed", name);
    if (!begun)
        return err_set(err, ERR_SIGNATURE, "'%s' is not signed", name);
    do { /* "Hash: SHA256", then one empty line */
        if (!next_line(&rest, &line))
            return err_set(err, ERR_SIGNATURE, "'%s' is cut short", name);
        if (line.len > 0 && !str_starts(line, STR("Hash: ")))
            return err_set(err, ERR_SIGNATURE, "'%s' has an unknown header before the part that is signed", name);
    } while (line.len > 0);
    const char *text = rest.ptr;
    const char *end = text;
    bool signature = false;
    while (!signature && next_line(&rest, &line)) {
        signature = str_eq(line, STR("-----BEGIN PGP SIGNATURE-----"));
        if (!signature && str_starts(line, STR("-")) && !str_starts(line, STR("- ")))
            return err_set(err, ERR_SIGNATURE, "'%s' has a line that is not escaped in the part that is signed", name);
        if (!signature)
            end = rest.ptr ? rest.ptr : bytes.ptr + bytes.len;
    }
    bool ended = false;
    while (signature && !ended && next_line(&rest, &line)) {
        ended = str_eq(line, STR("-----END PGP SIGNATURE-----"));
        if (!ended && str_starts(line, STR("-")))
            return err_set(err, ERR_SIGNATURE, "signature of '%s' is broken", name);
    }
    if (!ended)
        return err_set(err, ERR_SIGNATURE, "'%s' is cut short: its signature has no end", name);
    if (str_trim(rest).len > 0)
        return err_set(err, ERR_SIGNATURE, "'%s' has text behind its signature", name);
    *ret_text = str_of(text, (size_t)(end - text));
    return 0;
}

/* Runs gpgv over BYTES; OUTPUT and STATUS hold what it wrote, whatever it thinks of the signature. */
static int run_gpgv(struct str bytes, const struct signature_trust *trust, const struct op_ctx *ctx, struct buf *output,
                    struct buf *status, struct err *err)
{
    int keyring_fd CLEANUP(fd_cleanup) = -1;
    int status_fd CLEANUP(fd_cleanup) = -1;
    int rc = proc_memory_fd("keyring", trust->keyring, &keyring_fd, err);
    if (rc == 0)
        rc = proc_memory_fd("status", STR_NONE, &status_fd, err);
    if (rc != 0)
        return rc;
    static const char *const argv[] = {"gpgv",
                                       "--homedir=/nonexistent",
                                       "--ignore-time-conflict",
                                       "--weak-digest=SHA1",
                                       "--weak-digest=RIPEMD160",
                                       "--keyring=/proc/self/fd/4",
                                       "--status-fd=3",
                                       "--output=-",
                                       NULL};
    const struct proc_fd fds[] = {{status_fd, STATUS_FD}, {keyring_fd, KEYRING_FD}};
    struct proc_run run = {
        .program = trust->gpgv ? trust->gpgv : "gpgv",
        .search_path = trust->search_path,
        .argv = argv,
        .input = bytes,
        .fds = fds,
        .fd_count = ARRAY_LEN(fds),
        .output = output,
        .output_limit_bytes = LIMIT_RELEASE_BYTES,
    };
    struct proc_result *result CLEANUP_MEM = mem_calloc(1, sizeof(*result));
    if (!result)
        return err_nomem(err);
    rc = proc_run(&run, ctx, result, err);
    if (rc == -ERR_NOT_FOUND) {
        err_set(err, ERR_UNSUPPORTED, "program 'gpgv', which verifies the archive's signature, was not found");
        return err_hint(err, "install the package gpgv");
    }
    if (rc != 0)
        return rc;
    char path[32];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", status_fd);
    rc = file_read_all(AT_FDCWD, path, STATUS_BYTES_MAX, status, err);
    /* A gpgv that could not work at all (no memory, a keyring that it can't read) says nothing of a signature. */
    if (rc == 0 && status->len == 0)
        rc = proc_failure(run.program, result, err);
    return rc;
}

int signature_verify(struct str bytes, const char *name, const struct signature_trust *trust, const struct op_ctx *ctx,
                     struct buf *out, struct gpg_verdict *ret_verdict, struct err *err)
{
    struct buf output CLEANUP_BUF = BUF_INIT;
    struct buf status CLEANUP_BUF = BUF_INIT;
    struct str text;
    struct gpg_verdict verdict;
    int rc = signature_frame(bytes, name, &text, err);
    if (rc == 0)
        rc = run_gpgv(bytes, trust, ctx, &output, &status, err);
    if (rc != 0)
        return rc;
    gpg_status_read(buf_str(&status), trust->fingerprints, trust->fingerprint_count, &verdict);
    rc = gpg_verdict_check(&verdict, name, err);
    if (rc == 0 && output.len == 0)
        rc = err_set(err, ERR_SIGNATURE, "the signed part of '%s' is empty", name);
    if (rc != 0)
        return rc;
    buf_add_str(out, buf_str(&output));
    rc = buf_check(out, err);
    if (rc == 0 && ret_verdict)
        *ret_verdict = verdict;
    return rc;
}
