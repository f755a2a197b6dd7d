// How SQLite opens the files of a registry: nothing but regular files with one name, and no journal that names another
// one. SQLite deletes what such a journal names; the registry's journal belongs to the broker's user, and whoever opens
// the registry may be root.
#pragma once

#include <optional>

#include "base/fault.h"

namespace reseal::keyring {

// The name to hand to sqlite3_open_v2; null, which is SQLite's default, never.
const char* careful_vfs();

// What was refused since the last call: SQLite itself only says that it cannot open a file. All registries of a process
// are used by one thread.
std::optional<Fault> take_refusal();

}  // namespace reseal::keyring
