// What main() asks for. A benchmark's name is its step, or step, algorithm and bytes of plaintext with colons between;
// behind them how many messages are sealed together.
#pragma once

namespace reseal::micro {

void register_messages();
void register_receiving();
void register_together();
void register_decisions();
void register_budgets();

}  // namespace reseal::micro
