// SPDX-License-Identifier: Apache-2.0
#include "keyring/registry.h"

#include <sqlite3.h>

#include "base/private_file.h"
#include "keyring/careful_vfs.h"
#include "keyring/principal_rows.h"
#include "keyring/schema.h"
#include "keyring/statement.h"

namespace reseal::keyring {
namespace {

// The journal is truncated, not deleted. So the registry's owner can roll back a half-made change without write
// permission for the folder. Setting that mode already reads the file. The exclusive mode around it keeps this first
// read from deleting a journal, too.
constexpr const char* settings =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA locking_mode = NORMAL;"
    "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; "
    "PRAGMA cell_size_check = ON;";

std::int64_t pragma(sqlite3* db, std::string_view query) {
    Statement statement(db, query);
    return statement.row() ? statement.number(0) : -1;
}

static_assert(schema_steps.size() == registry_version);

}  // namespace

void Registry::Closer::operator()(sqlite3* db) const {
    sqlite3_close_v2(db);
}

Registry::Registry(std::string path, std::unique_ptr<sqlite3, Closer> db)
    : path_(std::move(path)), db_(std::move(db)) {}
Registry::Registry(Registry&&) noexcept = default;
Registry& Registry::operator=(Registry&&) noexcept = default;
Registry::~Registry() = default;

Checked<Registry> Registry::connect(const std::string& path, std::chrono::milliseconds patience) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, careful_vfs());
    std::unique_ptr<sqlite3, Closer> db(handle);
    if (code != SQLITE_OK) {
        return sqlite_fault(path, handle);
    }
    sqlite3_busy_timeout(handle, static_cast<int>(patience.count()));
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);  // NOLINT(*-vararg)
    if (!run_script(handle, settings)) {
        return sqlite_fault(path, handle);
    }
    Registry out(path, std::move(db));
    out.file_ = file_id(path);
    out.patience_ = patience;
    int moved = 0;
    if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || moved != 0) {
        return file_fault(path, "was replaced while it was opened", "try again");
    }
    return out;
}

Checked<Registry> Registry::open(const std::string& path, std::chrono::milliseconds patience) {
    return open(path, patience, Older::upgrade);
}

Checked<Registry> Registry::reopen() const {
    return open(path_, patience_, Older::refuse);
}

Checked<Registry> Registry::open(const std::string& path, std::chrono::milliseconds patience, Older older) {
    if (auto checked = check_private(path); !checked) {
        return checked.error();
    }
    auto registry = connect(path, patience);
    if (!registry) {
        return registry;
    }
    if (auto checked = registry->check_version(older); !checked) {
        return checked.error();
    }
    auto version = registry->data_version();
    if (!version) {
        return version.error();
    }
    registry->data_version_ = *version;
    return registry;
}

Checked<Done> Registry::check_version(Older older) {
    const std::int64_t application = pragma(db_.get(), "PRAGMA application_id");
    if (application < 0) {
        return sqlite_fault(path_, db_.get());
    }
    if (application != application_id) {
        return file_fault(path_, "is an SQLite file, but not a registry", "name the file that 'provision init' made");
    }
    const std::int64_t version = pragma(db_.get(), "PRAGMA user_version");
    if (older == Older::upgrade && version >= 1 && version < registry_version) {
        return upgrade(version);
    }
    if (version != registry_version) {
        return file_fault(path_,
                          "is a registry of version " + std::to_string(version) + ", this program needs version " +
                              std::to_string(registry_version),
                          "use the program that wrote it");
    }
    return Done{};
}

Checked<Done> Registry::upgrade(std::int64_t from) {
    sqlite3* db = db_.get();
    Transaction transaction(db, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path_, db);
    }
    if (pragma(db, "PRAGMA user_version") != from) {
        return Done{};  // another process was faster
    }
    const bool done = run_script(db, steps_from(static_cast<std::size_t>(from)));
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path_, db);
}

Checked<std::int64_t> Registry::data_version() {
    const std::int64_t version = pragma(db_.get(), "PRAGMA data_version");
    return version < 0 ? Checked<std::int64_t>(sqlite_fault(path_, db_.get())) : version;
}

Checked<bool> Registry::changed() {
    auto version = data_version();
    if (!version) {
        return version.error();
    }
    const bool differs = *version != data_version_;
    data_version_ = *version;
    return differs;
}

Checked<std::vector<PrincipalRecord>> Registry::changes(std::int64_t& since, std::size_t most) {
    const Transaction transaction(db_.get(), Transaction::Kind::read);  // all SELECTs see one state
    auto rows = transaction.begun() ? read_changed(db_.get(), path_, since, most) : sqlite_fault(path_, db_.get());
    if (!rows) {
        data_version_ = -1;  // changed() must answer true again: the change was not read
        return rows.error();
    }
    std::vector<PrincipalRecord> out;
    out.reserve(rows->size());
    for (ChangedPrincipal& row : *rows) {
        since = row.change;
        out.push_back(std::move(row.principal));
    }
    if (out.size() >= most) {
        data_version_ = -1;
    }
    return out;
}

Checked<std::int64_t> Registry::newest() {
    Statement row(db_.get(), "SELECT coalesce(max(changed), 0) FROM principal");
    return row.row() ? Checked<std::int64_t>(row.number(0)) : sqlite_fault(path_, db_.get());
}

Checked<std::vector<PrincipalRecord>> Registry::all() {
    std::int64_t since = 0;
    return changes(since);
}

Checked<std::optional<PrincipalRecord>> Registry::find(std::string_view id) {
    const Transaction transaction(db_.get(), Transaction::Kind::read);
    auto rows = transaction.begun() ? read_named(db_.get(), path_, id) : sqlite_fault(path_, db_.get());
    if (!rows) {
        return rows.error();
    }
    return rows->empty() ? std::optional<PrincipalRecord>() : std::move(rows->front().principal);
}

}  // namespace reseal::keyring
