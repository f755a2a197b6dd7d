// SPDX-License-Identifier: Apache-2.0
#include "observe/exposition.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace reseal::observe {
namespace {

// Of one series; a family is several series of one name, told apart by one label.
struct Series {
    std::string_view family;
    std::string_view type;
    std::string_view help;
    std::string_view label;  // empty: the family has one series
    std::string_view label_value;
    std::string_view topic;  // below $SYS/broker/reseal; followed by the label's value if there is one
    std::uint64_t value;
};

constexpr std::string_view counter = "counter";
constexpr std::string_view gauge = "gauge";

std::vector<Series> flow(const Metrics& m) {
    return {
        {"reseal_messages_opened_total",
         counter,
         "Messages that arrived sealed and were accepted.",
         {},
         {},
         "messages/opened",
         m.opened()},
        {"reseal_messages_sealed_total",
         counter,
         "Messages sealed for a subscriber or for the store.",
         {},
         {},
         "messages/sealed",
         m.sealed()},
        {"reseal_replay_hits_total",
         counter,
         "Messages that had been accepted before, retransmissions included.",
         {},
         {},
         "replay_hits",
         m.refused.at(static_cast<std::size_t>(Refusal::replay)).get()},
        {"reseal_sessions", gauge, "Sessions that the plugin holds.", {}, {}, "sessions", m.sessions.get()},
        {"reseal_principals", gauge, "Principals in the registry.", {}, {}, "principals", m.principals.get()},
        {"reseal_keys", gauge, "Key generations in the registry.", "state", "active", "keys", m.active_keys.get()},
        {"reseal_keys", gauge, "Key generations in the registry.", "state", "retired", "keys", m.retired_keys.get()},
        {"reseal_reloads_total", counter, "Reloads of the configuration.", "result", "success", "reloads",
         m.reloads.get()},
        {"reseal_reloads_total", counter, "Reloads of the configuration.", "result", "failure", "reloads",
         m.failed_reloads.get()},
        {"reseal_audit_lines",
         gauge,
         "The number of the audit trail's last line.",
         {},
         {},
         "audit/lines",
         m.audit_lines.get()},
        {"reseal_audit_dropped_total",
         counter,
         "Audit records that found the queue full.",
         {},
         {},
         "audit/dropped",
         m.audit_dropped.get()},
        {"reseal_audit_omitted_total",
         counter,
         "Events without an audit line of their own, because a budget was exceeded.",
         {},
         {},
         "audit/omitted",
         m.audit_omitted.get()},
        {"reseal_audit_failing",
         gauge,
         "1 while the audit trail cannot be written.",
         {},
         {},
         "audit/failing",
         m.audit_failing.get()}};
}

std::vector<Series> all_series(const Metrics& metrics) {
    std::vector<Series> out = flow(metrics);
    for (std::size_t i = 1; i < refusal_count; ++i) {
        out.push_back({"reseal_refusals_total", counter, "What was refused, by its reason.", "reason",
                       name_of(static_cast<Refusal>(i)), "refusals", metrics.refused.at(i).get()});
    }
    for (std::size_t i = 0; i < alert_names.size(); ++i) {
        out.push_back({"reseal_alerts_total", counter, "Alerts, by their kind.", "alert", alert_names.at(i), "alerts",
                       metrics.alerts.at(i).get()});
    }
    return out;
}

void append_heading(std::string& out, std::string_view family, std::string_view type, std::string_view help) {
    out.append("# HELP ").append(family).append(" ").append(help);
    out.append("\n# TYPE ").append(family).append(" ").append(type).append("\n");
}

std::string seconds(std::uint64_t nanoseconds) {
    std::array<char, 48> text{};
    (void)std::snprintf(text.data(), text.size(), "%.9g", static_cast<double>(nanoseconds) / 1e9);
    return text.data();
}

void append_histogram(std::string& out, std::string_view step, const Histogram& histogram) {
    const std::string label = "{step=\"" + std::string(step) + "\"";
    for (std::size_t i = 0; i <= Histogram::bounds.size(); ++i) {
        const std::string bound = i < Histogram::bounds.size() ? seconds(Histogram::bounds.at(i)) : "+Inf";
        out.append("reseal_step_seconds_bucket").append(label).append(",le=\"").append(bound).append("\"} ");
        out.append(std::to_string(histogram.up_to(i))).append("\n");
    }
    out += "reseal_step_seconds_sum" + label + "} " + seconds(histogram.sum()) + "\n";
    out += "reseal_step_seconds_count" + label + "} " + std::to_string(histogram.count()) + "\n";
}

}  // namespace

std::string prometheus_text(const Metrics& metrics) {
    std::string out;
    std::string_view family;
    for (const Series& series : all_series(metrics)) {
        if (series.family != family) {
            family = series.family;
            append_heading(out, family, series.type, series.help);
        }
        out += family;
        if (!series.label.empty()) {
            out.append("{").append(series.label).append("=\"").append(series.label_value).append("\"}");
        }
        out += " " + std::to_string(series.value) + "\n";
    }
    append_heading(out, "reseal_step_seconds", "histogram", "Time that a step takes; every 16th is measured.");
    for (std::size_t i = 0; i < step_names.size(); ++i) {
        append_histogram(out, step_names.at(i), metrics.step(i));
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> sys_values(const Metrics& metrics) {
    const std::string root = "$SYS/broker/reseal/";
    std::vector<std::pair<std::string, std::string>> out;
    for (const Series& series : all_series(metrics)) {
        std::string topic = root + std::string(series.topic);
        if (!series.label.empty()) {
            topic.append("/").append(series.label_value);
        }
        out.emplace_back(std::move(topic), std::to_string(series.value));
    }
    for (std::size_t i = 0; i < step_names.size(); ++i) {
        const Histogram histogram = metrics.step(i);
        const std::string step = root + "steps/" + std::string(step_names.at(i));
        out.emplace_back(step + "/measured", std::to_string(histogram.count()));
        out.emplace_back(step + "/nanoseconds", std::to_string(histogram.sum()));
    }
    return out;
}

}  // namespace reseal::observe
