// The example application on a host.
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include <reseal/posix.h>
#include <CLI/CLI.hpp>

#include "host/flash_file.h"
#include "host/host_board.h"
#include "tools/credentials.h"
#include "tools/failure.h"
#include "tools/stop_signal.h"
#include "tools/tool_main.h"

namespace reseal::vitals {
namespace {

using tools::Failure;

struct Options {
    std::string credentials;
    std::string flash;
    BrokerAddress broker;
    std::uint32_t interval_ms = VITALS_INTERVAL_MS;
    std::uint32_t readings = 0;  // 0: no end
};

Options parse(const std::vector<std::string> &arguments) {
    Options options;
    CLI::App app(
        "The application of the Pico W, on a host: simulated sensors, flash in a file, the LED on stdout.\n"
        "SIGUSR1 cuts its network, SIGUSR2 gives it back.",
        "vitals-host");
    app.add_option("--credentials", options.credentials, "of the device, as provision export --format json writes them")
        ->required();
    app.add_option("--flash", options.flash, "file for the device's flash; made if it is missing")->required();
    app.add_option("--host", options.broker.host, "the broker's name or address")->required();
    app.add_option("--port", options.broker.port, "its port")->required()->check(CLI::Range(1, 65535));
    auto *cafile =
        app.add_option("--cafile", options.broker.cafile, "TLS: the CA's certificate; without it, a sealed CONNECT");
    auto *cert = app.add_option("--cert", options.broker.cert, "TLS: the device's certificate")->needs(cafile);
    auto *key = app.add_option("--key", options.broker.key, "TLS: its key")->needs(cert);
    cert->needs(key);
    cafile->needs(cert);
    app.add_option("--interval", options.interval_ms, "milliseconds between two readings")
        ->check(CLI::Range(100, 3600000));
    app.add_option("--readings", options.readings, "end when so many are taken, and all acknowledged");
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
        app.parse(reversed);
    } catch (const CLI::CallForHelp &) {
        throw tools::HelpRequested(app.help());
    } catch (const CLI::ParseError &problem) {
        throw tools::UsageError(problem.what());
    }
    return options;
}

volatile std::sig_atomic_t network_up = 1;

void on_signal(int number) {
    network_up = number == SIGUSR2 ? 1 : 0;
}

const char *name_of(vitals_state state) {
    switch (state) {
        case VITALS_JOINING:
            return "joining";
        case VITALS_CONNECTING:
            return "connecting";
        case VITALS_ONLINE:
            return "online";
        case VITALS_PAUSE:
            return "pause";
        case VITALS_REFUSED:
            return "refused";
    }
    return "";
}

// The application with its board.
class Program {
  public:
    explicit Program(const Options &options)
        : options_(options), flash_(options.flash), link_(options.broker), board_(link_) {
        const auto credentials = tools::Credentials::read(options.credentials);
        port_ = {.crypto = reseal_crypto_mbedtls(),
                 .epochs = reseal_flash_epoch_store(flash_.epochs()),
                 .random = reseal_posix_random(),
                 .windows = reseal_flash_window_store(flash_.windows())};
        const reseal_status status =
            vitals_open(&app_, board_.get(), &credentials.expose(), &port_, options.broker.cafile.empty());
        if (status != RESEAL_OK) {
            throw Failure(reseal_status_text(status));
        }
        app_.interval_ms = options.interval_ms;
    }
    ~Program() {
        link_.disconnect();
        vitals_close(&app_);
    }
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;

    void run() {
        const tools::StopSignal stop;
        while (!stop.requested() && !done()) {
            board_.set_network(network_up != 0);
            vitals_step(&app_);
            tell_state();
            for (const LinkEvent &event : link_.work(std::chrono::milliseconds(10))) {
                std::visit([this](const auto &what) { take(what); }, event);
                vitals_step(&app_);
            }
        }
        std::printf("taken %u, unacknowledged %u, dropped %u\n", app_.outbox.last_number, outbox_size(&app_.outbox),
                    app_.outbox.dropped);
    }

  private:
    // What was read stops at the last reading; answers to commands still go out.
    bool done() {
        app_.paused = options_.readings != 0 && app_.readings >= options_.readings;
        return app_.paused && outbox_size(&app_.outbox) == 0;
    }

    void tell_state() {
        if (app_.state != told_) {
            told_ = app_.state;
            std::printf("state %s\n", name_of(told_));
            (void)std::fflush(stdout);
        }
    }

    void take(const Connected & /*event*/) { vitals_connected(&app_); }
    void take(const Refused &event) {
        (void)std::fprintf(stderr, "the broker refused: %s\n", event.reason.c_str());
        vitals_refused(&app_);
    }
    void take(const Lost &event) {
        (void)std::fprintf(stderr, "no connection: %s\n", event.reason.c_str());
        vitals_lost(&app_);
    }
    void take(const Acknowledged &event) { vitals_acknowledged(&app_, event.number); }
    void take(const Received &event) {
        vitals_received(&app_, event.topic.c_str(), {event.payload.data(), event.payload.size()});
    }

    const Options &options_;
    FlashFile flash_;
    MqttLink link_;
    HostBoard board_;
    reseal_port port_{};
    ::vitals app_{};
    vitals_state told_ = VITALS_JOINING;
};

int vitals_host(const std::vector<std::string> &arguments) {
    const Options options = parse(arguments);
    (void)std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
    (void)std::signal(SIGUSR1, on_signal);
    (void)std::signal(SIGUSR2, on_signal);
    Program program(options);
    program.run();
    return 0;
}

}  // namespace
}  // namespace reseal::vitals

int main(int argc, char **argv) {
    return reseal::tools::tool_main("vitals-host", argc, argv, reseal::vitals::vitals_host);
}
