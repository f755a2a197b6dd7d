// SPDX-License-Identifier: Apache-2.0
// MQTT 5 properties of messages, in the broker's own lists.
#pragma once

#include <cstddef>
#include <memory>

#include "broker/broker.h"

namespace reseal::broker {

struct PropertiesFree {
    void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using Properties = std::unique_ptr<mosquitto_property, PropertiesFree>;

// Can lists be read? Debian 13's build of Mosquitto 2.0 has only the writers. Then libmosquitto's readers are used.
[[nodiscard]] bool properties_readable();

// A copy of the properties of a PUBLISH that subscribers see (MQTT 5, 3.3.2.3): payload format, content type, response
// topic, correlation data, user properties. Null if there are none, or lists cannot be read. Adds to `memory` about as
// many bytes as the copy takes.
[[nodiscard]] Properties copy_of(const mosquitto_property* list, std::size_t& memory);
[[nodiscard]] Properties copy_of(const mosquitto_property* list);

[[nodiscard]] bool has_content_type(const mosquitto_property* list);

// Does the list hold only the content type that mark_sealed() adds? False if lists cannot be read.
[[nodiscard]] bool only_marked_sealed(const mosquitto_property* list);

// Adds the content type of protocol.md, "In MQTT 5". A message sealed on arrival keeps the type that its publisher gave
// to the plaintext. The envelope identifies itself without it.
void mark_sealed(Properties& list);

}  // namespace reseal::broker
