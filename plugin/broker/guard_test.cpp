// SPDX-License-Identifier: Apache-2.0
#include "broker/guard.h"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>

namespace reseal::broker {
namespace {

constexpr int refused = 12;

class Guard : public testing::Test {
  protected:
    int run(const std::function<int()>& work) {
        return guarded(
            refused, [this](const char* what) { reported_ = what; }, work);
    }

    std::string reported_;
};

TEST_F(Guard, LetsAnAnswerThrough) {
    EXPECT_EQ(run([] { return 7; }), 7);
    EXPECT_EQ(reported_, "");
}

TEST_F(Guard, ReportsAnException) {
    EXPECT_EQ(run([]() -> int { throw std::runtime_error("out of luck"); }), refused);
    EXPECT_EQ(reported_, "out of luck");
}

TEST_F(Guard, StopsWhatIsNotAnException) {
    EXPECT_EQ(run([]() -> int { throw 7; }), refused);  // NOLINT(*-exception-baseclass,cert-err60-cpp)
    EXPECT_EQ(reported_, "something was thrown that is not a std::exception");
    EXPECT_EQ(run([]() -> int { throw "text"; }), refused);  // NOLINT(*-exception-baseclass,cert-err60-cpp)
}

}  // namespace
}  // namespace reseal::broker
