// SPDX-License-Identifier: Apache-2.0
#include "broker/observation.h"

#include <utility>

#include "audit/folder.h"
#include "base/private_file.h"
#include "broker/broker.h"
#include "keyring/seal.h"
#include "observe/exposition.h"

namespace reseal::broker {

namespace {

Checked<std::optional<audit::Trail>> open_trail(const config::Config& config) {
    if (!config.audit) {
        return std::optional<audit::Trail>();
    }
    const auto master_key = keyring::read_master_key(config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    auto trail = audit::Trail::open({.folder = config.audit->folder,
                                     .mark = audit::mark_path(config.state),
                                     .max_file = config.audit->max_file,
                                     .keep = config.audit->keep,
                                     .keep_days = config.audit->keep_days},
                                    audit::derive_key(*master_key));
    return trail ? Checked<std::optional<audit::Trail>>(std::optional(std::move(*trail))) : trail.error();
}

std::vector<std::string> findings_of(const std::optional<audit::Trail>& trail) {
    return trail ? trail->findings() : std::vector<std::string>();
}

}  // namespace

Checked<std::unique_ptr<Observation>> Observation::start(const config::Config& config, const observe::Sink& sink) {
    auto trail = open_trail(config);
    if (!trail) {
        return trail.error();
    }
    const bool crashed = *trail && (*trail)->crashed();
    const std::string described = *trail ? "audit trail in " + config.audit->folder + ", after line " +
                                               std::to_string((*trail)->position().number)
                                         : "no audit trail: " + config.file + " has no key 'audit'";
    std::unique_ptr<Observation> out(new Observation(sink, std::move(*trail)));
    out->log_.note(observe::Level::notice, described);
    out->watch_.happened(
        {.event = audit::Event::started,
         .detail = crashed ? "the previous file ends in the middle of a line: the broker or its machine crashed"
                           : std::string_view()});
    out->reconfigure(config);
    if (config.metrics_port != 0) {
        auto exporter = observe::Exporter::start(out->metrics_, config.metrics_port);
        if (exporter) {
            out->exporter_ = std::move(*exporter);
        } else {
            out->log_.note(observe::Level::error, "no metrics over HTTP: " + exporter.error().text());
        }
    }
    return out;
}

Observation::Observation(const observe::Sink& sink, std::optional<audit::Trail> trail)
    : log_(sink),
      findings_(findings_of(trail)),
      trail_(trail ? std::optional<audit::Writer>(std::in_place, std::move(*trail)) : std::optional<audit::Writer>()),
      watch_(sink, metrics_, trail_ ? &*trail_ : nullptr) {}

void Observation::finish() {
    watch_.summarise();
    watch_.happened({.event = audit::Event::stopped});
}

void Observation::reconfigure(const config::ReloadSettings& settings) {
    watch_.set_budgets(settings.budgets);
    alerts_topic_ = settings.alerts_topic;
    interval_ = std::chrono::seconds(settings.metrics_interval);
}

void Observation::tick(engine::Worker& worker, Clock::time_point now) {
    for (const std::string& finding : std::exchange(findings_, {})) {
        watch_.alert(observe::Alert::audit_tampered, {}, finding);
    }
    watch_.tick(now);
    for (const std::string& alert : watch_.take_alerts()) {
        publish_alert(worker, alert);
    }
    if (interval_.count() > 0 && now >= next_metrics_) {
        next_metrics_ = now + interval_;
        publish_metrics();
    }
}

void Observation::publish_alert(engine::Worker& worker, const std::string& alert) {
    if (alerts_topic_.empty()) {
        return;
    }
    engine::Published published = worker.publish_own(alerts_topic_, as_bytes(alert));
    engine::Bytes& sealed = published.replacement;
    if (published.refusal != Refusal::none) {
        log_.note(observe::Level::error, "an alert was not published: " + std::string(sentence_of(published.refusal)));
    } else if (mosquitto_broker_publish(nullptr, alerts_topic_.c_str(), static_cast<int>(sealed.size()), sealed.data(),
                                        1, false, nullptr) != MOSQ_ERR_SUCCESS) {
        log_.note(observe::Level::error, "an alert was not published: the broker did not take it (out of memory?)");
    } else {
        (void)sealed.release();
    }
}

// An unchanged value is already there as a retained message.
void Observation::publish_metrics() {
    for (const auto& [topic, value] : observe::sys_values(metrics_)) {
        std::string& before = published_[topic];
        if (before != value && mosquitto_broker_publish_copy(nullptr, topic.c_str(), static_cast<int>(value.size()),
                                                             value.data(), 0, true, nullptr) == MOSQ_ERR_SUCCESS) {
            before = value;
        }
    }
}

}  // namespace reseal::broker
