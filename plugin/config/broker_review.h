// SPDX-License-Identifier: Apache-2.0
// What mosquitto.conf and reseal.yaml mean together, before the broker is started with them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "config/broker_setup.h"
#include "config/config.h"

namespace reseal::config {

struct BrokerReview {
    std::vector<Fault> problems;         // clients would get in past Reseal, or would not get in or be understood
    std::vector<Fault> notes;            // perhaps not what was meant
    std::vector<std::string> listeners;  // a sentence for each: who gets in there
};

// `config`: what reseal.yaml says; config.file must be the path that the broker will be told, absolute and normal.
// `plugin`: the name of this plugin's file.
BrokerReview review(const BrokerSetup& setup, const Config& config, std::string_view plugin = "mosquitto_reseal.so");

}  // namespace reseal::config
