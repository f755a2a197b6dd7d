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

// Can lists be read? Mosquitto 2.0 as Debian 13 builds it has the writers only; then libmosquitto's readers serve.
[[nodiscard]] bool properties_readable();

// A copy of what subscribers see of a PUBLISH (MQTT 5, 3.3.2.3): payload format, content type, response topic,
// correlation data, user properties. Null if there is none of them, or lists cannot be read. `memory`: adds about as
// many bytes as the copy takes.
[[nodiscard]] Properties copy_of(const mosquitto_property* list, std::size_t& memory);
[[nodiscard]] Properties copy_of(const mosquitto_property* list);

[[nodiscard]] bool has_content_type(const mosquitto_property* list);

// Is the content type that mark_sealed() adds all there is? No if lists cannot be read.
[[nodiscard]] bool only_marked_sealed(const mosquitto_property* list);

// Adds the content type of protocol.md, "In MQTT 5". A message sealed on arrival keeps the type its publisher gave to
// what is inside; the envelope says what it is by itself.
void mark_sealed(Properties& list);

}  // namespace reseal::broker
