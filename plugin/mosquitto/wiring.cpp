#include "mosquitto/wiring.h"

#include <reseal/posix.h>

#include "base/file.h"
#include "base/private_file.h"
#include "keyring/seal.h"
#include "mosquitto/broker.h"

namespace reseal::broker {

namespace {

constexpr std::size_t config_most = std::size_t{1} << 20U;
constexpr std::size_t acl_most = std::size_t{64} << 20U;

gateway::TokenCheck token_check(const identity::TokenVerifier* tokens) {
    if (tokens == nullptr) {
        return {};
    }
    return [tokens](std::string_view token, const token::Bearer& bearer, std::time_t now) {
        return tokens->check(token, bearer, now);
    };
}

// The files in it are private whatever it is; but others see their names and when they change.
void warn_if_open(const std::string& folder, const observe::Log& log) {
    if (const auto checked = check_private_folder(folder); !checked) {
        log.note(observe::Level::warning, checked.error().text());
    }
}

}  // namespace

Checked<Configuration> read_configuration(const std::string& path) {
    const auto yaml = read_file(path, config_most);
    if (!yaml) {
        return yaml.error();
    }
    auto config = config::parse_config(*yaml, path);
    if (!config) {
        return config.error();
    }
    const auto acl_yaml = read_file(config->acl, acl_most);
    if (!acl_yaml) {
        return acl_yaml.error();
    }
    auto acl = config::parse_acl(*acl_yaml, config->acl);
    if (!acl) {
        return acl.error();
    }
    return Configuration{.config = std::move(*config), .acl = std::move(*acl)};
}

gateway::Settings settings_of(const config::Config& config) {
    return {.max_payload = config.max_payload,
            .unsealed_topics = config.unsealed_topics,
            .alerts_topic = config.alerts_topic};
}

Checked<std::unique_ptr<gateway::Gateway>> open_gateway(const Configuration& configuration, const observe::Log& log,
                                                        observe::Metrics& metrics, const identity::Verifier& verifier,
                                                        const identity::TokenVerifier* tokens) {
    const config::Config& config = configuration.config;
    auto master_key = keyring::read_master_key(config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    auto registry = keyring::Registry::open(config.registry, keyring::reader_patience);
    if (!registry) {
        return registry.error();
    }
    warn_if_open(config.state, log);
    if (config.audit) {
        warn_if_open(config.audit->folder, log);
    }
    auto replay = state::ReplayStore::open(config.state, config.replay_window);
    if (!replay) {
        return replay.error();
    }
    auto epochs = state::EpochStore::open(config.state);
    if (!epochs) {
        return epochs.error();
    }
    auto gateway = std::make_unique<gateway::Gateway>(
        gateway::Parts{.crypto = reseal_crypto_host(),
                       .random = reseal_posix_random(),
                       .memory = {.allocate = mosquitto_malloc, .release = mosquitto_free},
                       .registry = std::move(*registry),
                       .keyring = keyring::Keyring(std::move(*master_key)),
                       .replay = std::move(*replay),
                       .epochs = std::move(*epochs),
                       .policy = policy::Policy(configuration.acl),
                       .settings = settings_of(config),
                       .certificate_status = [&verifier](std::string_view serial,
                                                         std::time_t now) { return verifier.status(serial, now); },
                       .token_check = token_check(tokens),
                       .token_required = config.tokens && config.tokens->required,
                       .log = log,
                       .metrics = &metrics});
    if (const auto loaded = gateway->load(); !loaded) {
        return loaded.error();
    }
    return gateway;
}

}  // namespace reseal::broker
