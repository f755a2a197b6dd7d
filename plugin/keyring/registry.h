// SPDX-License-Identifier: Apache-2.0
// The registry: an SQLite file of principals, their certificates and their sealed keys. The provisioning program
// (admin_registry.h) writes it, while the plugin reads it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "base/file_id.h"
#include "keyring/types.h"

struct sqlite3;

namespace reseal::keyring {

class Keyring;

inline constexpr std::int64_t application_id = 0x5273656c;  // "Rsel": PRAGMA application_id
inline constexpr int registry_version = 5;                  // PRAGMA user_version

// How long a call waits for another process that holds the file. The broker is one thread: it must not wait long.
inline constexpr std::chrono::milliseconds reader_patience{50};
inline constexpr std::chrono::milliseconds writer_patience{5000};

// Why something is done, and by whom. Kept for good.
struct Reason {
    std::string why;
    std::string who;
};

// The broker's part: it reads, and writes what follows from messages it has seen. Operator actions are in
// AdminRegistry, which the plugin does not include. For one thread.
class Registry {
  public:
    // Opens a registry. An older version is upgraded first. Faults: missing, wider than 0600, a symbolic link, not
    // SQLite, of a newer version, not readable. The user needs write permission: a change that another process left
    // half-made is rolled back here. Any call is a Fault if the file is held for longer than `patience`; the caller may
    // try again.
    static Checked<Registry> open(const std::string& path, std::chrono::milliseconds patience);

    Registry(Registry&&) noexcept;
    Registry& operator=(Registry&&) noexcept;
    ~Registry();

    [[nodiscard]] const std::string& path() const { return path_; }
    // Is the open file still the one that its path names? If not, do not write it. A file that replaced it is not read.
    [[nodiscard]] bool in_place() const { return file_id(path_) == file_; }
    // Opens the file that the path names now. Faults as for open(), or an older version, which is left as it is.
    [[nodiscard]] Checked<Registry> reopen() const;

    // Has another connection committed since the last call? Cheap: no statement is run against a table. Stays true
    // after changes() failed.
    Checked<bool> changed();

    // At most `most` principals added or changed after `since`, oldest change first; all if `since` is 0. Sets `since`
    // to the newest change that was read. On a Fault `since` stays as it is. If it stopped at `most`, changed() stays
    // true.
    static constexpr std::size_t no_limit = std::numeric_limits<std::int64_t>::max();
    Checked<std::vector<PrincipalRecord>> changes(std::int64_t& since, std::size_t most = no_limit);

    // Puts all principals into an empty keyring, and answers the newest change, for changes(). Reads each table once
    // from its beginning to its end, because changes() of a whole registry would look up every row. After a Fault the
    // keyring holds some of them.
    Checked<std::int64_t> read_all(Keyring& keyring);

    // The number of the newest change; 0 for an empty registry.
    Checked<std::int64_t> newest();

    Checked<std::vector<PrincipalRecord>> all();
    Checked<std::optional<PrincipalRecord>> find(std::string_view id);

    // A principal whose key shows whether a master key is the right one: the storage principal, or else another one
    // that has a key. Nothing if there is no key at all.
    Checked<std::optional<PrincipalRecord>> key_holder();

    // The state folders of the brokers that use this registry.
    Checked<std::vector<StateRecord>> states();

    // The broker's own writes. Each is one transaction, durable when it returns.
    //
    // The generations of `id` that are older than `generation` are accepted until `ends`.
    struct Overlap {
        std::string id;
        std::uint32_t generation = 0;
        std::int64_t ends = 0;
    };
    // The first use of each generation, all in one transaction. Skips principals that are unknown or revoked by now.
    Checked<Done> begin_overlaps(std::span<const Overlap> overlaps);
    // Wipes the generations of all principals that end at `now` or before. Answers how many principals had any.
    Checked<std::size_t> wipe_ended(std::int64_t now);
    // Adds the state folder with this file id, or replaces its row.
    Checked<Done> put_state(const StateRecord& state);

  protected:
    [[nodiscard]] sqlite3* db() const { return db_.get(); }
    // Opens an SQLite file with any content.
    static Checked<Registry> connect(const std::string& path, std::chrono::milliseconds patience);

    // The table's row of a name.
    struct Row {
        std::int64_t number = 0;
        bool storage = false;
        bool revoked = false;
        bool decommissioned = false;
    };
    Checked<Row> row_of(std::string_view id);
    bool write_history(std::int64_t principal, std::string_view what, const Reason& reason);
    // Makes readers that ask for changes read this principal again.
    bool touch(std::int64_t principal);
    // Runs `change` in a transaction. No trace of what it deleted is left in the file or the journal.
    Checked<Done> destroy(const std::function<Checked<Done>()>& change);
    // With `alone`, all other rows are deleted.
    Checked<Done> write_state(const StateRecord& state, bool alone);

  private:
    struct Closer {
        void operator()(sqlite3* db) const;
    };
    Registry(std::string path, std::unique_ptr<sqlite3, Closer> db);
    enum class Older : std::uint8_t { upgrade, refuse };
    static Checked<Registry> open(const std::string& path, std::chrono::milliseconds patience, Older older);
    Checked<Done> check_version(Older older);
    Checked<Done> upgrade(std::int64_t from);
    Checked<std::int64_t> data_version();

    std::string path_;
    FileId file_;
    std::chrono::milliseconds patience_{};
    std::unique_ptr<sqlite3, Closer> db_;
    std::int64_t data_version_ = 0;
};

}  // namespace reseal::keyring
