// SPDX-License-Identifier: Apache-2.0
#include "base/principal_name.h"

#include <algorithm>

#include <reseal/key.h>

namespace reseal {
namespace {

bool is_principal_character(char c) {
    return ('A' <= c && c <= 'Z') || ('a' <= c && c <= 'z') || ('0' <= c && c <= '9') || c == '.' || c == '_' ||
           c == '-';
}

}  // namespace

bool valid_principal(std::string_view id) {
    return !id.empty() && id.size() <= RESEAL_PRINCIPAL_MAX && std::ranges::all_of(id, is_principal_character);
}

}  // namespace reseal
