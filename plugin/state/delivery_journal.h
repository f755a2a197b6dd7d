// SPDX-License-Identifier: Apache-2.0
// Messages that the broker was handed for its clients and has not queued yet. Mosquitto 2.0 acknowledges a message to
// its publisher one round of its loop before it queues the copies that the plugin publishes to each subscriber. A
// broker that dies in between would lose an acknowledged message. So the message is kept here, sealed as it came, with
// the ids of its recipients, until the round is over. The file is memory-mapped: its contents survive the death of the
// process at any instruction, but perhaps not a loss of power.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"
#include "base/fault.h"

namespace reseal::state {

class DeliveryJournal {
  public:
    struct Recipient {
        std::string client_id;
        std::uint8_t qos = 0;
    };
    struct Message {
        std::string topic;
        std::vector<std::uint8_t> payload;  // as it came
        bool retain = false;
        bool whole = false;  // all its recipients are named: its fan-out was over
        std::vector<Recipient> recipients;
    };

    // No more than this is kept in one round.
    static constexpr std::size_t size_most = std::size_t{256} << 20U;

    // Opens or makes FOLDER/handed-over, and empties it. unfinished() answers what was in it. Faults: a folder that
    // cannot be written, a file that this program did not write, a full disk. Only one process may use it: the one that
    // holds the lock on the same folder.
    static Checked<DeliveryJournal> open(const std::string& folder);

    DeliveryJournal(DeliveryJournal&& other) noexcept;
    DeliveryJournal& operator=(DeliveryJournal&& other) noexcept;
    DeliveryJournal(const DeliveryJournal&) = delete;
    DeliveryJournal& operator=(const DeliveryJournal&) = delete;
    ~DeliveryJournal();

    // What a process that died had handed over, the oldest first.
    [[nodiscard]] std::vector<Message>& unfinished() { return unfinished_; }

    // A fan-out begins, and the previous one is over. Call recipient() for each client that is handed a copy. False:
    // there is no room, and recipient() does nothing.
    bool message(std::string_view topic, std::span<const std::uint8_t> payload, bool retain);
    void recipient(std::string_view client_id, std::uint8_t qos);
    // The fan-out of the last message is over.
    void fanout_over();

    // Makes the file again if it was removed, replaced or cut under this process, and reports it. Does so only while
    // the journal is empty. Costs three system calls: call it about twice a second.
    [[nodiscard]] std::optional<Fault> look();

    // The broker has queued all that it was handed. Cheap if the journal is empty.
    void clear() {
        if (end_ != header_size) {
            begin();
        }
    }

  private:
    DeliveryJournal(std::string folder, Descriptor file) : folder_(std::move(folder)), file_(std::move(file)) {}
    static constexpr std::size_t header_size = 2 * sizeof(std::uint64_t);
    void begin();
    bool map(std::size_t size);
    bool make_room(std::size_t size);
    [[nodiscard]] std::size_t used() const;
    void set_used(std::size_t size);
    void put(const void* data, std::size_t size);
    void read_unfinished();

    std::string folder_;
    Descriptor file_;
    std::uint8_t* base_ = nullptr;
    std::size_t size_ = 0;  // mapped
    std::size_t end_ = 0;   // of the written part
    bool keeps_ = false;    // there was room for the last message
    std::size_t last_ = 0;  // where it begins, until its fan-out is over; 0: nowhere
    std::vector<Message> unfinished_;
};

}  // namespace reseal::state
