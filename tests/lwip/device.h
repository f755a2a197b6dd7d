// SPDX-License-Identifier: Apache-2.0
// A device on the wire: the SDK, the link, its driver over lwIP, and a queue of messages that it keeps until they are
// accepted.
#pragma once

#include <reseal/link.h>
#include <reseal/link_lwip.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/test_support.h"

namespace reseal::lwip {

struct DeviceOptions {
    std::string broker;
    std::uint16_t port = 1883;
    reseal_listener listener = RESEAL_LISTENER_TLS;
    reseal_lwip_tls* tls = nullptr;
    reseal_credentials credentials = test::credentials();
    bool takes_keys = false;  // that come over the air
};

class Device {
  public:
    explicit Device(const DeviceOptions& options);
    ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    void step(std::uint32_t now_ms);

    // Seals it and keeps it until it is accepted.
    void send(const std::string& text);
    // As the broker would seal it.
    test::Bytes seal_for_device(const std::string& topic, const std::string& text);

    [[nodiscard]] const reseal_link_status& status() const { return *reseal_link_get_status(&link_); }
    [[nodiscard]] bool online() const { return status().state == RESEAL_LINK_ONLINE; }
    [[nodiscard]] std::string line() const;
    [[nodiscard]] std::size_t waiting() const { return queue_.size(); }
    // Whether it ever said so.
    [[nodiscard]] bool said(const std::string& text) const;

    reseal_link_network network = RESEAL_LINK_NETWORK_UP;
    int joins = 0;
    int new_keys = 0;  // that came over the air
    std::vector<std::string> lines;
    std::vector<std::string> received;
    std::vector<std::string> sealed;  // payloads

  private:
    struct Kept {
        test::Bytes memory;
        reseal_message message{};
        bool sent = false;
    };

    static Device& of(void* self) { return *static_cast<Device*>(self); }
    void changed(const reseal_link_status& status);

    test::MemoryEpochs epochs_;
    test::MemoryEpochs sealer_epochs_;
    reseal_device device_{};
    reseal_sender sealer_{};
    reseal_lwip& lwip_;
    std::string broker_;
    reseal_link link_{};
    test::Bytes incoming_ = test::Bytes(256);
    test::Bytes outgoing_ = test::Bytes(2048);
    test::Bytes opened_ = test::Bytes(256);
    std::map<std::uint32_t, std::unique_ptr<Kept>> queue_;
    std::uint32_t last_number_ = 0;
};

}  // namespace reseal::lwip
