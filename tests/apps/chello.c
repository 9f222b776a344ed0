/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chello - a plain C server as people have it: `GET /healthz` says "ok", `GET /` greets, anything else is 404.
 * Listens on $PORT (8080). One client at a time. Ends cleanly on SIGTERM, as the first process of a container must.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(int client)
{
    char request[2048];
    ssize_t got = read(client, request, sizeof request - 1);

    if (got <= 0)
        return;
    request[got] = '\0';
    int health = strncmp(request, "GET /healthz ", 13) == 0;
    int root = strncmp(request, "GET / ", 6) == 0;
    const char *status = health || root ? "200 OK" : "404 Not Found";
    const char *body = health ? "ok\n" : root ? "hello from a bare hull\n" : "not found\n";
    dprintf(client, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
            status, strlen(body), body);
}

static int listen_on(unsigned short port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) ||
        bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 64))
        return -1;
    return fd;
}

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

int main(int argc, char **argv)
{
    const char *port = getenv("PORT");
    struct sigaction action = {.sa_handler = stop}; /* without SA_RESTART: accept() must return */

    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return puts("chello 1.0") < 0;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = listen_on((unsigned short)atoi(port ? port : "8080"));
    if (fd < 0) {
        perror("chello: can't listen");
        return 1;
    }
    while (!stopped) {
        int client = accept(fd, NULL, NULL);
        if (client < 0)
            continue;
        answer(client);
        close(client);
    }
    return 0;
}
