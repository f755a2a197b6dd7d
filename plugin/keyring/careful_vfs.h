// SPDX-License-Identifier: Apache-2.0
// How SQLite opens the files of a registry: only regular files with one name, and no journal that names another file.
// SQLite deletes a file that a journal names. The registry's journal belongs to the broker's user, but whoever opens
// the registry may be root.
#pragma once

#include <optional>

#include "base/fault.h"

namespace reseal::keyring {

// The name to pass to sqlite3_open_v2. Never null, which would be SQLite's default.
const char* careful_vfs();

// Why the last file was refused, told once: SQLite itself only says that it cannot open a file. One thread uses all
// registries of a process.
std::optional<Fault> take_refusal();

}  // namespace reseal::keyring
