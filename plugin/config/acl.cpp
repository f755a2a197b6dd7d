#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/config.h"
#include "config/quote.h"
#include "config/reader.h"
#include "policy/topic.h"

namespace reseal::config {
namespace {

// An Element takes some hundred bytes of memory for as little as two of the file.
constexpr std::size_t max_size = std::size_t{8} << 20U;

constexpr std::array<std::string_view, 3> root_keys{"version", "roles", "principals"};
constexpr std::array<std::string_view, 4> grants_keys{"publish", "subscribe", "deliver", "forward"};
constexpr std::array<std::string_view, 2> rule_keys{"topic", "clear"};
constexpr std::string_view rule_remedy = "write a topic filter, as in \"ward/{id}/#\"";

using Holders = std::map<std::string, policy::Grants, std::less<>>;

// What would make `pattern` a topic filter for every principal; empty if it is one.
std::string pattern_remedy(std::string_view pattern) {
    const std::string longest_name(64, 'x');
    const std::string filter = policy::with_id(pattern, longest_name);
    if (filter.find_first_of("{}") != std::string::npos) {
        return "{id} is the only thing that may stand in braces";
    }
    return std::string(policy::filter_remedy(filter));
}

std::string read_pattern(Reader& reader, const Place& place) {
    std::string pattern = reader.text(place, rule_remedy);
    if (std::string remedy = pattern_remedy(pattern); !remedy.empty()) {
        reader.refuse(place, quote(pattern) + " is no topic filter", std::move(remedy));
    }
    return pattern;
}

policy::Rule read_rule(Reader& reader, const Place& place) {
    policy::Rule rule;
    rule.origin = {place.element->line, place.key};
    if (place.element->kind != Kind::map) {
        rule.pattern = read_pattern(reader, place);
        return rule;
    }
    if (!reader.is_map(place, rule_keys)) {
        return rule;
    }
    if (const auto topic = reader.require(place, "topic", "write topic: with a topic filter")) {
        rule.pattern = read_pattern(reader, *topic);
    }
    if (const auto clear = Reader::find(place, "clear")) {
        rule.clear = reader.truth(*clear);
    }
    return rule;
}

std::vector<policy::Rule> read_rules(Reader& reader, const std::optional<Place>& place) {
    std::vector<policy::Rule> rules;
    if (place) {
        for (const Place& item : reader.items(*place, "write a list of topic filters, as in [\"ward/{id}/#\"]")) {
            rules.push_back(read_rule(reader, item));
        }
    }
    return rules;
}

// Where deliver is written, a clear subscription would look as if it meant something.
void refuse_clear_subscriptions(Reader& reader, const Place& subscribe) {
    for (const Place& item : reader.items(subscribe, "")) {
        const auto clear = Reader::find(item, "clear");
        if (clear && reader.truth(*clear)) {
            reader.refuse(*clear, "clear has no effect here, as deliver is written", "write it under deliver");
        }
    }
}

// A forwarder gets and gives what is sealed, as it is: nothing in clear.
std::vector<policy::Rule> read_forward(Reader& reader, const std::optional<Place>& place) {
    std::vector<policy::Rule> rules = read_rules(reader, place);
    const auto clear = std::ranges::find(rules, true, &policy::Rule::clear);
    if (clear != rules.end()) {
        const Element at{.line = clear->origin.line};
        reader.refuse({&at, clear->origin.key}, "clear has no meaning here", "write the topic filter alone");
    }
    return rules;
}

policy::Grants read_grants(Reader& reader, const Place& place) {
    policy::Grants grants;
    if (!reader.is_map(place, grants_keys)) {
        return grants;
    }
    const auto subscribe = Reader::find(place, "subscribe");
    const auto deliver = Reader::find(place, "deliver");
    grants.publish = read_rules(reader, Reader::find(place, "publish"));
    grants.subscribe = read_rules(reader, subscribe);
    grants.deliver = deliver ? read_rules(reader, deliver) : grants.subscribe;
    grants.forward = read_forward(reader, Reader::find(place, "forward"));
    if (deliver && subscribe && !reader.failed()) {
        refuse_clear_subscriptions(reader, *subscribe);
    }
    return grants;
}

// The roles or the principals: `what` is one of them, in a word.
Holders read_holders(Reader& reader, const std::optional<Place>& place, const std::string& what) {
    Holders holders;
    if (!place || !reader.is(*place, Kind::map, "write the name of a " + what + " and under it what it is granted")) {
        return holders;
    }
    for (const Field& field : place->element->fields) {
        const Place holder{&field.value, field_key(place->key, field.name)};
        if (!policy::valid_principal(field.name)) {
            reader.refuse_key(field.line, place->key, quote(field.name) + " is no name of a " + what,
                              "write 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        holders.emplace(field.name, read_grants(reader, holder));
        if (reader.failed()) {
            break;
        }
    }
    return holders;
}

}  // namespace

Checked<policy::Acl> parse_acl(std::string_view yaml, std::string_view file) {
    const Checked<Element> document = parse_document(yaml, file, max_size);
    if (!document) {
        return document.error();
    }
    Reader reader(file);
    const Place root{&*document, ""};
    policy::Acl acl;
    acl.file = file;
    if (reader.is_map(root, root_keys)) {
        reader.require_version(root);
        acl.roles = read_holders(reader, Reader::find(root, "roles"), "role");
        acl.principals = read_holders(reader, Reader::find(root, "principals"), "principal");
    }
    if (acl.roles.empty() && acl.principals.empty()) {
        reader.refuse(root, "nobody is granted anything", "write at least one role or principal");
    }
    return reader.result(std::move(acl));
}

}  // namespace reseal::config
