// SPDX-License-Identifier: Apache-2.0
// For tests: does to the state folder of a site what a broker does.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "admin/program.h"
#include "base/hex.h"
#include "keyring/seal.h"
#include "state/state_folder.h"

namespace reseal::admin {

class SiteBroker {
  public:
    explicit SiteBroker(const std::string& site) {
        const auto key = keyring::read_master_key(site + "/master.key");
        registry_.emplace(std::move(*keyring::Registry::open(site + "/registry.db", keyring::writer_patience)));
        auto state =
            state::StateFolder::open(site + "/state", RESEAL_WINDOW_DEFAULT, state::derive_state_key(*key), *registry_);
        if (state) {
            state_.emplace(std::move(*state));
        } else {
            refusal_ = state.error().text();
        }
    }
    ~SiteBroker() {
        if (state_) {
            EXPECT_TRUE(state::end(state_->replay, state_->epochs, *registry_));
        }
    }
    SiteBroker(const SiteBroker&) = delete;
    SiteBroker& operator=(const SiteBroker&) = delete;

    // Why it did not start; empty if it did.
    [[nodiscard]] const std::string& refusal() const { return refusal_; }
    state::StateFolder& state() { return *state_; }

    // Without an orderly end.
    void die() { state_.reset(); }

    bool accepts(reseal_envelope message, std::uint32_t epoch, std::uint32_t counter) {
        message.epoch.number = epoch;
        message.counter = counter;
        const bool accepted = state_->replay.check(message) == RESEAL_OK && state_->replay.mark(message) == RESEAL_OK;
        state_->replay.settle();
        return accepted;
    }

  private:
    std::optional<keyring::Registry> registry_;
    std::optional<state::StateFolder> state_;
    std::string refusal_;
};

// A site with one device. A broker accepts its messages or not.
class StateProgramTest : public ProgramTest {
  protected:
    StateProgramTest() {
        make_site();
        expect_success("add dev --role wearable");
    }
    [[nodiscard]] reseal_envelope message_of_dev() const {
        reseal_envelope out{};
        const std::string id = nlohmann::json::parse(run("export dev --format json").out).at("key_id");
        EXPECT_TRUE(from_hex(id, out.key_id)) << id;
        out.direction = RESEAL_UPLINK;
        return out;
    }
    // Asks a broker that starts and ends.
    [[nodiscard]] bool accepts(std::uint32_t epoch, std::uint32_t counter) const {
        const reseal_envelope message = message_of_dev();
        SiteBroker broker(site);
        EXPECT_EQ(broker.refusal(), "");
        return broker.refusal().empty() && broker.accepts(message, epoch, counter);
    }
    [[nodiscard]] std::string refusal() const { return SiteBroker(site).refusal(); }
};

}  // namespace reseal::admin
