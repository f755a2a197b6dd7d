// SIGINT and SIGTERM as something to wait for, so that a tool ends its connection in order.
#pragma once

namespace reseal::tools {

// One at a time: it holds the process's handlers while it lives. Calls that wait are interrupted, not restarted.
class StopSignal {
  public:
    StopSignal();  // throws Failure
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    [[nodiscard]] bool requested() const;

    // Readable from the first signal on, for poll; nobody reads it.
    [[nodiscard]] int descriptor() const;
};

}  // namespace reseal::tools
