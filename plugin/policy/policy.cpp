#include "policy/policy.h"

#include <algorithm>
#include <utility>

#include "policy/topic.h"

namespace reseal::policy {
namespace {

using Match = bool (*)(std::string_view, std::string_view);

Decision decide(const std::vector<Rule>& rules, Match match, std::string_view asked, Refusal otherwise) {
    const auto rule =
        std::find_if(rules.begin(), rules.end(), [=](const Rule& each) { return match(each.pattern, asked); });
    return rule == rules.end() ? Decision{otherwise} : Decision{Refusal::none, rule->clear, &*rule};
}

// A pattern that the name does not turn into a filter grants nothing.
void append(std::vector<Rule>& rules, const std::vector<Rule>& granted, std::string_view principal) {
    for (const Rule& rule : granted) {
        std::string filter = with_id(rule.pattern, principal);
        if (valid_filter(filter)) {
            rules.push_back({std::move(filter), rule.clear, rule.origin});
        }
    }
}

// So that the first rule that matches is the one that wins.
void put_clear_first(std::vector<Rule>& rules) {
    std::stable_partition(rules.begin(), rules.end(), [](const Rule& rule) { return rule.clear; });
}

}  // namespace

Decision Rights::publish(std::string_view topic) const {
    if (!valid_topic(topic)) {
        return {Refusal::publish_not_allowed};
    }
    return decide(publish_, matches, topic, Refusal::publish_not_allowed);
}

Decision Rights::subscribe(std::string_view filter) const {
    const std::string_view asked = without_share(filter);
    if (!valid_filter(asked)) {
        return {Refusal::subscribe_not_allowed};
    }
    return decide(subscribe_, covers, asked, Refusal::subscribe_not_allowed);
}

Decision Rights::deliver(std::string_view topic) const {
    if (!valid_topic(topic)) {
        return {Refusal::deliver_not_allowed};
    }
    return decide(deliver_, matches, topic, Refusal::deliver_not_allowed);
}

bool Rights::forward(std::string_view topic) const {
    return !forward_.empty() && valid_topic(topic) &&
           std::ranges::any_of(forward_, [topic](const Rule& rule) { return matches(rule.pattern, topic); });
}

Policy::Policy(Acl acl) : acl_(std::move(acl)) {}

Rights Policy::rights(std::string_view principal, const std::vector<std::string>& roles) const {
    Rights rights;
    if (!valid_principal(principal)) {
        return rights;
    }
    const auto grant = [&](const auto& holders, std::string_view holder) {
        if (const auto found = holders.find(holder); found != holders.end()) {
            append(rights.publish_, found->second.publish, principal);
            append(rights.subscribe_, found->second.subscribe, principal);
            append(rights.deliver_, found->second.deliver, principal);
            append(rights.forward_, found->second.forward, principal);
        }
    };
    for (const std::string& role : roles) {
        grant(acl_.roles, role);
    }
    grant(acl_.principals, principal);
    put_clear_first(rights.publish_);
    put_clear_first(rights.subscribe_);
    put_clear_first(rights.deliver_);
    return rights;
}

bool Policy::knows_role(std::string_view role) const {
    return acl_.roles.find(role) != acl_.roles.end();
}

const std::string& Policy::file() const {
    return acl_.file;
}

}  // namespace reseal::policy
