// SPDX-License-Identifier: Apache-2.0
#include "keyring/careful_vfs.h"

#include <sqlite3.h>

#include <new>
#include <string>
#include <utility>

#include "base/fault.h"
#include "base/regular_file.h"

namespace reseal::keyring {
namespace {

constexpr const char* vfs_name = "reseal";

// Not thread_local: that would tie the plugin to the loader's own library.
std::optional<Fault> refusal;

// Nothing if SQLite may open it.
std::optional<Fault> objection(const char* path, int flags) {
    if ((flags & SQLITE_OPEN_SUPER_JOURNAL) != 0) {
        return file_fault(path, "is named by the journal of a registry, which never names a file",
                          "somebody forged that journal: find out who could write it, then try again");
    }
    if ((flags & SQLITE_OPEN_WAL) != 0) {
        return file_fault(path, "is a write-ahead log, which no registry has",
                          "write it into the registry with the program that left it, then move it away");
    }
    struct stat status {};
    if ((flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL)) == 0 || ::lstat(path, &status) != 0) {
        return std::nullopt;
    }
    const auto regular = check_regular(path, status, true);
    return regular ? std::nullopt : std::optional(regular.error());
}

int open_carefully(sqlite3_vfs* /*vfs*/, const char* path, sqlite3_file* file, int flags, int* flags_out) {
    sqlite3_vfs* const system = sqlite3_vfs_find("unix");
    try {
        refusal = path == nullptr ? std::nullopt : objection(path, flags);  // null: a temporary file without a name
    } catch (...) {                                                         // SQLite is C
        file->pMethods = nullptr;
        return SQLITE_NOMEM;
    }
    if (!refusal && system != nullptr) {
        return system->xOpen(system, path, file, flags, flags_out);
    }
    file->pMethods = nullptr;
    return SQLITE_CANTOPEN;
}

// Registered with SQLite as long as this code is loaded.
class Registration {
  public:
    Registration() {
        const sqlite3_vfs* system = sqlite3_vfs_find("unix");
        if (system != nullptr) {
            vfs_ = *system;
            vfs_.zName = vfs_name;
            vfs_.pNext = nullptr;
            vfs_.xOpen = open_carefully;
            (void)sqlite3_vfs_register(&vfs_, 0);
        }
    }
    ~Registration() { (void)sqlite3_vfs_unregister(&vfs_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

  private:
    sqlite3_vfs vfs_{};
};

}  // namespace

const char* careful_vfs() {
    static const Registration registration;
    return vfs_name;
}

std::optional<Fault> take_refusal() {
    return std::exchange(refusal, std::nullopt);
}

}  // namespace reseal::keyring
