// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include "mqtt/packet.h"

namespace attacker {

// The last packets sent, to help find the cause.
class Trace {
  public:
    void add(const std::string& who, const mqtt::Bytes& packet);
    void note(const std::string& what);
    [[nodiscard]] std::string text() const;

  private:
    std::deque<std::string> lines_;
};

}  // namespace attacker
