// SPDX-License-Identifier: Apache-2.0
// distrust and adopt: for a state folder that is not the one that the registry knows.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>

#include "admin/commands.h"
#include "admin/site_state.h"
#include "admin/text.h"
#include "admin/work_file.h"
#include "base/fault.h"
#include "state/state_folder.h"

namespace reseal::admin {
namespace {

// Adds to the history of the broker's own principal, if there is one.
Checked<Done> remember(keyring::AdminRegistry& registry, std::string_view what, const std::string& who) {
    const auto holder = registry.key_holder();
    if (!holder) {
        return holder.error();
    }
    return *holder && (*holder)->storage ? registry.remember((*holder)->id, what, {"", name_of_user(who)})
                                         : Checked<Done>(Done{});
}

// What a backup knows of the epochs. Nothing if no backup is named.
Checked<keyring::BackupState> backup_state(const Site& site, const std::string& file) {
    if (file.empty()) {
        return keyring::BackupState{};
    }
    const WorkFile work(site.config.state + "/.distrust");
    return unpack_backup(file, work.path());
}

// Checks that no broker has used the folder.
Checked<Done> check_unused(const Site& site) {
    const std::string path = site.config.state + "/replay";
    const bool missing = ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
    return missing ? Checked<Done>(Done{})
                   : file_fault(path, "already exists: a broker has used this folder",
                                "name a folder of its own under 'state' in reseal.yaml, or leave out --another-broker");
}

Checked<state::BegunAnew> begin_anew(const DistrustRequest& request, const Site& site, const state::StateKey& key,
                                     keyring::AdminRegistry& registry) {
    const auto unused = request.another_broker ? check_unused(site) : Checked<Done>(Done{});
    const auto backup = unused ? backup_state(site, request.backup) : unused.error();
    const auto principals = backup ? registry.all() : backup.error();
    const auto rows = principals ? registry.states() : principals.error();
    if (!rows) {
        return rows.error();
    }
    return state::begin_anew(site.config.state, site.config.replay_window, key,
                             with_all_keys(backup->key_epochs, *principals),
                             std::max(state::highest_epoch(*rows), backup->broker_epoch));
}

Checked<Done> distrust_site(const DistrustRequest& request, const Site& site) {
    auto registry = open_registry(site);
    const auto key = registry ? read_state_key(site, *registry) : registry.error();
    if (!key) {
        return key.error();
    }
    const auto begun = request.own_epochs ? state::raise_epochs(site.config.state, *key, *registry)
                                          : begin_anew(request, site, *key, *registry);
    if (!begun) {
        return begun.error();
    }
    const bool others_stay = request.own_epochs || request.another_broker;
    auto written = others_stay ? registry->put_state(begun->row) : registry->put_only_state(begun->row);
    const char* const what = request.own_epochs ? "the broker's epochs raised" : "replay windows begun under distrust";
    return written ? remember(*registry, what, request.who) : written;
}

}  // namespace

Checked<Done> distrust(const DistrustRequest& request, Terminal terminal) {
    const auto site = hold_site(request.folder);
    if (!site) {
        return site.error();
    }
    if (auto done = distrust_site(request, *site); !done) {
        return done;
    }
    if (request.own_epochs) {
        terminal.out << "the broker seals under higher epochs from now on; receivers need no change\n";
        return Done{};
    }
    terminal.out
        << "messages from epochs that a device may have used before are refused: each device must begin its next "
        << "epoch\n(restart it, and restart it again if its messages are still refused as stale_epoch)\n";
    if (!request.another_broker) {
        terminal.out << "if another broker shares this registry, run 'provision adopt' there\n";
    }
    return Done{};
}

Checked<Done> adopt(const LifeRequest& request, Terminal terminal) {
    const auto site = hold_site(request.folder);
    auto registry = site ? open_registry(*site) : site.error();
    const auto key = registry ? read_state_key(*site, *registry) : registry.error();
    if (!key) {
        return key.error();
    }
    const std::string& folder = site->config.state;
    if (auto adopted = state::adopt(folder, site->config.replay_window, *key, *registry); !adopted) {
        return adopted;
    }
    terminal.out << site->config.registry << " now knows " << folder << "\n";
    return remember(*registry, "the state folder adopted", request.who);
}

}  // namespace reseal::admin
