#include "state/convert_record.h"

#include <cstring>
#include <vector>

namespace reseal::state {

namespace {

bool marked(const reseal_replay& replay, std::uint32_t counter) {
    const std::uint32_t bit = counter % replay.window;
    return (replay.words[bit / 32] >> (bit % 32) & 1U) != 0;
}

void mark(reseal_replay& replay, std::uint32_t counter) {
    const std::uint32_t bit = counter % replay.window;
    replay.words[bit / 32] |= 1U << (bit % 32);
}

// Fills the words of `to`, zeroed and of another window, from `from`.
void convert_window(const reseal_replay& from, reseal_replay& to) {
    to.epoch = from.epoch;
    to.top = from.top;
    if (from.epoch.number == 0) {
        return;
    }
    for (std::uint32_t back = 0; back < to.window && back <= from.top; ++back) {
        const std::uint32_t counter = from.top - back;
        if (back >= from.window || marked(from, counter)) {
            mark(to, counter);
        }
    }
}

}  // namespace

void convert_record(std::uint32_t window, const ReplayRecord& old, std::uint8_t* to) {
    if (old.window().window == window) {
        std::memcpy(to, old.bytes().data(), old.bytes().size());
        return;
    }
    std::vector<std::uint32_t> words(RESEAL_WINDOW_WORDS(window));
    reseal_replay converted{{}, 0, window, words.data()};
    convert_window(old.window(), converted);
    ReplayRecord(to, window).begin(old.key_id(), converted, old.trust());
}

}  // namespace reseal::state
