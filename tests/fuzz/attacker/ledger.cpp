// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/ledger.h"

#include <charconv>

namespace attacker {

std::string Ledger::new_text(Dice& dice) {
    const std::size_t filler = dice.one_in(50) ? dice.below(60000) : dice.below(200);
    return std::string(marker) + std::to_string(++last_) + "." + std::string(filler, 'x');
}

std::uint64_t Ledger::number_of(std::string_view text) {
    std::uint64_t out = 0;
    if (text.starts_with(marker)) {
        std::from_chars(text.data() + marker.size(), text.data() + text.size(), out);
    }
    return out;
}

void Ledger::sealed(std::string_view topic, std::string_view text) {
    sent_[number_of(text)] = {.topic = std::string(topic), .sealed_in = life_};
}

const Ledger::Sent& Ledger::find(std::string_view topic, std::string_view text) const {
    const auto found = sent_.find(number_of(text));
    if (found == sent_.end()) {
        throw Finding("arrived under " + std::string(topic) +
                      ", and nobody sent it: " + std::string(text.substr(0, 80)));
    }
    if (found->second.topic != topic) {
        throw Finding("sent under " + found->second.topic + ", arrived under " + std::string(topic));
    }
    return found->second;
}

void Ledger::check_sent(std::string_view topic, std::string_view text) const {
    (void)find(topic, text);
}

void Ledger::arrived(std::string_view topic, std::string_view text, bool again) {
    (void)find(topic, text);
    Sent& sent = sent_.at(number_of(text));
    ++arrivals_;
    repeated_ += sent.arrived++ > 0 ? 1 : 0;
    if (again) {
        return;
    }
    sent.arrived_in_life = sent.life == life_ ? sent.arrived_in_life + 1 : 1;
    sent.life = life_;
    if (sent.arrived_in_life > (sent.sealed_in == life_ ? 1U : 2U)) {
        throw Finding("arrived twice under " + std::string(topic) + ": " + std::string(text.substr(0, 80)));
    }
}

}  // namespace attacker
