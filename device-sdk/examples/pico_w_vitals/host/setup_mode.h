// SPDX-License-Identifier: Apache-2.0
// Configuration mode on a host: the page on a port of 127.0.0.1.
#pragma once

#include <cstdint>
#include <string>

#include <reseal/settings.h>

#include "host/flash_file.h"
#include "tools/fault.h"
#include "tools/stop_signal.h"

namespace reseal::vitals {

// Serves the page on `port` (0: a free one), which it prints on stdout, until settings are stored in `flash`. Whoever
// knows `pairing`, the pairing code as printed, sees `settings`. False if stopped before.
tools::Checked<bool> run_setup_mode(const std::string& pairing, const reseal_settings& settings, std::uint16_t port,
                                    const FlashFile& flash, const tools::StopSignal& stop);

}  // namespace reseal::vitals
