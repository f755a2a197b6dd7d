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
    // Reads all credentials and takes all epoch files. Throws Failure.
    Fleet(const SimOptions& options, const std::vector<DeviceFiles>& files);

    // Runs until every device has finished or a stop is requested. True if any device was connected and every reading
    // was acknowledged with success.
    // Throws Failure if no device could connect or the report cannot be written.
    bool run();

  private:
    using Waking = std::pair<Clock::time_point, std::size_t>;

    // What the kernel watches for a device.
    struct Watch {
        int socket = -1;
        std::uint64_t attempt = 0;
        bool write = false;
    };

    void watch_other(int descriptor, std::size_t place);
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
    bool summarise();

    const SimOptions& options_;
    StopSignal stop_;
    Console console_;
    Control control_;
    Pace pace_;
    Report report_;
    Counts a_second_ago_;
    bool shows_progress_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point tick_at_ = start_ + std::chrono::seconds(1);
    Descriptor poll_;
    std::optional<Menu> menu_;
    std::vector<std::unique_ptr<Device>> devices_;
    std::vector<Watch> watches_;
    std::vector<Clock::time_point> wake_at_;
    std::priority_queue<Waking, std::vector<Waking>, std::greater<>> wakings_;  // some are stale
};

}  // namespace reseal::tools::sim
