// SPDX-License-Identifier: Apache-2.0
// The one way to open what must be a regular file. A FIFO in its place would keep whoever opens it waiting; a link or a
// second name would lead a program with more rights to a file that was not meant.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <string>

#include "base/descriptor.h"
#include "base/fault.h"

namespace reseal {

// Opens a file that the operator names, for reading: a configuration, a certificate, a list. Links are followed, as
// operators use them. Faults: missing, not readable, not a regular file: says what it is.
Checked<Descriptor> open_named(const std::string& path);

// Opens a file that this program has written and keeps for itself. `flags`: how, as for open(2); a new file has mode
// 0600. Faults, besides those of open_named: a symbolic link; with a second name (a hard link), if it is opened for
// writing.
Checked<Descriptor> open_own(const std::string& path, int flags);

// The same; an empty Descriptor if there is no such file.
Checked<Descriptor> open_own_if_there(const std::string& path, int flags);

// What `status` says the file is, if that is not a regular file with, if `one_name` is true, only one name.
Checked<Done> check_regular(const std::string& path, const struct stat& status, bool one_name);

}  // namespace reseal
