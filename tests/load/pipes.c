/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipes [-n N] [-w N] [--first FILE] --line FILE [--contains TEXT] COMMAND... - round trips with a program that answers
 * each line with a line.
 *
 * Starts COMMAND with pipes at its input and output, sends the lines of --first (a handshake; those with an "id" are
 * answered) and then N times that of --line, one at a time, with LOAD_ID in it replaced. Prints JSON: durations in
 * microseconds, and `first_ms` from before the start to the first answer.
 */
#include "base/clock.h"
#include "base/num.h"
#include "load.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct pipes {
    int in, out;
    pid_t pid;
    struct buf held; /* what came behind the line asked for */
};

struct plan {
    uint64_t count, warm_up;
    struct buf first, line;
    char *id; /* where it stands in the line; NULL: nowhere */
    const char *contains;
    char **command;
};

static NORETURN void fail(const char *what)
{
    fprintf(stderr, "pipes: %s\n", what);
    exit(2);
}

static void read_file(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    char piece[4096];
    size_t len;
    if (!file)
        fail(path);
    while ((len = fread(piece, 1, sizeof(piece), file)) > 0)
        buf_add(out, piece, len);
    fclose(file);
}

static void start(struct pipes *pipes, char **command)
{
    int to[2], from[2];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        fail("no pipes");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO);
    if (posix_spawnp(&pipes->pid, command[0], &actions, NULL, command, environ) != 0)
        fail("can't start it");
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    pipes->in = to[1];
    pipes->out = from[0];
}

static void send_all(struct pipes *pipes, struct str bytes)
{
    while (bytes.len) {
        ssize_t len = write(pipes->in, bytes.ptr, bytes.len);
        if (len <= 0)
            fail("it reads no more");
        bytes = str_skip(bytes, (size_t)len);
    }
}

/* The next line, to LINE. */
static void receive(struct pipes *pipes, struct buf *line)
{
    size_t searched = 0;
    for (;;) {
        struct str rest = str_skip(buf_str(&pipes->held), searched);
        size_t end = searched + str_find_char(rest, '\n');
        if (end < pipes->held.len) {
            buf_reset(line);
            buf_add(line, pipes->held.ptr, end);
            memmove(pipes->held.ptr, pipes->held.ptr + end + 1, pipes->held.len - end - 1);
            buf_truncate(&pipes->held, pipes->held.len - end - 1);
            return;
        }
        searched = pipes->held.len;
        if (!buf_reserve(&pipes->held, 65536))
            fail("out of memory");
        ssize_t len = read(pipes->out, pipes->held.ptr + pipes->held.len, 65536);
        if (len <= 0)
            fail("it ended");
        pipes->held.len += (size_t)len;
    }
}

static void say_first(struct pipes *pipes, struct str lines, struct buf *line)
{
    struct str text;
    while (str_next_line(&lines, &text)) {
        if (text.len == 0)
            continue;
        send_all(pipes, text);
        send_all(pipes, STR("\n"));
        if (str_find(text, STR("\"id\"")) < text.len)
            receive(pipes, line);
    }
}

static void ask(struct pipes *pipes, const struct plan *plan, uint64_t id, struct buf *line)
{
    char digits[LOAD_ID_LEN + 1];
    snprintf(digits, sizeof(digits), "%010llu", (unsigned long long)id);
    if (plan->id)
        memcpy(plan->id, digits, LOAD_ID_LEN);
    send_all(pipes, buf_str(&plan->line));
    receive(pipes, line);
    if ((plan->id && !memmem(line->ptr, line->len, digits, LOAD_ID_LEN)) ||
        (plan->contains && str_find(buf_str(line), str_z(plan->contains)) == line->len)) {
        fprintf(stderr, "%.300s\n", buf_z(line));
        fail("a wrong answer");
    }
}

static void read_plan(int argc, char **argv, struct plan *plan)
{
    int at = 1;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (strcmp(argv[at], "-n") == 0)
            (void)num_parse_u64(str_z(argv[at + 1]), &plan->count);
        else if (strcmp(argv[at], "-w") == 0)
            (void)num_parse_u64(str_z(argv[at + 1]), &plan->warm_up);
        else if (strcmp(argv[at], "--first") == 0)
            read_file(argv[at + 1], &plan->first);
        else if (strcmp(argv[at], "--line") == 0)
            read_file(argv[at + 1], &plan->line);
        else if (strcmp(argv[at], "--contains") == 0)
            plan->contains = argv[at + 1];
        else
            fail("unknown option");
    }
    if (at >= argc || plan->line.len == 0)
        fail("usage: pipes [-n N] [-w N] [--first FILE] --line FILE [--contains TEXT] COMMAND...");
    plan->id = memmem(plan->line.ptr, plan->line.len, LOAD_ID, LOAD_ID_LEN);
    plan->command = argv + at;
}

int main(int argc, char **argv)
{
    static struct histogram histogram;
    struct plan plan = {.count = 1000};
    struct pipes pipes = {0};
    CLEANUP_BUF struct buf line = BUF_INIT;
    read_plan(argc, argv, &plan);
    uint64_t begin = clock_monotonic_ns();
    start(&pipes, plan.command);
    say_first(&pipes, buf_str(&plan.first), &line);
    if (!plan.first.len)
        ask(&pipes, &plan, 0, &line);
    uint64_t first = clock_monotonic_ns() - begin;
    for (uint64_t i = 0; i < plan.warm_up; i++)
        ask(&pipes, &plan, i, &line);
    uint64_t asked = clock_monotonic_ns();
    for (uint64_t i = 0; i < plan.count; i++) {
        uint64_t sent = clock_monotonic_ns();
        ask(&pipes, &plan, plan.warm_up + i, &line);
        histogram_add(&histogram, clock_monotonic_ns() - sent);
    }
    double seconds = (double)(clock_monotonic_ns() - asked) / 1e9;
    close(pipes.in);
    int status = 0;
    uint64_t closed = clock_monotonic_ns();
    waitpid(pipes.pid, &status, 0);
    printf("{\"first_ms\": %.3f, \"calls\": %llu, \"rate\": %.1f, \"exit_ms\": %.3f, \"status\": %d",
           (double)first / 1e6, (unsigned long long)plan.count, (double)plan.count / seconds,
           (double)(clock_monotonic_ns() - closed) / 1e6, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    printf(", \"latency_us\": {\"p50\": %.3f, \"p90\": %.3f, \"p99\": %.3f, \"p999\": %.3f, \"max\": %.3f}}\n",
           (double)histogram_quantile(&histogram, 0.5) / 1e3, (double)histogram_quantile(&histogram, 0.9) / 1e3,
           (double)histogram_quantile(&histogram, 0.99) / 1e3, (double)histogram_quantile(&histogram, 0.999) / 1e3,
           (double)histogram.max / 1e3);
    buf_done(&plan.first);
    buf_done(&plan.line);
    buf_done(&pipes.held);
    return status == 0 ? 0 : 1;
}
