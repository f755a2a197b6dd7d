// SPDX-License-Identifier: Apache-2.0
// Which message of which publisher was accepted, and how often each subscriber received it.
#pragma once

#include <cstddef>
#include <vector>

namespace faults {

struct Figures {
    std::size_t accepted = 0;  // messages whose flow was completed at their publisher
    std::size_t refused = 0;   // messages that the broker answered with an error
    std::size_t open = 0;      // messages whose flow never completed
    std::size_t due = 0;       // deliveries of what was accepted: one for each subscriber
    std::size_t lost = 0;      // of these, those that never came
    std::size_t twice = 0;     // deliveries of a message beyond its first, whether it was accepted or not

    Figures& operator+=(const Figures& other) {
        accepted += other.accepted;
        refused += other.refused;
        open += other.open;
        due += other.due;
        lost += other.lost;
        twice += other.twice;
        return *this;
    }
};

class Tally {
  public:
    Tally(std::size_t publishers, std::size_t subscribers) : messages_(publishers), subscribers_(subscribers) {}

    // Messages are numbered from 0 for each publisher, and begun in this order.
    void begin(std::size_t publisher) { messages_[publisher].push_back({.deliveries = Counts(subscribers_, 0)}); }
    void accept(std::size_t publisher, std::size_t serial) { messages_[publisher].at(serial).end = End::accepted; }
    void refuse(std::size_t publisher, std::size_t serial) { messages_[publisher].at(serial).end = End::refused; }
    // Throws std::out_of_range for a message that was never begun.
    void deliver(std::size_t subscriber, std::size_t publisher, std::size_t serial) {
        ++messages_.at(publisher).at(serial).deliveries.at(subscriber);
    }

    [[nodiscard]] Figures of(std::size_t publisher) const {
        Figures out;
        for (const Message& message : messages_[publisher]) {
            out += figures_of(message);
        }
        return out;
    }
    [[nodiscard]] Figures all() const {
        Figures out;
        for (std::size_t publisher = 0; publisher < messages_.size(); ++publisher) {
            out += of(publisher);
        }
        return out;
    }

  private:
    using Counts = std::vector<std::size_t>;
    enum class End : unsigned char { none, accepted, refused };
    struct Message {
        End end = End::none;
        Counts deliveries;
    };

    static Figures figures_of(const Message& message) {
        const bool accepted = message.end == End::accepted;
        Figures out{.accepted = accepted ? 1U : 0U,
                    .refused = message.end == End::refused ? 1U : 0U,
                    .open = message.end == End::none ? 1U : 0U};
        for (const std::size_t times : message.deliveries) {
            out.due += accepted ? 1 : 0;
            out.lost += accepted && times == 0 ? 1 : 0;
            out.twice += times > 1 ? times - 1 : 0;
        }
        return out;
    }

    std::vector<std::vector<Message>> messages_;
    std::size_t subscribers_;
};

}  // namespace faults
