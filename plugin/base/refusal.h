// SPDX-License-Identifier: Apache-2.0
// Every reason for which the plugin refuses something. The log, explain and the tests all use this one list.
#pragma once

#include <cstdint>
#include <string_view>

#include <reseal/status.h>

namespace reseal {

enum class Refusal : std::uint8_t {
    none,
    // connect
    no_certificate,
    unknown_certificate,
    certificate_not_yet_valid,
    certificate_expired,
    certificate_revoked,
    certificate_not_of_ca,
    certificate_name_missing,
    certificate_name_ambiguous,
    certificate_name_malformed,
    revocation_unknown,
    revocation_stale,
    unknown_principal,
    principal_revoked,
    client_id_not_tied,
    listener_not_named,
    bad_connect_proof,
    key_not_proven,
    no_session,
    token_missing,
    token_malformed,
    token_key_unknown,
    token_signature,
    token_issuer,
    token_audience,
    token_expired,
    token_not_yet_valid,
    token_not_bound,
    token_subject,
    // rights
    publish_not_allowed,
    subscribe_not_allowed,
    deliver_not_allowed,
    denied,
    grant_expired,
    qos_not_allowed,
    retain_not_allowed,
    payload_not_allowed,
    filter_too_wide,
    filter_too_intricate,
    reserved_topic,
    not_sealed,
    channel_not_protected,
    // message
    malformed,
    unknown_key,
    foreign_key,
    own_message,
    retired_key,
    wrong_direction,
    wrong_algorithm,
    stale_epoch,
    counter_limit,
    replay,
    not_retained,
    bad_tag,
    oversized,
    bad_topic,
    // budgets
    over_budget_messages,
    over_budget_bytes,
    over_budget_connects,
    over_budget_sessions,
    over_budget_subscriptions,
    over_budget_retained,
    over_budget_address,
    over_budget_strangers,
    // the plugin itself; closed because it cannot be sure
    state_unavailable,
    internal,
};

inline constexpr std::size_t refusal_count = static_cast<std::size_t>(Refusal::internal) + 1;

// The enumerator's name as log and metrics write it: "stale_epoch".
std::string_view name_of(Refusal refusal);

// One sentence for people, without a full stop.
std::string_view sentence_of(Refusal refusal);

// Is it one of the budgets? Then it passes by itself, and asks for no other right.
constexpr bool is_over_budget(Refusal refusal) {
    return refusal >= Refusal::over_budget_messages && refusal <= Refusal::over_budget_strangers;
}

// What the protocol core's answer means here. RESEAL_OK is Refusal::none.
Refusal refusal_of(reseal_status status);

}  // namespace reseal
