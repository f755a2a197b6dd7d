#include "host/flash_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "tools/failure.h"

namespace reseal::vitals {
namespace {

constexpr std::uint32_t sector_size = 4096;
constexpr std::uint32_t whole = 6 * sector_size;

[[noreturn]] void fail(const std::string& path, const std::string& problem) {
    throw tools::Failure(path + ": " + problem);
}

bool write_durably(int file, std::uint32_t place, const std::vector<std::uint8_t>& bytes) {
    return pwrite(file, bytes.data(), bytes.size(), place) == static_cast<ssize_t>(bytes.size()) &&
           fdatasync(file) == 0;
}

int open_file(const std::string& path) {
    const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat found {};
    if (file < 0 || fstat(file, &found) != 0) {
        fail(path, std::strerror(errno));
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        close(file);
        fail(path, "another program uses it");
    }
    if (found.st_size == 0) {
        write_durably(file, 0, std::vector<std::uint8_t>(whole, 0xFF));
    } else if (found.st_size != whole) {
        close(file);
        fail(path, "is no flash file: it has another size than " + std::to_string(whole) + " bytes");
    }
    return file;
}

}  // namespace

FlashFile::FlashFile(const std::string& path) : file_(open_file(path)) {
    std::uint32_t start = 0;
    for (Sectors* sectors : {&settings_, &windows_, &epochs_}) {
        *sectors = {file_, start, {sectors, sector_size, read, program, erase}};
        start += 2 * sector_size;
    }
}

FlashFile::~FlashFile() {
    close(file_);
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
