// SPDX-License-Identifier: Apache-2.0
#include "load/faults/document.h"

namespace faults {

namespace {

std::string cells(const std::vector<std::string>& texts) {
    std::string out = "|";
    for (const std::string& text : texts) {
        out += " " + text + " |";
    }
    return out + "\n";
}

// What was lost, what came twice, and anything else that went wrong.
std::string in_short(const Figures& figures) {
    std::string out = std::to_string(figures.lost) + "/" + std::to_string(figures.twice);
    if (figures.refused > 0) {
        out += ", " + std::to_string(figures.refused) + " refused";
    }
    if (figures.open > 0) {
        out += ", " + std::to_string(figures.open) + " without an end";
    }
    return out;
}

std::string compared(const Figures& without, const Figures& with) {
    const bool worse = with.lost > without.lost || with.twice > without.twice;
    const std::string out = in_short(without) + " → " + in_short(with);
    return worse ? "**" + out + "**" : out;
}

// Further remarks on a side; usually none.
std::string remarks(const Outcome& outcome) {
    const Figures& of = outcome.figures;
    std::string out;
    if (!outcome.stopped.empty()) {
        return " **stopped**";
    }
    if (of.refused > 0) {
        out += ", " + std::to_string(of.refused) + " refused";
    }
    if (of.open > 0) {
        out += ", " + std::to_string(of.open) + " without an end";
    }
    if (outcome.broken_files > 0) {
        out += ", " + std::to_string(outcome.broken_files) + " × file broken";
    }
    return out;
}

std::vector<std::string> columns_of(const Outcome& outcome) {
    const Figures& of = outcome.figures;
    return {std::to_string(of.accepted) + remarks(outcome), std::to_string(of.lost), std::to_string(of.twice)};
}

}  // namespace

std::string packet_table(const std::vector<Column>& columns) {
    std::vector<std::string> head = {"", "accepted"};
    for (const Column& column : columns) {
        head.push_back(in_words(column.fault) +
                       (column.fault == Fault::cut ? std::string() : ", " + in_words(column.store)));
    }
    std::vector<std::string> rule(head.size(), "---:");
    rule[0] = "---";
    std::string out = cells(head) + cells(rule);
    for (std::size_t row = 0; row < columns.front().rows.size(); ++row) {
        std::vector<std::string> line = {in_words(columns.front().rows[row].of),
                                         std::to_string(columns.front().rows[row].without.accepted)};
        for (const Column& column : columns) {
            line.push_back(compared(column.rows[row].without, column.rows[row].with));
        }
        out += cells(line);
    }
    return out;
}

std::string moment_head() {
    return "| event | rounds | store | QoS | sessions | without: accepted | lost | twice | with: accepted | lost | "
           "twice |\n| --- | ---: | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n";
}

std::string moment_line(const Storm& storm) {
    std::vector<std::string> line = {in_words(storm.row.event), std::to_string(storm.rounds), in_words(storm.row.store),
                                     std::to_string(storm.row.qos), storm.row.lasting ? "lasting" : "clean"};
    for (const Outcome* side : {&storm.without, &storm.with}) {
        for (const std::string& text : columns_of(*side)) {
            line.push_back(text);
        }
    }
    return cells(line);
}

}  // namespace faults
