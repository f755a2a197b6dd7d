// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/device_files.h"

#include <gtest/gtest.h>

#include "tools/test_support.h"

namespace reseal::tools::sim {
namespace {

class DeviceFilesTest : public ::testing::Test {
  protected:
    DeviceFilesTest() {
        for (const char* id : {"iot_2", "iot_1", "nurse"}) {
            put(std::string(id), nullptr);
            put(std::string(id) + "/" + id + ".json", "{}");
        }
        put("iot_3.json", "{}");
        put("iot_3.json.epoch", "");
        put("notes.txt", "");
        put("empty", nullptr);
        options_.credentials_dir = folder_.path(".");
    }

    // A file, or without text a folder.
    void put(const std::string& name, const char* text) const {
        const std::string path = text == nullptr ? folder_.make(name) : folder_.write(name, text);
        ASSERT_FALSE(path.empty());
    }

    [[nodiscard]] std::string in(const std::string& name) const { return folder_.path("./" + name); }

    [[nodiscard]] std::string complaint() const {
        const auto found = find_devices(options_);
        return found ? "accepted" : found.error().text();
    }

    testing::Folder folder_;
    SimOptions options_;
};

TEST_F(DeviceFilesTest, AreFoundInTheFolderAndItsSubfolders) {
    const auto files = *find_devices(options_);
    ASSERT_EQ(files.size(), 4U);
    EXPECT_EQ(files[0].credentials, in("iot_1/iot_1.json"));
    EXPECT_EQ(files[0].state, in("iot_1/iot_1.json.epoch"));
    EXPECT_EQ(files[0].cert, "");
    EXPECT_EQ(files[1].credentials, in("iot_2/iot_2.json"));
    EXPECT_EQ(files[2].credentials, in("iot_3.json"));
    EXPECT_EQ(files[3].credentials, in("nurse/nurse.json"));
}

TEST_F(DeviceFilesTest, AreLimitedByPatternAndNumber) {
    options_.only = "iot_*";
    options_.devices = 2;
    const auto files = *find_devices(options_);
    ASSERT_EQ(files.size(), 2U);
    EXPECT_EQ(files[1].credentials, in("iot_2/iot_2.json"));
}

TEST_F(DeviceFilesTest, AreNeverFewerThanAskedFor) {
    options_.devices = 5;
    EXPECT_NE(complaint().find(": 4 credentials files named *.json"), std::string::npos) << complaint();
    options_.devices = 0;
    options_.only = "pump_*";
    EXPECT_NE(complaint().find(": 0 credentials files named pump_*.json"), std::string::npos) << complaint();
}

TEST_F(DeviceFilesTest, AreRefusedIfTheFolderCannotBeRead) {
    options_.credentials_dir = folder_.path("missing");
    EXPECT_EQ(complaint(), folder_.path("missing") + ": cannot be read: No such file or directory");
}

TEST_F(DeviceFilesTest, AreRefusedIfTwoHaveTheSameName) {
    put("iot_1.json", "{}");
    EXPECT_NE(complaint().find("two devices with the same name"), std::string::npos) << complaint();
}

TEST_F(DeviceFilesTest, IncludeCertificateAndKeyWithTls) {
    options_.only = "iot_1";
    options_.common.connection.cafile = "ca.crt";
    EXPECT_NE(complaint().find("iot_1.crt: not found"), std::string::npos) << complaint();
    put("iot_1/iot_1.crt", "");
    EXPECT_NE(complaint().find("iot_1.key: not found"), std::string::npos) << complaint();
    put("iot_1/iot_1.key", "");
    const auto files = *find_devices(options_);
    EXPECT_EQ(files.front().cert, in("iot_1/iot_1.crt"));
    EXPECT_EQ(files.front().key, in("iot_1/iot_1.key"));
}

}  // namespace
}  // namespace reseal::tools::sim
