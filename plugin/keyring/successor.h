// SPDX-License-Identifier: Apache-2.0
// Whether a registry found in the place of another one may take over from it.
#pragma once

#include <string>

#include "base/fault.h"
#include "keyring/keyring.h"

namespace reseal::keyring {

// `known` was read from the earlier registry, `fresh` from the one that is there now, under the same master key.
// Faults, with `path`: the secrets of `fresh` were sealed under another master key, or it is an older state. In an
// older state a principal or key generation is missing, or a revocation or retirement.
Checked<Done> check_successor(const Keyring& known, const Keyring& fresh, const std::string& path);

// The Fault that `path` is an older state, as `what` shows.
Fault older_registry(const std::string& path, const std::string& what);

}  // namespace reseal::keyring
