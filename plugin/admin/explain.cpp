// explain: what the policy decides, and the rule that decides it.
#include <algorithm>
#include <array>
#include <ostream>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "base/private_file.h"
#include "keyring/registry.h"
#include "policy/policy.h"
#include "policy/topic.h"

namespace reseal::admin {
namespace {

using policy::Decision;
using policy::Grants;
using policy::Refusal;
using policy::Rule;

// One of the three things that can be asked: how Rights decides it, and which rules it looks at.
struct Question {
    const char* name;
    Decision (policy::Rights::*decide)(std::string_view) const;
    std::vector<Rule> Grants::*rules;
};

constexpr std::array<Question, 3> questions{{{"publish", &policy::Rights::publish, &Grants::publish},
                                             {"subscribe", &policy::Rights::subscribe, &Grants::subscribe},
                                             {"deliver", &policy::Rights::deliver, &Grants::deliver}}};

const Question& question_of(const std::string& name) {
    return *std::find_if(std::begin(questions), std::end(questions) - 1,
                         [&](const Question& each) { return name == each.name; });
}

std::string place_of(const policy::Acl& acl, const Rule& rule) {
    return acl.file + ":" + std::to_string(rule.origin.line) + ": " + rule.origin.key;
}

void print_rules(const policy::Acl& acl, const Question& question, const keyring::Principal& principal,
                 std::ostream& out) {
    bool any = false;
    const auto print = [&](const auto& holders, const std::string& holder) {
        const auto found = holders.find(holder);
        for (const Rule& rule : found == holders.end() ? std::vector<Rule>{} : found->second.*question.rules) {
            out << "  " << place_of(acl, rule) << ": " << policy::with_id(rule.pattern, principal.id) << "\n";
            any = true;
        }
    };
    for (const std::string& role : principal.roles) {
        print(acl.roles, role);
        if (!acl.roles.contains(role)) {
            out << "  " << acl.file << " has no role " << in_quotes(role) << "\n";
        }
    }
    print(acl.principals, principal.id);
    out << (any ? "  and no other rule speaks of it\n" : "  no rule speaks of it\n");
}

void print(const policy::Acl& acl, const Question& question, const keyring::Principal& principal,
           const Decision& decision, std::ostream& out) {
    if (decision) {
        out << "yes" << (decision.clear ? ", also in clear" : ", sealed") << "\n  " << place_of(acl, *decision.rule)
            << ": " << decision.rule->pattern << "\n";
        return;
    }
    out << "no: " << policy::name(decision.refusal) << ": " << policy::sentence(decision.refusal) << "\n";
    if (decision.refusal != Refusal::principal_revoked) {
        print_rules(acl, question, principal, out);
    }
}

Checked<keyring::Principal> find(const Site& site, const std::string& id) {
    auto registry = keyring::Registry::open(site.config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    auto principal = registry->find(id);
    if (!principal) {
        return principal.error();
    }
    if (!*principal) {
        return Fault{{}, 0, "ID", "no principal is called " + in_quotes(id), "see 'list'"};
    }
    return std::move(**principal);
}

}  // namespace

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
                     in_quotes(request.topic) + " is no MQTT topic " + (filter ? "filter" : "name"),
                     filter ? "write one as in ward/+/vitals/#" : "write one without '+' and '#'"};
    }
    const Question& question = question_of(request.action);
    const policy::Policy policy(*acl);
    const policy::Rights rights = policy.rights(principal->id, principal->roles);
    const Decision decision =
        principal->revoked ? Decision{Refusal::principal_revoked} : (rights.*question.decide)(request.topic);
    print(*acl, question, *principal, decision, terminal.out);
    return static_cast<bool>(decision);
}

}  // namespace reseal::admin
