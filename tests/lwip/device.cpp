// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include <algorithm>
#include <random>
#include <stdexcept>

namespace reseal::lwip {
namespace {

constexpr std::array filters{"commands/{id}/#"};

// Salts need not repeat, and a run must be able to: the same numbers each time.
reseal_random random_port() {
    static std::minstd_rand source{7};
    return {nullptr, [](void* /*context*/, std::uint8_t* out, std::size_t size) {
                std::generate(out, out + size, [] { return static_cast<std::uint8_t>(source() >> 8); });
                return true;
            }};
}

// DNS may call a driver for ever.
reseal_lwip& driver_memory() {
    static std::vector<std::unique_ptr<reseal_lwip>> all;
    return *all.emplace_back(std::make_unique<reseal_lwip>());
}

void require(reseal_status status, const char* what) {
    if (status != RESEAL_OK) {
        throw std::runtime_error(std::string(what) + ": " + reseal_status_text(status));
    }
}

}  // namespace

Device::Device(const DeviceOptions& options) : lwip_(driver_memory()), broker_(options.broker) {
    const reseal_port port{reseal_crypto_openssl(), epochs_.port(), random_port(), {}};
    require(reseal_device_open(&device_, &options.credentials, &port), "device");
    const reseal_epoch_store sealer_epochs = sealer_epochs_.port();
    require(
        reseal_sender_open(&sealer_, &options.credentials, RESEAL_DOWNLINK, port.crypto, &sealer_epochs, &port.random),
        "sealer");
    const reseal_lwip_config lwip{.broker = broker_.c_str(),
                                  .port = options.port,
                                  .tls = options.tls,
                                  .network = {this, [](void* self, std::uint32_t /*now*/) { ++of(self).joins; },
                                              [](void* self, std::uint32_t /*now*/) { return of(self).network; }},
                                  .in = test::room(incoming_),
                                  .out = test::room(outgoing_)};
    reseal_link_config config{};
    config.device = &device_;
    config.driver = reseal_lwip_open(&lwip_, &lwip);
    config.listener = options.listener;
    config.filters = filters.data();
    config.filter_count = filters.size();
    config.random = port.random;
    if (options.takes_keys) {
        config.keys = {this, [](void* self, const reseal_credentials* /*fresh*/) {
                           ++of(self).new_keys;
                           return RESEAL_OK;
                       }};
    }
    config.opened = test::room(opened_);
    config.calls = {this, [](void* self, std::uint32_t number) { of(self).queue_.erase(number); },
                    [](void* self, const char* topic, reseal_bytes text) {
                        of(self).received.push_back(std::string(topic) + " " +
                                                    std::string(reinterpret_cast<const char*>(text.data), text.size));
                    },
                    [](void* self, const struct reseal_link_status* status) { of(self).changed(*status); }};
    require(reseal_link_open(&link_, &config), "link");
}

Device::~Device() {
    reseal_link_close(&link_);
    reseal_device_close(&device_);
    reseal_sender_close(&sealer_);
}

void Device::changed(const reseal_link_status& status) {
    lines.push_back(line());
    if (status.state != RESEAL_LINK_ONLINE) {
        for (auto& [number, kept] : queue_) {
            kept->sent = false;
        }
    }
}

void Device::step(std::uint32_t now_ms) {
    reseal_link_step(&link_, now_ms);
    for (auto& [number, kept] : queue_) {
        kept->sent = kept->sent || reseal_link_publish(&link_, &kept->message, number) == RESEAL_LINK_SENT;
    }
}

void Device::send(const std::string& text) {
    auto kept = std::make_unique<Kept>();
    kept->memory.resize(text.size() + RESEAL_OVERHEAD_MAX);
    kept->message.payload = test::room(kept->memory);
    require(reseal_device_seal(&device_, "ward/{id}/pulse", test::view(text), &kept->message), "seal");
    sealed.emplace_back(kept->memory.begin(), kept->memory.begin() + static_cast<long>(kept->message.payload.size));
    queue_[++last_number_] = std::move(kept);
}

test::Bytes Device::seal_for_device(const std::string& topic, const std::string& text) {
    test::Bytes memory(text.size() + RESEAL_OVERHEAD_MAX);
    reseal_buffer out = test::room(memory);
    require(reseal_sender_seal(&sealer_, test::view(topic), test::view(text), &out), "seal");
    memory.resize(out.size);
    return memory;
}

std::string Device::line() const {
    char text[RESEAL_LINK_LINE_SIZE];
    reseal_link_line(&status(), text);
    return text;
}

bool Device::said(const std::string& text) const {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace reseal::lwip
