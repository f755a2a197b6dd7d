// SPDX-License-Identifier: Apache-2.0
// backup and restore of the registry, with how far the windows and epochs of the state folder had come.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <ostream>

#include "admin/commands.h"
#include "admin/site_state.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "admin/work_file.h"
#include "base/fault.h"
#include "base/hex.h"
#include "keyring/admin_registry.h"
#include "keyring/backup_file.h"
#include "keyring/keyring.h"
#include "keyring/seal.h"
#include "state/state_folder.h"

namespace reseal::admin {
namespace {

using keyring::PrincipalRecord;

// Under the wrong master key no restored key would open, and the present registry would be lost, too.
Checked<Done> check_master_key(const Site& site, const std::string& file,
                               const std::vector<PrincipalRecord>& principals) {
    auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    const keyring::Keyring keyring(std::move(*master_key));
    for (const PrincipalRecord& principal : principals) {
        for (const keyring::Key& key : principal.keys) {
            if (!keyring.opens(principal.id, key)) {
                return file_fault(file, "key " + hex(key.id) + " of " + principal.id + " does not open",
                                  "restore " + site.config.master_key + " as it was when the backup was made");
            }
        }
    }
    return Done{};
}

// Whoever was revoked or decommissioned since stays so. An older backup must not let anybody in again.
Checked<std::size_t> keep_revocations(keyring::AdminRegistry& restored, const std::vector<PrincipalRecord>& present,
                                      const keyring::Reason& reason) {
    std::size_t kept = 0;
    for (const PrincipalRecord& principal : present) {
        if (!principal.revoked) {
            continue;
        }
        auto old = restored.find(principal.id);
        if (!old) {
            return old.error();
        }
        const bool revoke = *old && !(*old)->revoked && !principal.decommissioned;
        const bool decommission = *old && !(*old)->decommissioned && principal.decommissioned;
        auto done = revoke         ? restored.revoke(principal.id, reason)
                    : decommission ? restored.decommission(principal.id, reason)
                                   : Checked<Done>(Done{});
        if (!done) {
            return done.error();
        }
        kept += revoke || decommission ? 1 : 0;
    }
    return kept;
}

// Begins the state folder under distrust, and holds it until the registry is replaced, so no broker starts in between.
Checked<state::BegunAnew> distrust_state(const Site& site, const std::vector<PrincipalRecord>& principals,
                                         const keyring::BackupState& backup) {
    const auto key = read_state_key(site);
    auto present = open_registry(site);
    const auto rows = present ? present->states() : present.error();
    if (!key || !rows) {
        return key ? rows.error() : key.error();
    }
    return state::begin_anew(site.config.state, site.config.replay_window, *key,
                             with_all_keys(backup.key_epochs, principals),
                             std::max(state::highest_epoch(*rows), backup.broker_epoch));
}

// The broker's user may not be allowed to make a file in that folder. Then the folder's owner makes it.
Checked<Done> make_registry(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path().string();
    if (::faccessat(AT_FDCWD, folder.empty() ? "." : folder.c_str(), W_OK, AT_EACCESS) == 0) {
        const auto made = keyring::AdminRegistry::create(path);
        return made ? Checked<Done>(Done{}) : made.error();
    }
    const WithRights owner(Whose::owner);
    const auto made = keyring::AdminRegistry::create(path);
    const auto given = made ? give_to_broker(path) : made.error();
    return given ? give_to_broker(path + "-journal") : given;
}

// The principals of the present registry. If that is missing, makes an empty one.
Checked<std::vector<PrincipalRecord>> present_principals(const Site& site) {
    const std::string& path = site.config.registry;
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        const auto made = make_registry(path);
        return made ? Checked<std::vector<PrincipalRecord>>(std::vector<PrincipalRecord>()) : made.error();
    }
    auto registry = keyring::Registry::open(path, keyring::writer_patience);
    if (!registry) {
        Fault fault = registry.error();
        fault.remedy = "move it away: 'restore' then makes a new one, but cannot know who was revoked since the backup";
        return fault;
    }
    return registry->all();
}

struct Restored {
    std::int64_t made = 0;
    std::size_t principals = 0;
    std::size_t revocations = 0;
};

Checked<Restored> restore_into(const Site& site, const LifeRequest& request, const std::string& file) {
    const auto present = present_principals(site);
    if (!present) {
        return present.error();
    }
    const WorkFile work(site.config.state + "/.restore");
    const auto backup = unpack_backup(file, work.path());
    if (!backup) {
        return backup.error();
    }
    auto restored = keyring::AdminRegistry::open(work.path(), keyring::writer_patience);
    auto principals = restored ? restored->all() : restored.error();
    if (!principals) {
        return principals.error();
    }
    if (auto checked = check_master_key(site, file, *principals); !checked) {
        return checked.error();
    }
    const std::string why = "kept when the backup of " + date_and_time(backup->made) + " was restored";
    const auto kept = keep_revocations(*restored, *present, {why, name_of_user(request.who)});
    if (!kept) {
        return kept.error();
    }
    const auto held = distrust_state(site, *principals, *backup);
    if (!held) {
        return held.error();
    }
    if (auto written = restored->put_only_state(held->row); !written) {
        return written.error();
    }
    if (auto replaced = keyring::replace_content(site.config.registry, work.path()); !replaced) {
        return replaced.error();
    }
    return Restored{backup->made, principals->size(), *kept};
}

Checked<Done> write_backup(const Site& site, const std::string& file, const keyring::BackupState& state) {
    auto written = [&file] {
        const WithRights caller(Whose::caller);
        return keyring::NewBackup::make(file);
    }();
    const auto filled = written ? written->fill(site.config.registry, state) : written.error();
    const WithRights caller(Whose::caller);
    return filled ? written->put_in_place() : filled;
}

}  // namespace

Checked<Done> backup(const LifeRequest& request, const std::string& file, Terminal terminal) {
    auto site = open_site(request.folder);
    if (!site) {
        return site.error();
    }
    // The windows first: then only they may lack a message that is accepted while the registry is copied.
    const auto key = read_state_key(*site);
    auto epochs = key ? state::ReplayStore::read_epochs(site->config.state, *key) : key.error();
    auto broker_epoch = state::EpochStore::reserved(site->config.state);
    if (!epochs || !broker_epoch) {
        return epochs ? broker_epoch.error() : epochs.error();
    }
    const keyring::BackupState state{std::time(nullptr), *broker_epoch, std::move(*epochs)};
    if (auto written = write_backup(*site, file, state); !written) {
        return written;
    }
    terminal.out << "wrote " << file << ": principals, certificates' fingerprints, sealed keys, epochs\n"
                 << "not in it: " << site->config.master_key
                 << " (keep it elsewhere), reseal.yaml, acl.yaml, ca/, broker/\n";
    return Done{};
}

Checked<Done> restore(const LifeRequest& request, const std::string& file, Terminal terminal) {
    const auto site = hold_site(request.folder);
    if (!site) {
        return site.error();
    }
    const auto restored = restore_into(*site, request, file);
    if (!restored) {
        return restored.error();
    }
    terminal.out << "restored " << restored->principals << " principals as of " << date_and_time(restored->made)
                 << "\n";
    if (restored->revocations != 0) {
        terminal.out << restored->revocations << " of them were revoked since then, and stay revoked\n";
    }
    terminal.out
        << "messages from epochs that a device may have used before are refused: each device must begin its next "
        << "epoch\n(restart it, and restart it again if its messages are still refused as stale_epoch)\n"
        << "anything added or rotated after the backup is not in it: add it again\n"
        << "if another broker shares this registry, run 'provision adopt' there\n";
    return Done{};
}

}  // namespace reseal::admin
