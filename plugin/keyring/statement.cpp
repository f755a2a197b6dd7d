// SPDX-License-Identifier: Apache-2.0
#include "keyring/statement.h"

#include <algorithm>
#include <system_error>

#include "base/fault.h"
#include "keyring/careful_vfs.h"

namespace reseal::keyring {

Fault sqlite_fault(const std::string& path, sqlite3* db) {
    switch (sqlite3_errcode(db) & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return file_fault(path, "is locked by another process that is changing it", "try again");
        case SQLITE_NOTADB:
            return file_fault(path, "is not an SQLite file", "name the registry, or restore it from a backup");
        case SQLITE_CORRUPT:
            return file_fault(path, "is damaged", "restore it from a backup");
        case SQLITE_READONLY:
            return file_fault(path, "cannot be written", "this user must own it");
        case SQLITE_FULL:
            return file_fault(path, "cannot grow: the disk is full", "make free space");
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR: {
            if (auto refused = take_refusal()) {
                return std::move(*refused);
            }
            const int code = sqlite3_system_errno(db);
            const std::string reason = code == 0 ? sqlite3_errmsg(db) : std::generic_category().message(code);
            return file_fault(path, "cannot be used: " + reason, "this user must own it and its journal");
        }
        default:
            return file_fault(path, std::string("SQLite says: ") + sqlite3_errmsg(db), {});
    }
}

bool run_script(sqlite3* db, const std::string& sql) {
    return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

Statement::Statement(sqlite3* db, std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    note(sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
    statement_.reset(statement);
}

void Statement::note(int code) {
    ok_ = ok_ && (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE);
}

Statement& Statement::bind(int index, std::string_view text) {
    if (ok_) {
        note(sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8));
    }
    return *this;
}

Statement& Statement::bind(int index, std::int64_t number) {
    if (ok_) {
        note(sqlite3_bind_int64(statement_.get(), index, number));
    }
    return *this;
}

Statement& Statement::bind(int index, std::span<const std::uint8_t> bytes) {
    if (ok_) {
        note(sqlite3_bind_blob64(statement_.get(), index, bytes.data(), bytes.size(), SQLITE_STATIC));
    }
    return *this;
}

Statement& Statement::again() {
    if (ok_) {
        note(sqlite3_reset(statement_.get()));
    }
    return *this;
}

bool Statement::row() {
    if (!ok_) {
        return false;
    }
    const int code = sqlite3_step(statement_.get());
    note(code);
    return code == SQLITE_ROW;
}

bool Statement::run() {
    while (row()) {
    }
    return ok_;
}

std::int64_t Statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
    const auto* data = sqlite3_column_text(statement_.get(), column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    return data == nullptr ? std::string() : std::string(data, data + size);
}

bool Statement::bytes(int column, std::span<std::uint8_t> out) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column));
    if (data == nullptr || size != out.size()) {
        return false;
    }
    std::copy_n(data, size, out.begin());
    return true;
}

Transaction::Transaction(sqlite3* db, Kind kind)
    : db_(db), open_(Statement(db, kind == Kind::read ? "BEGIN" : "BEGIN IMMEDIATE").run()) {}

Transaction::~Transaction() {
    if (open_) {
        Statement(db_, "ROLLBACK").run();
    }
}

bool Transaction::commit() {
    if (!Statement(db_, "COMMIT").run()) {
        return false;  // still open: the destructor rolls back
    }
    open_ = false;
    return true;
}

}  // namespace reseal::keyring
