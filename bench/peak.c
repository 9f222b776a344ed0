/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peak PROGRAM [ARGUMENT...] - runs it with its output thrown away and prints the most memory that it held, in KB.
 * A small program of its own: what is started by a large one inherits its peak.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;
    if (argc < 2)
        return 2;
    pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
        execv(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
        return 1;
    printf("%ld\n", usage.ru_maxrss);
    return 0;
}
