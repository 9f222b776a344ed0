/* SPDX-License-Identifier: Apache-2.0 */
/* What holds a pod's namespaces open, for tests: it waits until it is told to end, and takes up orphans. */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int number)
{
    (void)number;
    _exit(0);
}

int main(void)
{
    signal(SIGTERM, end);
    signal(SIGINT, end);
    for (;;) {
        pause();
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}
