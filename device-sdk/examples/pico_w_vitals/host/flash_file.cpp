// SPDX-License-Identifier: Apache-2.0
#include "host/flash_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace reseal::vitals {
namespace {

constexpr std::uint32_t sector_size = 4096;
constexpr std::uint32_t whole = 6 * sector_size;

bool write_durably(int file, std::uint32_t place, const std::vector<std::uint8_t>& bytes) {
    return pwrite(file, bytes.data(), bytes.size(), place) == static_cast<ssize_t>(bytes.size()) &&
           fdatasync(file) == 0;
}

tools::Checked<tools::Done> claim(int file, const std::string& path) {
    struct stat found {};
    if (file < 0 || fstat(file, &found) != 0) {
        return tools::system_fault(path);
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        return tools::Fault{path, "another program uses it"};
    }
    if (found.st_size == 0) {
        write_durably(file, 0, std::vector<std::uint8_t>(whole, 0xFF));
    } else if (found.st_size != whole) {
        return tools::Fault{path, "is no flash file: it has another size than " + std::to_string(whole) + " bytes"};
    }
    return tools::Done{};
}

}  // namespace

tools::Checked<std::unique_ptr<FlashFile>> FlashFile::open(const std::string& path) {
    tools::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (const auto claimed = claim(file.get(), path); !claimed) {
        return claimed.error();
    }
    return std::unique_ptr<FlashFile>(new FlashFile(std::move(file)));
}

FlashFile::FlashFile(tools::Descriptor file) : file_(std::move(file)) {
    std::uint32_t start = 0;
    for (Sectors* sectors : {&settings_, &windows_, &epochs_}) {
        *sectors = {file_.get(), start, {sectors, sector_size, read, program, erase}};
        start += 2 * sector_size;
    }
}

bool FlashFile::read(void* context, std::uint32_t offset, std::uint8_t* out, std::uint32_t size) {
    const auto* sectors = static_cast<const Sectors*>(context);
    return offset + size <= 2 * sector_size &&
           pread(sectors->file, out, size, sectors->start + offset) == static_cast<ssize_t>(size);
}

bool FlashFile::program(void* context, std::uint32_t offset, const std::uint8_t* data, std::uint32_t size) {
    std::vector<std::uint8_t> bytes(size);
    if (!read(context, offset, bytes.data(), size)) {
        return false;
    }
    for (std::uint32_t i = 0; i < size; ++i) {
        bytes[i] &= data[i];
    }
    const auto* sectors = static_cast<const Sectors*>(context);
    return write_durably(sectors->file, sectors->start + offset, bytes);
}

bool FlashFile::erase(void* context, std::uint32_t offset) {
    const auto* sectors = static_cast<const Sectors*>(context);
    return write_durably(sectors->file, sectors->start + offset, std::vector<std::uint8_t>(sector_size, 0xFF));
}

}  // namespace reseal::vitals
