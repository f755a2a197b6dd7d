// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/pairing.h>

#include <array>
#include <string>

#include "admin/program.h"

namespace reseal::admin {
namespace {

using PairingTest = ProgramTest;

TEST_F(PairingTest, ACodeInGroupsWithCheckDigitsIsPrintedWithoutASite) {
    const Outcome outcome = shell(RESEAL_ADMIN " --dir " + temp / "missing" + " export --pairing");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    reseal_pairing code{};
    ASSERT_EQ(reseal_pairing_read(outcome.out.substr(0, outcome.out.size() - 1).c_str(), &code), RESEAL_OK);
    std::array<char, RESEAL_PAIRING_TEXT_SIZE> printed{};
    reseal_pairing_write(&code, printed.data());
    EXPECT_EQ(outcome.out, std::string(printed.data()) + "\n");
    EXPECT_NE(shell(RESEAL_ADMIN " export --pairing --format text").out, outcome.out);
}

TEST_F(PairingTest, TheCHeaderHoldsTheCodeOfTheLabel) {
    const Outcome outcome = shell(RESEAL_ADMIN " export --pairing --format c-header --output " + temp / "pairing.h");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(outcome.out.empty());
    EXPECT_EQ(temp.mode("pairing.h"), 0600U);
    temp.write("print.c",
               "#include <stdio.h>\n#include \"pairing.h\"\n#include \"pairing.h\"\n"
               "int main(void) {\n"
               "    for (size_t i = 0; i < sizeof reseal_device_pairing.secret; i++)\n"
               "        printf(\"%c\", reseal_device_pairing.secret[i]);\n"
               "    return 0;\n}\n");
    const Outcome compiled = shell("cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I " RESEAL_SDK_HEADERS " -o " +
                                   temp / "print" + " " + temp / "print.c");
    ASSERT_EQ(compiled.code, 0) << compiled.err;
    const std::string secret = shell(temp / "print").out;
    ASSERT_EQ(secret.size(), std::size_t{RESEAL_PAIRING_SIZE});
    reseal_pairing code{};
    std::copy(secret.begin(), secret.end(), code.secret);
    std::string label(RESEAL_PAIRING_TEXT_SIZE, ' ');
    reseal_pairing_write(&code, label.data());
    label.pop_back();
    EXPECT_TRUE(contains(temp.read("pairing.h"), "the pairing code " + label + " of one device"));
}

TEST_F(PairingTest, APairingCodeHasNoPrincipalAndNoJsonForm) {
    for (const char* arguments : {"export --pairing dev", "export dev --pairing --format c-header",
                                  "export --pairing --format json", "export dev --format text"}) {
        expect_misuse(arguments);
    }
}

}  // namespace
}  // namespace reseal::admin
