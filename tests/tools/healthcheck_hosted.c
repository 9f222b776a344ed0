/* SPDX-License-Identifier: Apache-2.0 */
/* healthcheck_hosted.c - the health probe as an ordinary program. */
#include "probe/probe.h"

#include <unistd.h>

int main(int argc, char **argv)
{
    (void)argc;
    return probe_run(argv, environ);
}
