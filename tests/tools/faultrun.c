/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faultrun - the command line, with one failing allocation or system call.
 *
 *     faultrun alloc|io N build ./app ...
 *
 * The N-th point of that kind fails (0: none). The last line on standard error is "points K": how many were passed,
 * so that a sweep knows where to end. Everything else is barehull's own.
 */
#include "base/fault.h"
#include "base/num.h"
#include "cli/app.h"
#include "cli/operations.h"
#include "io/file.h"
#include "net/curl.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int open_transport(const struct op_services *services UNUSED, struct transport **ret_transport, struct err *err)
{
    static const struct curl_options options = {.user_agent = "barehull-test"};
    return curl_transport_new(&options, ret_transport, err);
}

static int write_file(const char *path, struct str text, struct err *err)
{
    return file_write_all(AT_FDCWD, path, 0644, text, err);
}

int main(int argc, char **argv)
{
    static const struct cli_app app = {
        .operations = &cli_operations, .version = "0", .open_transport = open_transport, .write_file = write_file};
    uint64_t n;
    if (argc < 4 || (strcmp(argv[1], "alloc") != 0 && strcmp(argv[1], "io") != 0) ||
        !num_parse_u64(str_z(argv[2]), &n)) {
        fprintf(stderr, "usage: faultrun alloc|io N COMMAND...\n");
        return 2;
    }
    enum fault_kind kind = strcmp(argv[1], "alloc") == 0 ? FAULT_ALLOC : FAULT_IO;
    argv[2] = argv[0];
    fault_arm(kind, n);
    int status = cli_run(&app, argc - 2, argv + 2);
    uint64_t points = fault_count(kind);
    fault_disarm();
    fprintf(stderr, "points %llu\n", (unsigned long long)points);
    return status;
}
