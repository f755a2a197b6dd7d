// Whether a registry that was found in the place of another one may take over from it.
#pragma once

#include <string>

#include "base/fault.h"
#include "keyring/keyring.h"

namespace reseal::keyring {

// `known` was read from the registry that was there, `fresh`, under the same master key, from the one that is there
// now. Faults, with `path`: the secrets of `fresh` were sealed under another master key; or it is an older state, in
// which a principal or a key generation is missing, or somebody or something is not revoked or retired yet.
Checked<Done> check_successor(const Keyring& known, const Keyring& fresh, const std::string& path);

// `path` is an older state, as `what` shows.
Fault older_registry(const std::string& path, const std::string& what);

}  // namespace reseal::keyring
