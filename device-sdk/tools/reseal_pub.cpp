// reseal-pub: seals messages for one topic and publishes them, or writes one to a file.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>

#include <reseal/ack.h>

#include "tools/credentials.h"
#include "tools/failure.h"
#include "tools/file.h"
#include "tools/line_input.h"
#include "tools/mqtt_client.h"
#include "tools/options.h"
#include "tools/receiver.h"
#include "tools/sender.h"
#include "tools/stop_signal.h"
#include "tools/tool_main.h"

namespace reseal::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds longest_wait(1);

// Far fewer than a replay window holds, so that messages may be sent again after others.
constexpr std::size_t in_flight_max = 20;

// The broker acknowledges under seal after at most 200 ms.
constexpr std::chrono::seconds longest_silence(20);

// The broker's sealed acknowledgements. Used only where anybody on the path could answer in its place.
class SealedAnswers {
  public:
    SealedAnswers(const Credentials& credentials, MqttClient& client)
        : topic_("$reseal/" + credentials.principal() + "/ack"), receiver_(credentials, "") {
        client.subscribe({topic_}, 1);
    }

    // Empty if it is not an acknowledgement.
    std::optional<reseal_ack> take(const Received& received) {
        if (received.topic != topic_) {
            return std::nullopt;
        }
        const Opened record = receiver_.open(topic_, received.payload);
        const std::string_view text = record.payload();
        reseal_ack ack{};
        const reseal_bytes bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        return record && reseal_ack_read(bytes, &ack) ? std::optional(ack) : std::nullopt;
    }

  private:
    std::string topic_;
    Receiver receiver_;
};

// Messages in flight, and what became of them.
class Publication {
  public:
    // `answers`: null if the channel is protected or nothing is acknowledged.
    Publication(const PubOptions& options, Sender& sender, MqttClient& client, SealedAnswers* answers,
                const StopSignal& stop)
        : options_(options), sender_(sender), client_(client), answers_(answers), stop_(stop) {}

    // Waits for room first.
    void send(std::string_view payload) {
        wait_until_fewer_than(in_flight_max);
        std::vector<std::uint8_t> sealed = sender_.seal(options_.topic, payload);
        const int id = client_.publish(options_.topic, sealed, options_.common.qos, options_.retain);
        waiting_[id] = {std::move(sealed), false, answers_ == nullptr};
        last_news_ = Clock::now();
    }

    void send_lines(LineInput& input) {
        while (!input.ended()) {
            if (work(input.descriptor())) {
                input.read_some();
            }
            while (const auto line = input.next()) {
                send(*line);
            }
        }
    }

    // Whether every message was acknowledged with success.
    bool settle() {
        wait_until_fewer_than(1);
        return refused_ == 0;
    }

  private:
    void wait_until_fewer_than(std::size_t limit) {
        while (waiting_.size() >= limit) {
            work(-1);
        }
    }

    bool work(int other) {
        const bool readable = client_.work(longest_wait, other);
        while (const auto event = client_.next_event()) {
            std::visit([this](const auto& news) { take(news); }, *event);
        }
        if (answers_ != nullptr && !waiting_.empty() && Clock::now() - last_news_ > longest_silence) {
            throw Failure("whoever answers at " + options_.common.connection.host +
                          " does not say under seal what it accepted; " + std::to_string(waiting_.size()) +
                          " messages may be lost");
        }
        if (stop_.requested() || !client_.connected()) {
            throw Failure((stop_.requested() ? "stopped" : "connection lost: " + client_.why_lost()) + "; " +
                          std::to_string(waiting_.size()) + " messages were not acknowledged");
        }
        return readable;
    }

    void take(const Acknowledged& acknowledged) {
        const auto found = waiting_.find(acknowledged.id);
        if (found == waiting_.end()) {
            return;
        }
        last_news_ = Clock::now();
        found->second.answered = true;
        if (found->second.named || !acknowledged.success) {
            waiting_.erase(found);
        }
        if (!acknowledged.success) {
            ++refused_;
            (void)std::fprintf(stderr, "reseal-pub: refused: %s: %s\n", options_.topic.c_str(),
                               acknowledged.reason.c_str());
        }
    }

    void take(const Received& received) {
        const auto ack = answers_ != nullptr ? answers_->take(received) : std::nullopt;
        for (auto at = waiting_.begin(); ack && at != waiting_.end();) {
            Sent& sent = at->second;
            sent.named = sent.named || reseal_ack_names(&*ack, {sent.sealed.data(), sent.sealed.size()});
            at = sent.named && sent.answered ? waiting_.erase(at) : std::next(at);
        }
        last_news_ = ack ? Clock::now() : last_news_;
    }

    struct Sent {
        std::vector<std::uint8_t> sealed;
        bool answered = false;  // by the MQTT protocol
        bool named = false;     // under seal, where that is needed
    };

    const PubOptions& options_;
    Sender& sender_;
    MqttClient& client_;
    SealedAnswers* answers_;
    const StopSignal& stop_;
    std::map<int, Sent> waiting_;
    Clock::time_point last_news_ = Clock::now();
    std::size_t refused_ = 0;
};

std::string read_file(const std::string& path) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        throw Failure(path + ": cannot be opened");
    }
    return read_to_end(file.get(), path);
}

std::string whole_payload(const PubOptions& options) {
    switch (options.source) {
        case PayloadSource::argument:
            return options.payload;
        case PayloadSource::file:
            return read_file(options.payload);
        case PayloadSource::whole_input:
            return read_to_end(STDIN_FILENO, "stdin");
        case PayloadSource::lines:
        case PayloadSource::empty:
            break;
    }
    return "";
}

bool publish(const PubOptions& options, const Credentials& credentials, Sender& sender, std::string_view payload) {
    const std::string id = client_id(options.common.connection, credentials.principal());
    const ConnectionOptions& connection = options.common.connection;
    const StopSignal stop;
    MqttClient client(connection, id, stop);
    if (const auto& will = options.will) {
        client.set_will(will->topic, sender.seal(will->topic, will->payload), will->qos, will->retain);
    }
    client.connect(login_for(connection, id, connection.cert_only ? nullptr : &sender));
    std::unique_ptr<SealedAnswers> answers;
    if (!connection.protected_channel() && options.common.qos > 0) {
        answers = std::make_unique<SealedAnswers>(credentials, client);
    }
    Publication publication(options, sender, client, answers.get(), stop);
    if (options.source == PayloadSource::lines) {
        LineInput input(STDIN_FILENO);
        publication.send_lines(input);
    } else {
        publication.send(payload);
    }
    const bool success = publication.settle();
    client.disconnect();
    return success;
}

int run(const std::vector<std::string>& arguments) {
    const PubOptions options = parse_pub_options(arguments);
    const Credentials credentials = Credentials::read(options.common.credentials);
    (void)client_id(options.common.connection, credentials.principal());  // reports a wrong -i first
    const std::string payload = whole_payload(options);
    Sender sender(credentials, options.common.state);
    if (!options.output.empty()) {
        write_whole_file(options.output, sender.seal(options.topic, payload));
        return 0;
    }
    return publish(options, credentials, sender, payload) ? 0 : 1;
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-pub", argc, argv, reseal::tools::run);
}
