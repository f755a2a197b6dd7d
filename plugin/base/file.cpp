#include "base/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace reseal {

namespace {

Fault fault(const std::string& path, std::string problem, std::string remedy) {
    return {.file = path, .line = 0, .key = {}, .problem = std::move(problem), .remedy = std::move(remedy)};
}

}  // namespace

Checked<std::string> read_file(const std::string& path, std::size_t most) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status)) {
        return fault(path, "there is no such file", "check the path");
    }
    if (!std::filesystem::is_regular_file(status)) {
        return fault(path, "this is no regular file", "name a file");
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        return fault(path, std::string("cannot be read: ") + std::strerror(errno),
                     "make it readable for the user that the broker runs as");
    }
    std::string out(most + 1, '\0');
    stream.read(out.data(), static_cast<std::streamsize>(out.size()));
    const auto size = static_cast<std::size_t>(stream.gcount());
    if (stream.bad()) {
        return fault(path, "an error occurred while reading", "check the disk");
    }
    if (size > most) {
        return fault(path, "it is larger than " + std::to_string(most) + " bytes", "check that it is the right file");
    }
    out.resize(size);
    return out;
}

}  // namespace reseal
