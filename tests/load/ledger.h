// SPDX-License-Identifier: Apache-2.0
// What one subscriber got of numbered messages: which ones, in which order, how often.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace load {

class Ledger {
  public:
    // `count` messages are expected on each topic, numbered from 0.
    explicit Ledger(std::size_t count) : count_(count) {}

    // Number `serial` was opened. `may_repeat`: it is a QoS 1 message that the broker may have sent before.
    void take(const std::string& topic, std::size_t serial, bool may_repeat) {
        Topic& of = topics_[topic];
        of.seen.resize(count_);
        if (serial >= count_) {
            fault(topic, serial, "was never sent");
        } else if (of.seen[serial]) {
            ++repeated_;
            if (!may_repeat) {
                fault(topic, serial, "came twice");
            }
        } else {
            if (serial != of.next) {
                fault(topic, serial, "came when " + std::to_string(of.next) + " was due");
            }
            of.seen[serial] = true;
            of.next = serial + 1;
            ++distinct_;
        }
    }

    [[nodiscard]] std::size_t distinct() const { return distinct_; }
    [[nodiscard]] std::size_t repeated() const { return repeated_; }
    // Every breach of the promises, a line each.
    [[nodiscard]] const std::string& faults() const { return faults_; }

  private:
    struct Topic {
        std::vector<bool> seen;
        std::size_t next = 0;
    };

    void fault(const std::string& topic, std::size_t serial, const std::string& what) {
        faults_ += topic + " " + std::to_string(serial) + " " + what + "\n";
    }

    std::size_t count_;
    std::map<std::string, Topic> topics_;
    std::size_t distinct_ = 0;
    std::size_t repeated_ = 0;
    std::string faults_;
};

}  // namespace load
