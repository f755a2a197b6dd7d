// SPDX-License-Identifier: Apache-2.0
// For tests: opens the registry's file as another program would.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace reseal::keyring {

class RawDatabase {
  public:
    explicit RawDatabase(const std::string& path) { EXPECT_EQ(sqlite3_open(path.c_str(), &db_), SQLITE_OK); }
    ~RawDatabase() { sqlite3_close(db_); }
    RawDatabase(const RawDatabase&) = delete;
    RawDatabase& operator=(const RawDatabase&) = delete;

    void run(const std::string& sql) {
        EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db_);
    }
    // Writes the pages of a change that is not committed.
    void flush() { EXPECT_EQ(sqlite3_db_cacheflush(db_), SQLITE_OK); }

  private:
    sqlite3* db_ = nullptr;
};

}  // namespace reseal::keyring
