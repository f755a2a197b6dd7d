// SPDX-License-Identifier: Apache-2.0
#include "broker/wiring.h"

#include <reseal/posix.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/private_file.h"
#include "broker/broker.h"
#include "config/broker_review.h"
#include "config/broker_setup.h"
#include "keyring/seal.h"
#include "state/state_folder.h"

namespace reseal::broker {

namespace {

engine::TokenCheck token_check(const identity::TokenVerifier* tokens) {
    if (tokens == nullptr) {
        return {};
    }
    return [tokens](std::string_view token, const token::Bearer& bearer, std::time_t now) {
        return tokens->check(token, bearer, now);
    };
}

// The files in it are private in any case. But others can see their names, and when they change.
void warn_if_open(const std::string& folder, const observe::Log& log) {
    if (const auto checked = check_private_folder(folder); !checked) {
        log.note(observe::Level::warning, checked.error().text());
    }
}

// Nobody is served yet, so there is time to wait for another process that holds the registry.
Checked<state::StateFolder> open_state(const config::StartSettings& config, const keyring::MasterKey& master_key) {
    auto registry = keyring::Registry::open(config.registry, keyring::writer_patience);
    return registry ? state::StateFolder::open(config.state, config.replay_window, state::derive_state_key(master_key),
                                               *registry)
                    : registry.error();
}

}  // namespace

Checked<Done> prove_secrets(const config::StartSettings& settings) {
    const auto master_key = keyring::read_master_key(settings.master_key);
    auto registry =
        master_key ? keyring::Registry::open(settings.registry, keyring::writer_patience) : master_key.error();
    return registry ? keyring::prove_master_key(*master_key, settings.master_key, *registry) : registry.error();
}

Checked<Configuration> read_configuration(const std::string& path) {
    const auto yaml = read_file(path, config::config_most);
    if (!yaml) {
        return yaml.error();
    }
    auto config = config::parse_config(*yaml, path);
    if (!config) {
        return config.error();
    }
    const auto acl_yaml = read_file(config->acl, config::acl_most);
    if (!acl_yaml) {
        return acl_yaml.error();
    }
    auto acl = config::parse_acl(*acl_yaml, config->acl);
    if (!acl) {
        return acl.error();
    }
    return Configuration{.config = std::move(*config), .acl = std::move(*acl)};
}

std::string broker_file() {
    const auto line = read_file("/proc/self/cmdline", config::config_most);
    std::string_view rest = line ? std::string_view(*line) : std::string_view();
    bool is_next = false;
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find('\0'));
        if (is_next) {
            return std::string(word);
        }
        is_next = word == "-c" || word == "--config-file";
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    return {};
}

std::vector<Fault> review_broker(const std::string& path, config::Config config, std::string_view plugin) {
    const auto lines = config::read_broker(
        path,
        {.read = [](const std::string& file) { return read_file(file, config::config_most); }, .list = list_folder});
    if (!lines) {
        return {};
    }
    config.file = std::filesystem::absolute(config.file).lexically_normal();
    return config::review(config::broker_setup(*lines), config, plugin).problems;
}

engine::Settings settings_of(const config::ReloadSettings& settings) {
    return {.max_payload = settings.max_payload,
            .unsealed_topics = settings.unsealed_topics,
            .alerts_topic = settings.alerts_topic,
            .bridged_realms = settings.bridged_realms,
            .budgets = settings.budgets};
}

Checked<std::unique_ptr<engine::Engine>> open_engine(const Configuration& configuration, const observe::Log& log,
                                                     observe::Metrics& metrics, const identity::Verifier& verifier,
                                                     const identity::TokenVerifier* tokens) {
    const config::Config& config = configuration.config;
    auto master_key = keyring::read_master_key(config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    warn_if_open(config.state, log);
    if (config.audit) {
        warn_if_open(config.audit->folder, log);
    }
    auto state = open_state(config, *master_key);
    if (!state) {
        return state.error();
    }
    auto registry = keyring::Registry::open(config.registry, keyring::reader_patience);
    if (!registry) {
        return registry.error();
    }
    return engine::Engine::start(
        engine::Parts{.crypto = reseal_crypto_host(),
                      .random = reseal_posix_random(),
                      .memory = {.allocate = mosquitto_malloc, .release = mosquitto_free},
                      .registry = std::move(*registry),
                      .keyring = keyring::Keyring(std::move(*master_key)),
                      .replay = std::move(state->replay),
                      .epochs = std::move(state->epochs),
                      .realm = config.realm,
                      .policy = policy::Policy(configuration.acl),
                      .settings = settings_of(config),
                      .certificate_status = [&verifier](std::string_view serial,
                                                        std::time_t now) { return verifier.status(serial, now); },
                      .token_check = token_check(tokens),
                      .token_required = config.tokens && config.tokens->required,
                      .key_required = config.identity.require_key,
                      .log = log,
                      .metrics = &metrics});
}

}  // namespace reseal::broker
