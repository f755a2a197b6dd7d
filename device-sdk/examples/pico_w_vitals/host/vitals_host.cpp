// SPDX-License-Identifier: Apache-2.0
// The example application on a host.
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <reseal/link_mosquitto.h>
#include <reseal/posix.h>
#include <CLI/CLI.hpp>

#include "app/stored_settings.h"
#include "host/flash_file.h"
#include "host/host_board.h"
#include "host/setup_mode.h"
#include "host/tls_files.h"
#include "tools/fault.h"
#include "tools/options.h"
#include "tools/stop_signal.h"
#include "tools/tool_main.h"

namespace reseal::vitals {
namespace {

using tools::Checked;
using tools::Done;
using tools::Fault;

struct Options {
    std::string flash;
    std::string pairing;
    std::uint16_t setup_port = 0;
    bool mode_switch = false;
    std::uint32_t interval_ms = VITALS_INTERVAL_MS;
    std::uint32_t readings = 0;  // 0: no end
};

Checked<Options> parse(const std::vector<std::string>& arguments) {
    Options options;
    CLI::App app(
        "The application of the Pico W, on a host: simulated sensors, flash in a file, the LED on stdout.\n"
        "Without settings in its flash it is in configuration mode, and then works with what was set.\n"
        "SIGUSR1 cuts its network, SIGUSR2 gives it back.",
        "vitals-host");
    app.add_option("--flash", options.flash, "file for the device's flash; made if it is missing")->required();
    app.add_option("--pairing", options.pairing, "the device's pairing code, for configuration mode");
    app.add_option("--setup-port", options.setup_port, "configuration mode's port of 127.0.0.1; without it, a free one")
        ->check(CLI::Range(1, 65535));
    app.add_flag("--mode-switch", options.mode_switch, "begin in configuration mode, as with the mode switch closed");
    app.add_option("--interval", options.interval_ms, "milliseconds between two readings")
        ->check(CLI::Range(100, 3600000));
    app.add_option("--readings", options.readings, "end when so many are taken, and all acknowledged");
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        return Fault{.problem = app.help(), .ending = tools::Ending::help};
    } catch (const CLI::ParseError& problem) {
        return tools::misuse({}, problem.what());
    }
    return options;
}

volatile std::sig_atomic_t network_up = 1;

void on_signal(int number) {
    network_up = number == SIGUSR2 ? 1 : 0;
}

// Wiped on destruction.
class Settings {
  public:
    explicit Settings(const FlashFile& flash) : flash_(flash) { load(); }
    ~Settings() { reseal_wipe(&value_, sizeof value_); }
    Settings(const Settings&) = delete;
    Settings& operator=(const Settings&) = delete;

    void load() {
        if (const reseal_status status = stored_settings_read(flash_.settings(), &value_); status != RESEAL_OK) {
            (void)std::fprintf(stderr, "the settings in flash cannot be used: %s\n", reseal_status_text(status));
        }
    }
    [[nodiscard]] reseal_settings& get() { return value_; }

  private:
    const FlashFile& flash_;
    reseal_settings value_{};
};

// False: it was stopped before it could work.
Checked<bool> set_up(const Options& options, const FlashFile& flash, Settings& settings) {
    const auto stop = tools::StopSignal::install();
    if (!stop) {
        return stop.error();
    }
    for (bool closed = options.mode_switch; closed || !settings.get().has_credentials; closed = false) {
        if (options.pairing.empty()) {
            return tools::misuse({}, "--pairing is missing: the device has to be set up");
        }
        auto taken = run_setup_mode(options.pairing, settings.get(), options.setup_port, flash, **stop);
        if (!taken || !*taken) {
            return taken;
        }
        settings.load();
    }
    return true;
}

reseal_listener listener_of(const reseal_settings& settings) {
    tools::ConnectionOptions options;
    options.host = settings.broker;
    options.cert = settings.tls && settings.certificate.size > 0 ? "of its own" : "";
    return tools::listener_of(options);
}

const char* path_or_null(const std::string& path) {
    return path.empty() ? nullptr : path.c_str();
}

// libmosquitto's strings.
struct Paths {
    explicit Paths(const TlsFiles& files) : ca(files.ca()), certificate(files.certificate()), key(files.key()) {}

    std::string ca;
    std::string certificate;
    std::string key;
};

// The application with its board and its link.
class Program {
  public:
    Program(const Options& options, const FlashFile& flash, reseal_settings& settings, const TlsFiles& files)
        : options_(options), paths_(files), board_(flash.settings(), settings) {}

    ~Program() {
        if (opened_) {
            vitals_close(&app_);
            reseal_mosquitto_close(&mosquitto_);
        }
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    Checked<Done> open(const FlashFile& flash, const reseal_settings& settings) {
        const reseal_link_driver* driver = open_driver(settings);
        if (driver == nullptr) {
            return Fault{.problem = "libmosquitto cannot be used"};
        }
        port_ = {.crypto = reseal_crypto_mbedtls(),
                 .epochs = reseal_flash_epoch_store(flash.epochs()),
                 .random = reseal_posix_random(),
                 .windows = reseal_flash_window_store(flash.windows())};
        const reseal_status status =
            vitals_open(&app_, board_.get(), driver, &settings.credentials, &port_, listener_of(settings));
        if (status != RESEAL_OK) {
            return Fault{.problem = reseal_status_text(status)};
        }
        opened_ = true;
        app_.interval_ms = options_.interval_ms;
        return Done{};
    }

    void run(const tools::StopSignal& stop) {
        while (!stop.requested() && !done()) {
            vitals_step(&app_);
            reseal_mosquitto_wait(&mosquitto_, step_ms);
        }
        std::printf("taken %u, unacknowledged %u, dropped %u\n", app_.outbox.last_number, outbox_size(&app_.outbox),
                    app_.outbox.dropped);
    }

  private:
    static constexpr int step_ms = 10;

    const reseal_link_driver* open_driver(const reseal_settings& settings) {
        const reseal_mosquitto_config config{.broker = settings.broker,
                                             .port = settings.port,
                                             .cafile = path_or_null(paths_.ca),
                                             .certfile = path_or_null(paths_.certificate),
                                             .keyfile = path_or_null(paths_.key),
                                             .has_network = [](void* /*context*/) { return network_up != 0; }};
        return reseal_mosquitto_open(&mosquitto_, &config);
    }

    // No readings after the last one; answers to commands still go out.
    bool done() {
        app_.paused = options_.readings != 0 && app_.readings >= options_.readings;
        return app_.paused && outbox_size(&app_.outbox) == 0;
    }

    const Options& options_;
    Paths paths_;
    HostBoard board_;
    reseal_port port_{};
    reseal_mosquitto mosquitto_{};
    ::vitals app_{};
    bool opened_ = false;
};

Checked<Done> work(const Options& options, const FlashFile& flash, reseal_settings& settings) {
    const auto files = TlsFiles::make(settings);
    if (!files) {
        return files.error();
    }
    Program program(options, flash, settings, *files);
    if (auto opened = program.open(flash, settings); !opened) {
        return opened;
    }
    const auto stop = tools::StopSignal::install();
    if (!stop) {
        return stop.error();
    }
    program.run(**stop);
    return Done{};
}

Checked<int> vitals_host(const std::vector<std::string>& arguments) {
    const auto options = parse(arguments);
    if (!options) {
        return options.error();
    }
    (void)std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    (void)std::signal(SIGUSR1, on_signal);
    (void)std::signal(SIGUSR2, on_signal);
    const auto flash = FlashFile::open(options->flash);
    if (!flash) {
        return flash.error();
    }
    Settings settings(**flash);
    const auto is_set_up = set_up(*options, **flash, settings);
    if (!is_set_up) {
        return is_set_up.error();
    }
    const auto done = *is_set_up ? work(*options, **flash, settings.get()) : Done{};
    return done ? Checked<int>(0) : done.error();
}

}  // namespace
}  // namespace reseal::vitals

int main(int argc, char** argv) {
    return reseal::tools::tool_main("vitals-host", argc, argv, reseal::vitals::vitals_host);
}
