// SPDX-License-Identifier: Apache-2.0
// A value or the reason why there is none. Must be looked at.
#pragma once

#include <utility>
#include <variant>

namespace reseal {

template <class Value, class Error>
class [[nodiscard]] Result {
  public:
    Result(Value value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

    explicit operator bool() const { return state_.index() == 0; }

    Value& operator*() { return std::get<0>(state_); }
    const Value& operator*() const { return std::get<0>(state_); }
    Value* operator->() { return &std::get<0>(state_); }
    const Value* operator->() const { return &std::get<0>(state_); }

    const Error& error() const { return std::get<1>(state_); }

  private:
    std::variant<Value, Error> state_;
};

}  // namespace reseal
