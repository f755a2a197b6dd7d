// SPDX-License-Identifier: Apache-2.0
// reseal.yaml and acl.yaml: bytes in, settings or a Fault with file, line and key out. Pure: opens no file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "budget/limits.h"
#include "policy/policy.h"

namespace reseal::config {

// How many bytes are read of each file at most.
inline constexpr std::size_t config_most = std::size_t{1} << 20U;
inline constexpr std::size_t acl_most = std::size_t{64} << 20U;

// audit: where the audit trail is written. Missing: nowhere.
struct Audit {
    std::string folder;                 // audit.folder
    std::uint32_t max_file = 16777216;  // audit.max_file: bytes after which a new file begins, 4096 to 1073741824
    std::uint32_t keep = 100;           // audit.keep: files that are kept, 2 to 100000
    std::uint32_t keep_days = 90;       // audit.keep_days: how far the trail should reach back, 1 to 3650

    bool operator==(const Audit&) const = default;
};

// identity: how a client's certificate names its principal.
struct Identity {
    enum class By : std::uint8_t { fingerprint, san_uri, san_dns, common_name, serial_number };
    By by = By::fingerprint;       // identity.by; fingerprint, serial_number: the registry knows it
    std::string pattern;           // identity.pattern: holds {id} once; empty if the registry knows the certificate
    std::string ca;                // identity.ca: PEM file; empty: the listener's own check is enough
    std::vector<std::string> crl;  // identity.crl: revocation lists, one for each authority
    std::uint32_t warn_days = 0;   // identity.crl_expired.warn_days, 1 to 365; 0: refuse
    bool require_key = false;      // identity.require_key: a client with a certificate must prove its key, too

    bool operator==(const Identity&) const = default;
    // Does the certificate itself name its principal, rather than the registry?
    [[nodiscard]] bool named() const { return by != By::fingerprint && by != By::serial_number; }
};

// tokens: OAuth 2.0 access tokens that are bound to the client's certificate.
struct Tokens {
    struct Scope {
        std::vector<std::string> roles;
        int line = 0;  // in the file
        bool operator==(const Scope& other) const { return roles == other.roles; }
    };
    std::string issuer;                                // tokens.issuer: iss
    std::string audience;                              // tokens.audience: must be (in) aud
    std::string keys;                                  // tokens.keys: file of the issuer's public keys, a JWK set
    std::map<std::string, Scope, std::less<>> scopes;  // tokens.scopes: the roles that a scope gives
    std::string subject;                               // tokens.subject: sub, with {id}; empty: not checked
    bool required = false;                             // tokens.required: a client with a certificate must show one
    std::uint32_t leeway = 30;  // tokens.leeway: seconds before nbf that a token is taken, 0 to 300

    bool operator==(const Tokens&) const = default;
};

// Settings that are read only at the start. A reload does not change them.
struct StartSettings {
    std::string registry;    // registry: SQLite file of principals, certificates and sealed keys
    std::string master_key;  // master_key: file of 32 random bytes under which the registry's secrets are sealed
    std::string state;       // state: folder of replay windows and epochs
    std::string realm;       // realm: name of this broker, or of the cluster whose replay windows it shares
    std::uint32_t replay_window = 128;  // replay_window: 32 to 4096, a multiple of 32
    std::vector<std::uint16_t>
        loopback_listeners;  // loopback_listeners: ports of listeners without TLS, bound to loopback
    std::vector<std::uint16_t> sealed_listeners;  // sealed_listeners: ports of listeners without TLS for other machines
    std::vector<std::uint16_t> psk_listeners;     // psk_listeners: ports of listeners with psk_hint (TLS-PSK)
    std::vector<std::string>
        plugins_before;        // plugins_before: file names of plugins that the broker may ask before this one
    bool queue_clear = false;  // queue_clear: on 2.0, also queue clear deliveries (QoS 1 and 2, and for absent clients)
    Identity identity;
    std::optional<Tokens> tokens;  // missing: a password beside a certificate is ignored
    std::optional<Audit> audit;
    std::uint16_t metrics_port = 0;  // metrics_port: HTTP port on loopback, 1 to 65535; 0: none

    bool operator==(const StartSettings&) const = default;
};

// Settings that a reload takes over.
struct ReloadSettings {
    std::string acl;                           // acl: the ACL file
    std::uint32_t max_payload = 65535;         // max_payload: largest plaintext in bytes, 1 to 16777215
    std::vector<std::string> bridged_realms;   // bridged_realms: realms whose messages this broker's bridges bring
    std::vector<std::string> unsealed_topics;  // unsealed_topics: filters of topics that are not sealed, e.g. "$SYS/#"
    budget::Limits budgets;
    std::string alerts_topic;  // alerts_topic: where alerts are published, sealed; empty: nowhere
    std::uint32_t metrics_interval =
        10;  // metrics_interval: seconds between two publications under $SYS, 0 to 3600; 0: none
};

// Relative paths in the file are relative to the folder of `file`. Here they are already joined with it.
struct Config : StartSettings, ReloadSettings {
    std::string file;
};

// Strict. Faults: an unknown or repeated key, a missing required one (version, realm, registry, master_key, state,
// acl), a value of the wrong type or range, anchors, aliases, tags, directives, a second document, more than 1 MiB, any
// other version than `version: 1`.
Checked<Config> parse_config(std::string_view yaml, std::string_view file);

// As strict, up to 8 MiB. Every pattern must be a topic filter once its placeholders are filled in. Every placeholder
// must have a value for somebody who may have the rule. Every role and principal name must be well-formed. A role or
// principal without `deliver` is delivered what it may subscribe to. With one, `clear: true` and `max_payload` under
// its `subscribe` are a Fault. `deliver` under `deny` defaults likewise. config/acl.yaml shows the format.
Checked<policy::Acl> parse_acl(std::string_view yaml, std::string_view file);

}  // namespace reseal::config
