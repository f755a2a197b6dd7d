// SPDX-License-Identifier: Apache-2.0
// The audit trail, the alerts and the metrics of one broker, all fed by the log.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "audit/writer.h"
#include "base/fault.h"
#include "config/config.h"
#include "engine/engine.h"
#include "observe/exporter.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/watch.h"

namespace reseal::broker {

class Observation {
  public:
    using Clock = std::chrono::steady_clock;

    // Opens the audit trail and the metrics port that `config` names. If the port is taken, the log says so: a broker
    // without metrics is better than none. Fault: the audit trail cannot be opened.
    static Checked<std::unique_ptr<Observation>> start(const config::Config& config, const observe::Sink& sink);
    Observation(const Observation&) = delete;
    Observation& operator=(const Observation&) = delete;

    [[nodiscard]] observe::Observer& observer() { return watch_; }
    [[nodiscard]] observe::Metrics& metrics() { return metrics_; }

    void reconfigure(const config::ReloadSettings& settings);
    // Publishes alerts, and the metrics when it is time. Call it at least every second, between two events.
    void tick(engine::Worker& worker, Clock::time_point now);
    // The audit trail ends with what was only counted until now, and with the stop.
    void finish();

  private:
    Observation(const observe::Sink& sink, std::optional<audit::Trail> trail);

    void publish_alert(engine::Worker& worker, const std::string& alert);
    void publish_metrics();

    observe::Log log_;
    observe::Metrics metrics_;
    std::vector<std::string> findings_;  // about the trail, until they are raised as alerts
    std::optional<audit::Writer> trail_;
    observe::Watch watch_;
    std::unique_ptr<observe::Exporter> exporter_;
    std::string alerts_topic_;
    std::chrono::seconds interval_{};
    Clock::time_point next_metrics_;
    std::unordered_map<std::string, std::string> published_;  // by topic under $SYS
};

}  // namespace reseal::broker
