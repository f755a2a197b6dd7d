// SPDX-License-Identifier: Apache-2.0
#include "state/epoch_store.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>

#include "base/private_file.h"
#include "base/regular_file.h"

namespace reseal::state {
namespace {

constexpr std::string_view intro = "reseal-epoch/1 ";
constexpr EpochNumber last_epoch = std::numeric_limits<EpochNumber>::max();

std::string epoch_path(const std::string& folder) {
    return folder + "/epoch";
}

// The file is one line of text: the intro, a number that ends a block, a line feed.
std::string line_for(EpochNumber reserved) {
    return std::string(intro) + std::to_string(reserved) + "\n";
}

bool ends_a_block(EpochNumber number) {
    return number % EpochStore::block == 0 || number == last_epoch;
}

Checked<EpochNumber> parse(const std::string& path, std::string_view text) {
    EpochNumber number = 0;
    if (text.starts_with(intro)) {
        const std::string_view digits = text.substr(intro.size());
        (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
    }
    if (number == 0 || !ends_a_block(number) || line_for(number) != text) {
        return file_fault(path, "is damaged: it is not one line 'reseal-epoch/1 NUMBER' as this program writes it",
                          "run 'provision distrust --own-epochs', see docs/backup.md");
    }
    return number;
}

// The number in the file; 0 if there is no file.
Checked<EpochNumber> read(const std::string& path) {
    const auto file = open_own_if_there(path, O_RDONLY);
    if (!file) {
        return file.error();
    }
    if (!*file) {
        return 0U;
    }
    std::array<char, 64> bytes{};
    const ssize_t size = ::read(file->get(), bytes.data(), bytes.size());
    if (size < 0) {
        return system_fault(path, "reading it", "check the disk");
    }
    return parse(path, {bytes.data(), static_cast<std::size_t>(size)});
}

}  // namespace

Checked<EpochStore> EpochStore::open(const std::string& folder) {
    auto used = read(epoch_path(folder));
    if (!used) {
        return used.error();
    }
    EpochStore out(folder, *used);
    if (*used == last_epoch) {
        return file_fault(epoch_path(folder), "says that all epochs are used up", "provision every principal again");
    }
    if (auto reserved = out.reserve(*used + 1); !reserved) {
        return reserved.error();
    }
    return out;
}

Checked<EpochNumber> EpochStore::reserved(const std::string& folder) {
    return read(epoch_path(folder));
}

Checked<EpochNumber> EpochStore::raise(const std::string& folder, EpochNumber used) {
    const auto here = read(epoch_path(folder));
    const EpochNumber known = std::max(here ? *here : 0, used);
    if (known > last_epoch - raise_by - block) {
        return file_fault(epoch_path(folder), "cannot be raised: nearly all epochs are used up",
                          "provision every principal again");
    }
    EpochStore raised(folder, 0);
    auto reserved = raised.reserve(known + raise_by);
    return reserved ? Checked<EpochNumber>(raised.reserved_) : reserved.error();
}

Checked<Done> EpochStore::reserve(EpochNumber upto) {
    const std::uint64_t end = (std::uint64_t{upto} + block - 1) / block * block;
    return write(static_cast<EpochNumber>(std::min<std::uint64_t>(end, last_epoch)));
}

Checked<Done> EpochStore::write(EpochNumber reserved) {
    auto written = replace_file(epoch_path(folder_), as_bytes(line_for(reserved)));
    if (written) {
        reserved_ = reserved;
        watch_.watch({epoch_path(folder_)});
    }
    return written;
}

std::optional<Fault> EpochStore::look() {
    if (!watch_.changed()) {
        return std::nullopt;
    }
    if (const auto here = read(epoch_path(folder_)); here && *here == reserved_) {
        return std::nullopt;
    }
    const auto written = write(reserved_);
    return file_fault(epoch_path(folder_), "was removed, replaced or changed while the broker was running",
                      written ? "it was put right" : "it cannot be put right: " + written.error().text());
}

// Called from C, so it must not throw.
reseal_status EpochStore::take(EpochNumber epoch) noexcept {
    try {
        if (epoch <= used_ || (epoch > reserved_ && !reserve(epoch))) {
            return RESEAL_EPOCH_NOT_STORED;
        }
    } catch (...) {
        return RESEAL_EPOCH_NOT_STORED;
    }
    used_ = epoch;
    return RESEAL_OK;
}

reseal_epoch_store EpochStore::port() {
    return {
        this,
        [](void* context, std::uint32_t* epoch) {
            *epoch = static_cast<EpochStore*>(context)->used_;
            return RESEAL_OK;
        },
        [](void* context, std::uint32_t epoch) { return static_cast<EpochStore*>(context)->take(epoch); },
        [](const void* context) { return reseal_posix_is_process(static_cast<const EpochStore*>(context)->process_); }};
}

}  // namespace reseal::state
