// SPDX-License-Identifier: Apache-2.0
#include "engine/foresight.h"

#include <utility>

namespace reseal::engine {

void Foresight::turn_to(std::uint64_t number, bool begins, std::string_view topic) {
    if (std::exchange(number_, number) == number) {
        return;
    }
    drop();
    recipients_.end();
    if (begins) {
        recipients_.begin(topic);
    }
}

std::size_t Foresight::add(Bytes copy) {
    copies_.push_back(std::move(copy));
    return copies_.size() - 1;
}

Bytes Foresight::take(std::size_t place) {
    return place < copies_.size() ? std::move(copies_[place]) : Bytes();
}

}  // namespace reseal::engine
