// The certificate of a principal and, unless it stays on the device, its private key: issued, and put into
// principals/ID.
#pragma once

#include <string>

#include "admin/certificate.h"
#include "base/fault.h"

namespace reseal::admin {

Checked<Done> check_days(int days);

// A client certificate for `id`, for the key of the request in the file `csr`; with an empty one for a key made here.
Checked<Issued> issue_client(const std::string& folder, const std::string& id, const std::string& csr, int days);

// Writes what was issued into a folder of its own and answers its path, to be renamed to principals/ID: so that this
// appears with all files or not at all. What a killed run left there is removed.
Checked<std::string> write_new_principal(const std::string& folder, const std::string& id, const Issued& issued);

}  // namespace reseal::admin
