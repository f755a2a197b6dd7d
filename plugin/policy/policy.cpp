// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/principal_name.h"
#include "policy/coverage.h"
#include "policy/reserved.h"
#include "policy/topic.h"

namespace reseal::policy {
namespace {

Retain needed(const Request& request) {
    return request.bare ? Retain::always : Retain::guarded;
}

// What `rule`, which matches, says to `request`.
Refusal judge(const Rule& rule, const Request& request) {
    const Limits& limits = rule.limits;
    return request.now >= limits.expires                       ? Refusal::grant_expired
           : request.qos > limits.qos                          ? Refusal::qos_not_allowed
           : request.retain && limits.retain < needed(request) ? Refusal::retain_not_allowed
           : request.size > limits.max_payload                 ? Refusal::payload_not_allowed
                                                               : Refusal::none;
}

bool earlier(const Rule& one, const Rule& other) {
    return one.origin.line < other.origin.line;
}

// A grant beats one that is limited, that beats one that is over; clear beats sealed.
int rank(const Decision& decision) {
    return decision.refusal == Refusal::grant_expired ? 1 : !decision ? 2 : decision.clear ? 4 : 3;
}

// Keeps the better of `best` and what `rule` says; of equals the one that was written first.
void consider(Decision& best, const Rule& rule, const Request& request) {
    const Refusal refusal = judge(rule, request);
    const Decision fresh{refusal, refusal == Refusal::none && rule.clear, &rule};
    if (best.rule == nullptr || rank(fresh) > rank(best) || (rank(fresh) == rank(best) && earlier(rule, *best.rule))) {
        best = fresh;
    }
}

void add_all(Tree& tree, const std::vector<Rule>& rules, std::string_view role, Slots& slots) {
    for (const Rule& rule : rules) {
        tree.add(rule, role, slots);
    }
}

void add_all(RuleTrees& trees, const Grants& grants, std::string_view role, Slots& slots) {
    add_all(trees.publish.granted, grants.publish, role, slots);
    add_all(trees.subscribe.granted, grants.subscribe, role, slots);
    add_all(trees.deliver.granted, grants.deliver, role, slots);
    add_all(trees.forward.granted, grants.forward, role, slots);
    add_all(trees.publish.denied, grants.deny.publish, role, slots);
    add_all(trees.subscribe.denied, grants.deny.subscribe, role, slots);
    add_all(trees.deliver.denied, grants.deny.deliver, role, slots);
}

bool may_forward(const RuleTrees* trees) {
    return trees != nullptr && !trees->forward.granted.empty();
}

}  // namespace

// Calls `visit` for each rule of this part of the list that matches. Those of the principal alone are asked for once in
// a fan-out and would only take the place of others that are known.
template <class Visit>
void Rights::each_rule(List list, Tree RuleTree::*part, const AskedTopic& topic, Visit&& visit) const {
    if (roles_ != nullptr) {
        topic.match(roles_, (*roles_).*list.*part, values_, visit);
    }
    if (own_ != nullptr) {
        ((*own_).*list.*part).match(topic.levels(), values_, visit);
    }
}

Decision Rights::decide(List list, const AskedTopic& topic, const Request& request, Refusal otherwise) const {
    if (!topic.valid()) {
        return {otherwise};
    }
    const Rule* denial = nullptr;
    each_rule(list, &RuleTree::denied, topic,
              [&](const Rule& rule) { denial = denial == nullptr || earlier(rule, *denial) ? &rule : denial; });
    if (denial != nullptr) {
        return {Refusal::denied, false, denial};
    }
    Decision best{otherwise};
    each_rule(list, &RuleTree::granted, topic, [&](const Rule& rule) { consider(best, rule, request); });
    return best;
}

// What its own principal may read.
Decision Rights::decide_reserved(std::string_view topic) const {
    const bool own = !values_.empty() && (is_key_topic(topic, values_.front()) || is_ack_topic(topic, values_.front()));
    return {own ? Refusal::none : Refusal::reserved_topic};
}

Decision Rights::publish(const AskedTopic& topic, const Request& request) const {
    if (topic.reserved()) {
        return {Refusal::reserved_topic};
    }
    return decide(&RuleTrees::publish, topic, request, Refusal::publish_not_allowed);
}

Decision Rights::deliver(const AskedTopic& topic, const Request& request) const {
    if (topic.reserved()) {
        return decide_reserved(topic.name());
    }
    const Request asked{.now = request.now, .size = request.size};
    const Decision decision = decide(&RuleTrees::deliver, topic, asked, Refusal::deliver_not_allowed);
    if (!decision || !acl_->narrow) {
        return decision;
    }
    const Decision read = decide(&RuleTrees::subscribe, topic, {.now = request.now}, Refusal::deliver_not_allowed);
    return read ? decision : read;
}

bool Rights::forward(const AskedTopic& topic, UnixTime now) const {
    return forwards_ && !topic.reserved() &&
           static_cast<bool>(decide(&RuleTrees::forward, topic, {.now = now}, Refusal::publish_not_allowed));
}

std::vector<std::string_view> Rights::forwarded_realms(const AskedTopic& topic, UnixTime now) const {
    std::vector<std::string_view> out;
    if (!forward(topic, now)) {
        return out;
    }
    each_rule(&RuleTrees::forward, &RuleTree::granted, topic, [&](const Rule& rule) {
        if (now < rule.limits.expires && std::ranges::find(out, rule.realm) == out.end()) {
            out.push_back(rule.realm);
        }
    });
    return out;
}

Decision Rights::subscribe(std::string_view filter, const Request& request) const {
    const std::string_view asked = without_share(filter);
    if (!valid_filter(asked)) {
        return {Refusal::subscribe_not_allowed};
    }
    if (reserved(asked)) {
        return decide_reserved(filter);  // no shared subscription: its name is not that topic
    }
    Coverage coverage(values_, [&](const Rule& rule) { return judge(rule, {.now = request.now, .qos = request.qos}); });
    for (const RuleTrees* trees : {roles_.get(), own_.get()}) {
        if (trees != nullptr) {
            coverage.add(trees->subscribe.granted, trees->subscribe.denied);
        }
    }
    const Coverage::Outcome outcome = coverage.of(asked);
    if (outcome.undecided) {
        return {Refusal::filter_too_intricate, false, outcome.refusing};
    }
    if (outcome.granted && (!outcome.refused || acl_->narrow)) {
        return {Refusal::none, false, outcome.granting};
    }
    if (outcome.granted) {
        return {Refusal::filter_too_wide, false, outcome.refusing};
    }
    const bool none = outcome.reason == Refusal::none;
    return {none ? Refusal::subscribe_not_allowed : outcome.reason, false, outcome.refusing};
}

Policy::Policy(Acl acl) : acl_(std::make_shared<const Acl>(std::move(acl))), kept_(std::make_unique<Guarded<Kept>>()) {}

Policy::Trees Policy::trees_of_roles(Kept& kept, std::vector<std::string> roles) const {
    std::erase_if(roles, [this](const std::string& role) { return !knows_role(role); });
    std::ranges::sort(roles);
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());  // clang 14 cannot compile ranges::unique
    if (roles.empty()) {
        return nullptr;
    }
    Trees& known = kept.of_roles[roles];
    if (known == nullptr) {
        auto trees = std::make_shared<RuleTrees>();
        for (const std::string& role : roles) {
            add_all(*trees, acl_->roles.at(role), role, kept.slots);
        }
        known = std::move(trees);
    }
    return known;
}

Policy::Trees Policy::trees_of_principal(Kept& kept, std::string_view principal) const {
    const auto grants = acl_->principals.find(principal);
    if (grants == acl_->principals.end()) {
        return nullptr;
    }
    Trees& known = kept.of_principals[std::string(principal)];
    if (known == nullptr) {
        auto trees = std::make_shared<RuleTrees>();
        add_all(*trees, grants->second, {}, kept.slots);
        known = std::move(trees);
    }
    return known;
}

Values Policy::values(const Slots& slots, std::string_view principal, std::string_view cn) const {
    Values values{std::string(principal), std::string(usable_value(cn) ? cn : "")};
    const auto attributes = acl_->attributes.find(principal);
    if (attributes == acl_->attributes.end()) {
        return values;
    }
    for (std::size_t slot = values.size(); slot < slots.names().size(); ++slot) {
        const auto value = attributes->second.find(slots.names()[slot]);
        values.push_back(value != attributes->second.end() && usable_value(value->second) ? value->second : "");
    }
    return values;
}

Rights Policy::rights(std::string_view principal, const std::vector<std::string>& roles, std::string_view cn) const {
    Rights rights;
    rights.acl_ = acl_;
    if (!valid_principal(principal)) {
        return rights;
    }
    const auto kept = kept_->access();
    rights.roles_ = trees_of_roles(*kept, roles);
    rights.own_ = trees_of_principal(*kept, principal);
    rights.forwards_ = may_forward(rights.roles_.get()) || may_forward(rights.own_.get());
    rights.values_ = values(kept->slots, principal, cn);  // last: the trees above have numbered their placeholders
    return rights;
}

bool Policy::knows_role(std::string_view role) const {
    return acl_->roles.find(role) != acl_->roles.end();
}

bool Policy::certificate_only(std::string_view principal, const std::vector<std::string>& roles) const {
    const auto says_so = [](const auto& holders, std::string_view name) {
        const auto found = holders.find(name);
        return found != holders.end() && found->second.certificate_only;
    };
    return says_so(acl_->principals, principal) ||
           std::ranges::any_of(roles, [&](const std::string& role) { return says_so(acl_->roles, role); });
}

std::vector<std::string> Policy::peer_realms() const {
    std::set<std::string> out;
    for (const auto* holders : {&acl_->roles, &acl_->principals}) {
        for (const auto& [name, grants] : *holders) {
            for (const Rule& rule : grants.forward) {
                out.insert(rule.realm);
            }
        }
    }
    out.erase("");
    return {out.begin(), out.end()};
}

const std::string& Policy::file() const {
    return acl_->file;
}

std::string place_of(std::string_view file, const Rule& rule) {
    return std::string(file) + ":" + std::to_string(rule.origin.line) + ": " + rule.origin.key;
}

}  // namespace reseal::policy
