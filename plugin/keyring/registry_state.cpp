// SPDX-License-Identifier: Apache-2.0
// What the registry knows of the state folders and of its master key.
#include "keyring/registry.h"
#include "keyring/statement.h"

namespace reseal::keyring {

Checked<std::optional<PrincipalRecord>> Registry::key_holder() {
    Statement wanted(
        db_.get(),
        "SELECT p.name FROM principal p JOIN key k ON k.principal = p.number ORDER BY p.storage DESC LIMIT 1");
    if (!wanted.row()) {
        return wanted.ok() ? Checked<std::optional<PrincipalRecord>>(std::nullopt) : sqlite_fault(path_, db_.get());
    }
    return find(wanted.text(0));
}

Checked<std::vector<StateRecord>> Registry::states() {
    Statement rows(db_.get(), "SELECT file, generation, epoch FROM state");
    std::vector<StateRecord> out;
    while (rows.row()) {
        StateRecord& each = out.emplace_back();
        (void)rows.bytes(0, each.file);  // the table guarantees its size
        each.generation = static_cast<std::uint64_t>(rows.number(1));
        each.epoch = static_cast<EpochNumber>(rows.number(2));
    }
    return rows.ok() ? Checked<std::vector<StateRecord>>(std::move(out)) : sqlite_fault(path_, db_.get());
}

Checked<Done> Registry::put_state(const StateRecord& state) {
    return write_state(state, false);
}

Checked<Done> Registry::write_state(const StateRecord& state, bool alone) {
    sqlite3* db = db_.get();
    Transaction transaction(db, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path_, db);
    }
    Statement others(db, "DELETE FROM state WHERE ?1");
    Statement row(db, "INSERT OR REPLACE INTO state (file, generation, epoch) VALUES (?1, ?2, ?3)");
    row.bind(1, state.file).bind(2, static_cast<std::int64_t>(state.generation)).bind(3, std::int64_t{state.epoch});
    const bool done = others.bind(1, alone ? 1 : 0).run() && row.run() && transaction.commit();
    return done ? Checked<Done>(Done{}) : sqlite_fault(path_, db);
}

}  // namespace reseal::keyring
