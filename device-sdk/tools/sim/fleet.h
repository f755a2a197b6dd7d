// SPDX-License-Identifier: Apache-2.0
// All simulated devices of one process, driven by one thread.
#pragma once

#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "tools/file.h"
#include "tools/sim/device.h"
#include "tools/sim/menu.h"

namespace reseal::tools::sim {

class Fleet {
  public:
    // Reads all credentials and takes all epoch files.
    static Checked<std::unique_ptr<Fleet>> make(const SimOptions& options, const std::vector<DeviceFiles>& files);
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    // Runs until every device has finished or a stop is requested. True if any device was connected and every reading
    // was acknowledged with success. A fault if no device could connect or the report cannot be written.
    Checked<bool> run();

  private:
    using Waking = std::pair<Clock::time_point, std::size_t>;

    // What the kernel watches for a device.
    struct Watch {
        int socket = -1;
        std::uint64_t attempt = 0;
        bool write = false;
    };

    Fleet(const SimOptions& options, std::size_t devices, std::unique_ptr<StopSignal> stop);
    Checked<Done> make_devices(const std::vector<DeviceFiles>& files);
    Checked<Done> watch_people();
    bool watch_other(int descriptor, std::size_t place);
    void watch(std::size_t number);
    void work(std::size_t number, Clock::time_point now);
    void work_all(Clock::time_point now);
    void wait(Clock::time_point now);
    void handle(std::size_t place);
    void work_due();
    void tick();
    void obey(Command command);
    void change_active(bool more);
    void end();
    [[nodiscard]] bool finished();
    void farewell();
    void count();
    Checked<bool> summarise();
    [[nodiscard]] Checked<Done> write_report() const;

    const SimOptions& options_;
    std::unique_ptr<StopSignal> stop_;
    Console console_;
    Control control_;
    Pace pace_;
    Report report_;
    Counts a_second_ago_;
    bool shows_progress_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point tick_at_ = start_ + std::chrono::seconds(1);
    Descriptor poll_;
    std::unique_ptr<Menu> menu_;
    std::optional<Fault> fault_;  // ends the run
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<Watch> watches_;
    std::vector<Clock::time_point> wake_at_;
    std::priority_queue<Waking, std::vector<Waking>, std::greater<>> wakings_;  // some are stale
};

}  // namespace reseal::tools::sim
