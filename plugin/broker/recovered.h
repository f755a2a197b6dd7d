// SPDX-License-Identifier: Apache-2.0
// Messages that an earlier process of the broker had handed over when it died (state/delivery_journal.h), until their
// recipients are back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/name_hash.h"
#include "policy/topic.h"
#include "state/delivery_journal.h"

namespace reseal::broker {

class Recovered {
  public:
    using Message = state::DeliveryJournal::Message;
    struct Delivery {
        std::shared_ptr<const Message> message;
        std::uint8_t qos = 0;
    };

    void add(Message message) {
        const auto shared = std::make_shared<const Message>(std::move(message));
        for (const auto& recipient : shared->recipients) {
            waiting_[recipient.client_id].push_back({shared, recipient.qos});
        }
    }

    [[nodiscard]] bool empty() const { return waiting_.empty(); }

    // Takes out the messages that wait for the client, of topics that match `filter`.
    [[nodiscard]] std::vector<Delivery> take(std::string_view client_id, std::string_view filter) {
        std::vector<Delivery> out;
        const auto found = waiting_.find(client_id);
        if (found == waiting_.end()) {
            return out;
        }
        std::vector<Delivery> left;
        for (Delivery& each : found->second) {
            auto& to = policy::matches(policy::without_share(filter), each.message->topic) ? out : left;
            to.push_back(std::move(each));
        }
        found->second = std::move(left);
        if (found->second.empty()) {
            waiting_.erase(found);
        }
        return out;
    }

  private:
    std::unordered_map<std::string, std::vector<Delivery>, NameHash, std::equal_to<>> waiting_;  // by client id
};

}  // namespace reseal::broker
