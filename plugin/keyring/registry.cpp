#include "keyring/registry.h"

#include <sqlite3.h>

#include <ctime>

#include "base/private_file.h"
#include "keyring/principal_rows.h"
#include "keyring/statement.h"

namespace reseal::keyring {
namespace {

constexpr std::int64_t application_id = 0x5273656c;  // "Rsel": PRAGMA application_id

// The journal is truncated and not deleted: so whoever owns the registry can take back a half-made change without a
// right to the folder. Setting that mode reads the file already; the exclusive mode around it keeps this first read,
// too, from deleting a journal.
constexpr const char* settings =
    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA locking_mode = NORMAL;"
    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;";

bool run_script(sqlite3* db, const std::string& sql) {
    return sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::int64_t pragma(sqlite3* db, std::string_view query) {
    Statement statement(db, query);
    return statement.row() ? statement.number(0) : -1;
}

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
    const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    std::unique_ptr<sqlite3, Closer> db(handle);
    if (code != SQLITE_OK) {
        return sqlite_fault(path, handle);
    }
    sqlite3_busy_timeout(handle, static_cast<int>(patience.count()));
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);  // NOLINT(*-vararg)
    if (!run_script(handle, settings)) {
        return sqlite_fault(path, handle);
    }
    return Registry(path, std::move(db));
}

Checked<Registry> Registry::create(const std::string& path) {
    if (auto made = create_file(path, {}); !made) {
        return made.error();
    }
    auto registry = connect(path, writer_patience);
    if (!registry) {
        return registry;
    }
    sqlite3* db = registry->db_.get();
    const std::string script = "BEGIN IMMEDIATE; PRAGMA application_id = " + std::to_string(application_id) +
                               "; PRAGMA user_version = " + std::to_string(registry_version) + ";" + schema + "COMMIT;";
    if (!run_script(db, script)) {
        return sqlite_fault(path, db);
    }
    if (auto synced = sync_folder_of(path); !synced) {  // the journal's name, too
        return synced.error();
    }
    return registry;
}

Checked<Registry> Registry::open(const std::string& path, std::chrono::milliseconds patience) {
    if (auto checked = check_private(path); !checked) {
        return checked.error();
    }
    auto registry = connect(path, patience);
    if (!registry) {
        return registry;
    }
    if (auto checked = registry->check_version(); !checked) {
        return checked.error();
    }
    auto version = registry->data_version();
    if (!version) {
        return version.error();
    }
    registry->data_version_ = *version;
    return registry;
}

Checked<Done> Registry::check_version() {
    const std::int64_t application = pragma(db_.get(), "PRAGMA application_id");
    if (application < 0) {
        return sqlite_fault(path_, db_.get());
    }
    if (application != application_id) {
        return file_fault(path_, "is an SQLite file, but no registry", "name the file that 'provision init' made");
    }
    const std::int64_t version = pragma(db_.get(), "PRAGMA user_version");
    if (version != registry_version) {
        return file_fault(path_,
                          "is a registry of version " + std::to_string(version) + ", this program wants version " +
                              std::to_string(registry_version),
                          "use the program that wrote it");
    }
    return Done{};
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

Checked<std::vector<Principal>> Registry::changes(std::int64_t& since) {
    const Transaction transaction(db_.get(), Transaction::Kind::read);  // all SELECTs see one state
    auto rows = transaction.begun() ? read_changed(db_.get(), path_, since) : sqlite_fault(path_, db_.get());
    if (!rows) {
        data_version_ = -1;  // what changed() has answered is still to be read
        return rows.error();
    }
    std::vector<Principal> out;
    out.reserve(rows->size());
    for (ChangedPrincipal& row : *rows) {
        since = row.change;
        out.push_back(std::move(row.principal));
    }
    return out;
}

Checked<std::vector<Principal>> Registry::all() {
    std::int64_t since = 0;
    return changes(since);
}

Checked<std::optional<Principal>> Registry::find(std::string_view id) {
    const Transaction transaction(db_.get(), Transaction::Kind::read);
    auto rows = transaction.begun() ? read_named(db_.get(), path_, id) : sqlite_fault(path_, db_.get());
    if (!rows) {
        return rows.error();
    }
    return rows->empty() ? std::optional<Principal>() : std::move(rows->front().principal);
}

Checked<Done> Registry::add(const Principal& principal) {
    Transaction transaction(db_.get(), Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path_, db_.get());
    }
    if (auto inserted = insert(db_.get(), path_, principal); !inserted) {
        return inserted;
    }
    return transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path_, db_.get());
}

// The row of a principal that may be changed: neither the storage principal nor a revoked one.
Checked<std::int64_t> Registry::changeable(std::string_view id) {
    sqlite3* db = db_.get();
    Statement wanted(db, "SELECT number, storage, revoked_at IS NOT NULL FROM principal WHERE name = ?1");
    if (!wanted.bind(1, id).row()) {
        return wanted.ok() ? file_fault(path_, std::string("no principal is called ") + in_quotes(id), "see 'list'")
                           : sqlite_fault(path_, db);
    }
    if (wanted.number(1) != 0) {
        return file_fault(path_, in_quotes(id) + " holds the broker's storage key",
                          "it cannot be revoked: what the broker has stored would be lost");
    }
    if (wanted.number(2) != 0) {
        return file_fault(path_, in_quotes(id) + " is revoked already", "see 'show'");
    }
    return wanted.number(0);
}

Checked<Done> Registry::revoke(std::string_view id, std::string_view reason) {
    sqlite3* db = db_.get();
    Transaction transaction(db, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path_, db);
    }
    const auto number = changeable(id);
    if (!number) {
        return number.error();
    }
    Statement principal(db,
                        "UPDATE principal SET revoked_at = ?2, revoke_reason = ?3, "
                        "changed = (SELECT max(changed) + 1 FROM principal) WHERE number = ?1");
    principal.bind(1, *number).bind(2, static_cast<std::int64_t>(std::time(nullptr))).bind(3, reason);
    Statement certificates(db, "UPDATE certificate SET revoked = 1 WHERE principal = ?1");
    Statement keys(db, "UPDATE key SET retired = 1 WHERE principal = ?1");
    const bool done = principal.run() && certificates.bind(1, *number).run() && keys.bind(1, *number).run();
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path_, db);
}

Checked<Done> Registry::rotate(std::string_view id, const Key& key) {
    sqlite3* db = db_.get();
    Transaction transaction(db, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path_, db);
    }
    const auto number = changeable(id);
    if (!number) {
        return number.error();
    }
    Statement principal(db,
                        "UPDATE principal SET changed = (SELECT max(changed) + 1 FROM principal) WHERE number = ?1");
    Statement older(db, "UPDATE key SET retired = 1 WHERE principal = ?1");
    const bool done = principal.bind(1, *number).run() && older.bind(1, *number).run() && insert_key(db, *number, key);
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path_, db);
}

Checked<std::optional<Revocation>> Registry::revocation(std::string_view id) {
    Statement row(db_.get(),
                  "SELECT revoked_at, coalesce(revoke_reason, '') FROM principal "
                  "WHERE name = ?1 AND revoked_at IS NOT NULL");
    if (row.bind(1, id).row()) {
        return std::optional<Revocation>({row.number(0), row.text(1)});
    }
    return row.ok() ? Checked<std::optional<Revocation>>(std::optional<Revocation>()) : sqlite_fault(path_, db_.get());
}

}  // namespace reseal::keyring
