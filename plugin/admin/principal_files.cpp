// SPDX-License-Identifier: Apache-2.0
#include "admin/principal_files.h"

#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <system_error>

#include "admin/site.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "base/private_file.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

constexpr int days_max = 3650;

Checked<Done> check_days(int days) {
    if (days < 1 || days > days_max) {
        return Fault{{}, 0, "--days", std::to_string(days) + " is out of range", "1 to 3650"};
    }
    return Done{};
}

Checked<Issued> read_existing(const std::string& path) {
    const WithRights caller(Whose::caller);
    auto found = read_certificate(path);
    if (!found) {
        return found.error();
    }
    if (found->not_after <= std::time(nullptr)) {
        return file_fault(path, "expired on " + date_and_time(found->not_after), "name one that is valid");
    }
    return Issued{std::move(found->pem), SecretText(0), found->fingerprint, found->serial};
}

Checked<SigningRequest> read_request(const std::string& path, const std::string& id) {
    const WithRights caller(Whose::caller);
    return SigningRequest::read(path, id);
}

Checked<Authority> open_authority(const std::string& folder) {
    const WithRights owner(Whose::owner);
    return Authority::open(authority_certificate(folder), authority_key(folder));
}

}  // namespace

Checked<CertificateFile> read_principal_certificate(const std::string& folder, const std::string& id) {
    const WithRights owner(Whose::owner);
    return read_certificate(principal_certificate(folder, id));
}

Checked<Issued> issue_client(const std::string& folder, const std::string& id, const CertificateOrigin& origin) {
    if (!origin.existing.empty()) {
        return read_existing(origin.existing);
    }
    if (auto days = check_days(origin.days); !days) {
        return days.error();
    }
    const auto authority = open_authority(folder);
    if (!authority) {
        return authority.error();
    }
    const CertificateRequest request{
        id, CertificateRequest::Usage::client, origin.days, {}, "urn:reseal:principal:" + id};
    if (origin.csr.empty()) {
        return authority->issue(request);
    }
    const auto signing = read_request(origin.csr, id);
    return signing ? authority->issue(request, *signing) : signing.error();
}

Checked<keyring::Certificate> registered_as(const config::Config& config, const Issued& issued) {
    if (config.identity.by != config::Identity::By::serial_number) {
        return keyring::Certificate{issued.fingerprint, false};
    }
    if (issued.serial == keyring::Fingerprint{}) {
        return Fault{config.file, 0, "identity.by",
                     "this certificate has no serial number of 1 to 20 bytes that is not zero",
                     "name another certificate, or another way under identity.by"};
    }
    return keyring::Certificate{issued.serial, false};
}

std::string place_of_key(const std::string& folder, const std::string& id, const CertificateOrigin& origin) {
    const bool elsewhere = !origin.csr.empty() || !origin.existing.empty();
    return elsewhere ? "stays where it is" : principal_key(folder, id);
}

Checked<std::string> write_new_principal(const std::string& folder, const std::string& id, const Issued& issued) {
    const WithRights owner(Whose::owner);
    std::string work = principals_folder(folder) + "/.new";
    std::error_code error;
    fs::remove_all(work, error);
    if (::mkdir(work.c_str(), 0700) != 0) {
        return system_fault(work, "making it", "the folder above must be writable");
    }
    const std::string stem = work + "/" + id;
    if (!issued.key.expose().empty()) {
        if (auto made = create_file(stem + ".key", as_bytes(issued.key.expose())); !made) {
            return made.error();
        }
    }
    if (auto made = create_file(stem + ".crt", as_bytes(issued.certificate)); !made) {
        return made.error();
    }
    return work;
}

}  // namespace reseal::admin
