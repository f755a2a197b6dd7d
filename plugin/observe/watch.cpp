#include "observe/watch.h"

#include <algorithm>

#include "audit/json_text.h"
#include "audit/line.h"

namespace reseal::observe {

using policy::Refusal;

namespace {

constexpr std::size_t attackers_most = 4096;

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
    return alert == Alert::tampering || alert == Alert::key_not_proven || alert == Alert::replay_burst;
}

std::string kind_and_who(Alert alert, std::string_view who) {
    return std::string(name(alert)).append(1, '\n').append(who);
}

}  // namespace

Watch::Watch(Sink sink, Metrics& metrics, audit::Writer* trail, Clock::time_point now)
    : log_(std::move(sink)), metrics_(&metrics), trail_(trail), next_summary_(now + interval) {}

bool Watch::refused(const Refused& event) {
    metrics_->refused.at(static_cast<std::size_t>(event.reason)).add();
    look_for_attacks(event);
    if (!repeats_.first(event)) {
        return false;
    }
    write(event, 1);
    return true;
}

void Watch::write(const Refused& event, std::uint64_t count) {
    if (trail_ == nullptr) {
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
    record.reason = policy::name(event.reason);
    take_certificate(record, event);
    trail_->put(record);
}

void Watch::happened(const Happened& event) {
    if (trail_ == nullptr) {
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

void Watch::alert(Alert alert, std::string_view principal, std::string_view detail) {
    raise(alert, principal, detail, detail);
}

void Watch::raise(Alert alert, std::string_view principal, std::string_view cause, std::string_view detail) {
    if (!raised_.insert(kind_and_who(alert, principal).append(1, '\n').append(cause)).second) {
        return;
    }
    metrics_->alerts.at(static_cast<std::size_t>(alert)).add();
    const std::int64_t time = audit::now();
    log_.note(Level::error, alert_line(alert, principal, detail));
    if (trail_ != nullptr) {
        audit::Record record;
        record.event = audit::Event::alert;
        record.time = time;
        record.reason = name(alert);
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
    audit::append_json(json, "alert", name(alert));
    audit::append_json(json, "principal", principal);
    audit::append_json(json, "detail", detail);
    alerts_.push_back(json + "}");
}

void Watch::look_for_attacks(const Refused& event) {
    switch (event.reason) {
        case Refusal::bad_tag:
        case Refusal::foreign_key:
        case Refusal::wrong_direction:
            count_attack(Alert::tampering, event, tampering_from);
            break;
        case Refusal::key_not_proven:
        case Refusal::bad_connect_proof:
            if (event.proven) {  // by the certificate
                raise(Alert::key_not_proven, event.principal, {},
                      "its certificate was shown from " + quoted(event.address) + " without the principal's key");
            }
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
    const std::string kind = kind_and_who(alert, event.who());
    if (attacks_.size() >= attackers_most && !attacks_.contains(kind)) {
        return;
    }
    if (++attacks_[kind] == from) {
        std::string detail = std::to_string(from) +
                             " refusals within a minute, the last one: " + std::string(policy::name(event.reason)) +
                             " under topic " + quoted(event.topic);
        if (!event.proven) {
            detail += " from " + quoted(event.address) + " in the name of " + quoted(event.principal);
        }
        raise(alert, event.proven ? event.principal : std::string_view(), {}, detail);
    }
}

void Watch::tick(Clock::time_point now) {
    look_at_trail();
    if (now < next_summary_) {
        return;
    }
    next_summary_ = now + interval;
    summarise();
    attacks_.clear();
    raised_.clear();
}

void Watch::summarise() {
    repeats_.summarise([this](const Refused& event, std::uint64_t count) {
        log_.note(Level::warning, refusal_line(event, count));
        write(event, count);
    });
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
        alert(Alert::audit_tampered, {}, *finding);
    }
    const std::string fault = failing ? "the audit trail cannot be written: " + trail_->fault() : std::string();
    if (fault != fault_seen_ && failing) {
        alert(Alert::audit_failing, {}, fault);
    } else if (fault != fault_seen_) {
        log_.note(Level::notice, "the audit trail is written again");
    }
    fault_seen_ = fault;
}

}  // namespace reseal::observe
