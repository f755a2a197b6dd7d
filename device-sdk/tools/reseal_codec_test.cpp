// SPDX-License-Identifier: Apache-2.0
// What a program in another language gets from reseal-codec.
#include <algorithm>

#include "tools/hex.h"
#include "tools/test_tools.h"

namespace reseal::tools {
namespace {

using testing::contains;
using testing::OtherEnd;
using testing::Outcome;
using testing::Program;
using testing::run;
using testing::ToolsTest;

std::string hex(std::string_view bytes) {
    return tools::hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string unhex(std::string_view text) {
    std::vector<std::uint8_t> bytes(text.size() / 2);
    EXPECT_TRUE(from_hex(text, bytes)) << text;
    return {bytes.begin(), bytes.end()};
}

class Codec : public ToolsTest {
  protected:
    [[nodiscard]] Outcome codec(const std::string& input) const { return run(offline("reseal-codec", {}), input); }

    // The bytes of a single "ok" answer.
    [[nodiscard]] std::string result(const std::string& request) const {
        const Outcome outcome = codec(request + "\n");
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(outcome.out.substr(0, 3), "ok ") << outcome.out;
        return unhex(std::string_view(outcome.out).substr(3, outcome.out.find('\n') - 3));
    }
};

TEST_F(Codec, SealsAndOpensAnyBytes) {
    OtherEnd broker;
    const std::string topic = "ward/1/blank and\nnewline";
    for (const std::string& text : {std::string(), std::string("72 bpm"), std::string("\0\n\xff", 3)}) {
        EXPECT_EQ(broker.open(topic, result("seal " + hex(topic) + " " + hex(text))), text);
        EXPECT_EQ(result("open " + hex(topic) + " " + hex(broker.seal(topic, text))), text);
    }
}

TEST_F(Codec, AnswersAtOnceAndOpensEachMessageOnce) {
    OtherEnd broker;
    const std::string request = "open " + hex("a") + " " + hex(broker.seal("a", "x")) + "\n";
    Program program(offline("reseal-codec", {}));
    program.write(request);
    ASSERT_TRUE(program.said("ok 78\n"));
    program.write(request);
    ASSERT_TRUE(program.said("refused ")) << "asked again";
    program.write("open " + hex("b") + " " + hex(broker.seal("a", "y")) + "\n");
    program.write("seal " + hex("a/#") + " 78\n" + "seal " + hex("+\n") + " 78\n" + "seal " + hex("a") + " 78\n");
    const Outcome outcome = program.finish();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 6) << outcome.out;
    EXPECT_TRUE(contains(outcome.out, "refused 'a/#': ")) << outcome.out;
    EXPECT_TRUE(contains(outcome.out, "refused '+?': ")) << outcome.out;
    const std::string last = outcome.out.substr(outcome.out.rfind("ok ") + 3);
    EXPECT_EQ(broker.open("a", unhex(last.substr(0, last.size() - 1))), "x");
}

TEST_F(Codec, LeavesTheEpochFileAloneUntilItSeals) {
    Program sealing(offline("reseal-codec", {}));
    sealing.write("seal 61 78\n");
    ASSERT_TRUE(sealing.said("ok "));
    OtherEnd broker;
    EXPECT_EQ(result("open 61 " + hex(broker.seal("a", "x"))), "x");
    EXPECT_TRUE(contains(codec("seal 61 78\n").out, "refused " + credentials_ + ".epoch: "));
}

TEST_F(Codec, EndsOnAMalformedRequest) {
    for (const std::string line : {"seal 61", "seal 6 78", "seal 61 7g", "shut 61 78", "seal 61 78 78"}) {
        const Outcome outcome = codec(line + "\nseal 61 78\n");
        EXPECT_EQ(outcome.status, 1) << line;
        EXPECT_EQ(outcome.out, "") << line;
        EXPECT_TRUE(contains(outcome.err, "reseal-codec: stdin: ")) << outcome.err;
    }
}

}  // namespace
}  // namespace reseal::tools
