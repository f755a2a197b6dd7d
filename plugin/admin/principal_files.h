// The certificate of a principal and, unless it stays on the device, its private key: issued, and put into
// principals/ID.
#pragma once

#include <string>

#include "admin/certificate.h"
#include "admin/commands.h"
#include "base/fault.h"
#include "config/config.h"
#include "keyring/types.h"

namespace reseal::admin {

// The certificate in the folder of the principal `id`.
Checked<CertificateFile> read_principal_certificate(const std::string& folder, const std::string& id);

// A client certificate for `id`, as `origin` says. Faults: see SigningRequest; one that is expired, or whose private
// key and request are named at once.
Checked<Issued> issue_client(const std::string& folder, const std::string& id, const CertificateOrigin& origin);

// What the registry of a site with these settings knows the certificate by. Fault: it must be the serial number, and
// that is none.
Checked<keyring::Certificate> registered_as(const config::Config& config, const Issued& issued);

// Where the private key is, for people.
std::string place_of_key(const std::string& folder, const std::string& id, const CertificateOrigin& origin);

// Writes what was issued into a folder of its own and answers its path, to be renamed to principals/ID: so that this
// appears with all files or not at all. What a killed run left there is removed.
Checked<std::string> write_new_principal(const std::string& folder, const std::string& id, const Issued& issued);

}  // namespace reseal::admin
