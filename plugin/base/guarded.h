// SPDX-License-Identifier: Apache-2.0
// A value that several threads use, one at a time. It can be reached only while its lock is held.
#pragma once

#include <mutex>
#include <utility>

namespace reseal {

template <class T>
class Guarded {
  public:
    template <class... Arguments>
    explicit Guarded(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}

    // The value, until the end of its own life. Never ask for a second one while the thread holds one.
    class Access {
      public:
        T* operator->() const { return value_; }
        T& operator*() const { return *value_; }

      private:
        friend Guarded;
        explicit Access(Guarded& guarded) : lock_(guarded.mutex_), value_(&guarded.value_) {}

        std::unique_lock<std::mutex> lock_;
        T* value_;
    };

    [[nodiscard]] Access access() { return Access(*this); }

  private:
    std::mutex mutex_;
    T value_;
};

}  // namespace reseal
