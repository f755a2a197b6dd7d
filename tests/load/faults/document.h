// SPDX-License-Identifier: Apache-2.0
// The tables of docs/reliability.md.
#pragma once

#include <string>
#include <vector>

#include "load/faults/moments.h"
#include "load/faults/packets.h"

namespace faults {

// One run of at_every_packet(): a column.
struct Column {
    Fault fault = Fault::cut;
    Store store = Store::none;
    std::vector<Compared> rows;
};

// One row per case; all columns have the same order.
std::string packet_table(const std::vector<Column>& columns);

std::string moment_head();
std::string moment_line(const Storm& storm);

}  // namespace faults
