// SPDX-License-Identifier: Apache-2.0
#include "host/setup_mode.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include <reseal/posix.h>
#include <reseal/setup_posix.h>

namespace reseal::vitals {
namespace {

using Setup = std::unique_ptr<reseal_setup, void (*)(reseal_setup*)>;

bool store(void* context, reseal_bytes form) {
    return reseal_flash_record_write(static_cast<const FlashFile*>(context)->settings(), form) == RESEAL_OK;
}

void close_setup(reseal_setup* setup) {
    reseal_setup_close(setup);
    delete setup;
}

tools::Checked<Setup> open_setup(const std::string& code, const reseal_settings& settings, const FlashFile& flash) {
    reseal_pairing pairing{};
    if (reseal_pairing_read(code.c_str(), &pairing) != RESEAL_OK) {
        return tools::Fault{"--pairing", "no pairing code", "`scripts/provision export --pairing` makes one"};
    }
    const reseal_setup_port port{.crypto = reseal_crypto_mbedtls(),
                                 .random = reseal_posix_random(),
                                 .page = &reseal_page,
                                 .context = const_cast<FlashFile*>(&flash),  // NOLINT(*-const-cast): handed back
                                 .store = store};
    Setup setup(new reseal_setup, close_setup);
    const reseal_status status = reseal_setup_open(setup.get(), &pairing, &settings, &port);
    reseal_wipe(&pairing, sizeof pairing);
    if (status != RESEAL_OK) {
        return tools::Fault{.problem = reseal_status_text(status)};
    }
    return setup;
}

}  // namespace

tools::Checked<bool> run_setup_mode(const std::string& pairing, const reseal_settings& settings, std::uint16_t port,
                                    const FlashFile& flash, const tools::StopSignal& stop) {
    const auto setup = open_setup(pairing, settings, flash);
    if (!setup) {
        return setup.error();
    }
    const int listener = reseal_setup_posix_listen(&port);
    if (listener < 0) {
        return tools::system_fault("127.0.0.1:" + std::to_string(port));
    }
    std::printf("setup http://127.0.0.1:%u/\n", port);
    const reseal_setup_posix_end end = reseal_setup_posix_serve(setup->get(), listener, stop.descriptor());
    const tools::Fault broken = tools::system_fault("configuration mode");
    close(listener);
    if (end == RESEAL_SETUP_POSIX_FAILED) {
        return broken;
    }
    return end == RESEAL_SETUP_POSIX_TAKEN;
}

}  // namespace reseal::vitals
