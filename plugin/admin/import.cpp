// SPDX-License-Identifier: Apache-2.0
// import: principals from a table, all of them or none.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <ostream>
#include <unordered_map>

#include "admin/commands.h"
#include "admin/credentials_text.h"
#include "admin/csv.h"
#include "admin/site.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/nearest.h"
#include "base/private_file.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"
#include "keyring/keyring.h"
#include "keyring/seal.h"
#include "policy/policy.h"

namespace reseal::admin {
namespace {

using keyring::PrincipalRecord;

constexpr std::size_t credentials_line_most = 256;
constexpr std::size_t table_most = std::size_t{1} << 30U;  // bytes

// One principal to make, and the line it was read from.
struct Wanted {
    int line = 0;
    std::string id;
    std::vector<std::string> roles;
    std::string owner;
    std::uint8_t algorithm = 0;
    std::vector<keyring::Certificate> certificates;
};

struct Place {
    std::string id;
    int line = 0;
};

// The text of a file that may hold secrets of another system. Always wiped.
struct FileText {
    std::string value;
    FileText() = default;
    ~FileText() { reseal_wipe(value.data(), value.size()); }
    FileText(const FileText&) = delete;
    FileText& operator=(const FileText&) = delete;
};

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of(",;", at), text.size());
        if (end > at) {
            out.push_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return out;
}

// The columns of a table by name, and a record's fields in them.
class Columns {
  public:
    static Checked<Columns> read(const CsvRecord& header, const std::string& path) {
        Columns out(path);
        for (std::size_t at = 0; at < header.fields.size(); ++at) {
            const std::string& name = header.fields[at];
            std::size_t* const place = out.place_of(name);
            if (place == nullptr || *place != missing) {
                const std::string_view meant = place == nullptr ? nearest(name, columns) : "";
                return Fault{path,
                             header.line,
                             {},
                             quote(name) + (place == nullptr ? "  is not a column" : " is there twice"),
                             meant.empty() ? names : "did you mean " + quote(meant) + "?"};
            }
            *place = at;
        }
        if (out.principal_ == missing) {
            return Fault{path, header.line, {}, "there  is not a column 'principal'", names};
        }
        return out;
    }

    Checked<Wanted> wanted(const CsvRecord& record, const ImportRequest& request, std::uint8_t algorithm) const {
        Wanted out{record.line, record.fields[principal_], request.roles, field(record, owner_), algorithm, {}};
        for (std::string& role : split(field(record, roles_))) {
            out.roles.push_back(std::move(role));
        }
        if (out.owner.empty()) {
            out.owner = request.owner;
        }
        if (const std::string name = field(record, algorithm_); !name.empty()) {
            const auto parsed = parse_algorithm(name);
            if (!parsed) {
                return fault(record, "algorithm", parsed.error().problem, parsed.error().remedy);
            }
            out.algorithm = *parsed;
        }
        if (const std::string text = field(record, certificate_); !text.empty()) {
            const auto sha256 = parse_sha256(text);
            out.certificates.emplace_back().fingerprint = sha256.value_or(keyring::Fingerprint{});
            if (!sha256) {
                return fault(record, "certificate_sha256", quote(text) + " is not a SHA-256", "64 hexadecimal digits");
            }
        }
        if (const std::string text = field(record, serial_); !text.empty()) {
            const auto serial = parse_serial(text);
            out.certificates.emplace_back().fingerprint = serial.value_or(keyring::Fingerprint{});
            if (!serial) {
                return fault(record, "certificate_serial", quote(text) + " is not a serial number",
                             "1 to 20 bytes, not all zero, two hexadecimal digits each, with or without colons");
            }
        }
        return out;
    }

  private:
    static constexpr std::size_t missing = static_cast<std::size_t>(-1);
    static constexpr const char* names =
        "one each of principal, roles, owner, algorithm, certificate_sha256, certificate_serial";
    static constexpr std::array<std::string_view, 6> columns{
        "principal", "roles", "owner", "algorithm", "certificate_sha256", "certificate_serial"};
    explicit Columns(std::string path) : path_(std::move(path)) {}

    std::size_t* place_of(const std::string& name) {
        return name == "principal"            ? &principal_
               : name == "roles"              ? &roles_
               : name == "owner"              ? &owner_
               : name == "algorithm"          ? &algorithm_
               : name == "certificate_sha256" ? &certificate_
               : name == "certificate_serial" ? &serial_
                                              : nullptr;
    }
    static std::string field(const CsvRecord& record, std::size_t column) {
        return column == missing ? std::string() : record.fields[column];
    }
    [[nodiscard]] Fault fault(const CsvRecord& record, const char* column, const std::string& problem,
                              const std::string& remedy) const {
        return {path_, record.line, column, problem, remedy};
    }

    std::string path_;
    std::size_t principal_ = missing;
    std::size_t roles_ = missing;
    std::size_t owner_ = missing;
    std::size_t algorithm_ = missing;
    std::size_t certificate_ = missing;
    std::size_t serial_ = missing;
};

Checked<std::vector<Wanted>> read_table(const std::vector<CsvRecord>& records, const ImportRequest& request,
                                        std::uint8_t algorithm) {
    auto columns = records.empty()
                       ? Checked<Columns>(file_fault(request.file, "is empty", "a first line of column names"))
                       : Columns::read(records.front(), request.file);
    if (!columns) {
        return columns.error();
    }
    std::vector<Wanted> out;
    for (std::size_t at = 1; at < records.size(); ++at) {
        auto wanted = columns->wanted(records[at], request, algorithm);
        if (!wanted) {
            return wanted.error();
        }
        out.push_back(std::move(*wanted));
    }
    return out;
}

// Lines of `id,key,iv`. Key and IV are ignored: others than the device know them, so they are never used again.
Checked<std::vector<Wanted>> read_legacy(const std::vector<CsvRecord>& records, const ImportRequest& request,
                                         std::uint8_t algorithm) {
    std::vector<Wanted> out;
    for (const CsvRecord& record : records) {
        if (record.fields.size() != 3) {
            return Fault{
                request.file, record.line, {}, "this is not a line 'id,key,iv'", "three fields, no column names"};
        }
        out.push_back({record.line, record.fields[0], request.roles, request.owner, algorithm, {}});
    }
    return out;
}

Checked<Done> check(const std::vector<Wanted>& all, const std::string& path) {
    if (all.empty()) {
        return file_fault(path, "names no principal", "a line for each, below the column names if there are any");
    }
    std::unordered_map<std::string_view, int> lines;
    for (const Wanted& each : all) {
        if (auto name = check_principal_name("principal", each.id); !name) {
            return Fault{path, each.line, "principal", name.error().problem, name.error().remedy};
        }
        for (const std::string& role : each.roles) {
            if (auto name = check_role_name("roles", role); !name) {
                return Fault{path, each.line, "roles", name.error().problem, name.error().remedy};
            }
        }
        if (auto owner = check_one_line("owner", each.owner); !owner) {
            return Fault{path, each.line, "owner", owner.error().problem, owner.error().remedy};
        }
        if (const auto [first, fresh] = lines.emplace(each.id, each.line); !fresh) {
            return Fault{path, each.line, "principal",
                         quote(each.id) + " is also in line " + std::to_string(first->second),
                         "name each principal once"};
        }
    }
    return Done{};
}

Checked<std::vector<Wanted>> read_file_of(const ImportRequest& request) {
    const auto algorithm = parse_algorithm(request.algorithm);
    if (!algorithm) {
        return algorithm.error();
    }
    FileText text;
    const WithRights caller(Whose::caller);
    auto read = read_file(request.file, table_most);
    if (!read) {
        return read.error();
    }
    text.value.swap(*read);
    auto records = parse_csv(text.value, request.file);
    if (!records) {
        return records.error();
    }
    auto wanted =
        request.legacy ? read_legacy(*records, request, *algorithm) : read_table(*records, request, *algorithm);
    for (CsvRecord& record : *records) {
        for (std::string& field : record.fields) {
            reseal_wipe(field.data(), field.size());
        }
    }
    if (wanted) {
        if (auto checked = check(*wanted, request.file); !checked) {
            return checked.error();
        }
    }
    return wanted;
}

std::vector<PrincipalRecord> make(std::vector<Wanted> all, const keyring::MasterKey& master_key) {
    std::vector<PrincipalRecord> out;
    out.reserve(all.size());
    for (Wanted& each : all) {
        PrincipalRecord& made = out.emplace_back();
        made.id = std::move(each.id);
        made.roles = sorted_once(std::move(each.roles));
        made.owner = std::move(each.owner);
        made.certificates = std::move(each.certificates);
        made.keys = {keyring::make_key(master_key, made.id, each.algorithm, 1)};
    }
    return out;
}

// One line of JSON for each, in a new file, because an existing one may hold the keys of an earlier import. Written
// before the registry: a run killed in between leaves keys that nobody knows. It can be repeated without that file.
Checked<Done> write_credentials(const std::vector<PrincipalRecord>& all, const keyring::Keyring& keyring,
                                const std::string& realm, const std::string& path) {
    SecretText text(all.size() * credentials_line_most);
    for (const PrincipalRecord& each : all) {
        reseal_credentials credentials{};
        const bool opened = keyring.credentials(each, each.keys.front(), realm, credentials);
        text.append(credentials_json(credentials).expose());
        reseal_wipe(&credentials, sizeof credentials);
        if (!opened) {
            return file_fault(path, "the new key of " + each.id + " does not open", "this is a bug in the program");
        }
    }
    const WithRights caller(Whose::caller);
    return create_file(path, as_bytes(text.expose()));
}

std::vector<std::string> roles_of(const std::vector<PrincipalRecord>& all) {
    std::vector<std::string> out;
    for (const PrincipalRecord& each : all) {
        out.insert(out.end(), each.roles.begin(), each.roles.end());
        out = out.size() > 1000 ? sorted_once(std::move(out)) : std::move(out);
    }
    return sorted_once(std::move(out));
}

// Finds the line of the table whose name the registry already has. Called only after a Fault.
Fault taken_in(keyring::Registry& registry, const std::vector<Place>& places, const std::string& file, Fault fault) {
    for (const auto& [id, line] : places) {
        if (const auto found = registry.find(id); found && found->has_value()) {
            return {file, line, "principal", "the registry already has " + quote(id), "choose another name"};
        }
    }
    return fault;
}

Checked<std::vector<PrincipalRecord>> import_into(const Site& site, const ImportRequest& request, Terminal terminal) {
    auto wanted = read_file_of(request);
    if (!wanted) {
        return wanted.error();
    }
    auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    auto registry = open_registry(site);
    if (!registry) {
        return registry.error();
    }
    std::vector<Place> places;
    std::ranges::transform(*wanted, std::back_inserter(places), [](const Wanted& each) {
        return Place{each.id, each.line};
    });
    std::vector<PrincipalRecord> all = make(std::move(*wanted), *master_key);
    if (auto checked = check_roles(site, roles_of(all), terminal.warn); !checked) {
        return checked.error();
    }
    std::string what = "imported from " + request.file;
    if (!request.credentials.empty()) {
        const keyring::Keyring keyring(std::move(*master_key));
        if (auto written = write_credentials(all, keyring, site.config.realm, request.credentials); !written) {
            return written.error();
        }
        what += ", exported generation 1 to " + request.credentials;
    }
    if (auto added = registry->add_all(all, what, {{}, name_of_user(request.who)}); !added) {
        const WithRights caller(Whose::caller);
        (void)::unlink(request.credentials.c_str());  // if there is one, it is ours and useless
        return taken_in(*registry, places, request.file, added.error());
    }
    return all;
}

}  // namespace

Checked<Done> import_principals(const ImportRequest& request, Terminal terminal) {
    for (const auto& [option, text] : {std::pair("FILE", request.file), {"--credentials", request.credentials}}) {
        if (auto checked = check_one_line(option, text); !checked) {
            return checked;
        }
    }
    const auto site = hold_site(request.folder);
    if (!site) {
        return site.error();
    }
    auto added = import_into(*site, request, terminal);
    if (!added) {
        return added.error();
    }
    terminal.out << "imported " << added->size() << " principals from " << request.file << ", each with a new key\n";
    if (request.credentials.empty()) {
        terminal.out << "no key was exported: 'export ID' does that for one principal\n";
    } else {
        terminal.out << "their secret credentials, one line each: " << request.credentials << "\n";
    }
    if (request.legacy) {
        terminal.out << "the old keys were not used: delete " << request.file
                     << " once the devices have their new ones\n";
    }
    return Done{};
}

}  // namespace reseal::admin
