// SPDX-License-Identifier: Apache-2.0
// What main() registers. A benchmark's name is its step, or step, algorithm and bytes of plaintext separated by colons,
// then the number of messages sealed together.
#pragma once

namespace reseal::micro {

void register_messages();
void register_receiving();
void register_together();
void register_decisions();
void register_budgets();

}  // namespace reseal::micro
