/* SPDX-License-Identifier: Apache-2.0 */
/*
 * marshalcanon VERSION MAGIC (both in hex) - for oracles: frames of a source and its marshalled code on standard input
 * (each with its size before it, four bytes, little-endian) become frames on standard output: whole .pyc files, or
 * empty ones and a message on standard error.
 */
#include "base/limits.h"
#include "base/num.h"
#include "python/marshal.h"

#include <stdio.h>

static bool read_frame(struct buf *frame)
{
    char size[4];
    if (fread(size, 1, 4, stdin) != 4)
        return false;
    buf_reset(frame);
    char *bytes = buf_extend(frame, num_le32(size));
    return bytes && fread(bytes, 1, num_le32(size), stdin) == num_le32(size);
}

static void write_frame(struct str frame)
{
    char size[4];
    num_put_le32(size, (uint32_t)frame.len);
    fwrite(size, 1, 4, stdout);
    fwrite(frame.ptr ? frame.ptr : "", 1, frame.len, stdout);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    uint64_t version, magic;
    if (argc != 3 || !num_parse_hex(str_z(argv[1]), &version) || !num_parse_hex(str_z(argv[2]), &magic))
        return 2;
    struct buf source CLEANUP_BUF = BUF_INIT;
    struct buf code CLEANUP_BUF = BUF_INIT;
    struct buf out CLEANUP_BUF = BUF_INIT;
    while (read_frame(&source) && read_frame(&code)) {
        struct err err = ERR_INIT;
        buf_reset(&out);
        python_pyc_header((uint32_t)magic, buf_str(&source), &out);
        if (python_marshal_canonical(buf_str(&code), (unsigned)version, &out, &err) < 0) {
            fprintf(stderr, "%s\n", err.message);
            buf_reset(&out);
        }
        write_frame(buf_str(&out));
    }
    return 0;
}
