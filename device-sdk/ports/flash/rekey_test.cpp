// SPDX-License-Identifier: Apache-2.0
// A new key over the air, with everything that the device keeps in flash, wherever the power fails.
#include <gtest/gtest.h>
#include <reseal/flash.h>
#include <reseal/rekey.h>

#include "core/test_support.h"
#include "ports/flash/power_cuts.h"

namespace reseal::test {
namespace {

constexpr std::uint32_t kSector = 256;
constexpr const char *kTopic = "$reseal/bed-12/key";

reseal_credentials second_generation() {
    reseal_credentials made = credentials();
    made.key_id[0] = 2;
    made.master[0] = 2;
    return made;
}

// The flash of one device: credentials as a record, epoch, window.
struct Board {
    Board() {
        for (reseal_simulated_flash *each : {&keys, &epochs, &windows}) {
            reseal_simulated_flash_make(each, kSector, 3);
            each->power = RESEAL_NEVER;
        }
    }

    static reseal_status store(void *context, const reseal_credentials *fresh) {
        Bytes record(RESEAL_REKEY_RECORD_MAX);
        record.resize(reseal_rekey_record_write(record.data(), fresh));
        return reseal_flash_record_write(&static_cast<Board *>(context)->keys.port, view(record));
    }

    // The first byte of the key id in flash; 0 unless a whole record is there.
    std::uint8_t stored_key() {
        Bytes memory(kSector);
        reseal_buffer out = room(memory);
        const bool whole = reseal_flash_record_read(&keys.port, &out) == RESEAL_OK && out.size > 2;
        return whole ? memory[2] : 0;
    }

    reseal_simulated_flash keys{};
    reseal_simulated_flash epochs{};
    reseal_simulated_flash windows{};
};

// The device, from boot on.
class Boot {
  public:
    explicit Boot(Board& board) : board_(board) {
        const reseal_credentials of = board.stored_key() == 2 ? second_generation() : credentials();
        const reseal_port port{reseal_crypto_openssl(), reseal_flash_epoch_store(&board.epochs.port), random_.port(),
                               reseal_flash_window_store(&board.windows.port)};
        EXPECT_EQ(reseal_device_open(&device_, &of, &port), RESEAL_OK);
    }
    ~Boot() { reseal_device_close(&device_); }
    Boot(const Boot&) = delete;
    Boot& operator=(const Boot&) = delete;

    reseal_status rekey(std::uint32_t counter) {
        Draft draft;
        draft.topic = kTopic;
        draft.counter = counter;
        const reseal_credentials fresh = second_generation();
        draft.plaintext.resize(RESEAL_REKEY_RECORD_MAX);
        draft.plaintext.resize(reseal_rekey_record_write(draft.plaintext.data(), &fresh));
        const reseal_key_store store{&board_, Board::store};
        return reseal_device_rekey(&device_, view(draft.seal()), &store);
    }

    // The epoch of a message that it seals, and the first byte of the key id; zeros if it seals nothing.
    std::pair<std::uint32_t, std::uint8_t> seal() {
        Bytes memory(100);
        reseal_message message{};
        message.payload = room(memory);
        reseal_envelope envelope{};
        const bool done = reseal_device_seal(&device_, "t", {}, &message) == RESEAL_OK &&
                          reseal_envelope_parse({message.payload.data, message.payload.size}, &envelope) == RESEAL_OK;
        return done ? std::pair{envelope.epoch.number, envelope.key_id[0]}
                    : std::pair{std::uint32_t{0}, std::uint8_t{0}};
    }

  private:
    Board& board_;
    CountingRandom random_;
    reseal_device device_;
};

TEST(FlashRekey, SurvivesAPowerCutAnywhereWithoutRepeatingAnEpoch) {
    const reseal_credentials first = credentials();
    bool cut = true;
    int with_old = 0;
    int with_new = 0;
    for (std::uint32_t power = 0; cut; power++) {
        Board board;
        ASSERT_EQ(Board::store(&board, &first), RESEAL_OK);
        std::uint32_t last = 0;
        {
            Boot run(board);
            last = run.seal().first;
            board.keys.power = power;
            const reseal_status status = run.rekey(0);
            cut = status != RESEAL_OK;
            if (!cut) {
                EXPECT_EQ(run.seal().second, 2) << power;
                last = run.seal().first;
            }
        }
        board.keys.power = RESEAL_NEVER;
        Boot after(board);
        const std::uint8_t key = board.stored_key();
        ASSERT_TRUE(key == 2 || key == first.key_id[0]) << power;
        ++(key == 2 ? with_new : with_old);
        EXPECT_EQ(after.seal().second, key) << power;
        EXPECT_GT(after.seal().first, last) << power;
        EXPECT_EQ(after.rekey(1), key == 2 ? RESEAL_UNKNOWN_KEY : RESEAL_OK) << power;
        EXPECT_EQ(after.seal().second, 2) << "what was not stored is taken when it is sent again";
    }
    EXPECT_GT(with_old, 0);
    EXPECT_GT(with_new, 0);
}

TEST(FlashRekey, RefusesAKeyWhoseMessageCannotBeMarkedAsAccepted) {
    Board board;
    const reseal_credentials first = credentials();
    ASSERT_EQ(Board::store(&board, &first), RESEAL_OK);
    Boot run(board);
    board.windows.power = 0;
    EXPECT_EQ(run.rekey(0), RESEAL_WINDOW_NOT_STORED);
    EXPECT_EQ(board.stored_key(), first.key_id[0]);
    EXPECT_EQ(run.seal().second, first.key_id[0]);
}

}  // namespace
}  // namespace reseal::test
