// SPDX-License-Identifier: Apache-2.0
// explain and who: what the policy decides, and the rule that decides it.
#include <algorithm>
#include <array>
#include <ctime>
#include <ostream>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "base/fault.h"
#include "base/quote.h"
#include "keyring/registry.h"
#include "policy/placeholder.h"
#include "policy/policy.h"
#include "policy/topic.h"

namespace reseal::admin {
namespace {

using policy::Decision;
using policy::Grants;
using policy::Rule;

// One of the three questions: how Rights decides it, and which rules it uses.
struct Question {
    const char* name;
    Decision (*decide)(const policy::Rights&, std::string_view topic, const policy::Request&);
    std::vector<Rule> Grants::*grants;
    std::vector<Rule> policy::Denials::*denials;
};

constexpr std::array<Question, 3> questions{
    {{"publish",
      [](const policy::Rights& rights, std::string_view topic, const policy::Request& request) {
          return rights.publish(topic, request);
      },
      &Grants::publish, &policy::Denials::publish},
     {"subscribe",
      [](const policy::Rights& rights, std::string_view topic, const policy::Request& request) {
          return rights.subscribe(topic, request);
      },
      &Grants::subscribe, &policy::Denials::subscribe},
     {"deliver",
      [](const policy::Rights& rights, std::string_view topic, const policy::Request& request) {
          return rights.deliver(topic, request);
      },
      &Grants::deliver, &policy::Denials::deliver}}};

const Question& question_of(const std::string& name) {
    return *std::find_if(std::begin(questions), std::end(questions) - 1,
                         [&](const Question& each) { return name == each.name; });
}

// Everything that an answer is printed from.
struct Case {
    const policy::Acl& acl;
    const Question& question;
    const keyring::PrincipalRecord& principal;
    const budget::Limits::Principal& budget;
};

// The rule's pattern filled in for the principal. Values known only at login, such as {cn}, stay in braces.
std::string in_words(const Case& asked, std::string_view role, const Rule& rule) {
    const auto own = asked.acl.attributes.find(asked.principal.id);
    const auto value = [&](std::string_view name) {
        const std::string key(name);
        const bool attribute = own != asked.acl.attributes.end() && own->second.contains(key);
        return name == "id"                      ? asked.principal.id
               : name == "role" && !role.empty() ? std::string(role)
               : attribute                       ? own->second.at(key)
                                                 : "{" + key + "}";
    };
    return policy::place_of(asked.acl.file, rule) + ": " + policy::filled(rule.pattern, value);
}

// The role with `rule`; empty if a principal has it. The longest match: a name may begin with another one and a dot.
std::string role_of(const Case& asked, const Rule& rule) {
    std::string out;
    for (const std::string& role : asked.principal.roles) {
        if (role.size() > out.size() && rule.origin.key.starts_with("roles." + role + ".")) {
            out = role;
        }
    }
    return out;
}

void print_rules(const Case& asked, std::ostream& out) {
    bool any = false;
    const auto print = [&](const auto& holders, const std::string& holder, const std::string& role) {
        const auto found = holders.find(holder);
        if (found == holders.end()) {
            return;
        }
        for (const auto& rules : {found->second.*asked.question.grants, found->second.deny.*asked.question.denials}) {
            for (const Rule& rule : rules) {
                out << "  " << in_words(asked, role, rule) << "\n";
                any = true;
            }
        }
    };
    for (const std::string& role : asked.principal.roles) {
        print(asked.acl.roles, role, role);
        if (!asked.acl.roles.contains(role)) {
            out << "  " << asked.acl.file << " has no role " << quote(role) << "\n";
        }
    }
    print(asked.acl.principals, asked.principal.id, {});
    out << (any ? "  and it has no other rule for this\n" : "  it has no rule for this\n");
}

// "; up to QoS 1; not retained ...": empty for a rule without limits.
std::string limits_of(const Question& question, const Rule& rule) {
    const policy::Limits none;
    const policy::Limits& limits = rule.limits;
    const bool delivered = question.grants == &Grants::deliver;
    std::string out;
    out += limits.qos != none.qos && !delivered ? "; up to QoS " + std::to_string(limits.qos) : "";
    out += limits.retain == policy::Retain::never    ? "; not retained"
           : limits.retain == policy::Retain::always ? "; retained over sealed listeners, too"
                                                     : "";
    out += limits.max_payload != none.max_payload ? "; up to " + std::to_string(limits.max_payload) + " bytes" : "";
    out += limits.expires != none.expires ? "; until " + date_and_time(limits.expires) : "";
    return out;
}

std::string count(std::uint32_t limit, const std::string& what) {
    return (limit == 0 ? "any number of" : std::to_string(limit)) + " " + what;
}

// The budget that limits a right, whichever rule grants it.
void print_budget(const Case& asked, std::ostream& out) {
    const budget::Limits::Principal& budget = asked.budget;
    if (asked.question.grants == &Grants::publish) {
        out << "  within budgets.principal: " << count(budget.messages, "messages") << " and "
            << count(budget.bytes, "bytes") << " a second\n";
    } else if (asked.question.grants == &Grants::subscribe) {
        out << "  within budgets.principal: " << count(budget.subscriptions, "filters") << " for each client\n";
    }
}

void print(const Case& asked, const Decision& decision, std::ostream& out) {
    if (decision) {
        out << "yes" << (decision.clear ? ", also in clear" : ", sealed");
        if (decision.rule != nullptr) {
            out << limits_of(asked.question, *decision.rule);
        }
    } else {
        out << "no: " << name_of(decision.refusal) << ": " << sentence_of(decision.refusal);
    }
    out << "\n";
    if (decision.rule != nullptr) {
        out << "  " << in_words(asked, role_of(asked, *decision.rule), *decision.rule) << "\n";
    } else if (decision || decision.refusal == Refusal::reserved_topic) {
        out << "  the broker sends principals their new keys there; no rule in acl.yaml changes that\n";
    } else if (decision.refusal != Refusal::principal_revoked) {
        print_rules(asked, out);
    }
    if (decision) {
        print_budget(asked, out);
    }
}

Checked<keyring::PrincipalRecord> find(const Site& site, const std::string& id) {
    auto registry = keyring::Registry::open(site.config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    auto principal = registry->find(id);
    if (!principal) {
        return principal.error();
    }
    if (!*principal) {
        return Fault{{}, 0, "ID", "no principal is called " + quote(id), "see 'list'"};
    }
    return std::move(**principal);
}

}  // namespace

namespace {

// A line for each principal that may do this.
void print_granted(const Site& site, const policy::Acl& acl, const std::vector<keyring::PrincipalRecord>& principals,
                   const Question& question, const std::string& topic, std::ostream& out) {
    const policy::Policy policy(acl);
    bool any = false;
    for (const keyring::PrincipalRecord& principal : principals) {
        if (principal.revoked || principal.storage) {
            continue;
        }
        const policy::Rights rights = policy.rights(principal.id, principal.roles);
        const Decision decision = question.decide(rights, topic, {.now = std::time(nullptr)});
        if (!decision) {
            continue;
        }
        const Case asked{
            .acl = acl, .question = question, .principal = principal, .budget = site.config.budgets.principal};
        out << question.name << " " << principal.id << (decision.clear ? ", also in clear" : "");
        if (decision.rule != nullptr) {
            out << limits_of(question, *decision.rule) << "\n  "
                << in_words(asked, role_of(asked, *decision.rule), *decision.rule);
        }
        out << "\n";
        any = true;
    }
    if (!any) {
        out << question.name << " nobody\n";
    }
}

}  // namespace

Checked<Done> who(const WhoRequest& request, Terminal terminal) {
    const auto site = open_site(request.folder);
    if (!site) {
        return site.error();
    }
    const auto acl = read_acl(site->config.acl);
    if (!acl) {
        return acl.error();
    }
    if (!policy::valid_topic(request.topic)) {
        return Fault{
            {}, 0, "TOPIC", quote(request.topic) + " is not an MQTT topic name", "write one without '+' and '#'"};
    }
    auto registry = keyring::Registry::open(site->config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    auto principals = registry->all();
    if (!principals) {
        return principals.error();
    }
    std::ranges::sort(*principals, {}, &keyring::PrincipalRecord::id);
    for (const Question& question : questions) {
        print_granted(*site, *acl, *principals, question, request.topic, terminal.out);
    }
    return Done{};
}

Checked<bool> explain(const ExplainRequest& request, Terminal terminal) {
    const auto site = open_site(request.folder);
    if (!site) {
        return site.error();
    }
    auto acl = read_acl(site->config.acl);
    if (!acl) {
        return acl.error();
    }
    const auto principal = find(*site, request.id);
    if (!principal) {
        return principal.error();
    }
    const bool filter = request.action == "subscribe";
    if (filter ? !policy::valid_filter(policy::without_share(request.topic)) : !policy::valid_topic(request.topic)) {
        return Fault{{},
                     0,
                     "TOPIC",
                     quote(request.topic) + " is not an MQTT topic " + (filter ? "filter" : "name"),
                     filter ? "write one as in ward/+/vitals/#" : "write one without '+' and '#'"};
    }
    const Question& question = question_of(request.action);
    const policy::Policy policy(*acl);
    const policy::Rights rights = policy.rights(principal->id, principal->roles);
    const Decision decision = principal->revoked ? Decision{Refusal::principal_revoked}
                                                 : question.decide(rights, request.topic, {.now = std::time(nullptr)});
    print({.acl = *acl, .question = question, .principal = *principal, .budget = site->config.budgets.principal},
          decision, terminal.out);
    return static_cast<bool>(decision);
}

}  // namespace reseal::admin
