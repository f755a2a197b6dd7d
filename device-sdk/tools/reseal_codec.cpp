// reseal-codec: the SDK for programs in languages that it has no binding for. Requests on stdin, answers on stdout.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "tools/credentials.h"
#include "tools/failure.h"
#include "tools/line_input.h"
#include "tools/options.h"
#include "tools/receiver.h"
#include "tools/sender.h"
#include "tools/tool_main.h"

namespace reseal::tools {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

template <class Bytes>
std::string to_hex(const Bytes &bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const auto byte : bytes) {
        text += digits[static_cast<std::uint8_t>(byte) >> 4U];
        text += digits[static_cast<std::uint8_t>(byte) & 15U];
    }
    return text;
}

std::string from_hex(std::string_view text) {
    if (text.size() % 2 != 0 || text.find_first_not_of(digits) != std::string_view::npos) {
        throw Failure("stdin: not hexadecimal: an even number of 0-9 and a-f is due");
    }
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        bytes += static_cast<char>(digits.find(text[i]) << 4U | digits.find(text[i + 1]));
    }
    return bytes;
}

struct Request {
    std::string verb;
    std::string topic;
    std::string content;
};

Request parse(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) {
        throw Failure("stdin: a request is 'seal TOPIC PAYLOAD' or 'open TOPIC MESSAGE'");
    }
    return {std::string(line.substr(0, first)), from_hex(line.substr(first + 1, second - first - 1)),
            from_hex(line.substr(second + 1))};
}

// An answer is one line, whatever a topic in it holds.
std::string refused(std::string reason) {
    std::replace_if(
        reason.begin(), reason.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return "refused " + reason;
}

class Codec {
  public:
    explicit Codec(const CodecOptions &options)
        : options_(options),
          credentials_(Credentials::read(options.credentials)),
          receiver_(credentials_, options.window) {}

    std::string answer(const Request &request) {
        if (request.verb == "seal") {
            return seal(request);
        }
        if (request.verb == "open") {
            return open(request);
        }
        throw Failure("stdin: a request begins with seal or open");
    }

  private:
    // The sender comes with the first request for it: who only opens leaves the epoch file to another process.
    std::string seal(const Request &request) {
        try {
            if (!sender_) {
                sender_.emplace(credentials_, options_.state);
            }
            return "ok " + to_hex(sender_->seal(request.topic, request.content));
        } catch (const Failure &failure) {
            return refused(failure.what());
        }
    }

    std::string open(const Request &request) {
        const std::vector<std::uint8_t> message(request.content.begin(), request.content.end());
        const Opened opened = receiver_.open(request.topic, message);
        return opened ? "ok " + to_hex(opened.payload()) : refused(opened.why_refused());
    }

    const CodecOptions &options_;
    Credentials credentials_;
    Receiver receiver_;
    std::optional<Sender> sender_;
};

void write_line(const std::string &line) {
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
        throw Failure("stdout: cannot be written");
    }
}

int run(const std::vector<std::string> &arguments) {
    const CodecOptions options = parse_codec_options(arguments);
    Codec codec(options);
    LineInput input(STDIN_FILENO);
    while (!input.ended()) {
        input.read_some();
        while (const auto line = input.next()) {
            write_line(codec.answer(parse(*line)));
        }
    }
    return 0;
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char **argv) {
    return reseal::tools::tool_main("reseal-codec", argc, argv, reseal::tools::run);
}
