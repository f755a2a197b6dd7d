// Deliveries that are sealed together, which costs less than one after the other (reseal/seal_batch.h).
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

    // As reseal_sender_seal_begin. Only while it is not full(); until complete() the sender, the plaintext and the
    // buffer stay where they are.
    [[nodiscard]] reseal_status add(reseal_sender& sender, reseal_bytes topic, reseal_bytes plaintext,
                                    reseal_buffer& out);

    // Seals all that was added. Answers how many came to nothing: their buffers hold zeros.
    [[nodiscard]] std::size_t complete();

  private:
    std::array<reseal_sealing, most> jobs_{};
    std::size_t size_ = 0;
};

}  // namespace reseal::gateway
