// SPDX-License-Identifier: Apache-2.0
#include "observe/watch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "audit/json_text.h"
#include "audit/line.h"
#include "base/quote.h"

namespace reseal::observe {

namespace {

// What a session is refused after it began ends it.
audit::Event event_of(const Refused& event) {
    return event.action == "session" ? audit::Event::disconnected : audit::Event::refused;
}

template <class Source>
void take_certificate(audit::Record& record, const Source& source) {
    record.has_certificate = source.certificate.size() == record.certificate.size();
    if (record.has_certificate) {
        std::ranges::copy(source.certificate, record.certificate.begin());
    }
}

// Clients can raise these, in any number.
bool is_attack(Alert alert) {
    return alert == Alert::tampering || alert == Alert::key_not_proven || alert == Alert::replay_burst ||
           alert == Alert::over_budget;
}

// Clients can make these happen, in any number.
bool is_of_client(audit::Event event) {
    using audit::Event;
    return event == Event::connected || event == Event::reauthenticated || event == Event::disconnected ||
           event == Event::refused;
}

budget::Time moment(Watch::Clock::time_point now) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
}

// A certificate came, which is right, and no proof of its principal's key, or one that is made up. An old proof is not.
bool lacks_the_key(const Refused& event) {
    static constexpr std::array made_up = {
        Refusal::key_not_proven, Refusal::bad_connect_proof, Refusal::malformed,       Refusal::unknown_key,
        Refusal::foreign_key,    Refusal::wrong_direction,   Refusal::wrong_algorithm, Refusal::bad_tag};
    return event.action == "connect" && event.proven && std::ranges::find(made_up, event.reason) != made_up.end();
}

std::string kind_and_who(Alert alert, std::string_view who) {
    return std::string(name_of(alert)).append(1, '\n').append(who);
}

}  // namespace

Watch::Watch(Sink sink, Metrics& metrics, audit::Writer* trail, Clock::time_point now)
    : log_(std::move(sink)), metrics_(&metrics), trail_(trail), now_(now), next_summary_(now + interval) {}

void Watch::set_budgets(const budget::Limits& limits) {
    const std::lock_guard lock(mutex_);
    lines_.set(limits);
    alert_lines_.set(limits);
}

bool Watch::refused(const Refused& event) {
    const std::lock_guard lock(mutex_);
    metrics_->refused.at(static_cast<std::size_t>(event.reason)).add();
    look_for_attacks(event);
    report_over_budget(event);
    if (!repeats_.first(event)) {
        return false;
    }
    write(event, 1);
    return true;
}

void Watch::write(const Refused& event, std::uint64_t count) {
    const std::string_view principal = event.proven ? event.principal : std::string_view();
    if (trail_ == nullptr || !lines_.take(principal, event.address, event_of(event), count, moment(now_))) {
        return;
    }
    audit::Record record;
    record.event = event_of(event);
    record.time = audit::now();
    record.count = count;
    record.action = event.action;
    record.principal = event.principal;
    record.proven = event.proven;
    record.address = event.address;
    record.client = event.client_id;
    record.topic = event.topic;
    record.rule = event.rule;
    record.reason = name_of(event.reason);
    take_certificate(record, event);
    trail_->put(record);
}

// What is not a client's doing always has its line.
void Watch::happened(const Happened& event) {
    const std::lock_guard lock(mutex_);
    if (trail_ == nullptr ||
        (is_of_client(event.event) && !lines_.take(event.principal, event.address, event.event, 1, moment(now_)))) {
        return;
    }
    audit::Record record;
    record.event = event.event;
    record.time = audit::now();
    record.principal = event.principal;
    record.address = event.address;
    record.client = event.client_id;
    record.detail = event.detail;
    take_certificate(record, event);
    trail_->put(record);
}

void Watch::write_omitted(const LineBudget::Omission& omission) {
    const auto& [principal, count, detail] = omission;
    metrics_->audit_omitted.add(count);
    audit::Record record;
    record.event = audit::Event::omitted;
    record.time = audit::now();
    record.count = count;
    record.principal = principal;
    record.detail = detail;
    trail_->put(record);
    const std::string key = principal.empty() ? "strangers" : "principal";
    raise(Alert::over_budget, principal, "audit_lines",
          std::to_string(count) + " events have no line of their own in the audit trail (budgets." + key +
              ".audit_lines): " + detail);
}

void Watch::alert(Alert alert, std::string_view principal, std::string_view detail) {
    const std::lock_guard lock(mutex_);
    raise(alert, principal, detail, detail);
}

void Watch::raise(Alert alert, std::string_view principal, std::string_view cause, std::string_view detail) {
    if (!raised_.insert(kind_and_who(alert, principal).append(1, '\n').append(cause)).second) {
        return;
    }
    metrics_->alerts.at(static_cast<std::size_t>(alert)).add();
    const std::int64_t time = audit::now();
    log_.note(Level::error, alert_line(alert, principal, detail));
    const bool of_client = is_attack(alert);
    if (trail_ != nullptr && (!of_client || alert_lines_.take(principal, {}, audit::Event::alert, 1, moment(now_)))) {
        audit::Record record;
        record.event = audit::Event::alert;
        record.time = time;
        record.reason = name_of(alert);
        record.principal = principal;
        record.detail = detail;
        trail_->put(record);
    }
    publish(alert, principal, detail, time);
}

void Watch::publish(Alert alert, std::string_view principal, std::string_view detail, std::int64_t time) {
    if (is_attack(alert) && alerts_.size() >= alerts_most) {
        return;
    }
    std::string json = "{";
    audit::append_json(json, "time", audit::timestamp(time));
    audit::append_json(json, "alert", name_of(alert));
    audit::append_json(json, "principal", principal);
    audit::append_json(json, "detail", detail);
    alerts_.push_back(json + "}");
}

void Watch::look_for_attacks(const Refused& event) {
    if (lacks_the_key(event)) {
        raise(
            Alert::key_not_proven, event.principal, {},
            "its certificate was shown from " + quote(event.address, '"', shown_most) + " without the principal's key");
    }
    switch (event.reason) {
        case Refusal::bad_tag:
        case Refusal::foreign_key:
        case Refusal::wrong_direction:
            count_attack(Alert::tampering, event, tampering_from);
            break;
        case Refusal::replay:
        case Refusal::stale_epoch:
            count_attack(Alert::replay_burst, event, replays_from);
            break;
        default:
            break;
    }
}

void Watch::count_attack(Alert alert, const Refused& event, std::uint32_t from) {
    const bool principal = event.proven && !event.principal.empty();
    Attacks& attacks = principal ? attacks_of_principals_ : attacks_of_strangers_;
    std::string kind = kind_and_who(alert, event.who());
    const bool crowded = attacks.size() >= attackers_most && !attacks.contains(kind);
    if (crowded) {
        kind = kind_and_who(alert, {});
    }
    std::uint32_t& count = attacks[kind];
    if (++count == from) {
        count = crowded ? 0 : count;  // the next ones may be somebody else's
        std::string detail = std::to_string(from) +
                             " refusals within a minute, the last one: " + std::string(name_of(event.reason)) +
                             " under topic " + quote(event.topic, '"', shown_most);
        if (!event.proven) {
            detail += " from " + quote(event.address, '"', shown_most) + " in the name of " +
                      quote(event.principal, '"', shown_most);
        }
        raise(alert, event.proven ? event.principal : std::string_view(), claim_of(alert, event), detail);
    }
}

// A stranger who takes many names hides none of the first ones, and does not multiply the alerts.
std::string_view Watch::claim_of(Alert alert, const Refused& event) {
    if (event.proven) {
        return {};
    }
    auto& names = claimed_.at(static_cast<std::size_t>(alert));
    const std::string name(event.principal);
    if (names.contains(name)) {
        return event.principal;
    }
    if (names.size() >= claims_most) {
        return "others";
    }
    names.insert(name);
    return event.principal;
}

void Watch::report_over_budget(const Refused& event) {
    if (is_over_budget(event.reason)) {
        raise(Alert::over_budget, event.proven ? event.principal : std::string_view(), name_of(event.reason),
              std::string(name_of(event.reason)) + " (" + std::string(sentence_of(event.reason)) + ")");
    }
}

void Watch::tick(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    now_ = now;
    look_at_trail();
    if (now < next_summary_) {
        return;
    }
    next_summary_ = now + interval;
    tell_repeats();
    attacks_of_principals_.clear();
    attacks_of_strangers_.clear();
    std::ranges::for_each(claimed_, [](auto& names) { names.clear(); });
    raised_.clear();
}

void Watch::summarise() {
    const std::lock_guard lock(mutex_);
    tell_repeats();
}

std::vector<std::string> Watch::take_alerts() {
    const std::lock_guard lock(mutex_);
    return std::exchange(alerts_, {});
}

void Watch::tell_repeats() {
    repeats_.summarise([this](const Refused& event, std::uint64_t count) {
        log_.note(Level::warning, refusal_line(event, count));
        write(event, count);
    });
    for (LineBudget* lines : {&lines_, &alert_lines_}) {
        for (const LineBudget::Omission& omission : lines->take_omissions(moment(now_))) {
            write_omitted(omission);
        }
    }
}

void Watch::look_at_trail() {
    if (trail_ == nullptr) {
        return;
    }
    const std::uint64_t dropped = trail_->dropped();
    const bool failing = trail_->failing();
    metrics_->audit_lines.set(trail_->written());
    metrics_->audit_dropped.set(dropped);
    metrics_->audit_failing.set(failing ? 1 : 0);
    if (dropped > dropped_seen_) {
        raise(Alert::audit_dropped, {}, {},
              std::to_string(dropped - dropped_seen_) + " audit records were dropped: the queue was full");
    }
    dropped_seen_ = dropped;
    if (const auto finding = trail_->take_finding()) {
        raise(Alert::audit_tampered, {}, *finding, *finding);
    }
    if (const auto hours = trail_->take_shortage()) {
        raise(Alert::audit_short, {}, {},
              "the audit trail reaches back " + std::to_string(*hours / 24) + " days and " +
                  std::to_string(*hours % 24) +
                  " hours, less than audit.keep_days: raise audit.keep, and find out who writes so much");
    }
    const std::string fault = failing ? "the audit trail cannot be written: " + trail_->fault() : std::string();
    if (fault != fault_seen_ && failing) {
        raise(Alert::audit_failing, {}, fault, fault);
    } else if (fault != fault_seen_) {
        log_.note(Level::notice, "the audit trail can be written again");
    }
    fault_seen_ = fault;
}

}  // namespace reseal::observe
