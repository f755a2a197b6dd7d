// SPDX-License-Identifier: Apache-2.0
#include "policy/advice.h"

#include <algorithm>
#include <optional>
#include <set>

#include "policy/coverage.h"
#include "policy/placeholder.h"
#include "policy/reserved.h"
#include "policy/tree.h"

namespace reseal::policy {
namespace {

using Rules = std::vector<Rule>;

// Lets `wide` through all that `narrow` does, under the same topic?
bool allows_as_much(const Rule& wide, const Rule& narrow) {
    return (wide.clear || !narrow.clear) && wide.limits.qos >= narrow.limits.qos &&
           wide.limits.retain >= narrow.limits.retain && wide.limits.max_payload >= narrow.limits.max_payload &&
           wide.limits.expires >= narrow.limits.expires;
}

// Patterns of one list, compared as they are written: a placeholder stands for itself.
class List {
  public:
    explicit List(const Rules& rules) {
        for (const Rule& rule : rules) {
            tree_.add(rule, "{role}", slots_);
        }
        for (const std::string& name : slots_.names()) {
            values_.push_back("{" + name + "}");
        }
    }

    // One of the rules that, alone or together, cover `pattern`; only those that `counts` agrees to.
    template <class Counts>
    [[nodiscard]] const Rule* cover(const Rule& rule, Counts&& counts) const {
        Coverage coverage(values_, [&](const Rule& other) { return counts(other) ? Refusal::none : Refusal::denied; });
        coverage.add(tree_, nothing_);
        const Coverage::Outcome outcome = coverage.of(rule.pattern);
        return outcome.granted && !outcome.refused && !outcome.undecided ? outcome.granting : nullptr;
    }

  private:
    Slots slots_;
    Tree tree_{Tree::NoValue::never};
    Tree nothing_{Tree::NoValue::never};
    Values values_;
};

class Adviser {
  public:
    Adviser(const Acl& acl, const std::vector<Member>& members, UnixTime now)
        : acl_(&acl), members_(&members), now_(now) {}

    void look(const Grants& grants, std::string_view role) {
        look(grants.publish, grants.deny.publish, role);
        look(grants.subscribe, grants.deny.subscribe, role);
        look(grants.forward, {}, role);
        if (written(grants.deliver, grants.subscribe)) {
            look(grants.deliver, grants.deny.deliver, role);
        }
        if (written(grants.deny.deliver, grants.deny.subscribe)) {
            look_for_repetition(grants.deny.deliver);
        }
        look_for_repetition(grants.deny.publish);
        look_for_repetition(grants.deny.subscribe);
    }

    std::vector<Advice> in_order() {
        std::ranges::stable_sort(out_, {}, [](const Advice& advice) { return advice.origin.line; });
        return std::move(out_);
    }

  private:
    // Or was it taken over from `subscribe`?
    static bool written(const Rules& deliver, const Rules& subscribe) {
        return !deliver.empty() && (subscribe.empty() || deliver.front().origin.key != subscribe.front().origin.key);
    }

    void say(const Rule& rule, std::string text) { out_.push_back({rule.origin, std::move(text)}); }

    void look(const Rules& grants, const Rules& denials, std::string_view role) {
        const List denied(denials);
        for (const Rule& rule : grants) {
            if (reserved(rule.pattern)) {
                say(rule, "it changes nothing: topics under $reseal are the plugin's own, and decided before any rule");
            } else if (rule.limits.expires <= now_) {
                say(rule, "nobody can use it: it has expired");
            } else if (const Rule* denial = denied.cover(rule, [](const Rule&) { return true; })) {
                say(rule, "nobody can use it: " + denial->origin.key + " in line " +
                              std::to_string(denial->origin.line) + " denies it");
            } else if (const auto name = missing_attribute(rule, role)) {
                say(rule, "nobody can use it: no principal that has the role has the attribute " + *name);
            }
        }
        look_for_repetition(grants);
    }

    // Of a rule under a role: a placeholder for which none of those who have the role has a value.
    [[nodiscard]] std::optional<std::string> missing_attribute(const Rule& rule, std::string_view role) const {
        for (const Piece& piece : pieces(rule.pattern).value_or(std::vector<Piece>())) {
            const std::string name(piece.placeholder);
            const bool attribute = !name.empty() && name != "id" && name != "cn" && name != "role";
            if (attribute && !role.empty() && !anybody_has(name, role)) {
                return name;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] bool anybody_has(const std::string& attribute, std::string_view role) const {
        return std::ranges::any_of(*members_, [&](const Member& member) {
            const auto own = acl_->attributes.find(member.id);
            return own != acl_->attributes.end() && own->second.contains(attribute) &&
                   std::ranges::find(member.roles, role) != member.roles.end();
        });
    }

    // From the end on, so that of two that say the same the later one is named; one that was named covers no other.
    void look_for_repetition(const Rules& rules) {
        const List list(rules);
        std::set<const Rule*> idle;
        std::for_each(rules.rbegin(), rules.rend(), [&](const Rule& rule) {
            const Rule* cover = list.cover(rule, [&](const Rule& other) {
                return &other != &rule && !idle.contains(&other) && allows_as_much(other, rule);
            });
            if (cover != nullptr && rule.limits.expires > now_) {
                idle.insert(&rule);
                say(rule, "it changes nothing: " + cover->origin.key + " in line " +
                              std::to_string(cover->origin.line) + " covers it, alone or with others");
            }
        });
    }

    const Acl* acl_;
    const std::vector<Member>* members_;
    UnixTime now_;
    std::vector<Advice> out_;
};

}  // namespace

std::vector<Advice> advise(const Acl& acl, const std::vector<Member>& members, UnixTime now) {
    Adviser adviser(acl, members, now);
    for (const auto& [role, grants] : acl.roles) {
        adviser.look(grants, role);
    }
    for (const auto& [principal, grants] : acl.principals) {
        adviser.look(grants, {});
    }
    return adviser.in_order();
}

}  // namespace reseal::policy
