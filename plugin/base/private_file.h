// SPDX-License-Identifier: Apache-2.0
// Files with secrets: opened only if nobody else could read them, made and replaced whole, durably, and without a
// moment in which others could.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/descriptor.h"
#include "base/fault.h"

namespace reseal {

// Opens `path` for reading. Faults: missing, a symbolic link, not a regular file, open to group or others.
Checked<Descriptor> open_private(const std::string& path);

// The same looks, without opening.
Checked<Done> check_private(const std::string& path);

// Is `path` a folder that only its owner may use? Faults: it is not a folder, or it is open to others.
Checked<Done> check_private_folder(const std::string& path);

// Makes or replaces `path`: temporary file, fsync, rename, fsync of the folder. After a crash it is the old or the new.
Checked<Done> replace_file(const std::string& path, std::span<const std::uint8_t> bytes,
                           std::filesystem::perms mode = std::filesystem::perms(0600));

// As replace_file, but a `path` that exists is a Fault.
Checked<Done> create_file(const std::string& path, std::span<const std::uint8_t> bytes,
                          std::filesystem::perms mode = std::filesystem::perms(0600));

// Writes the names in the folder of `path` to the disk.
Checked<Done> sync_folder_of(const std::string& path);

// `text` as bytes to write.
std::span<const std::uint8_t> as_bytes(std::string_view text);

}  // namespace reseal
