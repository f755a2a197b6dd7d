#include "tools/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "tools/failure.h"

namespace reseal::tools {
namespace {

[[noreturn]] void fail(const std::string& name, const char* what) {
    throw Failure(name + ": cannot be " + what + ": " + std::strerror(errno));
}

void write_all(int descriptor, std::span<const std::uint8_t> bytes, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            fail(name, "written");
        }
        bytes = bytes.subspan(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

// Removes the temporary file unless it was renamed.
class Temporary {
  public:
    explicit Temporary(const std::string& target) : path_(target + ".XXXXXX"), file_(mkstemp(path_.data())) {
        if (file_.get() < 0) {
            fail(target, "created");
        }
    }
    ~Temporary() {
        if (!path_.empty()) {
            unlink(path_.c_str());
        }
    }
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;

    [[nodiscard]] int descriptor() const { return file_.get(); }

    void rename_to(const std::string& target) {
        if (rename(path_.c_str(), target.c_str()) != 0) {
            fail(target, "replaced");
        }
        path_.clear();
    }

  private:
    std::string path_;
    Descriptor file_;
};

// A rename would replace a device or a link with a file.
void refuse_other_than_file(const std::string& path) {
    struct stat about {};
    if (lstat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
        throw Failure(path + ": is no regular file; name a new file, or one to replace");
    }
}

}  // namespace

Descriptor::~Descriptor() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
}

void write_whole_file(const std::string& path, std::span<const std::uint8_t> bytes) {
    refuse_other_than_file(path);
    Temporary temporary(path);
    write_all(temporary.descriptor(), bytes, path);
    if (fsync(temporary.descriptor()) != 0) {
        fail(path, "stored durably");
    }
    temporary.rename_to(path);
    const Descriptor folder(open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0 || fsync(folder.get()) != 0) {
        fail(path, "stored durably");
    }
}

std::string read_to_end(int descriptor, const std::string& name) {
    std::string text;
    std::array<char, 65536> block{};
    while (true) {
        const ssize_t got = read(descriptor, block.data(), block.size());
        if (got < 0 && errno != EINTR) {
            fail(name, "read");
        }
        if (got == 0) {
            return text;
        }
        text.append(block.data(), got < 0 ? 0 : static_cast<std::size_t>(got));
    }
}

}  // namespace reseal::tools
