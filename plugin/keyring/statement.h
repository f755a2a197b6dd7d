// SQLite, as much as the registry needs: statements with bound parameters, transactions, errors as Faults.
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

// What the last call on `db` failed with.
Fault sqlite_fault(const std::string& path, sqlite3* db);

// Runs statements that have no parameters; false if one of them failed.
bool run_script(sqlite3* db, const std::string& sql);

// One prepared statement. After an error every further call does nothing: look at `ok` once, at the end.
class Statement {
  public:
    Statement(sqlite3* db, std::string_view sql);

    // Parameters count from 1. Borrowed: they must outlive the last row().
    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, std::int64_t number);
    Statement& bind(int index, std::span<const std::uint8_t> bytes);

    // Back to before the first row, to run once more with other parameters.
    Statement& again();

    // The next row, if there is one.
    bool row();
    // For a statement without rows: runs it. The same as ok() afterwards.
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

// BEGIN until commit(); rolled back if that never comes.
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
