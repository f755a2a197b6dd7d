// SPDX-License-Identifier: Apache-2.0
// No core dump with keys in it: they lie in many places of a process that uses them, also inside OpenSSL and in
// registers.
#pragma once

namespace reseal {

// From now on the kernel makes no core dump of this process, nor of one that it forks, whatever limits are set, and
// other processes of the same user can neither read its memory nor trace it. What root's debugger dumps leaves the
// memory out, unless root asks for it. Call it before the first key is read.
void forbid_core_dumps();

}  // namespace reseal
