// SPDX-License-Identifier: Apache-2.0
// What the tests of the tools share: folders, the sample principal, and the other end of its messages.
#pragma once

#include <reseal/receiver.h>
#include <reseal/sender.h>
#include <sys/types.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reseal::tools::testing {

// A new folder, removed with all that is in it.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

    // Returns the path of the new file.
    [[nodiscard]] std::string write(const std::string& name, std::string_view text, mode_t mode = 0600) const;

    // Returns the path of the new folder in it.
    [[nodiscard]] std::string make(const std::string& name) const;

  private:
    std::string path_;
};

std::string read_text(const std::string& path);
std::vector<std::uint8_t> as_bytes(std::string_view text);

// Credentials of "iot_dev_01", and the same as a credentials file.
reseal_credentials sample_credentials();
std::string sample_credentials_text();

// The broker's end: opens what the sample principal sealed, and seals what the principal opens.
class OtherEnd {
  public:
    OtherEnd();
    ~OtherEnd();
    OtherEnd(const OtherEnd&) = delete;
    OtherEnd& operator=(const OtherEnd&) = delete;

    // The plaintext, or '!' and the refusal's text.
    std::string open(const std::string& topic, std::string_view message);
    std::string seal(const std::string& topic, std::string_view plaintext);

  private:
    std::uint32_t epoch_ = 0;
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words_{};
    reseal_receiver receiver_{};
    reseal_epoch_store epochs_{};
    reseal_random random_{};
    reseal_sender sender_{};
};

}  // namespace reseal::tools::testing
