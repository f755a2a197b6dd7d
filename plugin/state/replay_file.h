// The file of replay windows, mapped into memory: one page of header, then one record for each key. The first ones, as
// many as the header says, are in the order of their key ids, and the header holds some of these: so that a key's
// record is found without an index of all, and the file is opened without reading it all. Later ones are as they came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/fault.h"
#include "keyring/backup.h"
#include "state/replay_record.h"

namespace reseal::state {

class ReplayFile {
  public:
    // Makes an empty file, or replaces one: whole and durably.
    static Checked<Done> make(const std::string& path, std::uint32_t window);

    // The bytes of a file with the same records, all in order, for this window. If that is another one: a counter whose
    // mark is not known, because it is left of the old window, counts as accepted. Fault: a record is damaged or a key
    // has two.
    static Checked<std::vector<std::uint8_t>> in_order(const ReplayFile& from, std::uint32_t window);

    // Maps it and checks the header and the records behind those in order. Faults: missing, not writable, of another
    // version, damaged, disk full.
    static Checked<ReplayFile> open(const std::string& path);

    // The highest epoch of every key in a file that another process may be using. Faults as with open.
    static Checked<std::vector<keyring::KeyEpoch>> read_epochs(const std::string& path);

    ReplayFile(ReplayFile&& other) noexcept;
    ReplayFile& operator=(ReplayFile&&) = delete;
    ReplayFile(const ReplayFile&) = delete;
    ReplayFile& operator=(const ReplayFile&) = delete;
    ~ReplayFile();

    [[nodiscard]] std::uint32_t window() const { return window_; }
    [[nodiscard]] std::uint32_t count() const;
    // How many of them, from the first, are in order.
    [[nodiscard]] std::uint32_t sorted() const;

    struct Found {
        std::optional<std::uint32_t> index;
        bool damaged = false;  // a record where it should be is none that this program writes: it may be this one
    };
    // The record of `id` among those in order. Whatever is damaged elsewhere, the answer is right.
    [[nodiscard]] Found find_sorted(const keyring::KeyId& id) const;

    // `index` below count(). Valid until the next append.
    [[nodiscard]] ReplayRecord record(std::uint32_t index) const;

    // Adds a record and answers its index; nothing if the file cannot grow, and then nothing has changed.
    std::optional<std::uint32_t> append(const keyring::KeyId& key_id, const reseal_replay& window, Trust trust);

    // Whatever was written is on the disk when it answers true.
    [[nodiscard]] bool flush() const;

  private:
    ReplayFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
    Checked<Done> map();
    Checked<Done> check_header();
    Checked<Done> check_order() const;
    Checked<Done> check_records(std::uint32_t from) const;
    [[nodiscard]] bool intact(std::uint32_t index) const;
    [[nodiscard]] std::uint32_t search(const keyring::KeyId& id, std::uint32_t first, std::uint32_t end) const;
    void read_ahead(std::uint32_t from) const;
    bool grow();
    [[nodiscard]] std::uint64_t capacity() const;

    std::string path_;
    Descriptor file_;
    std::uint8_t* base_ = nullptr;
    std::size_t size_ = 0;
    std::uint32_t window_ = 0;
};

}  // namespace reseal::state
