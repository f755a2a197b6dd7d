// SPDX-License-Identifier: Apache-2.0
#include "state/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/fault.h"

namespace reseal::state {

Checked<FolderLock> FolderLock::take(const std::string& folder) {
    Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // NOLINT(*-vararg)
    if (!handle || ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        return system_fault(folder, "using it as the state folder", "it must be a folder that this user can write");
    }
    if (::flock(handle.get(), LOCK_EX | LOCK_NB) == 0) {
        return FolderLock(folder, std::move(handle));
    }
    if (errno == EWOULDBLOCK) {
        return file_fault(folder, "is in use by another process", "stop the other broker, or give each its own folder");
    }
    return system_fault(folder, "locking it", "it must be on a file system that supports flock");
}

}  // namespace reseal::state
