/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server_main.c - the composition root of the service alone (-Dclient=disabled): no network client, no files, no
 * processes, because none of them is linked.
 */
#include "cli/app.h"
#include "cli/operations.h"

int main(int argc, char **argv)
{
    static const struct cli_app app = {.operations = &cli_operations, .version = BAREHULL_VERSION};
    return cli_run(&app, argc, argv);
}
