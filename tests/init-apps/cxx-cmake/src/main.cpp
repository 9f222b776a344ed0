// SPDX-License-Identifier: Apache-2.0
// Greets, keeps count, and tells its health, one connection at a time.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace {

std::string respond(const std::string &request)
{
    static const std::map<std::string, std::string> pages = {
        {"/hello", "hello\n"},
        {"/health", "ok\n"},
    };
    auto start = request.find(' ') + 1;
    auto page = pages.find(request.substr(start, request.find(' ', start) - start));
    std::string body = page == pages.end() ? "" : page->second;
    return std::string("HTTP/1.1 ") + (page == pages.end() ? "404 Not Found" : "200 OK") +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

} // namespace

int main()
{
    std::signal(SIGPIPE, SIG_IGN);
    const char *port = std::getenv("PORT");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port ? static_cast<uint16_t>(std::stoi(port)) : 8082);
    int one = 1, listening = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(listening, reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0 || listen(listening, 16) != 0) {
        std::cerr << "greeter: cannot listen\n";
        return 1;
    }
    for (;;) {
        int peer = accept(listening, nullptr, nullptr);
        char buffer[4096];
        ssize_t len = read(peer, buffer, sizeof(buffer));
        std::string text = respond(std::string(buffer, len > 0 ? static_cast<size_t>(len) : 0));
        if (write(peer, text.data(), text.size()) < 0)
            std::cerr << "greeter: the peer is gone\n";
        close(peer);
    }
}
