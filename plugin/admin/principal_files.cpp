#include "admin/principal_files.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "admin/site.h"
#include "base/private_file.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

constexpr int days_max = 3650;

}  // namespace

Checked<Done> check_days(int days) {
    if (days < 1 || days > days_max) {
        return Fault{{}, 0, "--days", std::to_string(days) + " is out of range", "1 to 3650"};
    }
    return Done{};
}

Checked<Issued> issue_client(const std::string& folder, const std::string& id, const std::string& csr, int days) {
    auto authority = Authority::open(authority_certificate(folder), authority_key(folder));
    if (!authority) {
        return authority.error();
    }
    const CertificateRequest request{id, CertificateRequest::Usage::client, days, {}, "urn:reseal:principal:" + id};
    if (csr.empty()) {
        return authority->issue(request);
    }
    const auto signing = SigningRequest::read(csr, id);
    return signing ? authority->issue(request, *signing) : signing.error();
}

Checked<std::string> write_new_principal(const std::string& folder, const std::string& id, const Issued& issued) {
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
