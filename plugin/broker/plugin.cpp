// SPDX-License-Identifier: Apache-2.0
// The entry points that Mosquitto looks up, and the registration of the events.
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/core_dump.h"
#include "base/file_watch.h"
#include "base/quote.h"
#include "broker/broker.h"
#include "broker/delivery_out.h"
#include "broker/delivery_read.h"
#include "broker/events.h"
#include "broker/guard.h"
#include "broker/observation.h"
#include "broker/other_plugins.h"
#include "broker/wiring.h"

namespace reseal::broker {
namespace {

void write_log(observe::Level level, const std::string& line) {
    constexpr std::array<int, 4> levels = {MOSQ_LOG_INFO, MOSQ_LOG_NOTICE, MOSQ_LOG_WARNING, MOSQ_LOG_ERR};
    mosquitto_log_printf(levels.at(static_cast<std::size_t>(level)), "%s", line.c_str());
}

class Plugin {
  public:
    Plugin(mosquitto_plugin_id_t* id, std::string path) : id_(id), path_(std::move(path)), log_(write_log) {}
    ~Plugin() { unregister(); }
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    // False, with the reason in the log, if the broker must not start.
    bool start() {
        forbid_core_dumps();
        const auto configuration = read();
        if (!configuration) {
            return fail(configuration.error());
        }
        if (const auto first = asked_first(configuration->config); !first) {
            return fail(first.error());
        }
        review_broker_file(configuration->config);
        if (const auto proven = prove_secrets(configuration->config); !proven) {
            return fail(proven.error());
        }
        auto observation = Observation::start(configuration->config, write_log);
        if (!observation) {
            return fail(observation.error());
        }
        observation_ = std::move(*observation);
        log_ = observe::Log(write_log, &observation_->observer());
        auto verifier = identity::Verifier::open(configuration->config.identity, std::time(nullptr));
        if (!verifier) {
            return fail(verifier.error());
        }
        verifier_.emplace(std::move(*verifier));
        if (const auto& settings = configuration->config.tokens) {
            auto tokens = identity::TokenVerifier::open(*settings);
            if (!tokens) {
                return fail(tokens.error());
            }
            tokens_.emplace(std::move(*tokens));
        }
        auto engine =
            open_engine(*configuration, log_, observation_->metrics(), *verifier_, tokens_ ? &*tokens_ : nullptr);
        if (!engine) {
            return fail(engine.error());
        }
        started_with_ = static_cast<const config::StartSettings&>(configuration->config);
        engine_ = std::move(*engine);
        worker_.emplace(*engine_);
        if (const auto dated = keep_list_dates(); !dated) {
            return fail(dated.error());
        }
        auto delivery = this->delivery();
        if (!delivery) {
            return fail(delivery.error());
        }
        events_ = std::make_unique<Events>(*engine_, *worker_, *verifier_, log_,
                                           NamedListeners({.loopback = started_with_.loopback_listeners,
                                                           .sealed = started_with_.sealed_listeners,
                                                           .psk = started_with_.psk_listeners}),
                                           std::move(*delivery));
        return register_events();
    }

    // The end of the broker, or of a failed start: writes everything. Call only the destructor afterwards. Without
    // finish(), the next start finds what a crash leaves.
    void finish() {
        unregister();
        const bool orderly = events_ == nullptr || events_->all_queued();
        if (events_) {
            events_->finish();
        }
        if (engine_ && orderly) {
            leave_state_folder();
        }
        if (observation_) {
            observation_->finish();
        }
    }

    // Takes over the configuration as it is in the files now, as a whole or not at all.
    void reload() {
        const auto fresh = read();
        if (!fresh) {
            log_.note(observe::Level::error, "reload refused, everything stays as it was: " + fresh.error().text());
            log_.alert(observe::Alert::reload_failed, {}, fresh.error().text());
            log_.happened({.event = audit::Event::reload_failed, .detail = fresh.error().text()});
            observation_->metrics().failed_reloads.add();
            return;
        }
        engine_->reconfigure(policy::Policy(fresh->acl), settings_of(fresh->config));
        observation_->reconfigure(fresh->config);
        observation_->metrics().reloads.add();
        log_.note(observe::Level::notice, "reloaded " + path_ + " and " + fresh->config.acl);
        log_.happened({.event = audit::Event::reloaded, .detail = path_ + " and " + fresh->config.acl});
        if (const config::StartSettings& wanted = fresh->config; wanted != started_with_) {
            log_.note(observe::Level::warning,
                      path_ +
                          ": keys that are read only at the start have changed (docs/install.md lists the "
                          "others); restart the broker to apply them");
        }
    }

    int tick() {
        const auto now = std::chrono::steady_clock::now();
        if (now >= next_look_) {
            next_look_ = now + look_interval;
            if (files_.changed()) {
                reload();
            }
            look_at_identity();
            observation_->tick(*worker_, now);
        }
        return events_->tick(now);
    }

    Events& events() { return *events_; }

  private:
    static constexpr std::chrono::milliseconds look_interval{500};

    // Reads the configuration. Its files are watched from before they are read.
    Checked<Configuration> read() {
        files_.watch({path_, acl_});
        auto configuration = read_configuration(path_);
        if (configuration && configuration->config.acl != acl_) {
            acl_ = configuration->config.acl;
            files_.watch({path_, acl_});
            configuration = read_configuration(path_);
        }
        return configuration;
    }

    Checked<Done> keep_list_dates() {
        return verifier_->keep_dates(
            {.newest = [this](std::string_view issuer) { return engine_->newest_list(issuer); },
             .note = [this](std::string_view issuer, std::time_t issued) { engine_->note_list(issuer, issued); }});
    }

    void look_at_identity() {
        for (const identity::Notice& notice : verifier_->look(std::time(nullptr))) {
            tell(notice);
        }
        if (const auto notice = tokens_ ? tokens_->look() : std::nullopt) {
            tell(*notice);
        }
    }

    void tell(const identity::Notice& notice) {
        using Kind = identity::Notice::Kind;
        log_.note(notice.kind == Kind::well ? observe::Level::notice : observe::Level::warning, notice.text);
        if (notice.kind == Kind::stale) {
            log_.alert(observe::Alert::crl_stale, {}, notice.text);
        } else if (notice.kind == Kind::unreadable) {
            log_.alert(observe::Alert::reload_failed, {}, notice.text);
        }
    }

    // An orderly end, so that the next start has less to check.
    void leave_state_folder() {
        if (const auto finished = engine_->finish(); !finished) {
            log_.note(observe::Level::warning, finished.error().text());
        }
    }

    bool fail(const Fault& fault) {
        log_.note(observe::Level::error, "not started: " + fault.text());
        return false;
    }

    [[nodiscard]] static Checked<Done> asked_first(const config::Config& config);
    void review_broker_file(const config::Config& config) const;
    Checked<std::unique_ptr<Delivery>> delivery();

    bool register_events();
    [[nodiscard]] int register_event(int event, MOSQ_FUNC_generic_callback callback);
    void unregister();

    mosquitto_plugin_id_t* id_;
    std::string path_;
    observe::Log log_;
    std::string acl_;  // the file that reseal.yaml named when it was last read
    FileWatch files_;
    std::chrono::steady_clock::time_point next_look_;
    config::StartSettings started_with_;
    std::unique_ptr<Observation> observation_;       // outlives what is logged
    std::optional<identity::Verifier> verifier_;     // outlives the engine
    std::optional<identity::TokenVerifier> tokens_;  // the same
    std::unique_ptr<engine::Engine> engine_;
    std::optional<engine::Worker> worker_;
    std::unique_ptr<Events> events_;
};

// How a failed callback reports it.
auto log_as(const char* failed) {
    return [failed](const char* what) { mosquitto_log_printf(MOSQ_LOG_ERR, "reseal: %s: %s", failed, what); };
}

template <class Event, int (Events::*Handler)(Event&)>
int handle(int /*event*/, void* data, void* userdata) {
    return guarded(MOSQ_ERR_ACL_DENIED, log_as("internal error, refused"),
                   [&] { return (static_cast<Plugin*>(userdata)->events().*Handler)(*static_cast<Event*>(data)); });
}

// An idle Mosquitto 2.1 sleeps for a day and would see no revocation, so it is asked to wake five times a second. It
// ticks once the wall clock is past the event's own time plus the requested delay, so a clock set back would silence
// it. With 1970 as the event's time it ticks in every round, whatever the clock does. 2.0 does so by itself.
void ask_for_ticks(TickEvent& event) {
    constexpr long wake_after = 200;  // not longer than sealed acknowledgements may wait
    event.now_s = 0;
    event.now_ns = 0;
    event.next_s = 0;
    event.next_ms = wake_after;
}

int handle_tick(int /*event*/, void* data, void* userdata) {
    ask_for_ticks(*static_cast<TickEvent*>(data));  // first: what follows may fail
    return guarded(MOSQ_ERR_UNKNOWN, log_as("internal error"),
                   [userdata] { return static_cast<Plugin*>(userdata)->tick(); });
}

int handle_reload(int /*event*/, void* /*data*/, void* userdata) {
    return guarded(MOSQ_ERR_SUCCESS, log_as("reload refused"), [userdata] {
        static_cast<Plugin*>(userdata)->events().reloading();
        static_cast<Plugin*>(userdata)->reload();
        return MOSQ_ERR_SUCCESS;
    });
}

struct Registration {
    int event;
    MOSQ_FUNC_generic_callback callback;
};

constexpr std::array registrations = {
    Registration{MOSQ_EVT_BASIC_AUTH, handle<const mosquitto_evt_basic_auth, &Events::basic_auth>},
    Registration{MOSQ_EVT_ACL_CHECK, handle<const mosquitto_evt_acl_check, &Events::acl_check>},
    Registration{MOSQ_EVT_MESSAGE, handle<mosquitto_evt_message, &Events::message>},
    Registration{MOSQ_EVT_DISCONNECT, handle<const mosquitto_evt_disconnect, &Events::disconnect>},
    Registration{MOSQ_EVT_PSK_KEY, handle<const mosquitto_evt_psk_key, &Events::psk_key>},
    Registration{MOSQ_EVT_TICK, handle_tick},
    Registration{MOSQ_EVT_RELOAD, handle_reload},
};

// Only if tokens are taken or proofs of the key required. Otherwise the broker itself refuses a CONNECT with a method.
constexpr std::array authentication_registrations = {
    Registration{MOSQ_EVT_EXT_AUTH_START, handle<const mosquitto_evt_extended_auth, &Events::authenticate>},
    Registration{MOSQ_EVT_EXT_AUTH_CONTINUE,
                 handle<const mosquitto_evt_extended_auth, &Events::continue_authentication>},
};

constexpr Registration message_out = {message_out_event, handle<mosquitto_evt_message, &Events::message_out>};
constexpr Registration connected = {connect_event, handle<const ConnectEvent, &Events::connected>};
constexpr Registration client_offline = {client_offline_event,
                                         handle<const mosquitto_evt_disconnect, &Events::disconnect>};

// In this library.
constexpr char here = 0;

// What would otherwise show as refusals of a kind that nobody can explain, such as bad_tag behind a mount_point.
void Plugin::review_broker_file(const config::Config& config) const {
    const std::string own = std::filesystem::path(file_of(&here)).filename();
    for (const Fault& fault : review_broker(broker_file(), config, own)) {
        log_.note(observe::Level::error, fault.text());
    }
}

// A plugin that the broker asks before this one may let clients in, which are then handed messages as they are stored.
Checked<Done> Plugin::asked_first(const config::Config& config) {
    const std::vector<std::string> before = not_allowed(plugins_before(&here), config.plugins_before);
    if (before.empty()) {
        return Done{};
    }
    return Fault{config.file, 0, "plugins_before",
                 "the broker loads " + printable(std::filesystem::path(before.front()).filename().string()) +
                     " before this plugin and asks it first: it can let in clients, and grant them topics, past Reseal",
                 "move its lines in mosquitto.conf below those of this plugin; or, if it decides nothing about "
                 "clients, write its file name in the list plugins_before"};
}

// The broker itself tells what it can do: if it has the event for an outgoing message, it gets the better delivery.
Checked<std::unique_ptr<Delivery>> Plugin::delivery() {
    std::unique_ptr<Delivery> out;
    if (register_event(message_out.event, message_out.callback) == MOSQ_ERR_SUCCESS &&
        register_event(connected.event, connected.callback) == MOSQ_ERR_SUCCESS) {
        (void)register_event(client_offline.event, client_offline.callback);
        out = std::make_unique<OutDelivery>(*engine_, *worker_);
    } else {
        auto journal = state::DeliveryJournal::open(started_with_.state);
        if (!journal) {
            return journal.error();
        }
        out = std::make_unique<ReadDelivery>(
            *engine_, *worker_, log_,
            ReadDelivery::Settings{.state = started_with_.state, .queue_clear = started_with_.queue_clear},
            std::move(*journal));
    }
    log_.note(observe::Level::notice, std::to_string(engine_->principals()) + " principals, replay window " +
                                          std::to_string(started_with_.replay_window));
    log_.note(observe::Level::notice, out->description());
    return out;
}

int Plugin::register_event(int event, MOSQ_FUNC_generic_callback callback) {
    return mosquitto_callback_register(id_, event, callback, nullptr, this);
}

bool Plugin::register_events() {
    const auto registered = [this](const Registration& registration) {
        if (register_event(registration.event, registration.callback) == MOSQ_ERR_SUCCESS) {
            return true;
        }
        log_.note(observe::Level::error, "not started: the broker does not offer event " +
                                             std::to_string(registration.event) +
                                             "; Mosquitto 2.0.11 or later is needed");
        return false;
    };
    return std::ranges::all_of(registrations, registered) &&
           ((!tokens_ && !started_with_.identity.require_key) ||
            std::ranges::all_of(authentication_registrations, registered));
}

void Plugin::unregister() {
    for (const Registration& registration : {message_out, connected, client_offline}) {
        (void)mosquitto_callback_unregister(id_, registration.event, registration.callback, nullptr);
    }
    for (const Registration& registration : authentication_registrations) {
        (void)mosquitto_callback_unregister(id_, registration.event, registration.callback, nullptr);
    }
    for (const Registration& registration : registrations) {
        (void)mosquitto_callback_unregister(id_, registration.event, registration.callback, nullptr);
    }
}

Checked<std::string> config_option(const mosquitto_opt* options, int count) {
    std::string path;
    for (int i = 0; i < count; ++i) {
        if (text(options[i].key) != "config") {
            return Fault{{},
                         0,
                         "plugin_opt_" + printable(text(options[i].key)),
                         "is not an option of this plugin",
                         "the only one is plugin_opt_config"};
        }
        path = text(options[i].value);
    }
    if (path.empty()) {
        return Fault{.problem = "no configuration is named",
                     .remedy = "write plugin_opt_config /path/reseal.yaml below the plugin line"};
    }
    return path;
}

int finish(Plugin& plugin) {
    return guarded(MOSQ_ERR_UNKNOWN, log_as("did not end cleanly"), [&plugin] {
        plugin.finish();
        return MOSQ_ERR_SUCCESS;
    });
}

int begin(mosquitto_plugin_id_t* identifier, const Checked<std::string>& path, void*& userdata) {
    if (!path) {
        log_as("not started")(path.error().text().c_str());
        return MOSQ_ERR_INVAL;
    }
    auto plugin = std::make_unique<Plugin>(identifier, *path);
    const int begun = guarded(MOSQ_ERR_UNKNOWN, log_as("not started"),
                              [&plugin] { return plugin->start() ? MOSQ_ERR_SUCCESS : MOSQ_ERR_INVAL; });
    if (begun == MOSQ_ERR_SUCCESS) {
        userdata = plugin.release();
    } else {
        (void)finish(*plugin);
    }
    return begun;
}

}  // namespace
}  // namespace reseal::broker

extern "C" {

mosq_plugin_EXPORT __attribute__((visibility("default"))) int mosquitto_plugin_version(int supported_version_count,
                                                                                       const int* supported_versions) {
    for (int i = 0; i < supported_version_count; ++i) {
        if (supported_versions[i] == MOSQ_PLUGIN_VERSION) {
            return MOSQ_PLUGIN_VERSION;
        }
    }
    return -1;
}

mosq_plugin_EXPORT __attribute__((visibility("default"))) int mosquitto_plugin_init(mosquitto_plugin_id_t* identifier,
                                                                                    void** userdata,
                                                                                    mosquitto_opt* options,
                                                                                    int option_count) {
    using namespace reseal::broker;
    return guarded(MOSQ_ERR_UNKNOWN, log_as("not started"),
                   [&] { return begin(identifier, config_option(options, option_count), *userdata); });
}

mosq_plugin_EXPORT __attribute__((visibility("default"))) int mosquitto_plugin_cleanup(void* userdata,
                                                                                       mosquitto_opt* /*options*/,
                                                                                       int /*option_count*/) {
    using namespace reseal::broker;
    const std::unique_ptr<Plugin> plugin(static_cast<Plugin*>(userdata));
    if (plugin == nullptr) {  // 2.1 also calls this when the start was refused
        return MOSQ_ERR_SUCCESS;
    }
    return finish(*plugin);
}
}
