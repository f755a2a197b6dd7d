// SPDX-License-Identifier: Apache-2.0
// Gives a site of protocol version 1 a realm. Keys, windows and epochs stay. Under a realm every derived key differs,
// so nothing of version 1 opens or collides.
#include <ostream>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/with_rights.h"
#include "base/file.h"
#include "base/principal_name.h"
#include "base/private_file.h"
#include "base/quote.h"
#include "config/config.h"

namespace reseal::admin {
namespace {

constexpr auto readable_by_all = std::filesystem::perms(0644);

// The text with the realm's line after that of the version, which comes first in the file that init writes.
std::string with_realm_line(std::string yaml, const std::string& realm) {
    const std::string line = "realm: " + realm + "\n";
    const std::size_t version = yaml.starts_with("version:") ? 0 : yaml.find("\nversion:");
    if (version == std::string::npos) {
        return line + yaml;
    }
    const std::size_t end = yaml.find('\n', version + 1);
    return end == std::string::npos ? yaml + "\n" + line : yaml.insert(end + 1, line);
}

Checked<Done> say_who_needs_credentials(const Site& site, Terminal terminal) {
    auto registry = open_registry(site);
    if (!registry) {
        return registry.error();
    }
    const auto principals = registry->all();
    if (!principals) {
        return principals.error();
    }
    terminal.out
        << "give each of these new credentials ('provision export ID'), with a program or firmware of version 2:\n";
    for (const keyring::PrincipalRecord& each : *principals) {
        if (!each.revoked && !each.storage) {
            terminal.out << "  " << each.id << "\n";
        }
    }
    return Done{};
}

}  // namespace

Checked<Done> migrate(const MigrateRequest& request, Terminal terminal) {
    if (!valid_principal(request.realm)) {
        return Fault{{},
                     0,
                     "--realm",
                     quote(request.realm) + " is not a valid realm name",
                     "a name has 1 to 64 of A-Z a-z 0-9 . _ -"};
    }
    const std::string path = config_path(request.folder);
    work_as_owner_of(request.folder);
    const auto text = read_file(path, config::config_most);
    if (!text) {
        return text.error();
    }
    if (const auto present = config::parse_config(*text, path)) {
        terminal.out << path << ": nothing to do, the realm is " << present->realm << "\n";
        return Done{};
    }
    const std::string fresh = with_realm_line(*text, request.realm);
    auto config = config::parse_config(fresh, path);
    if (!config) {
        return config.error();  // more than the realm is wrong
    }
    work_as_broker(*config);
    const Site site{request.folder, std::move(*config)};
    if (auto said = say_who_needs_credentials(site, terminal); !said) {
        return said;
    }
    const WithRights owner(Whose::owner);
    if (auto replaced = replace_file(path, as_bytes(fresh), readable_by_all); !replaced) {
        return replaced;
    }
    terminal.out << path << ": the realm is " << request.realm
                 << "; restart the broker. What it has stored was sealed by version 1, "
                 << "and is not delivered: retained values are back with the next messages\n";
    return Done{};
}

}  // namespace reseal::admin
