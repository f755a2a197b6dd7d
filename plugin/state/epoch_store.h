// SPDX-License-Identifier: Apache-2.0
// The epochs that the broker seals under. One rising number serves all of the broker's senders. Each takes the next
// number when it starts, so no two ever share an epoch. Numbers are reserved on disk in blocks, so few starts cost a
// durable write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <reseal/posix.h>

#include "base/epoch.h"
#include "base/fault.h"
#include "base/file_watch.h"

namespace reseal::state {

class EpochStore {
  public:
    static constexpr EpochNumber block = 4096;

    // Reads FOLDER/epoch (a missing one is 0) and reserves the first block durably (write, fsync, rename, fsync of the
    // folder). Faults: a folder that cannot be written, a damaged file.
    static Checked<EpochStore> open(const std::string& folder);

    // The number in FOLDER/epoch: no epoch above it was used. 0 if there is no file. Another process may be using it.
    static Checked<EpochNumber> reserved(const std::string& folder);

    // Under distrust: every epoch from now on is above `used`, and above the number in FOLDER/epoch if it can be read,
    // by more than the broker can have used since. Answers the number reserved. No other process may use the folder.
    // Fault: there are no such epochs left.
    static Checked<EpochNumber> raise(const std::string& folder, EpochNumber used);
    static constexpr EpochNumber raise_by = EpochNumber{1} << 24U;

    // Writes the file again if it was removed, replaced or changed under this process, and reports it. Cheap: call it
    // about twice a second.
    [[nodiscard]] std::optional<Fault> look();

    // The number that the file holds now.
    [[nodiscard]] EpochNumber reserved_now() const { return reserved_; }

    // The port for any number of senders. load() answers the number handed out last. store() takes the next one, and
    // reserves another block when the last is used up. A forked process cannot seal with it. `this` must outlive the
    // senders and stay at its address.
    reseal_epoch_store port();

  private:
    EpochStore(std::string folder, EpochNumber used)
        : folder_(std::move(folder)), used_(used), reserved_(used), process_(reseal_posix_process()) {}
    // Reserves the block that holds `upto`.
    Checked<Done> reserve(EpochNumber upto);
    Checked<Done> write(EpochNumber reserved);
    reseal_status take(EpochNumber epoch) noexcept;

    std::string folder_;
    EpochNumber used_ = 0;      // handed out last
    EpochNumber reserved_ = 0;  // the number in the file: nothing above it was ever used
    FileWatch watch_;
    std::uint32_t process_;  // the one that opened it: see reseal_posix_process()
};

}  // namespace reseal::state
