// SPDX-License-Identifier: Apache-2.0
#include "engine/sealer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try_lock.h"
#include "engine/bytes.h"

namespace reseal::engine {

// False: this thread has taken it already. A thread that must wait for another holds no sender meanwhile, so no two
// wait for each other.
bool Sealer::take(Sender& sender) {
    if (sender.user.load(std::memory_order_relaxed) == this) {
        if (!reseal_sender_raises_epoch(&sender.get())) {
            return false;
        }
        complete();  // a new epoch replaces the key of what waits
    }
    if (std::unique_lock lock = try_lock(sender.mutex)) {
        lock.release();
    } else {
        complete();
        sender.mutex.lock();
    }
    sender.user.store(this, std::memory_order_relaxed);
    return true;
}

void Sealer::leave(Sender& sender) {
    sender.user.store(nullptr, std::memory_order_relaxed);
    sender.mutex.unlock();
}

reseal_status Sealer::seal(Sender& sender, std::string_view topic, std::span<const std::uint8_t> plaintext,
                           std::size_t capacity, Bytes& out) {
    const bool taken = take(sender);
    reseal_buffer buffer{out.data(), capacity, 0};
    std::unique_lock<std::mutex> raising;
    if (reseal_sender_raises_epoch(&sender.get())) {
        raising = senders_->raising();
    }
    const reseal_status status =
        reseal_sender_seal(&sender.get(), sdk_bytes(topic), {plaintext.data(), plaintext.size()}, &buffer);
    out.set_size(buffer.size);
    if (taken) {
        leave(sender);
    }
    return status;
}

reseal_status Sealer::seal_together(const std::shared_ptr<Sender>& sender, std::string_view topic,
                                    std::span<const std::uint8_t> plaintext, std::size_t capacity, Bytes& out) {
    if (size_ == most) {
        complete();
    }
    const bool taken = take(*sender);
    reseal_buffer buffer{out.data(), capacity, 0};
    std::unique_lock<std::mutex> raising;
    if (reseal_sender_raises_epoch(&sender->get())) {
        raising = senders_->raising();
    }
    const reseal_status status = reseal_sender_seal_begin(
        &sender->get(), sdk_bytes(topic), {plaintext.data(), plaintext.size()}, &buffer, &jobs_.at(size_));
    out.set_size(buffer.size);
    size_ += status == RESEAL_OK ? 1 : 0;
    if (taken && status == RESEAL_OK) {
        taken_.push_back(sender);
    } else if (taken) {
        leave(*sender);
    }
    return status;
}

void Sealer::give_up_senders() {
    for (const std::shared_ptr<Sender>& each : taken_) {
        leave(*each);
    }
    taken_.clear();
}

void Sealer::complete() {
    const std::span<const reseal_sealing> all(jobs_.data(), std::exchange(size_, 0));
    reseal_seal_batch(jobs_.data(), all.size());
    give_up_senders();
    lost_ += static_cast<std::size_t>(
        std::ranges::count_if(all, [](const reseal_sealing& each) { return each.status != RESEAL_OK; }));
}

}  // namespace reseal::engine
