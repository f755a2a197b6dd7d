// SPDX-License-Identifier: Apache-2.0
// A site: the folder that 'init' makes, and where everything is in it. reseal.yaml says where registry, master key,
// state and ACL are. The certificates have fixed places beside it.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/fault.h"
#include "config/config.h"
#include "keyring/admin_registry.h"
#include "policy/policy.h"

namespace reseal::admin {

inline constexpr const char* storage_principal = "broker-storage";

std::string config_path(const std::string& folder);
std::string authority_certificate(const std::string& folder);
std::string authority_key(const std::string& folder);
std::string broker_certificate(const std::string& folder);
std::string broker_key(const std::string& folder);
std::string principals_folder(const std::string& folder);
std::string principal_certificate(const std::string& folder, const std::string& id);
std::string principal_key(const std::string& folder, const std::string& id);

Checked<config::Config> read_config(const std::string& path);
Checked<policy::Acl> read_acl(const std::string& path);

struct Site {
    std::string folder;
    config::Config config;
};

// Reads FOLDER/reseal.yaml. From then on root works with the rights of the broker's user (see admin/with_rights.h).
Checked<Site> open_site(const std::string& folder);

// The same, locked while the program changes files of the site, so that two runs do not mix. Waits for the other run.
struct HeldSite : Site {
    Descriptor lock;
};
Checked<HeldSite> hold_site(const std::string& folder);

Checked<keyring::AdminRegistry> open_registry(const Site& site);
// The registry of the site in `folder`.
Checked<keyring::AdminRegistry> open_registry(const std::string& folder);

// Fault, with `option`: it is not a name for a principal, which is also a folder's name, or not one for a role.
Checked<Done> check_principal_name(const std::string& option, const std::string& id);
Checked<Done> check_role_name(const std::string& option, const std::string& role);

// Fault: acl.yaml is not readable, or one of the roles is a misspelt one of its own. Warns of one that it does not
// know.
Checked<Done> check_roles(const Site& site, const std::vector<std::string>& roles, std::ostream& warn);

std::vector<std::string> sorted_once(std::vector<std::string> names);

}  // namespace reseal::admin
