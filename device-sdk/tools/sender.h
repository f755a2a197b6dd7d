// The SDK's sender for host programs: uplink, OpenSSL, the epoch in a file.
#pragma once

#include <reseal/connect.h>
#include <reseal/posix.h>

#include <cstdint>
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
    // Throws Failure.
    Sender(const Credentials& credentials, const std::string& state);
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // The sealed message. Throws Failure.
    std::vector<std::uint8_t> seal(const std::string& topic, std::string_view plaintext);

    // Into `memory` of plaintext.size() + RESEAL_OVERHEAD_MAX bytes, as a device does; returns the part written.
    std::span<const std::uint8_t> seal_into(std::span<std::uint8_t> memory, const std::string& topic,
                                            std::string_view plaintext);

    // The sealed CONNECT of protocol.md, for one attempt at that kind of listener. The user name is the principal; the
    // password proves that it has its key.
    Login login(reseal_listener listener, const std::string& client_id);

    // Throws Failure.
    [[nodiscard]] PreSharedKey psk() const;

  private:
    std::string principal_;
    std::string state_;
    reseal_posix_epochs epochs_{};
    reseal_epoch_store store_{};
    reseal_random random_{};
    reseal_sender sender_{};
};

// The login; empty without a sender, when only a certificate identifies the client.
std::optional<Login> login_for(const ConnectionOptions& options, const std::string& client_id, Sender* sender);

// RFC 4648 section 5, without padding.
std::string base64url(std::span<const std::uint8_t> bytes);

}  // namespace reseal::tools
