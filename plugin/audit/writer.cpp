#include "audit/writer.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/quiet_thread.h"

namespace reseal::audit {

Writer::Writer(Trail trail, std::size_t capacity)
    : trail_(std::move(trail)), slots_(capacity), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!wake_) {
        throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    const std::vector<int> of_trail = trail_->descriptors();
    std::vector<int> kept = of_trail;
    kept.push_back(wake_.get());
    QuietThread started = quiet_thread(std::move(kept), [this] { run(); });
    thread_ = std::move(started.thread);
    if (started.owns_descriptors) {
        std::ranges::for_each(of_trail, ::close);
    }
}

Writer::~Writer() {
    ending_.store(true, std::memory_order_release);
    (void)::eventfd_write(wake_.get(), 1);
    thread_.join();
}

void Writer::put(const Record& record) {
    const std::uint64_t put = put_.load(std::memory_order_relaxed);
    if (put - taken_.load(std::memory_order_acquire) == slots_.size()) {
        dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        return;
    }
    slots_[put & (slots_.size() - 1)] = record;
    put_.store(put + 1, std::memory_order_release);
    (void)::eventfd_write(wake_.get(), 1);
}

std::string Writer::fault() const {
    const std::scoped_lock lock(fault_mutex_);
    return fault_;
}

void Writer::run() {
    write_until_the_end();
    trail_.reset();
}

void Writer::write_until_the_end() {
    auto next_sync = std::chrono::steady_clock::now();
    while (true) {
        const bool ending = ending_.load(std::memory_order_acquire);
        const auto now = std::chrono::steady_clock::now();
        if (drain() && (ending || now >= next_sync)) {
            next_sync = now + period;
            note(trail_->sync());
        }
        if (ending) {
            return;
        }
        wait();
    }
}

bool Writer::drain() {
    std::uint64_t taken = taken_.load(std::memory_order_relaxed);
    while (taken != put_.load(std::memory_order_acquire)) {
        if (!append(slots_[taken & (slots_.size() - 1)])) {
            return false;
        }
        taken_.store(++taken, std::memory_order_release);
    }
    return say_dropped();
}

bool Writer::append(const Record& record) {
    const Checked<Done> appended = trail_->append(record);
    note(appended);
    written_.store(trail_->position().number, std::memory_order_relaxed);
    return static_cast<bool>(appended);
}

bool Writer::say_dropped() {
    const std::uint64_t dropped = dropped_.load(std::memory_order_relaxed);
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

void Writer::note(const Checked<Done>& result) {
    if (!result) {
        const std::scoped_lock lock(fault_mutex_);
        fault_ = result.error().text();
    }
    failing_.store(!result, std::memory_order_release);
}

// For the next record, or for the time of the next try.
void Writer::wait() {
    pollfd wake{.fd = wake_.get(), .events = POLLIN, .revents = 0};
    (void)::poll(&wake, 1, static_cast<int>(period.count()));
    eventfd_t ignored = 0;
    (void)::eventfd_read(wake_.get(), &ignored);
}

}  // namespace reseal::audit
