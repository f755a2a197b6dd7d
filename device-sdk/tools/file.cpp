// SPDX-License-Identifier: Apache-2.0
#include "tools/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace reseal::tools {
namespace {

bool write_all(int descriptor, std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            return false;
        }
        bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// Removes the temporary file unless it was renamed. What fails leaves its reason in errno.
class Temporary {
  public:
    explicit Temporary(const std::string& target) : path_(target + ".XXXXXX"), file_(mkstemp(path_.data())) {
        if (!created()) {
            path_.clear();
        }
    }
    ~Temporary() {
        if (!path_.empty()) {
            unlink(path_.c_str());
        }
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;

    [[nodiscard]] bool created() const { return file_.get() >= 0; }
    [[nodiscard]] int descriptor() const { return file_.get(); }

    bool rename_to(const std::string& target) {
        if (rename(path_.c_str(), target.c_str()) != 0) {
            return false;
        }
        path_.clear();
        return true;
    }

  private:
    std::string path_;
    Descriptor file_;
};

// A rename would replace a device or a link with a file.
bool is_other_than_file(const std::string& path) {
    struct stat about {};
    return lstat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode);
}

bool sync_folder_of(const std::string& path) {
    const Descriptor folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.get() >= 0 && fsync(folder.get()) == 0;
}

}  // namespace

Descriptor::~Descriptor() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

Checked<Done> write_whole_file(const std::string& path, std::span<const std::uint8_t> bytes) {
    if (is_other_than_file(path)) {
        return Fault{path, "is not a regular file", "name a new file, or one to replace"};
    }
    Temporary temporary(path);
    if (!temporary.created()) {
        return system_fault(path, "cannot be created");
    }
    if (!write_all(temporary.descriptor(), bytes)) {
        return system_fault(path, "cannot be written");
    }
    if (fsync(temporary.descriptor()) != 0) {
        return system_fault(path, "cannot be stored durably");
    }
    if (!temporary.rename_to(path)) {
        return system_fault(path, "cannot be replaced");
    }
    return sync_folder_of(path) ? Checked<Done>(Done{}) : system_fault(path, "cannot be stored durably");
}

Checked<std::string> read_whole_file(const std::string& path) {
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        return Fault{path, "cannot be opened"};
    }
    return read_to_end(file.get(), path);
}

Checked<std::string> read_to_end(int descriptor, const std::string& name) {
    std::string text;
    std::array<char, 65536> block{};
    while (true) {
        const ssize_t got = read(descriptor, block.data(), block.size());
        if (got < 0 && errno != EINTR) {
            return system_fault(name, "cannot be read");
        }
        if (got == 0) {
            return text;
        }
        text.append(block.data(), got < 0 ? 0 : static_cast<std::size_t>(got));
    }
}

}  // namespace reseal::tools
