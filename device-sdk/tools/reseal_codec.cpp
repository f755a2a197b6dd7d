// SPDX-License-Identifier: Apache-2.0
// reseal-codec: the SDK for programs in languages that it has no binding for. Requests on stdin, answers on stdout.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <span>
#include <vector>

#include "tools/credentials.h"
#include "tools/hex.h"
#include "tools/line_input.h"
#include "tools/options.h"
#include "tools/receiver.h"
#include "tools/sender.h"
#include "tools/tool_main.h"

namespace reseal::tools {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT(*-reinterpret-cast)
}

Checked<std::string> text_of(std::string_view digits) {
    std::vector<std::uint8_t> bytes(digits.size() / 2);
    if (!from_hex(digits, bytes)) {
        return Fault{"stdin", "not hexadecimal: write an even number of 0-9 and a-f"};
    }
    return std::string(bytes.begin(), bytes.end());
}

struct Request {
    std::string verb;
    std::string topic;
    std::string content;
};

Checked<Request> parse(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) {
        return Fault{"stdin", "a request is 'seal TOPIC PAYLOAD' or 'open TOPIC MESSAGE'"};
    }
    const auto topic = text_of(line.substr(first + 1, second - first - 1));
    if (!topic) {
        return topic.error();
    }
    const auto content = text_of(line.substr(second + 1));
    if (!content) {
        return content.error();
    }
    return Request{std::string(line.substr(0, first)), *topic, *content};
}

// An answer is one line, whatever the topic in it contains.
std::string refused(std::string reason) {
    std::replace_if(
        reason.begin(), reason.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return "refused " + reason;
}

class Codec {
  public:
    Codec(const CodecOptions& options, const Credentials& credentials, Receiver& receiver)
        : options_(options), credentials_(credentials), receiver_(receiver) {}

    Checked<std::string> answer(const std::string& line) {
        const auto request = parse(line);
        if (!request) {
            return request.error();
        }
        if (request->verb == "seal") {
            return seal(*request);
        }
        if (request->verb == "open") {
            return open(*request);
        }
        return Fault{"stdin", "a request begins with seal or open"};
    }

  private:
    // The sender is created by the first request for it: a program that only opens leaves the epoch file to another
    // process.
    std::string seal(const Request& request) {
        if (!sender_) {
            auto sender = Sender::make(credentials_, options_.state);
            if (!sender) {
                return refused(sender.error().text());
            }
            sender_ = std::move(*sender);
        }
        const auto sealed = sender_->seal(request.topic, request.content);
        return sealed ? "ok " + hex(*sealed) : refused(sealed.error().text());
    }

    std::string open(const Request& request) {
        const std::vector<std::uint8_t> message(request.content.begin(), request.content.end());
        const Opened opened = receiver_.open(request.topic, message);
        return opened ? "ok " + hex(bytes_of(opened.payload())) : refused(opened.why_refused());
    }

    const CodecOptions& options_;
    const Credentials& credentials_;
    Receiver& receiver_;
    std::unique_ptr<Sender> sender_;
};

Checked<Done> write_line(const std::string& line) {
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
        return Fault{"stdout", "cannot be written"};
    }
    return Done{};
}

// The requests that have arrived.
Checked<Done> answer_next(LineInput& input, Codec& codec) {
    if (auto read = input.read_some(); !read) {
        return read;
    }
    while (const auto line = input.next()) {
        const auto answer = codec.answer(*line);
        if (!answer) {
            return answer.error();
        }
        if (auto written = write_line(*answer); !written) {
            return written;
        }
    }
    return Done{};
}

Checked<int> run(const std::vector<std::string>& arguments) {
    const auto options = parse_codec_options(arguments);
    if (!options) {
        return options.error();
    }
    const auto credentials = Credentials::read(options->credentials);
    if (!credentials) {
        return credentials.error();
    }
    const auto receiver = Receiver::make(*credentials, options->window);
    if (!receiver) {
        return receiver.error();
    }
    Codec codec(*options, *credentials, **receiver);
    LineInput input(STDIN_FILENO);
    while (!input.ended()) {
        if (const auto answered = answer_next(input, codec); !answered) {
            return answered.error();
        }
    }
    return 0;
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-codec", argc, argv, reseal::tools::run);
}
