// SPDX-License-Identifier: Apache-2.0
#include "host/host_board.h"

#include <cmath>
#include <cstdio>

namespace reseal::vitals {

HostBoard::HostBoard(const reseal_flash* flash, reseal_settings& settings) : flash_(flash), settings_(settings) {
    board_ = {.context = this,
              .now_ms = [](void* self) { return of(self).now_ms(); },
              .adc =
                  [](void* self, board_channel channel, std::uint16_t* out) {
                      *out = channel == BOARD_PULSE ? simulated_pulse(of(self).now_ms()) : simulated_temperature(29);
                      return true;
                  },
              .i2c_write = [](void* self, std::uint8_t address, std::uint8_t first,
                              std::uint8_t value) { return of(self).motion_.write(address, first, value); },
              .i2c_read = [](void* self, std::uint8_t address, std::uint8_t first, std::uint8_t* out,
                             std::uint8_t size) { return of(self).read_motion(address, first, out, size); },
              .led = [](void* self, bool on) { of(self).show(on); },
              .store_key =
                  [](void* self, const reseal_credentials* fresh) {
                      return stored_settings_rekey(of(self).flash_, &of(self).settings_, fresh);
                  },
              .tell = [](void* /*self*/, const char* line) { std::printf("%s\n", line); }};
}

std::uint32_t HostBoard::now_ms() const {
    const auto passed = std::chrono::steady_clock::now() - start_;
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(passed).count());
}

// A breathing wearer: the chest rises and falls every four seconds.
bool HostBoard::read_motion(std::uint8_t address, std::uint8_t first, std::uint8_t* out, std::uint8_t size) {
    const double breath = std::sin(now_ms() / 637.0);
    motion_.measure({0.02 * breath, -0.01, 1.0 - 0.005 * breath}, {0.8 * breath, 0.1, 0}, 33.5);
    return motion_.read(address, first, out, size);
}

void HostBoard::show(bool on) {
    if (on != led_) {
        led_ = on;
        std::printf("led %s\n", on ? "on" : "off");
    }
}

}  // namespace reseal::vitals
