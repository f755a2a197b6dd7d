// SPDX-License-Identifier: Apache-2.0
#include "observe/http.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

#include "observe/exposition.h"

namespace reseal::observe {
namespace {

constexpr std::size_t request_most = 4096;

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

HttpConnection::HttpConnection(Descriptor socket, Clock::time_point deadline)
    : socket_(std::move(socket)), deadline_(deadline) {}

short HttpConnection::events() const {
    return answer_.empty() ? POLLIN : POLLOUT;
}

bool HttpConnection::step(const Metrics& metrics) {
    if (answer_.empty() && !read(metrics)) {
        return false;
    }
    return answer_.empty() || write();
}

// Until the head is there, and with it the answer.
bool HttpConnection::read(const Metrics& metrics) {
    std::array<char, 1024> chunk{};
    const ssize_t size = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    request_.append(chunk.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    const std::size_t end = request_.find("\r\n\r\n");
    if (end != std::string::npos) {
        answer_ = http_answer(request_.substr(0, end + 4), metrics);
    } else if (request_.size() >= request_most) {
        answer_ = plain_answer("400 Bad Request");
    }
    return size > 0;
}

// False, too, when all is written.
bool HttpConnection::write() {
    const ssize_t size = ::send(socket_.get(), answer_.data() + sent_, answer_.size() - sent_, MSG_NOSIGNAL);
    sent_ += size > 0 ? static_cast<std::size_t>(size) : 0;
    if (sent_ == answer_.size()) {
        (void)::shutdown(socket_.get(), SHUT_WR);
        return false;
    }
    return size >= 0 || errno == EAGAIN || errno == EINTR;
}

}  // namespace reseal::observe
