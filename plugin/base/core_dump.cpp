// SPDX-License-Identifier: Apache-2.0
#include "base/core_dump.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/descriptor.h"

namespace reseal {
namespace {

// For debuggers, which dump a process that the kernel would not. It fails where the process has changed its user: no
// harm, as everybody but root is kept out then.
[[maybe_unused]] void leave_out_memory() {
    const Descriptor filter(::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC));  // NOLINT(*-vararg)
    [[maybe_unused]] const ssize_t size = ::write(filter.get(), "0", 1);
}

}  // namespace

// A limit of the size is no way to it: the kernel hands the whole dump to a program, as systemd-coredump, in spite of
// one. Advice about single pages (MADV_DONTDUMP) does not reach the copies that libraries make, and registers hold what
// was copied last.
void forbid_core_dumps() {
#ifndef __SANITIZE_ADDRESS__  // whose search for leaks traces the process, which the kernel forbids as well
    leave_out_memory();
    (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // NOLINT(*-vararg): it cannot fail with this argument
#endif
}

}  // namespace reseal
