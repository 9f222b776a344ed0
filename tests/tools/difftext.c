/* SPDX-License-Identifier: Apache-2.0 */
/*
 * difftext BEFORE AFTER [NAME] - what diff/diff.h says of two files, with diff(1)'s exit statuses. A file that is
 * called "-" is not there.
 */
#include "diff/diff.h"
#include "io/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int take(const char *path, struct buf *bytes, struct str *ret_content, struct err *err)
{
    if (strcmp(path, "-") == 0)
        return 0;
    int r = file_read_all(AT_FDCWD, path, 1ULL << 30, bytes, err);
    *ret_content = str_of(buf_z(bytes), bytes->len);
    return r;
}

int main(int argc, char **argv)
{
    CLEANUP_BUF struct buf before_bytes = BUF_INIT, after_bytes = BUF_INIT, out = BUF_INIT, names = BUF_INIT;
    struct err err = ERR_INIT;
    struct diff_side before = {0}, after = {0};
    if (argc < 3)
        return 2;
    const char *name = argc > 3 ? argv[3] : "file";
    buf_addf(&names, "a/%s%cb/%s", name, 0, name);
    before.name = str_z(buf_z(&names));
    after.name = str_z(buf_z(&names) + strlen(name) + 3);
    int r = take(argv[1], &before_bytes, &before.content, &err);
    if (r == 0)
        r = take(argv[2], &after_bytes, &after.content, &err);
    if (r == 0)
        r = diff_unified(&before, &after, 3, &out, &err);
    if (r != 0) {
        (void)fprintf(stderr, "difftext: %s\n", err.message);
        return 2;
    }
    return fwrite(out.ptr, 1, out.len, stdout) == out.len ? out.len > 0 : 2;
}
