// SPDX-License-Identifier: Apache-2.0
// renew: another certificate before the last one expires.
#include <fcntl.h>

#include <cstdio>
#include <filesystem>
#include <ostream>
#include <system_error>

#include "admin/commands.h"
#include "admin/principal_files.h"
#include "admin/site.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "base/private_file.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

// Puts the new folder in the place of the old one in one step, so that certificate and key always belong together.
Checked<Done> exchange(const std::string& work, const std::string& place) {
    const WithRights owner(Whose::owner);
    const bool there = fs::exists(place);
    const int code = there ? ::renameat2(AT_FDCWD, work.c_str(), AT_FDCWD, place.c_str(), RENAME_EXCHANGE)
                           : ::rename(work.c_str(), place.c_str());
    if (code != 0) {
        return system_fault(place, "replacing it", "take certificate and key from " + work);
    }
    std::error_code error;
    if (there) {
        fs::remove_all(work, error);
    }
    return sync_folder_of(place);
}

Checked<Done> check_known(keyring::Registry& registry, const std::string& id) {
    auto found = registry.find(id);
    if (!found) {
        return found.error();
    }
    if (!found->has_value() || (*found)->storage || (*found)->revoked) {
        const char* why = !found->has_value() ? " is not a principal in this registry"
                          : (*found)->revoked ? " is revoked"
                                              : " holds the broker's storage key, and needs no certificate";
        return Fault{{}, 0, "ID", quote(id) + why, "see 'list'"};
    }
    return Done{};
}

std::string reason_of(const CertificateOrigin& origin) {
    return !origin.existing.empty() ? "issued elsewhere" : origin.csr.empty() ? "" : "for its own key";
}

}  // namespace

// Written, then registered, then put in its place. So a run killed in between can be repeated, and the old certificate
// is valid throughout.
Checked<Done> renew(const RenewRequest& request, Terminal terminal) {
    const auto site = hold_site(request.folder);
    auto registry = site ? open_registry(*site) : site.error();
    if (!registry) {
        return registry.error();
    }
    if (auto known = check_known(*registry, request.id); !known) {
        return known;
    }
    const auto issued = issue_client(request.folder, request.id, request.certificate);
    if (!issued) {
        return issued.error();
    }
    const auto certificate = registered_as(site->config, *issued);
    if (!certificate) {
        return certificate.error();
    }
    const auto work = write_new_principal(request.folder, request.id, *issued);
    if (!work) {
        return work.error();
    }
    const keyring::Reason reason{reason_of(request.certificate), name_of_user(request.who)};
    if (auto added = registry->add_certificate(request.id, certificate->fingerprint, reason); !added) {
        return added;
    }
    const std::string place = principals_folder(request.folder).append("/").append(request.id);
    if (auto placed = exchange(*work, place); !placed) {
        return placed;
    }
    terminal.out << "renewed the certificate of " << request.id << "; older ones stay valid until they expire\n"
                 << "certificate: " << principal_certificate(request.folder, request.id)
                 << "\nprivate key: " << place_of_key(request.folder, request.id, request.certificate) << "\n";
    return Done{};
}

}  // namespace reseal::admin
