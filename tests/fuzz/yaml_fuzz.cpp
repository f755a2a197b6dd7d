// SPDX-License-Identifier: Apache-2.0
// Hostile bytes as reseal.yaml and as acl.yaml: what is accepted is within its limits, and a Fault says what is wrong.
// The first byte chooses the file: an even one, such as '0', acl.yaml; an odd one, such as '1', reseal.yaml.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/principal_name.h"
#include "config/config.h"
#include "policy/placeholder.h"
#include "policy/topic.h"

namespace {

using namespace reseal;

void require(bool promise) {
    if (!promise) {
        std::abort();
    }
}

bool is_printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return (0 <= c && c < ' ') || c == 0x7F; });
}

void check(const Fault& fault) {
    require(!fault.problem.empty() && !fault.remedy.empty());
    require(fault.line >= 0);
    require(is_printable(fault.text()));
}

void check(const config::Config& config) {
    require(!config.registry.empty() && !config.master_key.empty() && !config.state.empty() && !config.acl.empty());
    require(config.replay_window >= 32 && config.replay_window <= 4096 && config.replay_window % 32 == 0);
    require(config.max_payload >= 1 && config.max_payload <= 16777215);
    for (const std::uint16_t port : config.loopback_listeners) {
        require(port != 0);
    }
    for (const std::string& filter : config.unsealed_topics) {
        require(policy::valid_filter(filter));
    }
}

void check(const std::vector<policy::Rule>& rules) {
    for (const policy::Rule& rule : rules) {
        require(
            policy::valid_filter(policy::filled(rule.pattern, [](std::string_view) { return std::string("pump-7"); })));
        require(rule.origin.line > 0 && !rule.origin.key.empty());
    }
}

void check(const policy::Acl& acl) {
    require(!acl.roles.empty() || !acl.principals.empty());
    for (const auto* holders : {&acl.roles, &acl.principals}) {
        for (const auto& [name, grants] : *holders) {
            require(valid_principal(name));
            check(grants.publish);
            check(grants.subscribe);
            check(grants.deliver);
        }
    }
}

template <class Value>
void check(const Checked<Value>& parsed) {
    if (parsed) {
        check(*parsed);
    } else {
        check(parsed.error());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const auto* text = reinterpret_cast<const char*>(data);  // NOLINT(*-reinterpret-cast): bytes are bytes
    const std::string_view yaml(text + 1, size - 1);
    if (data[0] % 2 == 0) {
        check(config::parse_acl(yaml, "acl.yaml"));
    } else {
        check(config::parse_config(yaml, "reseal.yaml"));
    }
    return 0;
}
