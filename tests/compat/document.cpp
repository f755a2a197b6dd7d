// SPDX-License-Identifier: Apache-2.0
#include "compat/document.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

namespace compat {

namespace {

const std::array<std::string, 3> columns = {"2.0.11", "2.0.21 and later", "2.1"};
using Entries = std::map<std::string, std::array<std::string, 3>>;  // by "group: name"

constexpr const char* head = R"(# Compatibility

What a client notices about the plugin. Each row was played by the same clients against two brokers of the same version, one
with the plugin and its clients sealing, and one without: for MQTT 3.1.1 and 5, QoS 0, 1 and 2 of the publisher, and QoS 0,
1 and 2 of the subscription. The broker's answers and the messages were compared: their order, QoS, flags and properties.
An entry says in how many cells everything was the same; letters name what differs in the others, below.

Two things belong to sealing, and are not counted as differences: a sealed message of MQTT 5 has the content type
`application/cose; cose-type="cose-encrypt0"` if its publisher gave none, and its payload is longer by up to 56 bytes.
A subscriber of a broker without the plugin, over a bridge, gets what the device sealed.

`compat_matrix_test` makes this file, and fails when a broker no longer does what it says; `scripts/test --brokers all`
runs it for every column. `RESEAL_COMPAT=write` in its environment writes the column of the broker that it runs with.

)";

constexpr const char* beyond = R"(
## Not in the table

- Mosquitto 2.0 without the plugin sends an MQTT 3.1.1 client with overlapping subscriptions one copy, or one for each with
  `allow_duplicate_messages true`. The plugin cannot see that setting; on 2.0 such a client gets one copy.
- On 2.0, after a restart of the broker, retained messages and wills that arrive sealed are delivered without the MQTT 5
  properties that they came with (b, d). While it runs, those of the latest 16,384 retained and QoS 2 messages are kept.
- On 2.0, what is delivered in clear has QoS 0 and is not queued, unless `queue_clear` allows the broker's files to hold it.
- On 2.0, a will that is sent because the broker itself ends is not delivered.
- Mosquitto 2.0.11, with or without the plugin, may let new messages overtake those that are queued for a client that comes
  back; `max_inflight_messages 0` avoids it ([install.md](install.md)).
- A QoS 1 message that its publisher sends again, because the acknowledgement was lost, is delivered once. Without the
  plugin Mosquitto delivers it again.
- A broker that is killed loses no more than one without the plugin: [reliability.md](reliability.md) has the figures. At least once
  holds for what was under way at that moment: 2.0 may deliver the messages of its last loop round twice, up to 126 deliveries in 30
  kills under load, where it doubles 52 itself. On 2.0, what is delivered after the restart comes without its MQTT 5 properties.
)";

std::string trimmed(const std::string& text) {
    const std::size_t from = text.find_first_not_of(' ');
    return from == std::string::npos ? "" : text.substr(from, text.find_last_not_of(' ') - from + 1);
}

std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> out;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '|');) {
        out.push_back(trimmed(field));
    }
    return out;
}

Entries entries_of(const std::string& document) {
    Entries out;
    std::istringstream in(document);
    for (std::string line; std::getline(in, line);) {
        const std::vector<std::string> parts = fields(line);
        if (parts.size() == 5 && parts[1].find(": ") != std::string::npos) {
            out[parts[1]] = {parts[2], parts[3], parts[4]};
        }
    }
    return out;
}

std::string differences_section(const std::string& table) {
    std::string out = "\n## What differs\n\n";
    for (const Explanation& each : explanations()) {
        const std::string mark(1, letter(each.difference));
        out += "- **" + mark + "**: " + each.what + ". " + each.why + ".\n";
    }
    return table.empty() ? "" : out;
}

}  // namespace

std::string column(const std::string& version) {
    if (!version.starts_with("2.0.")) {
        return columns[2];
    }
    return columns[std::stoi(version.substr(4)) <= 11 ? 0 : 1];
}

std::string entry(const Row& row) {
    std::set<Difference> found;
    std::size_t same = 0;
    for (const CellResult& cell : row.cells) {
        same += cell.same() ? 1 : 0;
        if (cell.differences) {
            found.insert(cell.differences->begin(), cell.differences->end());
        }
    }
    std::string out = std::to_string(same) + " of " + std::to_string(row.cells.size());
    for (const Difference difference : found) {
        out += std::string(", ") + letter(difference);
    }
    return out;
}

std::string with_column(const std::string& document, const std::string& column, const std::vector<Row>& rows) {
    const auto at = static_cast<std::size_t>(std::ranges::find(columns, column) - columns.begin());
    Entries entries = entries_of(document);
    std::string table =
        "| | Mosquitto " + columns[0] + " | " + columns[1] + " | " + columns[2] + " |\n| --- | --- | --- | --- |\n";
    for (const Row& row : rows) {
        auto& line = entries[row.group + ": " + row.name];
        line.at(at) = entry(row);
        table += "| " + row.group + ": " + row.name + " | " + line[0] + " | " + line[1] + " | " + line[2] + " |\n";
    }
    return head + table + differences_section(table) + beyond;
}

}  // namespace compat
