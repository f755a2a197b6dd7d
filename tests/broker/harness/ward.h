// SPDX-License-Identifier: Apache-2.0
// The ward that most tests use: two wearables, a clinician, a dashboard and somebody without rights.
#pragma once

#include <gtest/gtest.h>

#include "harness/broker.h"
#include "harness/client.h"
#include "harness/site.h"

namespace harness {

inline constexpr int not_authorised = 0x87;
inline constexpr const char* pulse_topic = "ward/pico1/vitals/pulse";
inline constexpr const char* reading = R"({"type":"pulse","bpm":72.4,"marker":"in-the-clear"})";

class Ward : public testing::Test {
  protected:
    Ward() {
        site.add("pico1", "wearable");
        site.add("pico2", "wearable");
        site.add("clinician", "clinician");
        site.add("dashboard", "dashboard", {"--algorithm", "A128GCM"});
        site.add("porter", "porter");
        site.add("auditor", "auditor");
    }

    // No message arrives within a time that is long compared with a delivery.
    static bool silent(Client& client) { return !client.receive(Milliseconds(700)); }

    // Adding and revoking take effect in a running broker: waits until `client` is answered with `reason`.
    static bool comes_to(int reason, Client& client) {
        return eventually([&] {
            const int answer = client.connect();
            client.disconnect();
            return answer == reason;
        });
    }

    // What `provision check` says about this site, where the porter has an unknown role.
    [[nodiscard]] std::string check() const {
        try {
            return site.provision({"check"});
        } catch (const std::exception& error) {
            return error.what();
        }
    }

    Site site;
};

}  // namespace harness
