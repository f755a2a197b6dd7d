// reseal-codec: the SDK for programs in languages that it has no binding for. Requests on stdin, answers on stdout.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>
#include <vector>

#include "tools/credentials.h"
#include "tools/failure.h"
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

std::string text_of(std::string_view digits) {
    std::vector<std::uint8_t> bytes(digits.size() / 2);
    if (!from_hex(digits, bytes)) {
        throw Failure("stdin: not hexadecimal: an even number of 0-9 and a-f is due");
    }
    return {bytes.begin(), bytes.end()};
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
    return {std::string(line.substr(0, first)), text_of(line.substr(first + 1, second - first - 1)),
            text_of(line.substr(second + 1))};
}

// An answer is one line, whatever the topic in it contains.
std::string refused(std::string reason) {
    std::replace_if(
        reason.begin(), reason.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
    return "refused " + reason;
}

class Codec {
  public:
    explicit Codec(const CodecOptions& options)
        : options_(options),
          credentials_(Credentials::read(options.credentials)),
          receiver_(credentials_, options.window) {}

    std::string answer(const Request& request) {
        if (request.verb == "seal") {
            return seal(request);
        }
        if (request.verb == "open") {
            return open(request);
        }
        throw Failure("stdin: a request begins with seal or open");
    }

  private:
    // The sender is created by the first request for it: a program that only opens leaves the epoch file to another
    // process.
    std::string seal(const Request& request) {
        try {
            if (!sender_) {
                sender_.emplace(credentials_, options_.state);
            }
            return "ok " + hex(sender_->seal(request.topic, request.content));
        } catch (const Failure& failure) {
            return refused(failure.what());
        }
    }

    std::string open(const Request& request) {
        const std::vector<std::uint8_t> message(request.content.begin(), request.content.end());
        const Opened opened = receiver_.open(request.topic, message);
        return opened ? "ok " + hex(bytes_of(opened.payload())) : refused(opened.why_refused());
    }

    const CodecOptions& options_;
    Credentials credentials_;
    Receiver receiver_;
    std::optional<Sender> sender_;
};

void write_line(const std::string& line) {
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
        throw Failure("stdout: cannot be written");
    }
}

int run(const std::vector<std::string>& arguments) {
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

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-codec", argc, argv, reseal::tools::run);
}
