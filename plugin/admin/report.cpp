// SPDX-License-Identifier: Apache-2.0
// list and show: everything about a principal that is not secret.
#include <algorithm>
#include <iomanip>
#include <iterator>
#include <ostream>

#include <nlohmann/json.hpp>

#include "admin/commands.h"
#include "admin/principal_files.h"
#include "admin/site.h"
#include "admin/text.h"
#include "base/fault.h"
#include "base/hex.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"
#include "keyring/seal.h"
#include "state/replay_store.h"

namespace reseal::admin {
namespace {

using keyring::PrincipalRecord;

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out.append(out.empty() ? "" : ",").append(name);
    }
    return out.empty() ? "-" : out;
}

std::string state_of(const PrincipalRecord& principal) {
    return principal.decommissioned ? "decommissioned"
           : principal.revoked      ? "revoked"
           : principal.storage      ? "storage"
                                    : "active";
}

// The certificate in the principal's folder, if there is one and the registry knows it as `id`.
const CertificateFile* matching(const Checked<CertificateFile>& file, const keyring::Fingerprint& id) {
    return file && (file->fingerprint == id || file->serial == id) ? &*file : nullptr;
}

// Without leading zeros, as OpenSSL writes it. Empty if `id` is not a serial number.
std::string serial_text(const keyring::Fingerprint& id) {
    const auto* const first = std::ranges::find_if(id, [](std::uint8_t byte) { return byte != 0; });
    return keyring::is_serial(id) ? hex({first, id.end()}) : std::string();
}

// What list tells of one principal. Missing values are empty.
struct Summary {
    std::string id;
    std::vector<std::string> roles;
    std::string owner;
    std::string algorithm;
    std::string state;
    std::string fingerprint;
    std::string serial;
    std::string expires;
};

Summary summary_of(const std::string& folder, const PrincipalRecord& principal) {
    Summary out{.id = principal.id, .roles = principal.roles, .owner = principal.owner, .state = state_of(principal)};
    if (!principal.certificates.empty()) {
        const auto file = read_principal_certificate(folder, principal.id);
        const auto here = std::ranges::find_if(principal.certificates, [&](const keyring::Certificate& each) {
            return matching(file, each.fingerprint) != nullptr;
        });
        const bool found = here != principal.certificates.end();
        const keyring::Fingerprint& id = found ? here->fingerprint : principal.certificates.front().fingerprint;
        out.serial = serial_text(id);
        out.fingerprint = out.serial.empty() ? hex(id) : "";
        out.expires = found ? date(file->not_after) : "";
    }
    if (!principal.keys.empty()) {
        out.algorithm = reseal_algorithm_name(principal.keys.front().algorithm);
    }
    return out;
}

bool is_asked_for(const ListRequest& request, const PrincipalRecord& principal) {
    const auto has = [&](const std::string& role) {
        return std::ranges::find(principal.roles, role) != principal.roles.end();
    };
    return (request.role.empty() || has(request.role)) && (request.owner.empty() || request.owner == principal.owner) &&
           (request.state.empty() || request.state == state_of(principal));
}

using Row = std::vector<std::string>;

Row table_row(const Summary& summary) {
    const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
    return {summary.id,
            joined(summary.roles),
            or_dash(summary.owner),
            or_dash(summary.algorithm),
            summary.state,
            or_dash(summary.serial.empty() ? summary.fingerprint.substr(0, 16) : summary.serial),
            or_dash(summary.expires)};
}

void print_table(const std::vector<Summary>& principals, std::ostream& out) {
    std::vector<Row> rows{{"PRINCIPAL", "ROLES", "OWNER", "ALGORITHM", "STATE", "CERTIFICATE", "EXPIRES"}};
    std::ranges::transform(principals, std::back_inserter(rows), table_row);
    std::vector<std::size_t> widths(rows.front().size());
    for (const Row& row : rows) {
        for (std::size_t column = 0; column < row.size(); ++column) {
            widths[column] = std::max(widths[column], row[column].size());
        }
    }
    for (const Row& row : rows) {
        for (std::size_t column = 0; column + 1 < row.size(); ++column) {
            out << std::left << std::setw(static_cast<int>(widths[column])) << row[column] << "  ";
        }
        out << row.back() << "\n";
    }
}

// A field of RFC 4180: in quotes, with quotes inside doubled.
std::string csv_text(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        out.append(c == '"' ? 2 : 1, c);
    }
    return out + "\"";
}

void print_csv(const std::vector<Summary>& principals, std::ostream& out) {
    out << "principal,roles,owner,algorithm,state,certificate_sha256,certificate_serial,certificate_expires\r\n";
    for (const Summary& each : principals) {
        out << each.id << ',' << csv_text(each.roles.empty() ? "" : joined(each.roles)) << ','
            << (each.owner.empty() ? "" : csv_text(each.owner)) << ',' << each.algorithm << ',' << each.state << ','
            << each.fingerprint << ',' << each.serial << ',' << each.expires << "\r\n";
    }
}

// One array of objects. Missing values are null.
void print_json(const std::vector<Summary>& principals, std::ostream& out) {
    const auto or_null = [](const std::string& text) { return text.empty() ? nlohmann::json() : nlohmann::json(text); };
    nlohmann::json all = nlohmann::json::array();
    for (const Summary& each : principals) {
        all.push_back({{"principal", each.id},
                       {"roles", each.roles},
                       {"owner", or_null(each.owner)},
                       {"algorithm", or_null(each.algorithm)},
                       {"state", each.state},
                       {"certificate_sha256", or_null(each.fingerprint)},
                       {"certificate_serial", or_null(each.serial)},
                       {"certificate_expires", or_null(each.expires)}});
    }
    out << all.dump(2) << "\n";
}

void print_certificate(const std::string& folder, const PrincipalRecord& principal,
                       const keyring::Certificate& certificate, std::ostream& out) {
    const std::string serial = serial_text(certificate.fingerprint);
    out << "certificate  " << (serial.empty() ? "SHA-256 " + hex(certificate.fingerprint) : "serial number " + serial)
        << (certificate.revoked ? ", revoked" : "") << "\n";
    const auto file = read_principal_certificate(folder, principal.id);
    if (const CertificateFile* found = matching(file, certificate.fingerprint)) {
        out << "             valid " << date_and_time(found->not_before) << " to " << date_and_time(found->not_after)
            << "\n             in " << principal_certificate(folder, principal.id) << "\n";
    }
}

// The keys of which the broker has accepted a message. Nothing if its state folder cannot be read.
using Used = std::optional<std::vector<KeyEpoch>>;

Used used_keys(const Site& site) {
    const auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return std::nullopt;
    }
    auto epochs = state::ReplayStore::read_epochs(site.config.state, state::derive_state_key(*master_key));
    return epochs ? Used(std::move(*epochs)) : Used();
}

const char* use_of(const keyring::Key& key, const Used& used) {
    const bool known = used && std::ranges::find(*used, key.id, &KeyEpoch::key) != used->end();
    return key.overlap == 0 ? ""
           : known          ? ", sent over the air, used"
           : used           ? ", over the air, not used yet"
                            : ", over the air";
}

void print_key(const keyring::Key& key, const Used& used, std::ostream& out) {
    out << "key          " << hex(key.id) << ", generation " << key.generation << ", " << algorithm_text(key.algorithm)
        << (key.retired ? ", retired" : "") << use_of(key, used);
    if (key.ends != 0) {
        out << ", wiped on " << date_and_time(key.ends);
    }
    out << "\n";
}

void print_history(const std::vector<keyring::HistoryEntry>& history, std::ostream& out) {
    for (const keyring::HistoryEntry& entry : history) {
        out << "history      " << date_and_time(entry.when) << "  " << entry.what
            << (entry.reason.who.empty() ? "" : " by " + entry.reason.who)
            << (entry.reason.why.empty() ? "" : ": " + entry.reason.why) << "\n";
    }
}

void print(const std::string& folder, const PrincipalRecord& principal, const Used& used, std::ostream& out) {
    out << "principal    " << principal.id << "\nroles        " << joined(principal.roles) << "\nowner        "
        << (principal.owner.empty() ? "-" : principal.owner) << "\nstate        " << state_of(principal) << "\n";
    for (const keyring::Certificate& certificate : principal.certificates) {
        print_certificate(folder, principal, certificate, out);
    }
    for (const keyring::Key& key : principal.keys) {
        print_key(key, used, out);
    }
}

}  // namespace

Checked<Done> list(const ListRequest& request, Terminal terminal) {
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    const auto principals = registry->all();
    if (!principals) {
        return principals.error();
    }
    std::vector<Summary> summaries;
    for (const PrincipalRecord& principal : *principals) {
        if (is_asked_for(request, principal)) {
            summaries.push_back(summary_of(request.folder, principal));
        }
    }
    std::ranges::sort(summaries, {}, &Summary::id);
    const auto print = request.format == "json" ? print_json : request.format == "csv" ? print_csv : print_table;
    print(summaries, terminal.out);
    return Done{};
}

Checked<Done> show(const std::string& folder, const std::string& id, Terminal terminal) {
    const auto site = open_site(folder);
    if (!site) {
        return site.error();
    }
    auto registry = keyring::AdminRegistry::open(site->config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    auto found = registry->find(id);
    auto history = registry->history(id);
    if (!found || !history) {
        return found ? history.error() : found.error();
    }
    if (!found->has_value()) {
        return Fault{{}, 0, "ID", std::string("no principal is called ") + quote(id), "see 'list'"};
    }
    print(folder, **found, used_keys(*site), terminal.out);
    print_history(*history, terminal.out);
    return Done{};
}

}  // namespace reseal::admin
