// SPDX-License-Identifier: Apache-2.0
// The programs themselves, against a stock broker that has no plugin: it forwards what it gets, so a test plays the
// other end in each direction.
#pragma once

#include <gtest/gtest.h>

#include "tools/test_programs.h"
#include "tools/test_support.h"

namespace reseal::tools::testing {

using Words = std::vector<std::string>;

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class ToolsTest : public ::testing::Test {
  protected:
    // The command line of a tool with the sample credentials, without a broker.
    [[nodiscard]] Words offline(const std::string& name, const Words& more) const {
        Words words = {RESEAL_TOOLS_FOLDER "/" + name, "--credentials", credentials_};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    Folder folder_;
    std::string credentials_ = folder_.write("iot_dev_01.json", sample_credentials_text());
};

class BrokerTest : public ToolsTest {
  protected:
    [[nodiscard]] Words tool(const std::string& name, const Words& more) const {
        Words words = offline(name, {"-h", "127.0.0.1", "-p", broker_.port()});
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    // Publishes bytes as they are, as mosquitto's own client does.
    [[nodiscard]] Outcome publish_raw(const std::string& topic, const std::string& bytes) const {
        return run({"mosquitto_pub", "-h", "127.0.0.1", "-p", broker_.port(), "-q", "1", "-t", topic, "-s"}, bytes);
    }

    // Another principal, which can open nothing that it gets; it keeps everything as received, for dumped.
    [[nodiscard]] Words eavesdrop(const std::string& filter) const {
        Words words = tool("reseal-sub", {"-t", filter, "--dump", dump_});
        words.at(2) = other_;
        return words;
    }

    // The `number`th message that arrived, from 1.
    [[nodiscard]] std::string dumped(int number) const {
        std::string name = std::to_string(number);
        name.insert(0, 4 - name.size(), '0');
        return read_text(dump_ + "/" + name.append(".bin"));
    }

    std::string dump_ = folder_.make("dump");
    std::string acl_ = folder_.write("acl", R"(topic readwrite #
topic read $SYS/#
topic deny secret/#
user iot_dev_01
topic readwrite #
topic read $SYS/#
topic deny secret/#
user other
topic read #
)");
    std::string other_ = folder_.write("other.json", other_credentials());
    Broker broker_{folder_, "allow_anonymous true\nacl_file " + acl_ + "\n"};

  private:
    static std::string other_credentials() {
        std::string text = sample_credentials_text();
        text.replace(text.find("iot_dev_01"), 10, "other");
        return text.replace(text.find("a7a7"), 4, "0000");
    }
};

}  // namespace reseal::tools::testing
