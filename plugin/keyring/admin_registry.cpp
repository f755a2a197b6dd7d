// SPDX-License-Identifier: Apache-2.0
#include "keyring/admin_registry.h"

#include <ctime>

#include "base/private_file.h"
#include "base/quote.h"
#include "keyring/history_writer.h"
#include "keyring/principal_rows.h"
#include "keyring/schema.h"
#include "keyring/statement.h"

namespace reseal::keyring {

Checked<AdminRegistry> AdminRegistry::create(const std::string& path) {
    if (auto made = create_file(path, {}); !made) {
        return made.error();
    }
    auto connected = connect(path, writer_patience);
    if (!connected) {
        return connected.error();
    }
    AdminRegistry out(std::move(*connected));
    if (!run_script(out.db(), "BEGIN IMMEDIATE; PRAGMA application_id = " + std::to_string(application_id) + ";" +
                                  steps_from(0) + "COMMIT;")) {
        return sqlite_fault(path, out.db());
    }
    if (auto synced = sync_folder_of(path); !synced) {  // makes the journal's name durable, too
        return synced.error();
    }
    return out;
}

Checked<AdminRegistry> AdminRegistry::open(const std::string& path, std::chrono::milliseconds patience) {
    auto opened = Registry::open(path, patience);
    return opened ? Checked<AdminRegistry>(AdminRegistry(std::move(*opened))) : opened.error();
}

Checked<Done> AdminRegistry::add(const PrincipalRecord& principal) {
    Transaction transaction(db(), Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path(), db());
    }
    if (auto inserted = PrincipalWriter(db(), path()).add(principal); !inserted) {
        return inserted.error();
    }
    return transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path(), db());
}

Checked<Registry::Row> AdminRegistry::changeable(std::string_view id) {
    auto row = row_of(id);
    if (!row) {
        return row;
    }
    if (row->storage) {
        return file_fault(path(), quote(id) + " holds the broker's storage key",
                          "it cannot be revoked: what the broker has stored would be lost");
    }
    if (row->revoked) {
        return file_fault(path(), quote(id) + " is already revoked", "see 'show'");
    }
    return row;
}

bool AdminRegistry::write_revocation(std::int64_t principal) {
    sqlite3* const handle = db();
    Statement row(handle, "UPDATE principal SET revoked_at = ?2 WHERE number = ?1");
    row.bind(1, principal).bind(2, std::int64_t{std::time(nullptr)});
    Statement certificates(handle, "UPDATE certificate SET fell = 1 - revoked, revoked = 1 WHERE principal = ?1");
    Statement keys(handle, "UPDATE key SET fell = 1 - retired, retired = 1 WHERE principal = ?1");
    return row.run() && certificates.bind(1, principal).run() && keys.bind(1, principal).run() && touch(principal);
}

Checked<Done> AdminRegistry::change(std::string_view id, std::string_view what, const Reason& reason,
                                    const std::function<bool(std::int64_t)>& work) {
    sqlite3* const handle = db();
    Transaction transaction(handle, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path(), handle);
    }
    const auto row = changeable(id);
    if (!row) {
        return row.error();
    }
    const bool done = work(row->number) && write_history(row->number, what, reason);
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path(), handle);
}

// Nothing is written to the file before the commit (cache_spill), so readers are kept out only for a moment.
Checked<Done> AdminRegistry::add_all(std::span<const PrincipalRecord> principals, std::string_view what,
                                     const Reason& reason) {
    sqlite3* const handle = db();
    Transaction transaction(handle, Transaction::Kind::write);
    if (!transaction.begun() || !Statement(handle, "PRAGMA cache_spill = OFF").run()) {
        return sqlite_fault(path(), handle);
    }
    PrincipalWriter writer(handle, path());
    HistoryWriter history(handle);
    bool done = true;
    for (const PrincipalRecord& principal : principals) {
        auto number = writer.add(principal);
        if (!number) {
            return number.error();
        }
        done = history.write(*number, what, reason);
    }
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path(), handle);
}

Checked<Done> AdminRegistry::revoke(std::string_view id, const Reason& reason) {
    return change(id, "revoked", reason, [this](std::int64_t number) { return write_revocation(number); });
}

Checked<Done> AdminRegistry::check_reinstatement(std::string_view id, const Row& row, std::int64_t earliest) {
    if (!row.revoked || row.decommissioned) {
        return file_fault(path(), quote(id) + (row.revoked ? " is decommissioned" : " is not revoked"),
                          row.revoked ? "its keys are destroyed: add it under another name" : "see 'show'");
    }
    Statement when(db(), "SELECT revoked_at FROM principal WHERE number = ?1");
    if (!when.bind(1, row.number).row()) {
        return sqlite_fault(path(), db());
    }
    if (when.number(0) < earliest) {
        return file_fault(path(), quote(id) + " was revoked too long ago to take that back",
                          "add it under another name");
    }
    return Done{};
}

Checked<Done> AdminRegistry::reinstate(std::string_view id, std::int64_t earliest, const Reason& reason) {
    sqlite3* const handle = db();
    Transaction transaction(handle, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path(), handle);
    }
    const auto row = row_of(id);
    if (!row) {
        return row.error();
    }
    if (auto checked = check_reinstatement(id, *row, earliest); !checked) {
        return checked;
    }
    Statement principal(handle, "UPDATE principal SET revoked_at = NULL WHERE number = ?1");
    Statement certificates(handle, "UPDATE certificate SET revoked = 0, fell = 0 WHERE principal = ?1 AND fell = 1");
    Statement keys(handle, "UPDATE key SET retired = 0, fell = 0 WHERE principal = ?1 AND fell = 1");
    const bool done = principal.bind(1, row->number).run() && certificates.bind(1, row->number).run() &&
                      keys.bind(1, row->number).run() && touch(row->number) &&
                      write_history(row->number, "reinstated", reason);
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path(), handle);
}

Checked<Done> AdminRegistry::revoke_certificate(std::string_view id, const Fingerprint& fingerprint,
                                                const Reason& reason) {
    sqlite3* const handle = db();
    Transaction transaction(handle, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path(), handle);
    }
    const auto row = changeable(id);
    if (!row) {
        return row.error();
    }
    Statement mark(handle,
                   "UPDATE certificate SET revoked = 1 WHERE principal = ?1 AND fingerprint = ?2 AND revoked = 0");
    if (!mark.bind(1, row->number).bind(2, fingerprint).run()) {
        return sqlite_fault(path(), handle);
    }
    if (sqlite3_changes(handle) == 0) {
        return file_fault(path(), quote(id) + " has no certificate of this fingerprint or serial number in force",
                          "see 'show'; one that the registry does not know is revoked by its authority's list (crl)");
    }
    const bool done = touch(row->number) && write_history(row->number, "certificate revoked", reason);
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path(), handle);
}

Checked<Done> AdminRegistry::change_roles(std::string_view id, std::span<const std::string> roles,
                                          const Reason& reason) {
    std::string what = "roles changed to";
    for (const std::string& role : roles) {
        what.append(" ").append(role);
    }
    return change(id, what, reason, [&](std::int64_t number) {
        Statement old(db(), "DELETE FROM role WHERE principal = ?1");
        bool done = old.bind(1, number).run();
        for (const std::string& role : roles) {
            Statement fresh(db(), "INSERT INTO role (principal, name) VALUES (?1, ?2)");
            done = done && fresh.bind(1, number).bind(2, role).run();
        }
        return done && touch(number);
    });
}

Checked<Done> AdminRegistry::transfer(std::string_view id, std::string_view owner, const Reason& reason) {
    return change(id, std::string("transferred to ").append(owner), reason, [&](std::int64_t number) {
        Statement row(db(), "UPDATE principal SET owner = ?2 WHERE number = ?1");
        return row.bind(1, number).bind(2, owner).run() && touch(number);
    });
}

Checked<Done> AdminRegistry::add_certificate(std::string_view id, const Fingerprint& fingerprint,
                                             const Reason& reason) {
    return change(id, "certificate renewed", reason, [&](std::int64_t number) {
        Statement row(db(), "INSERT INTO certificate (fingerprint, principal, revoked) VALUES (?1, ?2, 0)");
        return row.bind(1, fingerprint).bind(2, number).run() && touch(number);
    });
}

Checked<Done> AdminRegistry::rotate(std::string_view id, const Key& key, std::int64_t overlap_ends,
                                    const Reason& reason) {
    const std::string what = "rotated to generation " + std::to_string(key.generation);
    return change(id, what, reason, [&](std::int64_t number) {
        Statement older(db(), overlap_ends == 0 ? "UPDATE key SET retired = 1 WHERE principal = ?1 AND ?2 = 0"
                                                : "UPDATE key SET ends = min(coalesce(ends, ?2), ?2) "
                                                  "WHERE principal = ?1 AND retired = 0");
        older.bind(1, number).bind(2, overlap_ends);
        return older.run() && insert_key(db(), number, key) && touch(number);
    });
}

Checked<Done> AdminRegistry::rotate_over_the_air(std::string_view id, const Key& key, const Reason& reason) {
    const std::string what = "rotated to generation " + std::to_string(key.generation) + ", over the air";
    return change(id, what, reason,
                  [&](std::int64_t number) { return insert_key(db(), number, key) && touch(number); });
}

Checked<Done> AdminRegistry::end_overlap(std::string_view id, const Reason& reason) {
    return destroy([&]() -> Checked<Done> {
        const auto row = changeable(id);
        if (!row) {
            return row.error();
        }
        Statement keys(db(), "DELETE FROM key WHERE principal = ?1 AND ends IS NOT NULL");
        if (!keys.bind(1, row->number).run()) {
            return sqlite_fault(path(), db());
        }
        if (sqlite3_changes(db()) == 0) {
            return file_fault(path(), quote(id) + " has no generation whose overlap is still running",
                              "see 'show'; an overlap over the air begins when the new key is first used");
        }
        const bool done = touch(row->number) && write_history(row->number, "overlap ended, older keys wiped", reason);
        return done ? Checked<Done>(Done{}) : sqlite_fault(path(), db());
    });
}

Checked<Done> AdminRegistry::decommission(std::string_view id, const Reason& reason) {
    return destroy([&]() -> Checked<Done> {
        const auto row = row_of(id);
        if (!row) {
            return row.error();
        }
        if (row->storage) {
            return changeable(id).error();
        }
        if (row->decommissioned) {
            return file_fault(path(), quote(id) + " is already decommissioned", "see 'show'");
        }
        Statement keys(db(), "DELETE FROM key WHERE principal = ?1");
        Statement mark(db(), "UPDATE principal SET decommissioned = 1 WHERE number = ?1");
        const bool done = (row->revoked ? touch(row->number) : write_revocation(row->number)) &&
                          keys.bind(1, row->number).run() && mark.bind(1, row->number).run() &&
                          write_history(row->number, "decommissioned, keys destroyed", reason);
        return done ? Checked<Done>(Done{}) : sqlite_fault(path(), db());
    });
}

Checked<Done> AdminRegistry::remember(std::string_view id, std::string_view what, const Reason& reason) {
    sqlite3* const handle = db();
    Transaction transaction(handle, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path(), handle);
    }
    const auto row = row_of(id);
    if (!row) {
        return row.error();
    }
    const bool done = write_history(row->number, what, reason) && transaction.commit();
    return done ? Checked<Done>(Done{}) : sqlite_fault(path(), handle);
}

Checked<std::vector<HistoryEntry>> AdminRegistry::history(std::string_view id) {
    Statement rows(db(),
                   "SELECT h.at, h.what, h.why, h.who FROM history h JOIN principal p ON p.number = h.principal "
                   "WHERE p.name = ?1 ORDER BY h.number");
    std::vector<HistoryEntry> out;
    for (rows.bind(1, id); rows.row();) {
        out.push_back({rows.number(0), rows.text(1), {rows.text(2), rows.text(3)}});
    }
    return rows.ok() ? Checked<std::vector<HistoryEntry>>(std::move(out)) : sqlite_fault(path(), db());
}

Checked<Done> AdminRegistry::put_only_state(const StateRecord& state) {
    return write_state(state, true);
}

}  // namespace reseal::keyring
