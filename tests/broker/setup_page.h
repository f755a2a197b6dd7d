// SPDX-License-Identifier: Apache-2.0
// Configuration mode's page, as a program: what tests send to a device that is being set up.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "setup/test_page.h"

namespace harness {

// Sends one request to a port of 127.0.0.1; returns the whole answer.
inline std::string ask_page(std::uint16_t port, std::string_view request) {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{20, 0};
    std::string answer;
    if (setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0 &&
        connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0 &&  // NOLINT(*-reinterpret-cast)
        send(client, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
        std::array<char, 4096> bytes{};
        for (ssize_t got = 0; (got = recv(client, bytes.data(), bytes.size(), 0)) > 0;) {
            answer.append(bytes.data(), static_cast<std::size_t>(got));
        }
    }
    close(client);
    return answer;
}

// Sets up the device whose page is on `port`. Returns its new settings in bytes, or empty unless it accepted all of
// them.
inline std::string set_up(std::uint16_t port, const reseal_pairing& code, const reseal_settings& settings) {
    using namespace reseal::test;
    const PageExchange exchange(challenge_of(ask_page(port, get())), code);
    const std::string answer = ask_page(port, post(exchange.request(2, encoded(settings))));
    const std::string content = exchange.open(body_of(answer)).value_or("");
    return content.substr(0, 1) == "\x02" ? content.substr(1) : "";
}

}  // namespace harness
