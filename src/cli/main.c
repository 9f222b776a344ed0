/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the composition root: the only place that knows both the operations and what they are wired to.
 */
#include "cli/app.h"
#include "cli/operations.h"
#include "io/file.h"
#include "net/curl.h"

#include <fcntl.h>

static int open_transport(const struct op_services *services UNUSED, struct transport **ret_transport, struct err *err)
{
    static const struct curl_options options = {.user_agent = "barehull/" BAREHULL_VERSION};
    return curl_transport_new(&options, ret_transport, err);
}

static int write_file(const char *path, struct str text, struct err *err)
{
    return file_write_all(AT_FDCWD, path, 0644, text, err);
}

int main(int argc, char **argv)
{
    static const struct cli_app app = {
        .operations = &cli_operations,
        .version = BAREHULL_VERSION,
        .data_dir = BAREHULL_DATA_DIR,
        .open_transport = open_transport,
        .write_file = write_file,
    };
    return cli_run(&app, argc, argv);
}
