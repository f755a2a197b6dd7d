// SPDX-License-Identifier: Apache-2.0
// Follows the registry while others write it: new principals and keys, revocations, the ends of keys, and another file
// in its place. Ends what is no longer valid.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/file_watch.h"
#include "engine/engine.h"
#include "engine/rotation.h"
#include "engine/shared.h"
#include "keyring/registry.h"

namespace reseal::engine {

// Of one thread at a time. It alone changes the Site's keyring.
class RegistryFollower {
  public:
    // `shared` must outlive this.
    RegistryFollower(Shared& shared, keyring::Registry registry)
        : shared_(&shared), site_(&shared.site), registry_(std::move(registry)) {}

    // Reads the principals for the first time.
    [[nodiscard]] Checked<Done> load();
    // See Engine.
    [[nodiscard]] Engine::Refreshed refresh(std::time_t now, std::time_t doubt);

    [[nodiscard]] keyring::Registry& registry() { return registry_; }

  private:
    // What was read, to be written into the keyring.
    struct News {
        std::vector<keyring::PrincipalRecord> principals;
        struct Successor {
            keyring::Registry registry;
            keyring::Keyring keyring;
            std::int64_t newest = 0;
        };
        std::optional<Successor> successor;
        std::vector<keyring::Registry::Overlap> overlaps;
    };
    using Changed = std::unordered_set<const keyring::Principal*>;

    void read_changes(News& news, Engine::Refreshed& out);
    void look_for_successor(News& news);
    // Whether the registry's file is still the one being read. If not, the new file is checked now and then.
    [[nodiscard]] bool in_place();
    void begin_succession();
    [[nodiscard]] Checked<Done> check_successor(const keyring::Keyring& fresh, std::int64_t newest) const;

    // While all workers are outside. Answers the principals whose sessions are concerned.
    [[nodiscard]] Changed take_over(News& news, Engine::Refreshed& out, std::time_t ends_at);
    void put(const keyring::PrincipalRecord& principal, Changed& changed, Engine::Refreshed& out);
    void succeed(News::Successor& successor, Changed& changed);
    void end_keys(std::time_t now, Changed& changed);

    void tell_changes(const keyring::PrincipalRecord& fresh) const;
    void tell_revoked(std::string_view principal, const keyring::Fingerprint& certificate) const;
    void count_keys() const;
    void look_at_state();
    void sweep_budgets();
    void renew_sessions(const Changed& changed, std::time_t now, Engine::Refreshed& out);
    void renew(Session& session, const keyring::Principal& principal);

    void failed(const Fault& fault);
    void succeeded();

    Shared* shared_;
    Site* site_;
    keyring::Registry registry_;
    KeyEnds key_ends_;
    std::int64_t seen_ = 0;  // the latest change
    int failures_ = 0;       // in a row
    int refreshes_ = 0;
    bool keys_ended_ = false;
    struct Succession {
        bool due = false;          // the registry's path names another file, or an older state
        bool rolled_back = false;  // the latter
        bool now = false;          // with this refresh
        FileWatch watch;           // of the path, while it is due
        int wait = 0;              // refreshes until the next try; 0: until the file changes
        int failures = 0;          // of tries
    } succession_;
};

}  // namespace reseal::engine
