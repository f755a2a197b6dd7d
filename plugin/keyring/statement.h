// SPDX-License-Identifier: Apache-2.0
// The part of SQLite that the registry needs: statements with bound parameters, transactions, errors as Faults.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/fault.h"

namespace reseal::keyring {

// The error of the last call on `db`.
Fault sqlite_fault(const std::string& path, sqlite3* db);

// Runs statements without parameters. False if one of them failed.
bool run_script(sqlite3* db, const std::string& sql);

// One prepared statement. After an error every further call does nothing: check ok() once, at the end.
class Statement {
  public:
    Statement(sqlite3* db, std::string_view sql);

    // Parameters count from 1. Borrowed: they must outlive the last row().
    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, std::int64_t number);
    Statement& bind(int index, std::span<const std::uint8_t> bytes);

    // Resets the statement, to run it again with other parameters.
    Statement& again();

    // The next row, if there is one.
    bool row();
    // Runs a statement without rows. Answers ok().
    bool run();
    [[nodiscard]] bool ok() const { return ok_; }

    // Columns count from 0.
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::string text(int column) const;
    // False if the column does not hold exactly out.size() bytes.
    bool bytes(int column, std::span<std::uint8_t> out) const;

  private:
    void note(int code);

    struct Finalizer {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
    bool ok_ = true;
};

// Begins now and ends with commit(). The destructor rolls back a transaction that is still open.
class Transaction {
  public:
    enum class Kind : std::uint8_t { read, write };
    Transaction(sqlite3* db, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    [[nodiscard]] bool begun() const { return open_; }
    bool commit();

  private:
    sqlite3* db_;
    bool open_ = false;
};

}  // namespace reseal::keyring
