// SPDX-License-Identifier: Apache-2.0
// From the path of reseal.yaml to an engine that is ready, or the Fault that prevents it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "config/config.h"
#include "engine/engine.h"
#include "identity/token_verifier.h"
#include "identity/verifier.h"
#include "observe/log.h"
#include "policy/policy.h"

namespace reseal::broker {

// reseal.yaml and the acl.yaml that it names, both read and checked.
struct Configuration {
    config::Config config;
    policy::Acl acl;
};

Checked<Configuration> read_configuration(const std::string& path);

// The path of the mosquitto.conf that this process was started with; empty if its command line names none.
std::string broker_file();

// What is wrong in that file, or in one that it includes, beside reseal.yaml; nothing if it cannot be read. `plugin`:
// the name of this plugin's file.
std::vector<Fault> review_broker(const std::string& path, config::Config config, std::string_view plugin);

// Is the master key the one of the registry? With any other, nothing stored can be opened or verified.
Checked<Done> prove_secrets(const config::StartSettings& settings);

engine::Settings settings_of(const config::ReloadSettings& settings);

// Opens master key, registry and state, and loads the principals. The references and `tokens` must outlive the engine.
// `tokens` may be null.
Checked<std::unique_ptr<engine::Engine>> open_engine(const Configuration& configuration, const observe::Log& log,
                                                     observe::Metrics& metrics, const identity::Verifier& verifier,
                                                     const identity::TokenVerifier* tokens);

}  // namespace reseal::broker
