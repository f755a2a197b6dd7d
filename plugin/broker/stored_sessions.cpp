// SPDX-License-Identifier: Apache-2.0
#include "broker/stored_sessions.h"

#include <dlfcn.h>

#include "broker/broker.h"

namespace reseal::broker {
namespace {

struct Search {
    const StoredSessions::Question* unwanted;
    std::vector<std::string> found;
};

int look_at(const mosquitto* client, void* context) {
    auto& search = *static_cast<Search*>(context);
    const std::string_view username = text(mosquitto_client_username(client));
    if (!username.empty() && (*search.unwanted)(client, username)) {
        search.found.emplace_back(text(mosquitto_client_id(client)));
    }
    return MOSQ_ERR_SUCCESS;
}

}  // namespace

// Both exist from 2.1 on. They are symbols of the broker itself, so what this was built against does not matter.
StoredSessions::StoredSessions()
    : visit_(reinterpret_cast<Visit>(::dlsym(RTLD_DEFAULT, "mosquitto_apply_on_all_clients"))),
      delete_(reinterpret_cast<Delete>(::dlsym(RTLD_DEFAULT, "mosquitto_persist_client_delete"))) {}

std::vector<std::string> StoredSessions::remove(const Question& unwanted) const {
    Search search{&unwanted, {}};
    if (can_delete()) {
        (void)visit_(look_at, &search);
    }
    for (const std::string& client_id : search.found) {
        (void)delete_(client_id.c_str());
    }
    return search.found;
}

}  // namespace reseal::broker
