// SPDX-License-Identifier: Apache-2.0
// Answers GET /metrics over HTTP on 127.0.0.1, and nothing else.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/descriptor.h"
#include "base/fault.h"
#include "observe/metrics.h"

namespace reseal::observe {

class Exporter {
  public:
    // Listens on 127.0.0.1; port 0 takes a free one. `metrics` must outlive it. Fault: the port is taken.
    static Checked<std::unique_ptr<Exporter>> start(const Metrics& metrics, std::uint16_t port);
    ~Exporter();
    Exporter(const Exporter&) = delete;
    Exporter& operator=(const Exporter&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    Exporter(const Metrics& metrics, Descriptor listener, Descriptor wake, std::uint16_t port);
    void run();

    const Metrics* metrics_;
    Descriptor listener_;
    Descriptor wake_;
    std::uint16_t port_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

}  // namespace reseal::observe
