#include "observe/exporter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <system_error>

#include "base/quiet_thread.h"
#include "observe/exposition.h"

namespace reseal::observe {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t request_most = 4096;
constexpr std::chrono::seconds patience{2};  // for one request and its answer
constexpr int backlog = 8;

std::string plain_answer(std::string_view status, std::string_view more = {}) {
    std::string out = "HTTP/1.1 ";
    out.append(status).append("\r\n").append(more);
    return out.append("Content-Length: 0\r\nConnection: close\r\n\r\n");
}

std::string metrics_answer(const Metrics& metrics) {
    const std::string body = prometheus_text(metrics);
    return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

// The value of the one header field `name`, which is written in lower case; nothing if it is missing or repeated.
std::string header(std::string_view head, std::string_view wanted) {
    std::string out;
    for (std::size_t at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
        const std::string_view line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const std::size_t colon = line.find(':');
        std::string field(line.substr(0, std::min(colon, line.size())));
        std::ranges::transform(field, field.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (colon == std::string_view::npos || field != wanted) {
            continue;
        }
        if (!out.empty()) {
            return {};
        }
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        out = begin == std::string_view::npos ? std::string() : std::string(line.substr(begin));
    }
    return out;
}

// A web page that was told that its own name has this address must not read along in a browser.
bool names_loopback(const std::string& host) {
    const std::string name = host.substr(0, host.find(':'));
    return name == "127.0.0.1" || name == "localhost";
}

// Waits until `fd` is ready or `wake` is; false at the deadline or the end.
bool ready(int fd, short events, int wake, Clock::time_point deadline) {
    std::array<pollfd, 2> all{pollfd{.fd = fd, .events = events, .revents = 0},
                              pollfd{.fd = wake, .events = POLLIN, .revents = 0}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return left > 0 && ::poll(all.data(), all.size(), static_cast<int>(left)) > 0 && all[1].revents == 0;
}

std::string read_head(int fd, int wake, Clock::time_point deadline) {
    std::string out;
    std::array<char, 1024> chunk{};
    while (out.size() < request_most && ready(fd, POLLIN, wake, deadline)) {
        const ssize_t size = ::recv(fd, chunk.data(), chunk.size(), 0);
        if (size <= 0) {
            return {};
        }
        out.append(chunk.data(), static_cast<std::size_t>(size));
        if (const std::size_t end = out.find("\r\n\r\n"); end != std::string::npos) {
            return out.substr(0, end + 4);
        }
    }
    return {};
}

void send_all(int fd, std::string_view text, int wake, Clock::time_point deadline) {
    while (!text.empty() && ready(fd, POLLOUT, wake, deadline)) {
        const ssize_t size = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0 && errno != EAGAIN && errno != EINTR) {
            return;
        }
        text.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : 0);
    }
}

Checked<Descriptor> listen_on(std::uint16_t port) {
    Descriptor out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!out || ::setsockopt(out.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(out.get(), backlog) != 0) {
        const std::string reason = std::generic_category().message(errno);
        return Fault{.key = "metrics_port",
                     .problem = "port " + std::to_string(port) + " of 127.0.0.1 cannot be listened on: " + reason,
                     .remedy = "name a free port"};
    }
    return out;
}

std::uint16_t port_of(const Descriptor& listener) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    (void)::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

}  // namespace

std::string http_answer(std::string_view request, const Metrics& metrics) {
    const std::string_view line = request.substr(0, request.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    const std::string_view version = last == std::string_view::npos ? line : line.substr(last + 1);
    if (first == last || (version != "HTTP/1.1" && version != "HTTP/1.0")) {
        return plain_answer("400 Bad Request");
    }
    if (!names_loopback(header(request, "host"))) {
        return plain_answer("403 Forbidden");
    }
    if (line.substr(0, first) != "GET") {
        return plain_answer("405 Method Not Allowed", "Allow: GET\r\n");
    }
    return line.substr(first + 1, last - first - 1) == "/metrics" ? metrics_answer(metrics)
                                                                  : plain_answer("404 Not Found");
}

Checked<std::unique_ptr<Exporter>> Exporter::start(const Metrics& metrics, std::uint16_t port) {
    auto listener = listen_on(port);
    if (!listener) {
        return listener.error();
    }
    Descriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    const std::uint16_t bound = port_of(*listener);
    return std::unique_ptr<Exporter>(new Exporter(metrics, std::move(*listener), std::move(wake), bound));
}

Exporter::Exporter(const Metrics& metrics, Descriptor listener, Descriptor wake, std::uint16_t port)
    : metrics_(&metrics), listener_(std::move(listener)), wake_(std::move(wake)), port_(port) {
    thread_ = quiet_thread({listener_.get(), wake_.get()}, [this] { run(); });
}

Exporter::~Exporter() {
    ending_.store(true);
    (void)::eventfd_write(wake_.get(), 1);
    thread_.join();
}

// One request after the other: Prometheus asks every few seconds, and nobody else should.
void Exporter::run() {
    while (!ending_.load()) {
        if (!ready(listener_.get(), POLLIN, wake_.get(), Clock::now() + std::chrono::hours(1))) {
            continue;
        }
        const Descriptor client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!client) {  // out of descriptors, perhaps: not again at once
            (void)ready(wake_.get(), POLLIN, wake_.get(), Clock::now() + patience);
            continue;
        }
        const auto deadline = Clock::now() + patience;
        const std::string request = read_head(client.get(), wake_.get(), deadline);
        const std::string answer = request.empty() ? plain_answer("400 Bad Request") : http_answer(request, *metrics_);
        send_all(client.get(), answer, wake_.get(), deadline);
        (void)::shutdown(client.get(), SHUT_WR);
    }
}

}  // namespace reseal::observe
