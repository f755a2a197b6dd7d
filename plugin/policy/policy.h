// Who may publish, subscribe and be delivered to. Default deny. Pure: no I/O, no clock.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/refusal.h"

namespace reseal::policy {

// Where a rule was written.
struct Origin {
    int line = 0;
    std::string key;  // "roles.device.publish[0]"
};

// One pattern of the ACL: a topic filter in which {id} stands for the principal's name.
struct Rule {
    std::string pattern;
    bool clear = false;  // publish, deliver: the payload may travel unsealed
    Origin origin;
};

// What a role or a principal is granted, complete: `deliver` is all that is delivered. parse_acl fills it from
// `subscribe` where acl.yaml does not write it.
struct Grants {
    std::vector<Rule> publish;
    std::vector<Rule> subscribe;
    std::vector<Rule> deliver;
    std::vector<Rule> forward;
};

// acl.yaml, parsed.
struct Acl {
    std::string file;
    std::map<std::string, Grants, std::less<>> roles;
    std::map<std::string, Grants, std::less<>> principals;
};

struct Decision {
    Refusal refusal = Refusal::none;
    bool clear = false;          // granted, and the payload may travel unsealed
    const Rule* rule = nullptr;  // the rule that granted it; null if none did. Borrowed from the Rights

    explicit operator bool() const { return refusal == Refusal::none; }
};

// The grants of one principal, with {id} filled in: made once for a session, asked for every message.
class Rights {
  public:
    // Is publishing under `topic` granted? Refusal::publish_not_allowed if not. A rule with `clear` wins over one
    // without.
    [[nodiscard]] Decision publish(std::string_view topic) const;
    // Is every topic that `filter` matches granted by one subscribe rule? `filter` may be a shared subscription.
    [[nodiscard]] Decision subscribe(std::string_view filter) const;
    // May a message under `topic` be delivered? A rule with `clear` wins over one without.
    [[nodiscard]] Decision deliver(std::string_view topic) const;
    // Is this principal another broker that may pass on, sealed as they are, the messages of others under `topic`?
    [[nodiscard]] bool forward(std::string_view topic) const;

  private:
    friend class Policy;
    std::vector<Rule> publish_;
    std::vector<Rule> subscribe_;
    std::vector<Rule> deliver_;
    std::vector<Rule> forward_;
};

class Policy {
  public:
    explicit Policy(Acl acl);

    // The rights of `principal`: those of its roles and those written under its own name. A role that the ACL does not
    // know grants nothing; nor does anything to a `principal` that is no valid name.
    [[nodiscard]] Rights rights(std::string_view principal, const std::vector<std::string>& roles) const;

    [[nodiscard]] bool knows_role(std::string_view role) const;
    [[nodiscard]] const std::string& file() const;

  private:
    Acl acl_;
};

}  // namespace reseal::policy
