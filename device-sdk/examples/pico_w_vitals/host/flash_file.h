// SPDX-License-Identifier: Apache-2.0
// Flash in a file, with the sectors of the Pico port: settings, replay window, epoch. It behaves like flash and belongs
// to one process at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <reseal/flash.h>

#include "tools/fault.h"
#include "tools/file.h"

namespace reseal::vitals {

class FlashFile {
  public:
    // Creates a blank one if there is none. Refuses one that another process uses.
    static tools::Checked<std::unique_ptr<FlashFile>> open(const std::string& path);
    FlashFile(const FlashFile&) = delete;
    FlashFile& operator=(const FlashFile&) = delete;

    [[nodiscard]] const reseal_flash* settings() const { return &settings_.port; }
    [[nodiscard]] const reseal_flash* windows() const { return &windows_.port; }
    [[nodiscard]] const reseal_flash* epochs() const { return &epochs_.port; }

  private:
    struct Sectors {
        int file;
        std::uint32_t start;
        reseal_flash port;
    };

    explicit FlashFile(tools::Descriptor file);
    static bool read(void* context, std::uint32_t offset, std::uint8_t* out, std::uint32_t size);
    static bool program(void* context, std::uint32_t offset, const std::uint8_t* data, std::uint32_t size);
    static bool erase(void* context, std::uint32_t offset);

    tools::Descriptor file_;
    Sectors settings_{};
    Sectors windows_{};
    Sectors epochs_{};
};

}  // namespace reseal::vitals
