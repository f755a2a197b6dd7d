#pragma once

#include <deque>
#include <string>

#include "mqtt/packet.h"

namespace attacker {

// What was sent last, for whoever must find out why.
class Trace {
  public:
    void add(const std::string& who, const mqtt::Bytes& packet);
    void note(const std::string& what);
    [[nodiscard]] std::string text() const;

  private:
    std::deque<std::string> lines_;
};

}  // namespace attacker
