// SPDX-License-Identifier: Apache-2.0
// Writes lines of history. The statement is prepared once, for many lines.
#pragma once

#include <cstdint>
#include <ctime>
#include <string_view>

#include "keyring/registry.h"
#include "keyring/statement.h"

namespace reseal::keyring {

class HistoryWriter {
  public:
    // `db` must outlive this.
    explicit HistoryWriter(sqlite3* db)
        : row_(db, "INSERT INTO history (principal, at, what, who, why) VALUES (?1, ?2, ?3, ?4, ?5)") {}

    // False if SQLite refuses this line or refused an earlier one.
    bool write(std::int64_t principal, std::string_view what, const Reason& reason) {
        row_.again().bind(1, principal).bind(2, std::int64_t{std::time(nullptr)});
        return row_.bind(3, what).bind(4, reason.who).bind(5, reason.why).run();
    }

  private:
    Statement row_;
};

}  // namespace reseal::keyring
