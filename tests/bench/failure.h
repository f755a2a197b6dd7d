// SPDX-License-Identifier: Apache-2.0
// A fault as an exception. The bench's engine ends from deep inside what it measures, where no result is checked.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "tools/fault.h"

namespace bench {

class Failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// The value. Throws Failure if there is none.
template <class Value>
Value value_of(reseal::tools::Checked<Value> checked) {
    if (!checked) {
        throw Failure(checked.error().text());
    }
    return std::move(*checked);
}

}  // namespace bench
