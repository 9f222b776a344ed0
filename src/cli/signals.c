/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/signals.h"

#include <signal.h>
#include <stdlib.h>
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
