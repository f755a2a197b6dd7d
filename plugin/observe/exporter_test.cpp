// SPDX-License-Identifier: Apache-2.0
// GET /metrics on loopback is answered, and nothing else.
#include "observe/exporter.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <vector>

#include "observe/http.h"

namespace reseal::observe {
namespace {

class ExporterTest : public testing::Test {
  protected:
    ExporterTest() {
        metrics_.add_worker().opened.add(42);
        auto started = Exporter::start(metrics_, 0);
        EXPECT_TRUE(started) << started.error().text();
        exporter_ = std::move(*started);
    }

    [[nodiscard]] Descriptor connected(const char* address = "127.0.0.1") const {
        Descriptor out(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(exporter_->port());
        (void)::inet_pton(AF_INET, address, &to.sin_addr);
        return ::connect(out.get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0 ? std::move(out) : Descriptor();
    }
    // All that comes back until the connection is closed.
    [[nodiscard]] std::string ask(const std::string& request) const {
        const Descriptor client = connected();
        EXPECT_TRUE(client);
        (void)::send(client.get(), request.data(), request.size(), MSG_NOSIGNAL);
        std::string out;
        std::array<char, 4096> chunk{};
        for (ssize_t size = 1; size > 0;) {
            size = ::recv(client.get(), chunk.data(), chunk.size(), 0);
            out.append(chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        }
        return out;
    }
    [[nodiscard]] std::string status(const std::string& request) const {
        const std::string answer = http_answer(request, metrics_);
        return answer.substr(0, answer.find("\r\n"));
    }

    Metrics metrics_;
    std::unique_ptr<Exporter> exporter_;
};

TEST_F(ExporterTest, AnswersPrometheus) {
    const std::string answer = ask("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:9464\r\nAccept: text/plain\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    EXPECT_NE(answer.find("\nreseal_messages_opened_total 42\n"), std::string::npos);
    const std::size_t head = answer.find("\r\n\r\n") + 4;
    EXPECT_NE(answer.find("Content-Length: " + std::to_string(answer.size() - head) + "\r\n"), std::string::npos);
}

TEST_F(ExporterTest, AnswersOneAfterTheOther) {
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(ask("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

TEST_F(ExporterTest, RefusesWhatIsNotARequest) {
    EXPECT_TRUE(ask("\r\n\r\n").starts_with("HTTP/1.1 400 "));
}

TEST_F(ExporterTest, ListensOnLoopbackOnly) {
    EXPECT_TRUE(connected());
    EXPECT_FALSE(connected("127.0.0.2")) << "bound to one address, not to all";
}

TEST_F(ExporterTest, SaysThatThePortIsTaken) {
    const auto second = Exporter::start(metrics_, exporter_->port());
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().text().find("metrics_port: cannot listen on port " + std::to_string(exporter_->port())),
              std::string::npos);
}

TEST_F(ExporterTest, StopsAtOnceWhileAClientIsSilent) {
    const Descriptor client = connected();
    ASSERT_TRUE(client);
    exporter_.reset();
    std::array<char, 1> byte{};
    EXPECT_LE(::recv(client.get(), byte.data(), byte.size(), 0), 0);
}

// They are still there when somebody else has been answered.
TEST_F(ExporterTest, AnswersOthersWhileClientsAreSilent) {
    std::vector<Descriptor> silent;
    for (int i = 0; i < 8; ++i) {
        silent.push_back(connected());
        (void)::send(silent.back().get(), "GET", static_cast<std::size_t>(i % 4), MSG_NOSIGNAL);
    }
    EXPECT_TRUE(ask("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    for (const Descriptor& each : silent) {
        std::array<char, 1> byte{};
        EXPECT_EQ(::recv(each.get(), byte.data(), byte.size(), MSG_DONTWAIT), -1);
        EXPECT_EQ(errno, EAGAIN);
    }
}

TEST_F(ExporterTest, AnswersOthersHoweverManyAreSilent) {
    std::vector<Descriptor> silent;
    for (int i = 0; i < 100; ++i) {
        silent.push_back(connected());
        ASSERT_TRUE(silent.back());
    }
    EXPECT_TRUE(ask("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ExporterTest, EndsAConnectionThatComesToNothing) {
    const Descriptor client = connected();
    (void)::send(client.get(), "GET /metrics", 12, MSG_NOSIGNAL);
    std::array<char, 1> byte{};
    EXPECT_LE(::recv(client.get(), byte.data(), byte.size(), 0), 0);
}

TEST_F(ExporterTest, ReadsARequestInPieces) {
    const Descriptor client = connected();
    std::string out;
    for (const char each : std::string_view("GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")) {
        (void)::send(client.get(), &each, 1, MSG_NOSIGNAL);
    }
    std::array<char, 12> bytes{};
    EXPECT_EQ(::recv(client.get(), bytes.data(), bytes.size(), MSG_WAITALL), 12);
    EXPECT_EQ(std::string_view(bytes.data(), bytes.size()), "HTTP/1.1 200");
}

TEST_F(ExporterTest, RefusesARequestThatDoesNotEnd) {
    EXPECT_TRUE(ask("GET /" + std::string(5000, 'x')).starts_with("HTTP/1.1 400 "));
}

TEST_F(ExporterTest, KnowsOnePathAndOneMethod) {
    const std::string rest = " HTTP/1.1\r\nHost: localhost:9464\r\n\r\n";
    EXPECT_EQ(status("GET /metrics" + rest), "HTTP/1.1 200 OK");
    EXPECT_EQ(status("GET /" + rest), "HTTP/1.1 404 Not Found");
    EXPECT_EQ(status("GET /metrics/../etc" + rest), "HTTP/1.1 404 Not Found");
    EXPECT_EQ(status("POST /metrics" + rest), "HTTP/1.1 405 Method Not Allowed");
    EXPECT_EQ(status("GET /metrics HTTP/2\r\nHost: localhost\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(status("GET\r\n\r\n"), "HTTP/1.1 400 Bad Request");
}

// A web page could give its own name this address, and read along in the browser of somebody on this machine.
TEST_F(ExporterTest, RefusesForeignHostNames) {
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: attacker.example\r\n\r\n"), "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\n\r\n"), "HTTP/1.1 403 Forbidden");
    EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: attacker.example\r\n\r\n"),
              "HTTP/1.1 403 Forbidden");
}

}  // namespace
}  // namespace reseal::observe
