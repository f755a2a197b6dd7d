// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include "base/quote.h"

namespace reseal::observe {

namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) {
        return;
    }
    out += ' ';
    out += name;
    out += '=';
    out += quote(value, '"', shown_most);
}

}  // namespace

std::string refusal_line(const Refused& event, std::uint64_t more) {
    std::string line = "refused ";
    line += event.action;
    line += more > 0 ? ", " + std::to_string(more) + " more: reason=" : ": reason=";
    line += name_of(event.reason);
    append_field(line, "principal", event.principal);
    append_field(line, "client", event.client_id);
    append_field(line, "address", event.address);
    append_field(line, "topic", event.topic);
    append_field(line, "rule", event.rule);
    line += " (";
    line += sentence_of(event.reason);
    line += ')';
    return line;
}

std::string alert_line(Alert alert, std::string_view principal, std::string_view detail) {
    std::string line = "alert ";
    line.append(name_of(alert)).append(": ").append(detail);
    append_field(line, "principal", principal);
    return line;
}

void Log::refused(const Refused& event) const {
    if (observer_ == nullptr || observer_->refused(event)) {
        note(Level::warning, refusal_line(event));
    }
}

void Log::happened(const Happened& event) const {
    if (observer_ != nullptr) {
        observer_->happened(event);
    }
}

void Log::alert(Alert alert, std::string_view principal, std::string_view detail) const {
    if (observer_ != nullptr) {
        observer_->alert(alert, principal, detail);
    } else {
        note(Level::error, alert_line(alert, principal, detail));
    }
}

void Log::note(Level level, std::string_view text) const {
    sink_(level, "reseal: " + std::string(text));
}

}  // namespace reseal::observe
