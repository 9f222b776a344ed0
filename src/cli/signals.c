/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

static atomic_bool cancelled;
static atomic_int received;

static void on_signal(int number)
{
    atomic_store_explicit(&received, number, memory_order_relaxed);
    atomic_store_explicit(&cancelled, true, memory_order_relaxed);
}

/* SA_RESETHAND makes the second signal deadly; without SA_RESTART a blocking call returns, to be told of it. */
static void handle(int number)
{
    struct sigaction old;
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
        return;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
}

const atomic_bool *cli_signals_install(void)
{
    handle(SIGINT);
    handle(SIGTERM);
    handle(SIGHUP);
    (void)signal(SIGPIPE, SIG_IGN);
    return &cancelled;
}

int cli_signal_received(void)
{
    return atomic_load_explicit(&received, memory_order_relaxed);
}

int cli_signals_open(int *ret_fd, struct err *err)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct sigaction old;
        if (sigaction(numbers[i], NULL, &old) != 0 || old.sa_handler != SIG_IGN)
            sigaddset(&set, numbers[i]);
    }
    int rc = pthread_sigmask(SIG_BLOCK, &set, NULL);
    int fd = rc ? -1 : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return err_errno(err, rc ? rc : errno, "can't wait for signals");
    *ret_fd = fd;
    return 0;
}

void cli_signals_exit(int status)
{
    _exit(status);
}

void cli_signal_die(int number)
{
    sigset_t set;
    (void)signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
    (void)raise(number);
    _exit(128 + number);
}
