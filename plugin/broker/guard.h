// SPDX-License-Identifier: Apache-2.0
// Every callback of the broker goes through this. The broker is C: an exception that got into it would end it.
#pragma once

#include <exception>

namespace reseal::broker {

// Answers what `work` answers. If `work` throws, calls `report(what)`, which must not throw, and answers `otherwise`.
template <class Work, class Report>
int guarded(int otherwise, Report&& report, Work&& work) noexcept {
    try {
        return work();
    } catch (const std::exception& error) {
        report(error.what());
    } catch (...) {
        report("something was thrown that is not a std::exception");
    }
    return otherwise;
}

}  // namespace reseal::broker
