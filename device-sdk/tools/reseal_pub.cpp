// SPDX-License-Identifier: Apache-2.0
// reseal-pub: seals messages for one topic and publishes them, or writes one to a file.
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>

#include <reseal/ack.h>

#include "tools/credentials.h"
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
    static Checked<std::unique_ptr<SealedAnswers>> subscribe(const Credentials& credentials, MqttClient& client) {
        auto receiver = Receiver::make(credentials, "");
        if (!receiver) {
            return receiver.error();
        }
        std::unique_ptr<SealedAnswers> out(new SealedAnswers(credentials.principal(), std::move(*receiver)));
        const auto subscribed = client.subscribe({out->topic_}, 1);
        if (!subscribed) {
            return subscribed.error();
        }
        return out;
    }

    // Empty if it is not an acknowledgement.
    std::optional<reseal_ack> take(const Received& received) {
        if (received.topic != topic_) {
            return std::nullopt;
        }
        const Opened record = receiver_->open(topic_, received.payload);
        const std::string_view text = record.payload();
        reseal_ack ack{};
        const reseal_bytes bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        return record && reseal_ack_read(bytes, &ack) ? std::optional(ack) : std::nullopt;
    }

  private:
    SealedAnswers(const std::string& principal, std::unique_ptr<Receiver> receiver)
        : topic_("$reseal/" + principal + "/ack"), receiver_(std::move(receiver)) {}

    std::string topic_;
    std::unique_ptr<Receiver> receiver_;
};

// Messages in flight, and what became of them.
class Publication {
  public:
    // `answers`: null if the channel is protected or nothing is acknowledged.
    Publication(const PubOptions& options, Sender& sender, MqttClient& client, SealedAnswers* answers,
                const StopSignal& stop)
        : options_(options), sender_(sender), client_(client), answers_(answers), stop_(stop) {}

    // Waits for room first.
    Checked<Done> send(std::string_view payload) {
        if (auto waited = wait_until_fewer_than(in_flight_max); !waited) {
            return waited;
        }
        auto sealed = sender_.seal(options_.topic, payload);
        if (!sealed) {
            return sealed.error();
        }
        const auto id = client_.publish(options_.topic, *sealed, options_.common.qos, options_.retain);
        if (!id) {
            return id.error();
        }
        waiting_[*id] = {std::move(*sealed), false, answers_ == nullptr};
        last_news_ = Clock::now();
        return Done{};
    }

    Checked<Done> send_lines(LineInput& input) {
        while (!input.ended()) {
            const auto readable = work(input.descriptor());
            if (!readable) {
                return readable.error();
            }
            if (auto sent = *readable ? send_next(input) : Done{}; !sent) {
                return sent;
            }
        }
        return Done{};
    }

    // Whether every message was acknowledged with success.
    Checked<bool> settle() {
        const auto waited = wait_until_fewer_than(1);
        return waited ? Checked<bool>(refused_ == 0) : waited.error();
    }

  private:
    Checked<Done> send_next(LineInput& input) {
        if (auto read = input.read_some(); !read) {
            return read;
        }
        while (const auto line = input.next()) {
            if (auto sent = send(*line); !sent) {
                return sent;
            }
        }
        return Done{};
    }

    Checked<Done> wait_until_fewer_than(std::size_t limit) {
        while (waiting_.size() >= limit) {
            if (const auto worked = work(-1); !worked) {
                return worked.error();
            }
        }
        return Done{};
    }

    // Whether the descriptor `other` is readable.
    Checked<bool> work(int other) {
        const bool readable = client_.work(longest_wait, other);
        while (const auto event = client_.next_event()) {
            std::visit([this](const auto& news) { take(news); }, *event);
        }
        if (answers_ != nullptr && !waiting_.empty() && Clock::now() - last_news_ > longest_silence) {
            return Fault{.problem = "whoever answers at " + options_.common.connection.host +
                                    " does not say under seal what it accepted; " + std::to_string(waiting_.size()) +
                                    " messages may be lost"};
        }
        if (stop_.requested() || !client_.connected()) {
            return Fault{.problem = (stop_.requested() ? "stopped" : "connection lost: " + client_.why_lost()) + "; " +
                                    std::to_string(waiting_.size()) + " messages were not acknowledged"};
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

Checked<std::string> whole_payload(const PubOptions& options) {
    switch (options.source) {
        case PayloadSource::argument:
            return options.payload;
        case PayloadSource::file:
            return read_whole_file(options.payload);
        case PayloadSource::whole_input:
            return read_to_end(STDIN_FILENO, "stdin");
        case PayloadSource::lines:
        case PayloadSource::empty:
            break;
    }
    return std::string();
}

// Everything of one run.
class Publisher {
  public:
    Publisher(const PubOptions& options, const Credentials& credentials, std::string id, Sender& sender,
              const StopSignal& stop)
        : options_(options), credentials_(credentials), id_(std::move(id)), sender_(sender), stop_(stop) {}

    // Whether every message was acknowledged with success.
    Checked<bool> publish(std::string_view payload) {
        if (const auto connected = connect(); !connected) {
            return connected.error();
        }
        Publication publication(options_, sender_, *client_, answers_.get(), stop_);
        LineInput input(STDIN_FILENO);
        const auto sent =
            options_.source == PayloadSource::lines ? publication.send_lines(input) : publication.send(payload);
        if (!sent) {
            return sent.error();
        }
        auto success = publication.settle();
        if (success) {
            client_->disconnect();
        }
        return success;
    }

  private:
    Checked<Done> connect() {
        const ConnectionOptions& connection = options_.common.connection;
        auto client = MqttClient::make(connection, id_, stop_);
        if (!client) {
            return client.error();
        }
        client_ = std::move(*client);
        if (auto set = set_will(); !set) {
            return set;
        }
        const auto login = login_for(connection, id_, connection.cert_only ? nullptr : &sender_);
        if (!login) {
            return login.error();
        }
        if (auto connected = client_->connect(*login); !connected) {
            return connected;
        }
        return connection.protected_channel() || options_.common.qos == 0 ? Done{} : hear_answers();
    }

    Checked<Done> set_will() {
        const auto& will = options_.will;
        if (!will) {
            return Done{};
        }
        const auto sealed = sender_.seal(will->topic, will->payload);
        return sealed ? client_->set_will(will->topic, *sealed, will->qos, will->retain) : sealed.error();
    }

    Checked<Done> hear_answers() {
        auto answers = SealedAnswers::subscribe(credentials_, *client_);
        if (!answers) {
            return answers.error();
        }
        answers_ = std::move(*answers);
        return Done{};
    }

    const PubOptions& options_;
    const Credentials& credentials_;
    std::string id_;
    Sender& sender_;
    const StopSignal& stop_;
    std::unique_ptr<MqttClient> client_;
    std::unique_ptr<SealedAnswers> answers_;  // where anybody on the path could answer
};

Checked<int> publish(const PubOptions& options, const Credentials& credentials, const std::string& id, Sender& sender,
                     std::string_view payload) {
    const auto stop = StopSignal::install();
    if (!stop) {
        return stop.error();
    }
    const auto success = Publisher(options, credentials, id, sender, **stop).publish(payload);
    return success ? Checked<int>(*success ? 0 : 1) : success.error();
}

Checked<int> write_sealed(const PubOptions& options, Sender& sender, std::string_view payload) {
    const auto sealed = sender.seal(options.topic, payload);
    if (!sealed) {
        return sealed.error();
    }
    const auto written = write_whole_file(options.output, *sealed);
    return written ? Checked<int>(0) : written.error();
}

Checked<int> run(const std::vector<std::string>& arguments) {
    const auto options = parse_pub_options(arguments);
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
    const auto payload = whole_payload(*options);
    if (!payload) {
        return payload.error();
    }
    const auto sender = Sender::make(*credentials, options->common.state);
    if (!sender) {
        return sender.error();
    }
    return options->output.empty() ? publish(*options, *credentials, *id, **sender, *payload)
                                   : write_sealed(*options, **sender, *payload);
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-pub", argc, argv, reseal::tools::run);
}
