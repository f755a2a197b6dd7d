// SPDX-License-Identifier: Apache-2.0
#include "engine/rotation.h"

#include <algorithm>
#include <string>

namespace reseal::engine {

namespace {

// As much as is done within a few milliseconds: messages wait meanwhile.
constexpr std::size_t overlaps_at_once = 1000;

// From now on its holder is sealed for under this generation.
void first_used(Ledger& ledger, const Site& site, const keyring::KeyHolder& holder) {
    ledger.sessions.new_key(holder.principal->id);
    if (holder.key->generation > 1) {
        site.log.note(observe::Level::notice, std::string(holder.principal->id) + " uses key generation " +
                                                  std::to_string(holder.key->generation) + " from now on");
    }
    look_for_overlap(ledger, *holder.principal);
}

}  // namespace

const keyring::Key* downlink_key(const Ledger& ledger, const keyring::Principal& principal) {
    const keyring::Key* out = nullptr;
    for (const keyring::Key& key : principal.keys) {
        if (key.retired) {
            continue;
        }
        out = &key;
        if (ledger.has_shown(key)) {
            break;
        }
    }
    return out;
}

// The newest generation, if its holder has not used it, and every one between it and the one that the holder is sealed
// for under may travel over the air: what was brought by hand, after a key was lost, must not be sent under that key.
const keyring::Key* key_over_the_air(const Ledger& ledger, const keyring::Principal& principal) {
    const keyring::Key* present = downlink_key(ledger, principal);
    for (const keyring::Key& key : principal.keys) {
        if (&key == present) {
            return &key == &principal.keys.front() ? nullptr : &principal.keys.front();
        }
        if (key.retired || key.overlap == 0) {
            break;
        }
    }
    return nullptr;
}

void note_use(Ledger& ledger, const Site& site, const keyring::KeyHolder& holder, bool before, AcceptOnce::When when) {
    if (!before && !ledger.shown.contains(holder.key->id)) {
        first_used(ledger, site, holder);
    }
    if (when == AcceptOnce::When::now) {
        ledger.shown.erase(holder.key->id);
    } else if (!before) {
        ledger.shown.insert(holder.key->id);
    }
}

void look_for_overlap(Ledger& ledger, const keyring::Principal& principal) {
    const bool over_the_air =
        std::ranges::any_of(principal.keys, [](const keyring::Key& key) { return key.overlap != 0; });
    if (!over_the_air && ledger.overlaps_due.empty()) {
        return;  // almost always: so that the replay windows of a million keys are not read when the broker starts
    }
    const std::string id(principal.id);
    const auto used = std::ranges::find_if(
        principal.keys, [&](const keyring::Key& key) { return !key.retired && ledger.has_shown(key); });
    const auto endless = [&](const keyring::Key& key) {
        return key.generation < used->generation && !key.retired && key.ends == 0;
    };
    if (used != principal.keys.end() && used->overlap != 0 && std::any_of(used, principal.keys.end(), endless)) {
        ledger.overlaps_due.insert_or_assign(id, Ledger::FirstUse{used->generation, used->overlap});
    } else {
        ledger.overlaps_due.erase(id);
    }
}

std::vector<keyring::Registry::Overlap> KeyEnds::begin_overlaps(Guarded<Ledger>& ledger, const Site& site,
                                                                keyring::Registry& registry, std::time_t now) {
    std::vector<keyring::Registry::Overlap> begun;
    {
        const LedgerAccess access = ledger.access();
        for (const auto& [id, use] : access->overlaps_due) {
            if (begun.size() == overlaps_at_once) {
                break;
            }
            begun.push_back({.id = id, .generation = use.generation, .ends = now + use.overlap});
        }
    }
    if (begun.empty()) {
        return begun;
    }
    const auto written = registry.begin_overlaps(begun);
    if (!written) {
        if (++overlap_failures_ == failures_to_report) {
            site.log.note(observe::Level::error,
                          "a new key is in use, but the end of the old one could not be written to the registry: " +
                              written.error().text());
        }
        return {};
    }
    overlap_failures_ = 0;
    const LedgerAccess access = ledger.access();
    for (const keyring::Registry::Overlap& each : begun) {
        if (const auto due = access->overlaps_due.find(each.id);
            due != access->overlaps_due.end() && due->second.generation == each.generation) {
            access->overlaps_due.erase(due);
        }
        site.log.note(observe::Level::notice, each.id + ": the older keys end, as generation " +
                                                  std::to_string(each.generation) + " is in use");
    }
    return begun;
}

// In memory they are gone; another process may hold the file for a moment.
void KeyEnds::wipe(const Site& site, keyring::Registry& registry, std::time_t now, bool ended) {
    to_wipe_ = to_wipe_ || ended;
    if (!to_wipe_) {
        return;
    }
    const auto wiped = registry.wipe_ended(now);
    if (wiped) {
        site.log.note(observe::Level::notice,
                      "wiped the older keys of " + std::to_string(*wiped) + " principals, as their overlap is over");
        to_wipe_ = false;
        wipe_failures_ = 0;
    } else if (++wipe_failures_ == failures_to_report) {
        site.log.note(observe::Level::error,
                      "keys whose overlap is over are refused, but are still in the registry: " + wiped.error().text());
    }
}

}  // namespace reseal::engine
