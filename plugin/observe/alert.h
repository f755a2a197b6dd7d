// SPDX-License-Identifier: Apache-2.0
// What the operator must hear of at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reseal::observe {

enum class Alert : std::uint8_t {
    tampering,            // messages of one principal were changed, moved or reflected
    key_not_proven,       // somebody shows a certificate and has not the key of its principal
    replay_burst,         // messages of one principal came again and again
    reload_failed,        // settings or rights were not taken over
    crl_stale,            // a revocation list is past its nextUpdate
    registry_unreadable,  // revocations are not seen
    audit_failing,        // the audit trail cannot be written: a full disk, most often
    audit_dropped,        // records did not fit into the queue of the audit trail
    audit_tampered,       // the audit trail was not as the broker left it
    clock_set,            // the machine's clock jumped: what expires does so sooner or later
    state_damaged,        // windows in the replay file are not as they were written
    file_replaced,        // a file that the broker has open is another one by now, or was removed or cut
    over_budget,          // one principal, or clients that have proven nothing, ask for more than their budget
    audit_short,          // the audit trail does not reach back as long as keep_days wants
};

inline constexpr std::array<std::string_view, 14> alert_names{
    "tampering",           "key_not_proven", "replay_burst",  "reload_failed",  "crl_stale",
    "registry_unreadable", "audit_failing",  "audit_dropped", "audit_tampered", "clock_set",
    "state_damaged",       "file_replaced",  "over_budget",   "audit_short"};

inline std::string_view name_of(Alert alert) {
    return alert_names.at(static_cast<std::size_t>(alert));
}

}  // namespace reseal::observe
