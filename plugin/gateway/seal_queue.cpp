#include "gateway/seal_queue.h"

#include <algorithm>
#include <span>
#include <utility>

namespace reseal::gateway {

reseal_status SealQueue::add(reseal_sender& sender, reseal_bytes topic, reseal_bytes plaintext, reseal_buffer& out) {
    const reseal_status status = reseal_sender_seal_begin(&sender, topic, plaintext, &out, &jobs_.at(size_));
    size_ += status == RESEAL_OK ? 1 : 0;
    return status;
}

std::size_t SealQueue::complete() {
    const std::span<const reseal_sealing> all(jobs_.data(), std::exchange(size_, 0));
    reseal_seal_batch(jobs_.data(), all.size());
    return static_cast<std::size_t>(
        std::ranges::count_if(all, [](const reseal_sealing& each) { return each.status != RESEAL_OK; }));
}

}  // namespace reseal::gateway
