// list and show: all of a principal that is no secret.
#include <algorithm>
#include <iomanip>
#include <iterator>
#include <ostream>

#include <nlohmann/json.hpp>

#include "admin/certificate.h"
#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "base/private_file.h"
#include "keyring/registry.h"

namespace reseal::admin {
namespace {

using keyring::Principal;

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out.append(out.empty() ? "" : ",").append(name);
    }
    return out.empty() ? "-" : out;
}

std::string state_of(const Principal& principal) {
    return principal.revoked ? "revoked" : principal.storage ? "storage" : "active";
}

// The certificate in the principal's folder, if it is there and is `fingerprint`.
const CertificateFile* matching(const Checked<CertificateFile>& file, const keyring::Fingerprint& fingerprint) {
    return file && file->fingerprint == fingerprint ? &*file : nullptr;
}

// What list tells of one principal; what there is not is empty.
struct Summary {
    std::string id;
    std::vector<std::string> roles;
    std::string algorithm;
    std::string state;
    std::string fingerprint;
    std::string expires;
};

Summary summary_of(const std::string& folder, const Principal& principal) {
    Summary out{.id = principal.id, .roles = principal.roles, .state = state_of(principal)};
    if (!principal.certificates.empty()) {
        const auto& first = principal.certificates.front().fingerprint;
        out.fingerprint = hex(first);
        const auto file = read_certificate(principal_certificate(folder, principal.id));
        const CertificateFile* found = matching(file, first);
        out.expires = found == nullptr ? "" : date(found->not_after);
    }
    if (!principal.keys.empty()) {
        out.algorithm = reseal_algorithm_name(principal.keys.front().algorithm);
    }
    return out;
}

using Row = std::vector<std::string>;

Row table_row(const Summary& summary) {
    const auto or_dash = [](const std::string& text) { return text.empty() ? "-" : text; };
    return {summary.id,
            joined(summary.roles),
            or_dash(summary.algorithm),
            summary.state,
            or_dash(summary.fingerprint.substr(0, 16)),
            or_dash(summary.expires)};
}

void print_table(const std::vector<Summary>& principals, std::ostream& out) {
    std::vector<Row> rows{{"PRINCIPAL", "ROLES", "ALGORITHM", "STATE", "CERTIFICATE", "EXPIRES"}};
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

// RFC 4180. Names of roles are free of quotes, but not of commas between them.
void print_csv(const std::vector<Summary>& principals, std::ostream& out) {
    out << "principal,roles,algorithm,state,certificate_sha256,certificate_expires\r\n";
    for (const Summary& each : principals) {
        out << each.id << ",\"" << (each.roles.empty() ? "" : joined(each.roles)) << "\"," << each.algorithm << ','
            << each.state << ',' << each.fingerprint << ',' << each.expires << "\r\n";
    }
}

// One array of objects; what there is not is null.
void print_json(const std::vector<Summary>& principals, std::ostream& out) {
    const auto or_null = [](const std::string& text) { return text.empty() ? nlohmann::json() : nlohmann::json(text); };
    nlohmann::json all = nlohmann::json::array();
    for (const Summary& each : principals) {
        all.push_back({{"principal", each.id},
                       {"roles", each.roles},
                       {"algorithm", or_null(each.algorithm)},
                       {"state", each.state},
                       {"certificate_sha256", or_null(each.fingerprint)},
                       {"certificate_expires", or_null(each.expires)}});
    }
    out << all.dump(2) << "\n";
}

void print_certificate(const std::string& folder, const Principal& principal, const keyring::Certificate& certificate,
                       std::ostream& out) {
    out << "certificate  SHA-256 " << hex(certificate.fingerprint) << (certificate.revoked ? ", revoked" : "") << "\n";
    const std::string path = principal_certificate(folder, principal.id);
    const auto file = read_certificate(path);
    if (const CertificateFile* found = matching(file, certificate.fingerprint)) {
        out << "             valid " << date_and_time(found->not_before) << " to " << date_and_time(found->not_after)
            << "\n             in " << path << "\n";
    }
}

void print(const std::string& folder, const Principal& principal, const std::optional<keyring::Revocation>& revocation,
           std::ostream& out) {
    out << "principal    " << principal.id << "\nroles        " << joined(principal.roles) << "\nstate        "
        << state_of(principal);
    if (revocation) {
        out << " since " << date_and_time(revocation->when)
            << (revocation->reason.empty() ? "" : ": " + revocation->reason);
    }
    out << "\n";
    for (const keyring::Certificate& certificate : principal.certificates) {
        print_certificate(folder, principal, certificate, out);
    }
    for (const keyring::Key& key : principal.keys) {
        out << "key          " << hex(key.id) << ", generation " << key.generation << ", "
            << algorithm_text(key.algorithm) << (key.retired ? ", retired" : "") << "\n";
    }
}

Checked<keyring::Registry> open_registry(const std::string& folder) {
    auto site = open_site(folder);
    return site ? keyring::Registry::open(site->config.registry, keyring::writer_patience) : site.error();
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
    std::ranges::transform(*principals, std::back_inserter(summaries),
                           [&](const Principal& principal) { return summary_of(request.folder, principal); });
    std::ranges::sort(summaries, {}, &Summary::id);
    const auto print = request.format == "json" ? print_json : request.format == "csv" ? print_csv : print_table;
    print(summaries, terminal.out);
    return Done{};
}

Checked<Done> show(const std::string& folder, const std::string& id, Terminal terminal) {
    auto registry = open_registry(folder);
    if (!registry) {
        return registry.error();
    }
    auto found = registry->find(id);
    auto revocation = registry->revocation(id);
    if (!found || !revocation) {
        return found ? revocation.error() : found.error();
    }
    if (!found->has_value()) {
        return Fault{{}, 0, "ID", std::string("no principal is called ") + in_quotes(id), "see 'list'"};
    }
    print(folder, **found, *revocation, terminal.out);
    return Done{};
}

Checked<Done> revoke(const std::string& folder, const std::string& id, const std::string& reason, Terminal terminal) {
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::any_of(reason.begin(), reason.end(), control)) {
        return Fault{{}, 0, "--reason", "it has control characters in it", "one line of text"};
    }
    auto registry = open_registry(folder);
    if (!registry) {
        return registry.error();
    }
    auto revoked = registry->revoke(id, reason);
    if (revoked) {
        terminal.out << "revoked " << id << ", its certificates and its keys\n";
    }
    return revoked;
}

}  // namespace reseal::admin
