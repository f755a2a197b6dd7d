// SPDX-License-Identifier: Apache-2.0
// The message that one thread works on: its plaintext, and what is being sealed from it. Another message is opened only
// when all that waits to be sealed from this one is complete.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/opener.h"
#include "engine/sealer.h"
#include "engine/site.h"
#include "engine/values.h"
#include "observe/metrics.h"

namespace reseal::engine {

class MessageUnderWay {
  public:
    // The references must outlive this. No two workers count from the same `first_number`.
    MessageUnderWay(const Site& site, Senders& senders, observe::WorkerMetrics& metrics, std::uint64_t first_number)
        : site_(&site),
          metrics_(&metrics),
          opener_(site.crypto, site.keyring, site.realm),
          sealer_(senders),
          number_(first_number) {}

    // A message arrives: see Opener::open().
    [[nodiscard]] Refusal open(const ParsedMessage& uplink);
    // Opens it again, unless it is the one under way.
    [[nodiscard]] Refusal reopen(const ParsedMessage& uplink);
    // The message under way was accepted, and is delivered next.
    void begin_fan_out();

    [[nodiscard]] bool holds(std::string_view topic, Payload message) const { return opener_.holds(topic, message); }
    [[nodiscard]] Payload plaintext() const { return opener_.plaintext(); }
    // Another number, another message; and so for each of its fan-outs.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    // Whether begin_fan_out() was called for it.
    [[nodiscard]] bool fanned_out() const { return fanned_out_; }

    // Wipes the plaintext.
    void forget();
    void forget_keys(const KeyId& id) { opener_.forget_keys(id); }
    void forget_all_keys() { opener_.forget_all_keys(); }

    // Seals into new memory; `out` is null unless Refusal::none. `plaintext`: of the message under way, or for
    // Sealing::at_once any.
    [[nodiscard]] Refusal seal(const std::shared_ptr<Sender>& sender, std::string_view topic, Payload plaintext,
                               Sealing when, Bytes& out);
    // Seals what waits. False: some have failed since the last call; it is logged.
    bool complete() { return (!sealer_.waiting() && sealer_.lost() == lost_told_) || complete_all(); }

  private:
    bool complete_all();
    void leave();

    const Site* site_;
    observe::WorkerMetrics* metrics_;
    Opener opener_;
    Sealer sealer_;  // of the opener's plaintext
    std::uint64_t number_;
    bool fanned_out_ = false;
    std::size_t lost_told_ = 0;
};

}  // namespace reseal::engine
