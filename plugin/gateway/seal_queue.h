// Deliveries that are sealed together, which costs less than sealing one by one (reseal/seal_batch.h).
#pragma once

#include <array>
#include <cstddef>

#include <reseal/seal_batch.h>

namespace reseal::gateway {

class SealQueue {
  public:
    static constexpr std::size_t most = 64;

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] bool full() const { return size_ == most; }

    // As reseal_sender_seal_begin. Call it only while not full(). The sender, the plaintext and the buffer must stay in
    // place until complete().
    [[nodiscard]] reseal_status add(reseal_sender& sender, reseal_bytes topic, reseal_bytes plaintext,
                                    reseal_buffer& out);

    // Seals everything that was added. Answers how many failed: their buffers hold zeros.
    [[nodiscard]] std::size_t complete();

  private:
    std::array<reseal_sealing, most> jobs_{};
    std::size_t size_ = 0;
};

}  // namespace reseal::gateway
