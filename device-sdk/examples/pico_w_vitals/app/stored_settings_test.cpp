// SPDX-License-Identifier: Apache-2.0
#include "app/stored_settings.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "app/test_board.h"

namespace reseal::vitals {
namespace {

// Two sectors in memory that behave like flash.
class TestFlash {
  public:
    TestFlash() { bytes_.fill(0xFF); }
    [[nodiscard]] const reseal_flash *get() const { return &port_; }

    bool works = true;

  private:
    static TestFlash& of(void *self) { return *static_cast<TestFlash *>(self); }

    std::array<std::uint8_t, 2 * 4096> bytes_{};
    reseal_flash port_ = {this, 4096,
                          [](void *self, std::uint32_t offset, std::uint8_t *out, std::uint32_t size) {
                              std::memcpy(out, &of(self).bytes_.at(offset), size);
                              return of(self).works;
                          },
                          [](void *self, std::uint32_t offset, const std::uint8_t *data, std::uint32_t size) {
                              for (std::uint32_t i = 0; i < size; ++i) {
                                  of(self).bytes_.at(offset + i) &= data[i];
                              }
                              return of(self).works;
                          },
                          [](void *self, std::uint32_t offset) {
                              std::memset(&of(self).bytes_.at(offset), 0xFF, 4096);
                              return of(self).works;
                          }};
};

reseal_settings some_settings() {
    reseal_settings settings{};
    std::strcpy(settings.wifi_name, "ward");
    std::strcpy(settings.wifi_password, "long enough");
    std::strcpy(settings.broker, "broker.example");
    settings.port = 1883;
    settings.has_credentials = true;
    settings.credentials = test_credentials();
    return settings;
}

TEST(StoredSettings, AreReadAsTheyWereWritten) {
    TestFlash flash;
    const reseal_settings written = some_settings();
    ASSERT_EQ(stored_settings_write(flash.get(), &written), RESEAL_OK);
    reseal_settings read{};
    ASSERT_EQ(stored_settings_read(flash.get(), &read), RESEAL_OK);
    EXPECT_STREQ(read.broker, "broker.example");
    EXPECT_TRUE(read.has_credentials);
    EXPECT_EQ(std::memcmp(read.credentials.master, written.credentials.master, RESEAL_MASTER_SIZE), 0);
}

TEST(StoredSettings, AreEmptyOnADeviceThatWasNeverSetUp) {
    TestFlash flash;
    reseal_settings read = some_settings();
    EXPECT_EQ(stored_settings_read(flash.get(), &read), RESEAL_OK);
    EXPECT_FALSE(read.has_credentials);
    EXPECT_STREQ(read.broker, "");
}

TEST(StoredSettings, AreEmptyIfTheyCannotBeRead) {
    TestFlash flash;
    const reseal_settings written = some_settings();
    ASSERT_EQ(stored_settings_write(flash.get(), &written), RESEAL_OK);
    flash.works = false;
    reseal_settings read = some_settings();
    EXPECT_EQ(stored_settings_read(flash.get(), &read), RESEAL_NOT_STORED);
    EXPECT_FALSE(read.has_credentials);
}

TEST(StoredSettings, AreNotWrittenIfTheyAreInvalid) {
    TestFlash flash;
    reseal_settings wrong = some_settings();
    wrong.port = 0;
    EXPECT_EQ(stored_settings_write(flash.get(), &wrong), RESEAL_BAD_ARGUMENT);
    reseal_settings read{};
    EXPECT_EQ(stored_settings_read(flash.get(), &read), RESEAL_OK);
    EXPECT_FALSE(read.has_credentials);
}

TEST(StoredSettings, GetANewKeyAndOtherwiseStayUnchanged) {
    TestFlash flash;
    reseal_settings settings = some_settings();
    reseal_credentials fresh = test_credentials();
    std::memcpy(fresh.key_id, "another", RESEAL_KEY_ID_SIZE);
    flash.works = false;
    EXPECT_EQ(stored_settings_rekey(flash.get(), &settings, &fresh), RESEAL_NOT_STORED);
    EXPECT_EQ(std::memcmp(settings.credentials.key_id, "keyname", RESEAL_KEY_ID_SIZE), 0);
    flash.works = true;
    ASSERT_EQ(stored_settings_rekey(flash.get(), &settings, &fresh), RESEAL_OK);
    reseal_settings read{};
    ASSERT_EQ(stored_settings_read(flash.get(), &read), RESEAL_OK);
    for (const reseal_settings& each : {settings, read}) {
        EXPECT_EQ(std::memcmp(each.credentials.key_id, "another", RESEAL_KEY_ID_SIZE), 0);
        EXPECT_STREQ(each.broker, "broker.example");
    }
}

}  // namespace
}  // namespace reseal::vitals
