// SPDX-License-Identifier: Apache-2.0
#include "state/replay_header.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/fault.h"
#include "base/file.h"
#include "base/regular_file.h"

namespace reseal::state {
namespace {

constexpr std::size_t boot_text_most = 64;

int digit_of(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

Boot this_boot() {
    Boot out{};
    const auto text = read_file("/proc/sys/kernel/random/boot_id", boot_text_most);
    std::size_t digits = 0;
    for (const char c : text ? *text : std::string()) {
        if (const int digit = digit_of(c); digit >= 0 && digits < 2 * out.size()) {
            const unsigned before = out.at(digits / 2);
            out.at(digits / 2) = static_cast<std::uint8_t>(before << 4U | static_cast<unsigned>(digit));
            ++digits;
        }
    }
    return out;
}

std::uint32_t fence_distance(std::uint32_t sorted) {
    constexpr auto most = static_cast<std::uint32_t>(std::tuple_size_v<decltype(Header::fences)>);
    return sorted / most + 1;
}

std::span<const KeyId> fences_of(const Header& header) {
    const std::uint32_t distance = fence_distance(header.sorted);
    return std::span(header.fences).first((header.sorted + distance - 1) / distance);
}

Mac mac_of(const ReplayMac& mac, const Header& header) {
    Header covered = header;
    covered.mac = {};
    covered.progress = {};
    std::array<std::uint8_t, sizeof covered> bytes{};
    std::memcpy(bytes.data(), &covered, sizeof covered);
    return mac.of_header(bytes);
}

Mac mac_of(const ReplayMac& mac, const Progress& progress) {
    std::array<std::uint8_t, sizeof progress> bytes{};
    std::memcpy(bytes.data(), &progress, sizeof progress);
    return mac.of_header(bytes);
}

std::optional<FoundProgress> newest_progress(const ReplayMac& mac, const Header& header) {
    std::optional<FoundProgress> out;
    for (std::uint32_t slot = 0; slot < header.progress.size(); ++slot) {
        const SealedProgress& each = header.progress.at(slot);
        if (each.progress.slot != slot || each.mac != mac_of(mac, each.progress)) {
            continue;
        }
        const bool newer = !out || each.progress.sequence > out->progress.sequence;
        out = FoundProgress{.progress = newer ? each.progress : out->progress, .whole = out.has_value()};
    }
    return out;
}

Checked<Done> check_header(const std::string& path, const Header& header, const ReplayMac& mac) {
    if (header.magic != replay_magic) {
        return damaged(path, "it does not begin like a file of replay windows");
    }
    if (header.version != replay_version) {
        return file_fault(path,
                          std::string("is of version ") + std::to_string(header.version) +
                              ", this program needs version " + std::to_string(replay_version),
                          "use the program that wrote it");
    }
    return header.mac == mac_of(mac, header)
               ? Checked<Done>(Done{})
               : damaged(path, "its header is not as it was written, or was written under another master key");
}

Checked<ReplayLabel> read_label(const std::string& path, const StateKey& key) {
    const auto file = open_own(path, O_RDONLY);
    if (!file) {
        return file.error();
    }
    Header header;
    const ssize_t size = ::pread(file->get(), &header, sizeof header, 0);
    if (size < 0) {
        return system_fault(path, "reading it", "check the disk");
    }
    if (static_cast<std::size_t>(size) < sizeof header) {
        return damaged(path, "it is shorter than its header");
    }
    if (header.magic == replay_magic && header.version == 1) {
        return ReplayLabel{.version = 1};
    }
    const ReplayMac mac(key, header.id, header.base);
    if (auto sound = check_header(path, header, mac); !sound) {
        return sound.error();
    }
    const auto progress = newest_progress(mac, header);
    return progress ? Checked<ReplayLabel>(ReplayLabel{replay_version, header.id, progress->progress.generation})
                    : damaged(path, "its header does not say how many records there are");
}

Fault damaged(const std::string& path, const std::string& what) {
    return file_fault(
        path, std::string("is damaged: ").append(what),
        "run 'provision distrust', after which every device must begin its next epoch, see docs/backup.md");
}

}  // namespace reseal::state
