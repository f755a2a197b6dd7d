// reseal-pub: seals messages for one topic and publishes them, or writes one to a file.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "tools/credentials.h"
#include "tools/failure.h"
#include "tools/file.h"
#include "tools/line_input.h"
#include "tools/mqtt_client.h"
#include "tools/options.h"
#include "tools/sender.h"
#include "tools/stop_signal.h"
#include "tools/tool_main.h"

namespace reseal::tools {
namespace {

constexpr std::chrono::seconds longest_wait(1);

// Far fewer than a replay window holds, so that messages may be sent again after others.
constexpr std::size_t in_flight_max = 20;

// Messages on their way, and what became of them.
class Publication {
  public:
    Publication(const PubOptions &options, Sender &sender, MqttClient &client, const StopSignal &stop)
        : options_(options), sender_(sender), client_(client), stop_(stop) {}

    // Waits for room first.
    void send(std::string_view payload) {
        wait_until_fewer_than(in_flight_max);
        const std::vector<std::uint8_t> sealed = sender_.seal(options_.topic, payload);
        waiting_.insert(client_.publish(options_.topic, sealed, options_.common.qos, options_.retain));
    }

    void send_lines(LineInput &input) {
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
            if (const auto *acknowledged = std::get_if<Acknowledged>(&*event)) {
                take(*acknowledged);
            }
        }
        if (stop_.requested() || !client_.connected()) {
            throw Failure((stop_.requested() ? "stopped" : "connection lost: " + client_.why_lost()) + "; " +
                          std::to_string(waiting_.size()) + " messages were not acknowledged");
        }
        return readable;
    }

    void take(const Acknowledged &acknowledged) {
        waiting_.erase(acknowledged.id);
        if (!acknowledged.success) {
            ++refused_;
            (void)std::fprintf(stderr, "reseal-pub: refused: %s: %s\n", options_.topic.c_str(),
                               acknowledged.reason.c_str());
        }
    }

    const PubOptions &options_;
    Sender &sender_;
    MqttClient &client_;
    const StopSignal &stop_;
    std::set<int> waiting_;
    std::size_t refused_ = 0;
};

std::string read_file(const std::string &path) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        throw Failure(path + ": cannot be opened");
    }
    return read_to_end(file.get(), path);
}

std::string whole_payload(const PubOptions &options) {
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

bool publish(const PubOptions &options, const std::string &id, Sender &sender, std::string_view payload) {
    const ConnectionOptions &connection = options.common.connection;
    const StopSignal stop;
    MqttClient client(connection, id, stop);
    if (const auto &will = options.will) {
        client.set_will(will->topic, sender.seal(will->topic, will->payload), will->qos, will->retain);
    }
    client.connect(login_for(connection, id, &sender));
    Publication publication(options, sender, client, stop);
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

int run(const std::vector<std::string> &arguments) {
    const PubOptions options = parse_pub_options(arguments);
    const Credentials credentials = Credentials::read(options.common.credentials);
    const std::string id = client_id(options.common.connection, credentials.principal());
    const std::string payload = whole_payload(options);
    Sender sender(credentials, options.common.state);
    if (!options.output.empty()) {
        write_whole_file(options.output, sender.seal(options.topic, payload));
        return 0;
    }
    return publish(options, id, sender, payload) ? 0 : 1;
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char **argv) {
    return reseal::tools::tool_main("reseal-pub", argc, argv, reseal::tools::run);
}
