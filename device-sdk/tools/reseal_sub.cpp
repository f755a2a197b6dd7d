// reseal-sub: subscribes, opens each sealed message and prints its payload.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>

#include "tools/backoff.h"
#include "tools/credentials.h"
#include "tools/failure.h"
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

void write_out(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
        throw Failure("stdout: cannot be written");
    }
}

// What happens to a message that arrived.
class Printer {
  public:
    Printer(const SubOptions& options, Receiver& receiver) : options_(options), receiver_(receiver) {}

    void take(const Received& received) {
        if (!options_.dump.empty()) {
            dump(received.payload);
        }
        if (is_unsealed(received.topic)) {
            const auto* text = reinterpret_cast<const char*>(received.payload.data());  // NOLINT(*-reinterpret-cast)
            print(received.topic, {text, received.payload.size()});
            return;
        }
        const Opened opened = receiver_.open(received.topic, received.payload);
        if (opened) {
            print(received.topic, opened.payload());
        } else {
            (void)std::fprintf(stderr, "reseal-sub: refused: %s: %s\n", received.topic.c_str(), opened.why_refused());
        }
    }

    [[nodiscard]] bool printed_anything() const { return printed_ > 0; }
    [[nodiscard]] bool has_enough() const { return options_.count > 0 && printed_ >= options_.count; }

  private:
    [[nodiscard]] bool is_unsealed(const std::string& topic) const {
        return std::any_of(options_.unsealed.begin(), options_.unsealed.end(),
                           [&](const std::string& filter) { return topic_matches(filter, topic); });
    }

    void print(const std::string& topic, std::string_view payload) {
        if (options_.verbose) {
            write_out(topic + " ");
        }
        write_out(payload);
        write_out(options_.newline ? "\n" : "");
        if (std::fflush(stdout) != 0) {
            throw Failure("stdout: cannot be written");
        }
        ++printed_;
    }

    void dump(std::span<const std::uint8_t> message) {
        std::array<char, 32> name{};
        (void)std::snprintf(name.data(), name.size(), "/%04llu.bin", ++dumped_);
        write_whole_file(options_.dump + name.data(), message);
    }

    const SubOptions& options_;
    Receiver& receiver_;
    std::uint64_t printed_ = 0;
    unsigned long long dumped_ = 0;
};

// Stays connected for as long as asked; reconnects after a lost connection.
class Subscription {
  public:
    Subscription(const SubOptions& options, const std::string& id, Sender* sender, Printer& printer)
        : options_(options),
          id_(id),
          sender_(sender),
          printer_(printer),
          client_(options.common.connection, id, stop_) {
        if (options.wait_seconds > 0) {
            end_ = Clock::now() + std::chrono::seconds(options.wait_seconds);
        }
    }

    void run() {
        connect();
        while (!over()) {
            if (client_.connected()) {
                receive();
            } else {
                come_back();
            }
        }
        client_.disconnect();
    }

  private:
    [[nodiscard]] bool over() const { return stop_.requested() || printer_.has_enough() || Clock::now() >= end_; }

    [[nodiscard]] milliseconds at_most(milliseconds wanted) const {
        const auto left = std::chrono::ceil<milliseconds>(end_ - Clock::now());
        return std::clamp(left, milliseconds(0), wanted);
    }

    void connect() {
        client_.connect(login_for(options_.common.connection, id_, sender_));
        client_.subscribe(options_.filters, options_.common.qos);
        backoff_.reset();
    }

    void receive() {
        client_.work(at_most(longest_wait));
        while (!printer_.has_enough()) {
            const auto event = client_.next_event();
            if (!event) {
                break;
            }
            if (const auto* received = std::get_if<Received>(&*event)) {
                printer_.take(*received);
            }
        }
        if (!client_.connected()) {
            (void)std::fprintf(stderr, "reseal-sub: connection lost: %s\n", client_.why_lost().c_str());
        }
    }

    void come_back() {
        const auto again = Clock::now() + backoff_.next();
        while (Clock::now() < again && !over()) {
            client_.work(at_most(std::chrono::ceil<milliseconds>(again - Clock::now())));
        }
        if (over()) {
            return;
        }
        try {
            connect();
        } catch (const ConnectionRefused&) {
            throw;
        } catch (const Failure& failure) {
            client_.disconnect();
            (void)std::fprintf(stderr, "reseal-sub: %s\n", failure.what());
        }
    }

    const SubOptions& options_;
    const std::string& id_;
    Sender* sender_;
    Printer& printer_;
    StopSignal stop_;
    MqttClient client_;
    Backoff backoff_;
    Clock::time_point end_ = Clock::time_point::max();
};

int open_file(const SubOptions& options, Receiver& receiver) {
    const Descriptor file(open(options.file.c_str(), O_RDONLY | O_CLOEXEC));
    const std::string message = read_to_end(file.get(), options.file);
    Printer printer(options, receiver);
    printer.take({options.filters.front(), {message.begin(), message.end()}});
    return printer.printed_anything() ? 0 : 1;
}

int run(const std::vector<std::string>& arguments) {
    const SubOptions options = parse_sub_options(arguments);
    const Credentials credentials = Credentials::read(options.common.credentials);
    const std::string id = client_id(options.common.connection, credentials.principal());
    Receiver receiver(credentials, options.window);
    if (!options.file.empty()) {
        return open_file(options, receiver);
    }
    // Only the sealed CONNECT needs a sender; a certificate alone leaves the epoch file alone.
    std::unique_ptr<Sender> sender;
    if (!options.common.connection.cert_only) {
        sender = std::make_unique<Sender>(credentials, options.common.state);
    }
    Printer printer(options, receiver);
    Subscription(options, id, sender.get(), printer).run();
    return options.count > 0 && !printer.has_enough() ? 1 : 0;
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-sub", argc, argv, reseal::tools::run);
}
