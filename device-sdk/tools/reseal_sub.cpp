// SPDX-License-Identifier: Apache-2.0
// reseal-sub: subscribes, opens each sealed message and prints its payload.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include "tools/backoff.h"
#include "tools/credentials.h"
#include "tools/file.h"
#include "tools/mqtt_client.h"
#include "tools/options.h"
#include "tools/receiver.h"
#include "tools/sender.h"
#include "tools/stop_signal.h"
#include "tools/tool_main.h"

namespace reseal::tools {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_wait(1000);

bool write_out(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

// What happens to a message that arrived.
class Printer {
  public:
    Printer(const SubOptions& options, Receiver& receiver) : options_(options), receiver_(receiver) {}

    Checked<Done> take(const Received& received) {
        if (auto dumped = options_.dump.empty() ? Done{} : dump(received.payload); !dumped) {
            return dumped;
        }
        if (is_unsealed(received.topic)) {
            const auto* text = reinterpret_cast<const char*>(received.payload.data());  // NOLINT(*-reinterpret-cast)
            return print(received.topic, {text, received.payload.size()});
        }
        const Opened opened = receiver_.open(received.topic, received.payload);
        if (opened) {
            return print(received.topic, opened.payload());
        }
        (void)std::fprintf(stderr, "reseal-sub: refused: %s: %s\n", received.topic.c_str(), opened.why_refused());
        return Done{};
    }

    [[nodiscard]] bool printed_anything() const { return printed_ > 0; }
    [[nodiscard]] bool has_enough() const { return options_.count > 0 && printed_ >= options_.count; }

  private:
    [[nodiscard]] bool is_unsealed(const std::string& topic) const {
        return std::any_of(options_.unsealed.begin(), options_.unsealed.end(),
                           [&](const std::string& filter) { return topic_matches(filter, topic); });
    }

    Checked<Done> print(const std::string& topic, std::string_view payload) {
        if (!write_out(options_.verbose ? topic + " " : "") || !write_out(payload) ||
            !write_out(options_.newline ? "\n" : "") || std::fflush(stdout) != 0) {
            return Fault{"stdout", "cannot be written"};
        }
        ++printed_;
        return Done{};
    }

    Checked<Done> dump(std::span<const std::uint8_t> message) {
        std::array<char, 32> name{};
        (void)std::snprintf(name.data(), name.size(), "/%04llu.bin", ++dumped_);
        return write_whole_file(options_.dump + name.data(), message);
    }

    const SubOptions& options_;
    Receiver& receiver_;
    std::uint64_t printed_ = 0;
    unsigned long long dumped_ = 0;
};

// Stays connected for as long as asked; reconnects after a lost connection.
class Subscription {
  public:
    // `sender`: null if a certificate alone logs in.
    Subscription(const SubOptions& options, const std::string& id, Sender* sender, Printer& printer,
                 const StopSignal& stop, MqttClient& client)
        : options_(options), id_(id), sender_(sender), printer_(printer), stop_(stop), client_(client) {
        if (options.wait_seconds > 0) {
            end_ = Clock::now() + std::chrono::seconds(options.wait_seconds);
        }
    }

    Checked<Done> run() {
        if (auto connected = connect(); !connected) {
            return connected;
        }
        while (!over()) {
            if (auto done = client_.connected() ? receive() : come_back(); !done) {
                return done;
            }
        }
        client_.disconnect();
        return Done{};
    }

  private:
    [[nodiscard]] bool over() const { return stop_.requested() || printer_.has_enough() || Clock::now() >= end_; }

    [[nodiscard]] milliseconds at_most(milliseconds wanted) const {
        const auto left = std::chrono::ceil<milliseconds>(end_ - Clock::now());
        return std::clamp(left, milliseconds(0), wanted);
    }

    Checked<Done> connect() {
        const auto login = login_for(options_.common.connection, id_, sender_);
        if (!login) {
            return login.error();
        }
        if (auto connected = client_.connect(*login); !connected) {
            return connected;
        }
        if (auto subscribed = client_.subscribe(options_.filters, options_.common.qos); !subscribed) {
            return subscribed;
        }
        backoff_.reset();
        return Done{};
    }

    Checked<Done> receive() {
        client_.work(at_most(longest_wait));
        while (!printer_.has_enough()) {
            const auto event = client_.next_event();
            if (!event) {
                break;
            }
            const auto* received = std::get_if<Received>(&*event);
            if (auto taken = received != nullptr ? printer_.take(*received) : Done{}; !taken) {
                return taken;
            }
        }
        if (!client_.connected()) {
            (void)std::fprintf(stderr, "reseal-sub: connection lost: %s\n", client_.why_lost().c_str());
        }
        return Done{};
    }

    // Fails only where another attempt would get the same answer.
    Checked<Done> come_back() {
        const auto again = Clock::now() + backoff_.next();
        while (Clock::now() < again && !over()) {
            client_.work(at_most(std::chrono::ceil<milliseconds>(again - Clock::now())));
        }
        if (over()) {
            return Done{};
        }
        if (auto connected = connect(); !connected) {
            if (client_.refused_for_good()) {
                return connected;
            }
            client_.disconnect();
            (void)std::fprintf(stderr, "reseal-sub: %s\n", connected.error().text().c_str());
        }
        return Done{};
    }

    const SubOptions& options_;
    const std::string& id_;
    Sender* sender_;
    Printer& printer_;
    const StopSignal& stop_;
    MqttClient& client_;
    Backoff backoff_;
    Clock::time_point end_ = Clock::time_point::max();
};

Checked<int> open_file(const SubOptions& options, Receiver& receiver) {
    const auto message = read_whole_file(options.file);
    if (!message) {
        return message.error();
    }
    Printer printer(options, receiver);
    const auto taken = printer.take({options.filters.front(), {message->begin(), message->end()}});
    return taken ? Checked<int>(printer.printed_anything() ? 0 : 1) : taken.error();
}

Checked<int> subscribe(const SubOptions& options, const std::string& id, Sender* sender, Receiver& receiver) {
    const auto stop = StopSignal::install();
    if (!stop) {
        return stop.error();
    }
    const auto client = MqttClient::make(options.common.connection, id, **stop);
    if (!client) {
        return client.error();
    }
    Printer printer(options, receiver);
    const auto done = Subscription(options, id, sender, printer, **stop, **client).run();
    return done ? Checked<int>(options.count > 0 && !printer.has_enough() ? 1 : 0) : done.error();
}

Checked<int> run(const std::vector<std::string>& arguments) {
    const auto options = parse_sub_options(arguments);
    if (!options) {
        return options.error();
    }
    const auto credentials = Credentials::read(options->common.credentials);
    if (!credentials) {
        return credentials.error();
    }
    const auto id = client_id(options->common.connection, credentials->principal());
    if (!id) {
        return id.error();
    }
    const auto receiver = Receiver::make(*credentials, options->window);
    if (!receiver) {
        return receiver.error();
    }
    if (!options->file.empty()) {
        return open_file(*options, **receiver);
    }
    // Only the sealed CONNECT needs a sender; a certificate alone leaves the epoch file alone.
    if (options->common.connection.cert_only) {
        return subscribe(*options, *id, nullptr, **receiver);
    }
    const auto sender = Sender::make(*credentials, options->common.state);
    return sender ? subscribe(*options, *id, sender->get(), **receiver) : sender.error();
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-sub", argc, argv, reseal::tools::run);
}
