// SPDX-License-Identifier: Apache-2.0
// Issues the certificate of a principal and, unless it stays on the device, its private key. Puts them into
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

// A client certificate for `id`, as `origin` says. Faults: see SigningRequest and Authority; an existing certificate
// that has expired.
Checked<Issued> issue_client(const std::string& folder, const std::string& id, const CertificateOrigin& origin);

// How the registry of a site with these settings identifies the certificate. Fault: it needs a serial number, and the
// certificate has no usable one.
Checked<keyring::Certificate> registered_as(const config::Config& config, const Issued& issued);

// Says where the private key is, for people.
std::string place_of_key(const std::string& folder, const std::string& id, const CertificateOrigin& origin);

// Writes what was issued into a work folder and answers its path. Rename it to principals/ID, so that this appears with
// all files or not at all. Removes whatever a killed run left in the work folder.
Checked<std::string> write_new_principal(const std::string& folder, const std::string& id, const Issued& issued);

}  // namespace reseal::admin
