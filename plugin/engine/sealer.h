// SPDX-License-Identifier: Apache-2.0
// Seals for one thread: one message at once, or many together, which costs less than sealing one by one
// (reseal/seal_batch.h).
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <reseal/seal_batch.h>

#include "base/refusal.h"
#include "engine/bytes.h"
#include "engine/sender.h"

namespace reseal::engine {

class Sealer {
  public:
    static constexpr std::size_t most = 64;  // that are sealed together

    // `senders` must outlive this.
    explicit Sealer(Senders& senders) : senders_(&senders) { taken_.reserve(most); }
    // What still waits is not sealed: the broker may have freed its memory by then.
    ~Sealer() { give_up_senders(); }
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    // Into `out`, which has room for the plaintext and RESEAL_OVERHEAD_MAX bytes.
    [[nodiscard]] reseal_status seal(Sender& sender, std::string_view topic, std::span<const std::uint8_t> plaintext,
                                     std::size_t capacity, Bytes& out);
    // The same with the next complete(). Until then the plaintext and the bytes stay in place, and other threads wait
    // to seal with this sender.
    [[nodiscard]] reseal_status seal_together(const std::shared_ptr<Sender>& sender, std::string_view topic,
                                              std::span<const std::uint8_t> plaintext, std::size_t capacity,
                                              Bytes& out);

    [[nodiscard]] bool waiting() const { return size_ > 0; }
    void complete();
    // How many that complete() sealed have failed so far. Their bytes hold zeros.
    [[nodiscard]] std::size_t lost() const { return lost_; }

  private:
    void give_up_senders();
    [[nodiscard]] bool take(Sender& sender);
    static void leave(Sender& sender);

    Senders* senders_;
    std::array<reseal_sealing, most> jobs_{};
    std::size_t size_ = 0;
    // The senders of these jobs, each once. It has its memory: a sender that is taken must be known here.
    std::vector<std::shared_ptr<Sender>> taken_;
    std::size_t lost_ = 0;
};

}  // namespace reseal::engine
