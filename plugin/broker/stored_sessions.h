// SPDX-License-Identifier: Apache-2.0
// Sessions that the broker keeps for clients that are away, with their queues. Mosquitto 2.1 lets a plugin delete them.
// 2.0 does not, and keeps them until persistent_client_expiration or the session's own expiry.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker.h"

namespace reseal::broker {

class StoredSessions {
  public:
    // Asks the broker what it offers.
    StoredSessions();

    [[nodiscard]] bool can_delete() const { return visit_ != nullptr && delete_ != nullptr; }

    // Deletes the sessions for which `unwanted` is true, and answers their client ids. `unwanted` is not asked unless
    // can_delete(). Call it between two events: the clients' handles become invalid later.
    using Question = std::function<bool(const mosquitto* client, std::string_view username)>;
    std::vector<std::string> remove(const Question& unwanted) const;

  private:
    using Visitor = int (*)(const mosquitto* client, void* context);
    using Visit = int (*)(Visitor visitor, void* context);
    using Delete = int (*)(const char* client_id);
    Visit visit_ = nullptr;
    Delete delete_ = nullptr;
};

}  // namespace reseal::broker
