// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>

#include <reseal/setup_posix.h>

#include "setup/test_page.h"

namespace {

using namespace reseal::test;

// A connection to a port of 127.0.0.1.
class Client {
  public:
    explicit Client(std::uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const timeval patience{20, 0};
        EXPECT_EQ(setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
        EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
    }
    ~Client() { close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    Client(Client&&) = delete;
    Client& operator=(Client&&) = delete;

    void say(const std::string& text) const {
        EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }
    // Everything that the device sends until it ends the connection.
    [[nodiscard]] std::string hear() const {
        std::string all;
        std::array<char, 1000> bytes{};
        ssize_t got = 0;
        while ((got = recv(socket_, bytes.data(), bytes.size(), 0)) > 0) {
            all.append(bytes.data(), static_cast<std::size_t>(got));
        }
        EXPECT_EQ(got, 0);
        return all;
    }
    [[nodiscard]] std::string ask(const std::string& request) const {
        say(request);
        return hear();
    }

  private:
    int socket_;
};

class SetupServer : public testing::Test {
  protected:
    SetupServer() {
        EXPECT_EQ(pipe(stop_.data()), 0);
        listener_ = reseal_setup_posix_listen(&port_);
        EXPECT_GE(listener_, 0);
        end_ = std::async(std::launch::async,
                          [this] { return reseal_setup_posix_serve(device_.setup.get(), listener_, stop_[0]); });
    }
    ~SetupServer() override {
        if (end_.valid()) {
            (void)stop();
        }
        close(listener_);
        close(stop_[0]);
        close(stop_[1]);
    }
    reseal_setup_posix_end stop() {
        EXPECT_EQ(write(stop_[1], "x", 1), 1);
        return end_.get();
    }
    [[nodiscard]] std::string ask(const std::string& request) const { return Client(port_).ask(request); }

    SetupDevice device_;
    std::array<int, 2> stop_{};
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::future<reseal_setup_posix_end> end_;
};

TEST_F(SetupServer, ServesUntilSettingsAreAccepted) {
    const PageExchange exchange(challenge_of(ask(get())), pairing());
    const std::string answer = ask(post(exchange.request(2, encoded(longest_settings()))));
    EXPECT_EQ(exchange.open(body_of(answer)).value_or("").substr(0, 1), "\x02");
    EXPECT_EQ(end_.get(), RESEAL_SETUP_POSIX_TAKEN);
    EXPECT_EQ(device_.stored, encoded(longest_settings()));
}

TEST_F(SetupServer, ServesUntilItIsStopped) {
    EXPECT_EQ(status_of(ask(get())), 200);
    EXPECT_EQ(stop(), RESEAL_SETUP_POSIX_STOPPED);
}

TEST_F(SetupServer, ASecondClientIsToldToWait) {
    {
        const Client first(port_);
        first.say("GET / HTTP/1.1\r\n");
        EXPECT_EQ(status_of(ask("G")), 503);
        EXPECT_EQ(status_of(first.ask("Host: a\r\n\r\n")), 200);
    }
    EXPECT_EQ(status_of(ask(get())), 200);
}

TEST_F(SetupServer, SilentConnectionsBlockNobody) {
    std::vector<std::unique_ptr<Client>> silent;
    for (int i = 0; i < 20; i++) {
        silent.push_back(std::make_unique<Client>(port_));
    }
    EXPECT_EQ(status_of(ask(get())), 200);
}

// Each of them is told to wait, and stays.
TEST_F(SetupServer, LingeringConnectionsBlockNobody) {
    const Client client(port_);
    client.say("G");
    EXPECT_EQ(status_of(ask("G")), 503) << "it is being served";
    std::vector<std::unique_ptr<Client>> staying;
    for (int i = 0; i < 20; i++) {
        staying.push_back(std::make_unique<Client>(port_));
        staying.back()->say("G");
    }
    EXPECT_EQ(status_of(ask("G")), 503);
    EXPECT_EQ(status_of(client.ask("ET / HTTP/1.1\r\nHost: a\r\n\r\n")), 200);
}

TEST_F(SetupServer, DataAfterARequestDoesNotPreventTheAnswer) {
    EXPECT_EQ(status_of(ask(get() + std::string(100000, 'x'))), 400);
}

TEST(SetupListen, APortInUseIsAnError) {
    std::uint16_t port = 0;
    const int first = reseal_setup_posix_listen(&port);
    ASSERT_GE(first, 0);
    EXPECT_NE(port, 0);
    EXPECT_EQ(reseal_setup_posix_listen(&port), -1);
    EXPECT_EQ(errno, EADDRINUSE);
    close(first);
}

}  // namespace
