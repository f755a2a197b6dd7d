// SPDX-License-Identifier: Apache-2.0
// One hospital in a temporary folder: CA, broker, principals, made by the provisioning program itself.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <reseal/connect.h>
#include <reseal/receiver.h>
#include <reseal/sender.h>

#include "harness/process.h"

namespace harness {

using Bytes = std::vector<std::uint8_t>;

class Site {
  public:
    // `parent`: where the temporary folder is made.
    explicit Site(const std::string& parent = "/tmp");
    // Another broker with the same registry and its own realm.
    Site(const Site& first, const std::string& realm);
    ~Site();
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
    [[nodiscard]] std::string certificate(const std::string& id) const;
    [[nodiscard]] std::string key(const std::string& id) const;
    [[nodiscard]] std::string ca() const { return path("ca/ca.crt"); }

    // Runs the provisioning program on this site; throws with its output if it fails.
    std::string provision(const std::vector<std::string>& arguments) const;
    void add(const std::string& id, const std::string& role, const std::vector<std::string>& more = {}) const;
    void revoke(const std::string& id) const { provision({"revoke", id}); }
    [[nodiscard]] reseal_credentials credentials(const std::string& id) const;

    // Replaces acl.yaml, or the value of `key` in reseal.yaml.
    void write_acl(const std::string& yaml) const { write_all(path("acl.yaml"), yaml); }
    void set(const std::string& key, const std::string& value) const;

  private:
    std::string base_;
    std::string folder_;
};

// What a device does: seals under its uplink key.
class Device {
  public:
    Device(const Site& site, const std::string& id);
    ~Device() { reseal_sender_close(&sender_); }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    Bytes seal(std::string_view topic, std::string_view text);
    // The password of a sealed CONNECT, good for one attempt at that kind of listener.
    std::string proof(const std::string& client_id, reseal_listener listener = RESEAL_LISTENER_LOOPBACK);

  private:
    std::uint32_t stored_epoch_;
    reseal_sender sender_{};
};

// What an application does: opens messages sealed for it, each one once.
class Application {
  public:
    Application(const Site& site, const std::string& id) : Application(site.credentials(id)) {}
    explicit Application(const reseal_credentials& credentials);
    ~Application() { reseal_receiver_close(&receiver_); }
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    // The plaintext, or "!" and the status' number.
    std::string open(std::string_view topic, const Bytes& message);

  private:
    std::vector<std::uint32_t> words_;
    reseal_receiver receiver_{};
};

std::string text(const Bytes& bytes);
Bytes bytes(std::string_view text);

}  // namespace harness
