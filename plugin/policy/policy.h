// SPDX-License-Identifier: Apache-2.0
// Who may publish, subscribe and be delivered to. Default deny, and a denial beats every grant. Pure: no I/O, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/refusal.h"
#include "policy/asked_topic.h"
#include "policy/placeholder.h"
#include "policy/rule.h"
#include "policy/tree.h"

namespace reseal::policy {

// What is asked for besides the topic.
struct Request {
    UnixTime now = 0;
    std::uint8_t qos = 0;    // of the message, or the highest that a subscription asks for
    bool retain = false;     // publish: the retain flag is set
    bool bare = false;       // publish: nothing protected that flag on its way
    std::uint32_t size = 0;  // bytes of the payload before sealing
};

struct Decision {
    Refusal refusal = Refusal::none;
    bool clear = false;  // granted, and the payload may travel unsealed
    // The rule that decided: that granted it, denied it, or would have granted it but for its limits. Null if no rule
    // speaks of it. Borrowed from the Rights.
    const Rule* rule = nullptr;

    explicit operator bool() const { return refusal == Refusal::none; }
};

// One list of acl.yaml, of everybody a tree is for.
struct RuleTree {
    Tree granted{Tree::NoValue::never};
    Tree denied{Tree::NoValue::any};
};

// What the roles of a principal, or one principal alone, may do.
struct RuleTrees {
    RuleTree publish;
    RuleTree subscribe;
    RuleTree deliver;
    RuleTree forward;
};

// The rights of one principal: taken once for a session, asked for every message. No decision about a topic allocates.
// Of the plugin's own topics (reserved.h) nobody may publish any, and each may read those with its own name.
class Rights {
  public:
    // May it publish under `topic`? Of several rules that let it, one with `clear` decides.
    [[nodiscard]] Decision publish(const AskedTopic& topic, const Request& request) const;
    // Is every topic that `filter` matches granted by some subscribe rule, and none denied? `filter` may be a shared
    // subscription. With Acl::narrow it is enough that some topic is. One that is too intricate to be decided in
    // bounded time (see coverage.h) is refused.
    [[nodiscard]] Decision subscribe(std::string_view filter, const Request& request) const;
    // May a message under `topic` be delivered? With Acl::narrow, the topic must be granted under subscribe as well.
    [[nodiscard]] Decision deliver(const AskedTopic& topic, const Request& request) const;
    // Is this principal another broker that may forward others' messages under `topic`, sealed as they are?
    [[nodiscard]] bool forward(const AskedTopic& topic, UnixTime now) const;
    // For which realms those were sealed, each once, empty for this broker's own; borrowed from the Rights. Nothing if
    // it may not forward there.
    [[nodiscard]] std::vector<std::string_view> forwarded_realms(const AskedTopic& topic, UnixTime now) const;

  private:
    friend class Policy;
    using List = RuleTree RuleTrees::*;
    [[nodiscard]] Decision decide_reserved(std::string_view topic) const;
    template <class Visit>
    void each_rule(List list, Tree RuleTree::*part, const AskedTopic& topic, Visit&& visit) const;
    [[nodiscard]] Decision decide(List list, const AskedTopic& topic, const Request& request, Refusal otherwise) const;

    bool forwards_ = false;  // some rule lets it forward
    // Of the roles, of the principal alone; null if there are none.
    std::shared_ptr<const RuleTrees> roles_;
    std::shared_ptr<const RuleTrees> own_;
    std::shared_ptr<const Acl> acl_;
    Values values_;
};

// Trees are made when a set of roles, or a principal with rules of its own, is first asked for, and kept. Any thread
// may ask.
class Policy {
  public:
    explicit Policy(Acl acl);

    // The rights of `principal`: those of its roles and those written under its own name. `cn`: the common name of the
    // client's certificate; empty if there is none. A role that the ACL does not know grants nothing; nor does anything
    // to a `principal` that is no valid name. They stay as they are when the Policy is replaced.
    [[nodiscard]] Rights rights(std::string_view principal, const std::vector<std::string>& roles,
                                std::string_view cn = {}) const;

    [[nodiscard]] bool knows_role(std::string_view role) const;
    // Whether one with these roles, or this very principal, need not prove its key beside its certificate.
    [[nodiscard]] bool certificate_only(std::string_view principal, const std::vector<std::string>& roles) const;
    // The realms of all rules under forward but the broker's own, each once.
    [[nodiscard]] std::vector<std::string> peer_realms() const;
    [[nodiscard]] const std::string& file() const;

  private:
    using Trees = std::shared_ptr<const RuleTrees>;
    struct Kept {
        Slots slots;
        std::map<std::vector<std::string>, Trees> of_roles;
        std::map<std::string, Trees, std::less<>> of_principals;
    };
    [[nodiscard]] Trees trees_of_roles(Kept& kept, std::vector<std::string> roles) const;
    [[nodiscard]] Trees trees_of_principal(Kept& kept, std::string_view principal) const;
    [[nodiscard]] Values values(const Slots& slots, std::string_view principal, std::string_view cn) const;

    std::shared_ptr<const Acl> acl_;
    std::unique_ptr<Guarded<Kept>> kept_;
};

// "FILE:LINE: KEY" of a rule, as people are shown it.
[[nodiscard]] std::string place_of(std::string_view file, const Rule& rule);

}  // namespace reseal::policy
