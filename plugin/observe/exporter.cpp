// SPDX-License-Identifier: Apache-2.0
#include "observe/exporter.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <span>
#include <system_error>
#include <vector>

#include "base/quiet_thread.h"
#include "observe/http.h"

namespace reseal::observe {
namespace {

constexpr std::chrono::seconds patience{2};  // for one request and its answer
constexpr int backlog = 8;

Checked<Descriptor> listen_on(std::uint16_t port) {
    Descriptor out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
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
                     .problem = "cannot listen on port " + std::to_string(port) + " of 127.0.0.1: " + reason,
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

// Prometheus asks every few seconds, and nobody else should: but whoever connects and says nothing keeps nobody
// waiting.
class Connections {
  public:
    Connections(const Metrics& metrics, int listener, int wake)
        : metrics_(&metrics), listener_(listener), wake_(wake) {}

    // Waits for something to do, and does it.
    void round() {
        const std::vector<pollfd> ready = wait();
        const auto now = Clock::now();
        std::size_t at = 0;
        for (const pollfd& each : std::span(ready).subspan(before_connections)) {
            HttpConnection& connection = all_.at(at);
            if (now < connection.deadline() && (each.revents == 0 || connection.step(*metrics_))) {
                ++at;
            } else {
                all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        if (ready[1].revents != 0) {
            take(now);
        }
    }

  private:
    static constexpr std::size_t most = 16;
    static constexpr std::size_t before_connections = 2;  // the end and the listener

    [[nodiscard]] std::vector<pollfd> wait() const {
        std::vector<pollfd> out{{.fd = wake_, .events = POLLIN, .revents = 0},
                                {.fd = listener_, .events = POLLIN, .revents = 0}};
        for (const HttpConnection& each : all_) {
            out.push_back({.fd = each.descriptor(), .events = each.events(), .revents = 0});
        }
        if (::poll(out.data(), out.size(), patience_left()) < 0) {
            std::ranges::for_each(out, [](pollfd& each) { each.revents = 0; });
        }
        return out;
    }

    // Milliseconds that the oldest connection has; -1: for ever.
    [[nodiscard]] int patience_left() const {
        if (all_.empty()) {
            return -1;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(all_.front().deadline() - Clock::now());
        return std::max(0, static_cast<int>(left.count()));
    }

    // In the place of the oldest one, if there is no room.
    void take(Clock::time_point now) {
        Descriptor client(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (client) {
            if (all_.size() == most) {
                all_.erase(all_.begin());
            }
            all_.emplace_back(std::move(client), now + patience);
        } else if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) {
            pollfd end{.fd = wake_, .events = POLLIN, .revents = 0};  // out of descriptors, perhaps: not again at once
            (void)::poll(&end, 1, static_cast<int>(std::chrono::milliseconds(patience).count()));
        }
    }

    const Metrics* metrics_;
    int listener_;
    int wake_;
    std::vector<HttpConnection> all_;  // the oldest first
};

}  // namespace

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

// The connections belong to the thread, whose descriptors are its own: they are closed here.
void Exporter::run() {
    try {
        Connections connections(*metrics_, listener_.get(), wake_.get());
        while (!ending_.load()) {
            connections.round();
        }
    } catch (...) {  // NOLINT(bugprone-empty-catch): without memory the port is silent, and the broker goes on
    }
}

}  // namespace reseal::observe
