// SPDX-License-Identifier: Apache-2.0
#include "base/refusal.h"

#include <array>
#include <cstddef>

namespace reseal {
namespace {

struct Entry {
    Refusal refusal;
    std::string_view name;
    std::string_view sentence;
};

constexpr std::array<Entry, refusal_count> entries{{
    {Refusal::none, "none", "It was allowed"},

    {Refusal::no_certificate, "no_certificate", "The client showed no certificate"},
    {Refusal::unknown_certificate, "unknown_certificate",
     "The client's certificate belongs to no principal in the registry"},
    {Refusal::certificate_not_yet_valid, "certificate_not_yet_valid", "The client's certificate is not valid yet"},
    {Refusal::certificate_expired, "certificate_expired", "The client's certificate has expired"},
    {Refusal::certificate_revoked, "certificate_revoked", "The client's certificate is revoked"},
    {Refusal::certificate_not_of_ca, "certificate_not_of_ca",
     "The client's certificate was not issued for TLS clients by an authority in identity.ca"},
    {Refusal::certificate_name_missing, "certificate_name_missing",
     "No name in the client's certificate matches identity.pattern in reseal.yaml"},
    {Refusal::certificate_name_ambiguous, "certificate_name_ambiguous",
     "The client's certificate names more than one principal"},
    {Refusal::certificate_name_malformed, "certificate_name_malformed",
     "The name in the client's certificate is not a valid name of a principal"},
    {Refusal::revocation_unknown, "revocation_unknown",
     "No list under identity.crl is from the authority that issued the client's certificate"},
    {Refusal::revocation_stale, "revocation_stale",
     "The revocation list for the client's certificate is past its nextUpdate"},
    {Refusal::unknown_principal, "unknown_principal", "The registry has no principal with this name"},
    {Refusal::principal_revoked, "principal_revoked", "The principal is revoked"},
    {Refusal::client_id_not_tied, "client_id_not_tied", "The client id belongs to another principal"},
    {Refusal::listener_not_named, "listener_not_named",
     "The listener is not certain to be one under sealed_listeners or psk_listeners: Mosquitto 2.0 does not tell, and "
     "the client's address is connected to another listener too"},
    {Refusal::bad_connect_proof, "bad_connect_proof",
     "The password is not a fresh proof that the client holds the principal's key"},
    {Refusal::key_not_proven, "key_not_proven",
     "The client showed only a certificate, and identity.require_key in reseal.yaml requires a proof of its key as "
     "well"},
    {Refusal::no_session, "no_session", "The client has no session that the plugin admitted"},
    {Refusal::token_missing, "token_missing",
     "The client showed no token, and tokens.required in reseal.yaml requires one"},
    {Refusal::token_malformed, "token_malformed", "The client's token is not a signed JWT, or is for another purpose"},
    {Refusal::token_key_unknown, "token_key_unknown",
     "The client's token names a key that is not in the file named by tokens.keys"},
    {Refusal::token_signature, "token_signature",
     "The client's token was not signed with the issuer's key that it names"},
    {Refusal::token_issuer, "token_issuer", "The client's token is from an issuer other than tokens.issuer"},
    {Refusal::token_audience, "token_audience", "The client's token is for an audience other than tokens.audience"},
    {Refusal::token_expired, "token_expired", "The client's token has expired"},
    {Refusal::token_not_yet_valid, "token_not_yet_valid", "The client's token is not valid yet"},
    {Refusal::token_not_bound, "token_not_bound",
     "The client's token is not bound to the certificate that the client showed"},
    {Refusal::token_subject, "token_subject", "The subject of the client's token does not match tokens.subject"},

    {Refusal::publish_not_allowed, "publish_not_allowed", "No rule lets the principal publish under this topic"},
    {Refusal::subscribe_not_allowed, "subscribe_not_allowed", "No rule lets the principal subscribe to this filter"},
    {Refusal::deliver_not_allowed, "deliver_not_allowed",
     "No rule lets messages under this topic be delivered to the principal"},
    {Refusal::denied, "denied", "A rule under deny forbids it"},
    {Refusal::grant_expired, "grant_expired", "The rule that granted it has expired"},
    {Refusal::qos_not_allowed, "qos_not_allowed", "The rule that grants it allows only a lower QoS"},
    {Refusal::retain_not_allowed, "retain_not_allowed", "The rule that grants it does not allow retained messages"},
    {Refusal::payload_not_allowed, "payload_not_allowed", "The rule that grants it allows only shorter payloads"},
    {Refusal::filter_too_wide, "filter_too_wide", "The filter also matches topics that the principal may not read"},
    {Refusal::filter_too_intricate, "filter_too_intricate",
     "The rules overlap in too many ways to decide whether they cover the filter: subscribe to narrower filters"},
    {Refusal::reserved_topic, "reserved_topic",
     "Topics under $reseal are the plugin's own; a principal may read $reseal/ID/key and $reseal/ID/ack, where ID is "
     "its own name"},
    {Refusal::not_sealed, "not_sealed", "The payload is not sealed, and no rule lets it travel in clear"},
    {Refusal::channel_not_protected, "channel_not_protected",
     "A clear payload may travel only over TLS or a listener named under loopback_listeners"},

    {Refusal::malformed, "malformed", "The payload is not a sealed message of protocol version 2"},
    {Refusal::unknown_key, "unknown_key", "The message is sealed under a key that the registry does not know"},
    {Refusal::foreign_key, "foreign_key", "The message is sealed under another principal's key"},
    {Refusal::own_message, "own_message",
     "This broker sealed the message itself, or received it from its sender earlier: it went out and came back"},
    {Refusal::retired_key, "retired_key", "The message is sealed under a retired key"},
    {Refusal::wrong_direction, "wrong_direction", "The message was sealed for the other direction: it was reflected"},
    {Refusal::wrong_algorithm, "wrong_algorithm", "The message names an algorithm other than its key's"},
    {Refusal::stale_epoch, "stale_epoch", "The message is from an epoch that has ended"},
    {Refusal::counter_limit, "counter_limit", "The message's counter is above the limit for an epoch"},
    {Refusal::replay, "replay", "The message was accepted before, or is older than the replay window"},
    {Refusal::not_retained, "not_retained",
     "The broker's retained message is not the one that was accepted last for its topic"},
    {Refusal::bad_tag, "bad_tag",
     "The message was changed, moved to another topic, or sealed under a key other than the one it names"},
    {Refusal::oversized, "oversized", "The payload is longer than max_payload or the key's algorithm allows"},
    {Refusal::bad_topic, "bad_topic", "The topic is not an MQTT topic name"},

    {Refusal::over_budget_messages, "over_budget_messages",
     "The principal publishes more messages a second than budgets.principal.messages in reseal.yaml allows"},
    {Refusal::over_budget_bytes, "over_budget_bytes",
     "The principal publishes more bytes a second than budgets.principal.bytes in reseal.yaml allows"},
    {Refusal::over_budget_connects, "over_budget_connects",
     "The principal connects more often than budgets.principal.connects in reseal.yaml allows"},
    {Refusal::over_budget_sessions, "over_budget_sessions",
     "The principal has as many clients connected as budgets.principal.sessions in reseal.yaml allows"},
    {Refusal::over_budget_subscriptions, "over_budget_subscriptions",
     "The client holds as many filters as budgets.principal.subscriptions in reseal.yaml allows"},
    {Refusal::over_budget_retained, "over_budget_retained",
     "The principal retains messages under more new topics than budgets.principal.retained_topics in reseal.yaml "
     "allows: the message is delivered, but not retained"},
    {Refusal::over_budget_address, "over_budget_address",
     "More clients without a valid proof connect from this address than budgets.address.connects in reseal.yaml "
     "allows"},
    {Refusal::over_budget_strangers, "over_budget_strangers",
     "More clients without a valid proof connect than budgets.strangers.connects in reseal.yaml allows"},

    {Refusal::state_unavailable, "state_unavailable", "The replay window or the epoch could not be read or written"},
    {Refusal::internal, "internal", "The plugin failed, and refuses what it cannot judge"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (static_cast<std::size_t>(entries[i].refusal) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order(), "one entry for each enumerator, in the enum's order");

const Entry& entry(Refusal refusal) {
    const auto index = static_cast<std::size_t>(refusal);
    return index < entries.size() ? entries[index] : entries.back();
}

}  // namespace

std::string_view name_of(Refusal refusal) {
    return entry(refusal).name;
}

std::string_view sentence_of(Refusal refusal) {
    return entry(refusal).sentence;
}

Refusal refusal_of(reseal_status status) {
    switch (status) {
        case RESEAL_OK:
            return Refusal::none;
        case RESEAL_MALFORMED:
            return Refusal::malformed;
        case RESEAL_UNKNOWN_KEY:
            return Refusal::unknown_key;
        case RESEAL_WRONG_DIRECTION:
            return Refusal::wrong_direction;
        case RESEAL_WRONG_ALGORITHM:
            return Refusal::wrong_algorithm;
        case RESEAL_STALE_EPOCH:
            return Refusal::stale_epoch;
        case RESEAL_COUNTER_LIMIT:
            return Refusal::counter_limit;
        case RESEAL_REPLAY:
            return Refusal::replay;
        case RESEAL_BAD_TAG:
            return Refusal::bad_tag;
        case RESEAL_TOO_LONG:
            return Refusal::oversized;
        case RESEAL_BAD_TOPIC:
            return Refusal::bad_topic;
        case RESEAL_EPOCH_NOT_STORED:
        case RESEAL_WINDOW_NOT_STORED:
        case RESEAL_IN_USE:
        case RESEAL_NOT_STORED:
        case RESEAL_OTHER_PROCESS:
            return Refusal::state_unavailable;
        case RESEAL_BUFFER_TOO_SMALL:
        case RESEAL_EPOCH_EXHAUSTED:
        case RESEAL_NO_RANDOM:
        case RESEAL_BAD_ARGUMENT:
        case RESEAL_CRYPTO_FAILED:
        case RESEAL_BAD_CREDENTIALS:
        case RESEAL_CLOSED:
            return Refusal::internal;
    }
    return Refusal::internal;
}

}  // namespace reseal
