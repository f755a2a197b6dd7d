// SPDX-License-Identifier: Apache-2.0
#include "audit/scribe.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace reseal::audit {

void Scribe::run() {
    auto next_sync = std::chrono::steady_clock::now();
    while (true) {
        const bool ending = broker_ended();
        const auto now = std::chrono::steady_clock::now();
        look();
        if (drain() && (ending || now >= next_sync)) {
            next_sync = now + period;
            note(trail_.sync());
        }
        if (ending) {
            return;
        }
        wait();
    }
}

// Called before the next line is written, because a line in a removed file is lost.
void Scribe::look() {
    if (!finding_) {
        finding_ = trail_.look();
    }
    if (finding_ && queue_->find(*finding_)) {
        finding_.reset();
    }
}

bool Scribe::drain() {
    while (const Record* record = queue_->oldest()) {
        if (!append(*record)) {
            return false;
        }
        queue_->took();
    }
    return say_dropped();
}

bool Scribe::append(const Record& record) {
    const Checked<Done> appended = trail_.append(record);
    note(appended);
    queue_->set_written(trail_.position().number);
    if (const auto hours = trail_.take_shortage()) {
        queue_->fall_short(*hours);
    }
    return static_cast<bool>(appended);
}

bool Scribe::say_dropped() {
    const std::uint64_t dropped = queue_->dropped();
    if (dropped == dropped_said_) {
        return true;
    }
    Record record;
    record.event = Event::dropped;
    record.time = audit::now();
    record.count = dropped - dropped_said_;
    if (!append(record)) {
        return false;
    }
    dropped_said_ = dropped;
    return true;
}

void Scribe::note(const Checked<Done>& result) {
    if (result) {
        queue_->succeed();
    } else {
        queue_->fail(result.error().text());
    }
}

// Waits for the next record, or for the time of the next try.
void Scribe::wait() {
    pollfd broker{.fd = broker_.get(), .events = POLLIN, .revents = 0};
    (void)::poll(&broker, 1, static_cast<int>(period.count()));
}

bool Scribe::broker_ended() {
    std::array<char, 4096> ignored{};
    while (true) {
        const ssize_t size = ::recv(broker_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
            return true;
        }
        if (size < 0 && errno == EAGAIN) {
            return false;
        }
    }
}

}  // namespace reseal::audit
