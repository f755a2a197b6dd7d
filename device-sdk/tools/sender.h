// SPDX-License-Identifier: Apache-2.0
// The SDK's sender for host programs: uplink, OpenSSL, the epoch in a file.
#pragma once

#include <reseal/connect.h>
#include <reseal/posix.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/credentials.h"
#include "tools/mqtt_client.h"

namespace reseal::tools {

class Sender {
  public:
    // Holds the epoch file `state` for its lifetime: one process at a time seals with these credentials.
    static Checked<std::unique_ptr<Sender>> make(const Credentials& credentials, const std::string& state);
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // The sealed message.
    Checked<std::vector<std::uint8_t>> seal(const std::string& topic, std::string_view plaintext);

    // Into `memory` of plaintext.size() + RESEAL_OVERHEAD_MAX bytes, as a device does; returns the part written.
    Checked<std::span<const std::uint8_t>> seal_into(std::span<std::uint8_t> memory, const std::string& topic,
                                                     std::string_view plaintext);

    // The sealed CONNECT of protocol.md, for one attempt at that kind of listener. The user name is the principal; the
    // password proves that it has its key.
    Checked<Login> login(reseal_listener listener, const std::string& client_id);

    [[nodiscard]] Checked<PreSharedKey> psk() const;

  private:
    Sender(std::string principal, std::string state) : principal_(std::move(principal)), state_(std::move(state)) {}
    [[nodiscard]] Fault why_not_sealed(reseal_status status, const std::string& topic, std::size_t size) const;

    std::string principal_;
    std::string state_;
    reseal_posix_epochs epochs_{};
    reseal_sender sender_{};
};

// The login; empty without a sender, when only a certificate identifies the client.
Checked<std::optional<Login>> login_for(const ConnectionOptions& options, const std::string& client_id, Sender* sender);

// RFC 4648 section 5, without padding.
std::string base64url(std::span<const std::uint8_t> bytes);

}  // namespace reseal::tools
