// SPDX-License-Identifier: Apache-2.0
// Credentials as the device's programs read them.
#pragma once

#include <reseal/key.h>

#include "admin/secret_text.h"

namespace reseal::admin {

// One line of JSON with a line feed: "reseal-credentials/2".
SecretText credentials_json(const reseal_credentials& credentials);

}  // namespace reseal::admin
