// SPDX-License-Identifier: Apache-2.0
// What an ACL says that is allowed, but hardly meant: rules that have no effect. Pure.
#pragma once

#include <string>
#include <vector>

#include "policy/rule.h"

namespace reseal::policy {

struct Advice {
    Origin origin;     // of the rule that has no effect
    std::string text;  // why, "it is covered by ... in line 7"
};

// A principal that is registered and not revoked.
struct Member {
    std::string id;
    std::vector<std::string> roles;
};

// In the order of the file: grants that have expired; those that a denial beside them takes away whole; those that need
// an attribute which none of `members` with the role has; and rules that change nothing, as others beside them, alone
// or together, cover them and allow as much. `now` in seconds since 1970.
[[nodiscard]] std::vector<Advice> advise(const Acl& acl, const std::vector<Member>& members, UnixTime now);

}  // namespace reseal::policy
