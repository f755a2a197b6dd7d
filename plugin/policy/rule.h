// SPDX-License-Identifier: Apache-2.0
// acl.yaml as it was read: rules, who they are for, and where each was written.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/unix_time.h"

namespace reseal::policy {

// Where a rule was written.
struct Origin {
    int line = 0;
    std::string key;  // "roles.device.publish[0]"
};

// Over which channels the retain flag is taken.
enum class Retain : std::uint8_t {
    never,
    guarded,  // where it is protected on its way
    always,   // on sealed listeners, too, where whoever is on the path can set and clear it
};

// What a grant lets through; each as wide as MQTT is unless acl.yaml narrows it.
struct Limits {
    std::uint8_t qos = 2;                                                   // publish, subscribe: the highest
    Retain retain = Retain::guarded;                                        // publish: the retain flag
    std::uint32_t max_payload = std::numeric_limits<std::uint32_t>::max();  // publish, deliver: bytes before sealing
    UnixTime expires = std::numeric_limits<UnixTime>::max();                // from this second on it grants nothing
};

// One pattern of the ACL: a topic filter with placeholders in braces (see placeholder.h).
struct Rule {
    std::string pattern;
    bool clear = false;  // publish, deliver: the payload may travel unsealed
    Origin origin;
    Limits limits;
    std::string realm;  // forward: for which realm the messages were sealed; empty: this broker's own
};

// What a role or a principal is denied, whatever else grants it. parse_acl fills `deliver` as in Grants.
struct Denials {
    std::vector<Rule> publish;
    std::vector<Rule> subscribe;
    std::vector<Rule> deliver;
};

// What a role or a principal is granted, complete: `deliver` is all that is delivered. parse_acl fills it from
// `subscribe` where acl.yaml does not write it.
struct Grants {
    std::vector<Rule> publish;
    std::vector<Rule> subscribe;
    std::vector<Rule> deliver;
    std::vector<Rule> forward;
    Denials deny;
    bool certificate_only = false;  // no proof of the key is asked for beside the certificate
    int line = 0;                   // where its name stands
};

// acl.yaml, parsed.
struct Acl {
    std::string file;
    // wide_subscriptions: a filter that asks for more than may be read is narrowed at delivery, not refused.
    bool narrow = false;
    std::map<std::string, Grants, std::less<>> roles;
    std::map<std::string, Grants, std::less<>> principals;
    std::map<std::string, std::map<std::string, std::string>, std::less<>> attributes;  // by principal, by name
};

}  // namespace reseal::policy
