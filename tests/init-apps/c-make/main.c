/* SPDX-License-Identifier: Apache-2.0 */
/* Answers "pong", and /healthz, one connection at a time. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void answer(int peer)
{
    static const char pong[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\npong\n";
    static const char none[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char request[4096];
    ssize_t len = read(peer, request, sizeof(request) - 1);
    request[len > 0 ? len : 0] = 0;
    int known = strncmp(request, "GET / ", 6) == 0 || strncmp(request, "GET /healthz ", 13) == 0;
    const char *text = known ? pong : none;
    (void)!write(peer, text, strlen(text));
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8081)};
    int one = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(listening, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(listening, 16) != 0) {
        perror("pong");
        return 1;
    }
    for (;;) {
        int peer = accept(listening, NULL, NULL);
        if (peer < 0)
            continue;
        answer(peer);
        close(peer);
    }
}
