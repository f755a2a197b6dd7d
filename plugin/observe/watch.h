// SPDX-License-Identifier: Apache-2.0
// Takes notice of everything that is logged: counts it, writes it to the audit trail, sums up what repeats, and raises
// alerts. Any thread may use it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "audit/writer.h"
#include "budget/limits.h"
#include "observe/line_budget.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "observe/repeats.h"

namespace reseal::observe {

class Watch : public Observer {
  public:
    using Clock = std::chrono::steady_clock;

    // What repeats is told once in this time, and what is counted for an alert is counted within it.
    static constexpr std::chrono::seconds interval{60};
    // So many refusals of one principal within the interval are an alert.
    static constexpr std::uint32_t tampering_from = 5;
    static constexpr std::uint32_t replays_from = 50;
    // Principals, and apart from them addresses, whose attacks are counted one by one; all others count as one.
    static constexpr std::size_t attackers_most = 4096;
    // Names of principals that strangers take, about which an alert of one kind is raised within the interval.
    static constexpr std::size_t claims_most = 16;
    // Alerts about principals that wait for take_alerts(); those about the broker itself always do.
    static constexpr std::size_t alerts_most = 256;

    // `trail` may be null; `metrics` and `trail` must outlive this.
    Watch(Sink sink, Metrics& metrics, audit::Writer* trail, Clock::time_point now = Clock::now());

    bool refused(const Refused& event) override;
    void happened(const Happened& event) override;
    // Once in an interval for each kind, principal and detail, which is a sentence of the plugin's own.
    void alert(Alert alert, std::string_view principal, std::string_view detail) override;

    // How many lines of the audit trail each principal may take, from now on.
    void set_budgets(const budget::Limits& limits);

    // Call it at least every second: the time of the events until the next call.
    void tick(Clock::time_point now);
    // Tells what is still only counted. Call it before the end.
    void summarise();

    // The alerts since the last call, to be published: JSON, one object each.
    [[nodiscard]] std::vector<std::string> take_alerts();

  private:
    void write(const Refused& event, std::uint64_t count);
    void write_omitted(const LineBudget::Omission& omission);
    void look_for_attacks(const Refused& event);
    void count_attack(Alert alert, const Refused& event, std::uint32_t from);
    [[nodiscard]] std::string_view claim_of(Alert alert, const Refused& event);
    void report_over_budget(const Refused& event);
    void look_at_trail();
    void tell_repeats();
    // Once in an interval for each kind, principal and cause.
    void raise(Alert alert, std::string_view principal, std::string_view cause, std::string_view detail);
    void publish(Alert alert, std::string_view principal, std::string_view detail, std::int64_t time);

    std::mutex mutex_;  // held in each public function
    Log log_;
    Metrics* metrics_;
    audit::Writer* trail_;
    Repeats repeats_;
    LineBudget lines_;
    LineBudget alert_lines_;  // of their own: who floods must not hide what it is caught at
    Clock::time_point now_;
    Clock::time_point next_summary_;
    // Refusals by kind of alert and by who it is: an address takes no room from a principal.
    using Attacks = std::unordered_map<std::string, std::uint32_t>;
    Attacks attacks_of_principals_;
    Attacks attacks_of_strangers_;
    std::array<std::unordered_set<std::string>, alert_names.size()> claimed_;  // by strangers, by kind of alert
    std::unordered_set<std::string> raised_;                                   // alerts by kind, principal and cause
    std::vector<std::string> alerts_;
    std::uint64_t dropped_seen_ = 0;
    std::string fault_seen_;  // of the trail; empty: it is written
};

}  // namespace reseal::observe
