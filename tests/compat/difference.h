// SPDX-License-Identifier: Apache-2.0
// What may differ on Mosquitto 2.0 from the same broker without the plugin, and why that cannot be avoided.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace compat {

enum class Difference : std::uint8_t {
    retain_flag,
    subscription_id,
    expiry,
    will_properties,
    same_copy,
};

// For the document: a letter, what differs, why.
struct Explanation {
    Difference difference;
    std::string what;
    std::string why;
};
const std::vector<Explanation>& explanations();
char letter(Difference difference);

// How the transcript with the plugin differs from the one without: no differences if equal, nullopt if they are not all
// known ones.
std::optional<std::set<Difference>> compare(const std::vector<std::string>& without,
                                            const std::vector<std::string>& with);

}  // namespace compat
