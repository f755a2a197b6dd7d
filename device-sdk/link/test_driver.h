// SPDX-License-Identifier: Apache-2.0
// A driver whose network and broker a test controls.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <reseal/link_driver.h>

namespace reseal::test {

struct Published {
    std::uint16_t handle;
    std::string topic;
    std::vector<std::uint8_t> payload;
};

class FakeDriver {
  public:
    FakeDriver() {
        driver_ = {
            .context = this,
            .join = [](void *self, std::uint32_t /*now*/) { ++of(self).joins; },
            .network = [](void *self, std::uint32_t /*now*/) { return of(self).network; },
            .connect = [](void *self, const reseal_link_login *login,
                          std::uint32_t now) { of(self).connect(*login, now); },
            .publish = [](void *self, std::uint16_t handle,
                          const reseal_message *message) { return of(self).publish(handle, *message); },
            .subscribe =
                [](void *self, std::uint16_t handle, const char *filter) {
                    of(self).filters.emplace_back(filter);
                    of(self).subscriptions.push_back(handle);
                    return true;
                },
            .poll = [](void *self, std::uint32_t /*now*/, reseal_link_event *event) { return of(self).poll(*event); },
            .disconnect = [](void *self) { of(self).disconnect(); }};
    }
    FakeDriver(const FakeDriver&) = delete;
    FakeDriver& operator=(const FakeDriver&) = delete;

    [[nodiscard]] const reseal_link_driver *get() const { return &driver_; }

    void happen(reseal_link_event_kind kind, reseal_link_reason reason = RESEAL_LINK_FINE, std::int32_t code = 0,
                std::uint16_t handle = 0) {
        events_.push_back({{kind, reason, code, handle, nullptr, {nullptr, 0}}, "", {}});
    }
    void acknowledge(std::uint16_t handle) { happen(RESEAL_LINK_EVENT_ACKNOWLEDGED, RESEAL_LINK_FINE, 0, handle); }
    void receive(const std::string& topic, const std::vector<std::uint8_t>& payload) {
        events_.push_back({{.kind = RESEAL_LINK_EVENT_RECEIVED}, topic, payload});
    }

    // The broker's answer to each subscription since the last call.
    void answer_subscriptions(reseal_link_event_kind kind = RESEAL_LINK_EVENT_GRANTED) {
        for (const std::uint16_t handle : subscriptions) {
            happen(kind, RESEAL_LINK_FINE, 0, handle);
        }
        subscriptions.clear();
    }

    reseal_link_network network = RESEAL_LINK_NETWORK_UP;
    int joins = 0;
    int disconnects = 0;         // of a connection or an attempt
    std::size_t room = 1000;     // packets that the client has room for
    std::size_t largest = 5000;  // payload
    std::vector<std::uint32_t> connect_times;
    std::vector<std::string> passwords;
    std::vector<std::string> client_ids;
    bool lasting = false;
    std::vector<std::string> filters;
    std::vector<std::uint16_t> subscriptions;
    std::deque<Published> sent;  // in flight to the broker

  private:
    struct Queued {
        reseal_link_event event;
        std::string topic;
        std::vector<std::uint8_t> payload;
    };

    static FakeDriver& of(void *self) { return *static_cast<FakeDriver *>(self); }

    void connect(const reseal_link_login& login, std::uint32_t now) {
        connect_times.push_back(now);
        client_ids.emplace_back(login.client_id);
        passwords.emplace_back(login.password);
        lasting = login.lasting;
        open_ = true;
    }

    reseal_link_sent publish(std::uint16_t handle, const reseal_message& message) {
        if (message.payload.size > largest) {
            return RESEAL_LINK_SENT_TOO_LARGE;
        }
        if (sent.size() >= room) {
            return RESEAL_LINK_BUSY;
        }
        sent.push_back({handle, message.topic, {message.payload.data, message.payload.data + message.payload.size}});
        return RESEAL_LINK_SENT;
    }

    bool poll(reseal_link_event& event) {
        if (events_.empty()) {
            return false;
        }
        now_ = std::move(events_.front());
        events_.pop_front();
        event = now_.event;
        event.topic = now_.topic.c_str();
        event.payload = {now_.payload.data(), now_.payload.size()};
        return true;
    }

    void disconnect() {
        disconnects += open_ ? 1 : 0;
        open_ = false;
        events_.clear();
        subscriptions.clear();
        sent.clear();
    }

    reseal_link_driver driver_{};
    std::deque<Queued> events_;
    Queued now_{};
    bool open_ = false;
};

}  // namespace reseal::test
