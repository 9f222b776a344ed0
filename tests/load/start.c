/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start [-n N] PORT PATH COMMAND... - how long a server takes from its start to its first answer.
 *
 * Starts COMMAND, asks 127.0.0.1:PORT for PATH until the answer is 200, ends it with SIGTERM, N times. Prints JSON:
 * milliseconds to the first answer and from the signal to the end, and the resident memory in KB behind the answer.
 */
#include "base/clock.h"
#include "base/num.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { RUNS_MAX = 1000, POLL_NS = 20000 };

#define GIVE_UP_NS 20000000000ULL

static NORETURN void fail(const char *what)
{
    fprintf(stderr, "start: %s\n", what);
    exit(2);
}

static bool answers(uint16_t port, const char *path)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char text[512];
    bool good = false;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        int len = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
        good = send(fd, text, (size_t)len, MSG_NOSIGNAL) == len && recv(fd, text, sizeof(text), 0) > 12 &&
               memcmp(text + 9, "200", 3) == 0;
    }
    close(fd);
    return good;
}

static uint64_t resident_kb(pid_t pid)
{
    char path[64], line[256];
    uint64_t kb = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file)) {
        struct str rest = str_z(line), word;
        if (str_starts(rest, STR("VmRSS:")) && str_next_word(&rest, &word) && str_next_word(&rest, &word))
            (void)num_parse_u64(word, &kb);
    }
    if (file)
        fclose(file);
    return kb;
}

static int compare(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

static void print_list(const char *name, double *values, uint64_t count)
{
    qsort(values, count, sizeof(*values), compare);
    printf("\"%s\": {\"median\": %.3f, \"min\": %.3f, \"max\": %.3f}", name, values[count / 2], values[0],
           values[count - 1]);
}

int main(int argc, char **argv)
{
    static double first[RUNS_MAX], end[RUNS_MAX], resident[RUNS_MAX];
    uint64_t count = 10, port = 0;
    int at = 1;
    if (argc > 2 && strcmp(argv[1], "-n") == 0 && num_parse_u64(str_z(argv[2]), &count))
        at = 3;
    if (argc < at + 3 || !num_parse_u64(str_z(argv[at]), &port) || count == 0 || count > RUNS_MAX)
        fail("usage: start [-n N] PORT PATH COMMAND...");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    for (uint64_t i = 0; i < count; i++) {
        pid_t pid;
        int status;
        uint64_t begin = clock_monotonic_ns();
        if (posix_spawnp(&pid, argv[at + 2], &actions, NULL, argv + at + 2, environ) != 0)
            fail("can't start it");
        while (!answers((uint16_t)port, argv[at + 1])) {
            nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
            if (waitpid(pid, &status, WNOHANG) == pid || clock_monotonic_ns() - begin > GIVE_UP_NS) {
                kill(pid, SIGKILL);
                fail("it never answered");
            }
        }
        first[i] = (double)(clock_monotonic_ns() - begin) / 1e6;
        resident[i] = (double)resident_kb(pid);
        begin = clock_monotonic_ns();
        kill(pid, SIGTERM);
        waitpid(pid, &status, 0);
        end[i] = (double)(clock_monotonic_ns() - begin) / 1e6;
    }
    posix_spawn_file_actions_destroy(&actions);
    printf("{");
    print_list("first_ms", first, count);
    printf(", ");
    print_list("end_ms", end, count);
    printf(", ");
    print_list("resident_kb", resident, count);
    printf("}\n");
    return 0;
}
