// SPDX-License-Identifier: Apache-2.0
#include "broker/properties.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

namespace reseal::broker {

namespace {

constexpr const char* sealed_type = R"(application/cose; cose-type="cose-encrypt0")";

struct Readers {
    decltype(&mosquitto_property_next) next = nullptr;
    decltype(&mosquitto_property_identifier) identifier = nullptr;
    decltype(&mosquitto_property_read_byte) byte = nullptr;
    decltype(&mosquitto_property_read_string) string = nullptr;
    decltype(&mosquitto_property_read_binary) binary = nullptr;
    decltype(&mosquitto_property_read_string_pair) pair = nullptr;

    [[nodiscard]] bool complete() const {
        return next != nullptr && identifier != nullptr && byte != nullptr && string != nullptr && binary != nullptr &&
               pair != nullptr;
    }
};

template <class Function>
void look_up(void* library, const char* name, Function& out) {
    out = reinterpret_cast<Function>(dlsym(library, name));
}

Readers readers_of(void* library) {
    Readers out;
    look_up(library, "mosquitto_property_next", out.next);
    look_up(library, "mosquitto_property_identifier", out.identifier);
    look_up(library, "mosquitto_property_read_byte", out.byte);
    look_up(library, "mosquitto_property_read_string", out.string);
    look_up(library, "mosquitto_property_read_binary", out.binary);
    look_up(library, "mosquitto_property_read_string_pair", out.pair);
    return out;
}

struct CFree {
    void operator()(void* memory) const { std::free(memory); }
};
template <class T>
using CMemory = std::unique_ptr<T, CFree>;

// The lists are the broker's. A library of another release may read them differently.
bool understands(const Readers& readers) {
    mosquitto_property* written = nullptr;
    if (mosquitto_property_add_string_pair(&written, MQTT_PROP_USER_PROPERTY, "name", "value") != MOSQ_ERR_SUCCESS) {
        return false;
    }
    const Properties list(written);
    char* name = nullptr;
    char* value = nullptr;
    const bool found = readers.pair(list.get(), MQTT_PROP_USER_PROPERTY, &name, &value, false) != nullptr;
    const CMemory<char> free_name(name);
    const CMemory<char> free_value(value);
    return found && name != nullptr && value != nullptr && std::string_view(name) == "name" &&
           std::string_view(value) == "value";
}

Readers find_readers() {
    Readers own = readers_of(RTLD_DEFAULT);
    if (own.complete()) {
        return own;
    }
    void* library = dlopen("libmosquitto.so.1", RTLD_NOW | RTLD_LOCAL);
    Readers borrowed = library != nullptr ? readers_of(library) : Readers{};
    return borrowed.complete() && understands(borrowed) ? borrowed : Readers{};
}

const Readers& readers() {
    static const Readers found = find_readers();
    return found;
}

// Bytes that the broker allocates for each property, besides those of its strings.
constexpr std::size_t node = 80;

// Mosquitto 2.1 reads an empty text as null.
std::size_t size_of(const char* text) {
    return text == nullptr ? 0 : std::strlen(text);
}

// Each of these copies one property, and answers how many bytes of strings it has.
std::size_t copy_byte(const mosquitto_property* from, mosquitto_property** to, int identifier) {
    std::uint8_t value = 0;
    if (readers().byte(from, identifier, &value, false) != nullptr) {
        (void)mosquitto_property_add_byte(to, identifier, value);
    }
    return 0;
}

std::size_t copy_string(const mosquitto_property* from, mosquitto_property** to, int identifier) {
    char* value = nullptr;
    if (readers().string(from, identifier, &value, false) == nullptr) {
        return 0;
    }
    const CMemory<char> owned(value);
    (void)mosquitto_property_add_string(to, identifier, value);
    return size_of(value);
}

std::size_t copy_binary(const mosquitto_property* from, mosquitto_property** to, int identifier) {
    void* value = nullptr;
    std::uint16_t size = 0;
    if (readers().binary(from, identifier, &value, &size, false) == nullptr) {
        return 0;
    }
    const CMemory<void> owned(value);
    (void)mosquitto_property_add_binary(to, identifier, value, size);
    return size;
}

std::size_t copy_pair(const mosquitto_property* from, mosquitto_property** to, int identifier) {
    char* name = nullptr;
    char* value = nullptr;
    if (readers().pair(from, identifier, &name, &value, false) == nullptr) {
        return 0;
    }
    const CMemory<char> free_name(name);
    const CMemory<char> free_value(value);
    (void)mosquitto_property_add_string_pair(to, identifier, name, value);
    return size_of(name) + size_of(value);
}

// Each reader takes the first property of its kind, which is `from` itself.
std::size_t copy_first(const mosquitto_property* from, mosquitto_property** to) {
    const int identifier = readers().identifier(from);
    switch (identifier) {
        case MQTT_PROP_PAYLOAD_FORMAT_INDICATOR:
            return node + copy_byte(from, to, identifier);
        case MQTT_PROP_CONTENT_TYPE:
        case MQTT_PROP_RESPONSE_TOPIC:
            return node + copy_string(from, to, identifier);
        case MQTT_PROP_CORRELATION_DATA:
            return node + copy_binary(from, to, identifier);
        case MQTT_PROP_USER_PROPERTY:
            return node + copy_pair(from, to, identifier);
        default:
            return 0;
    }
}

void add_mark(mosquitto_property*& list) {
    (void)mosquitto_property_add_string(&list, MQTT_PROP_CONTENT_TYPE, sealed_type);
}

Properties new_mark() {
    mosquitto_property* out = nullptr;
    add_mark(out);
    return Properties(out);
}

// Only the mark. To copy it costs a third of writing it, which checks each character. But not every build of the broker
// offers that. A copy made by a library would not do: the broker counts the memory that it frees.
Properties copy_of_mark() {
    using Copy = int(mosquitto_property**, const mosquitto_property*);
    static auto* const copy = reinterpret_cast<Copy*>(dlsym(RTLD_DEFAULT, "mosquitto_property_copy_all"));
    static const Properties original = new_mark();
    mosquitto_property* out = nullptr;
    return copy != nullptr && copy(&out, original.get()) == MOSQ_ERR_SUCCESS ? Properties(out) : new_mark();
}

// The library walks a list to find its end, so adding each property at the beginning would cost the square of the
// length. Instead each property is added to the last one, as if that were the beginning.
mosquitto_property* last_of(mosquitto_property* list) {
    while (list != nullptr && readers().next(list) != nullptr) {
        list = const_cast<mosquitto_property*>(readers().next(list));  // the list is ours
    }
    return list;
}

}  // namespace

bool has_content_type(const mosquitto_property* list) {
    return list != nullptr && readers().string != nullptr &&
           readers().string(list, MQTT_PROP_CONTENT_TYPE, nullptr, false) != nullptr;
}

bool only_marked_sealed(const mosquitto_property* list) {
    if (list == nullptr || !properties_readable() || readers().next(list) != nullptr) {
        return false;
    }
    char* value = nullptr;
    const bool found = readers().string(list, MQTT_PROP_CONTENT_TYPE, &value, false) != nullptr;
    const CMemory<char> owned(value);
    return found && value != nullptr && std::string_view(value) == sealed_type;
}

bool properties_readable() {
    return readers().complete();
}

Properties copy_of(const mosquitto_property* list, std::size_t& memory) {
    mosquitto_property* out = nullptr;
    mosquitto_property* last = nullptr;
    if (properties_readable()) {
        for (const mosquitto_property* at = list; at != nullptr; at = readers().next(at)) {
            memory += copy_first(at, last == nullptr ? &out : &last);
            last = last_of(last == nullptr ? out : last);
        }
    }
    return Properties(out);
}

Properties copy_of(const mosquitto_property* list) {
    std::size_t ignored = 0;
    return copy_of(list, ignored);
}

void mark_sealed(Properties& list) {
    if (list == nullptr) {
        list = copy_of_mark();
    } else if (!has_content_type(list.get())) {
        mosquitto_property* changed = list.release();
        add_mark(changed);
        list.reset(changed);
    }
}

}  // namespace reseal::broker
