// SPDX-License-Identifier: Apache-2.0
#include "audit/trail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file_id.h"
#include "base/private_file.h"
#include "base/regular_file.h"

namespace reseal::audit {
namespace {

constexpr const char* room_remedy = "there must be free space, and the broker's user must be allowed to write";

constexpr mode_t writable_by_others = 022;

Checked<Done> make_folder(const std::string& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return system_fault(folder, "making it", "mkdir -m 700 " + folder + ", for the broker's user");
    }
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return file_fault(folder, "is not a folder", "name a folder for the audit trail");
    }
    if ((status.st_mode & writable_by_others) != 0) {
        return file_fault(folder, "users other than its owner may remove files from it", "chmod go-w " + folder);
    }
    return Done{};
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Checked<Trail> Trail::open(Settings settings, Key key) {
    if (auto made = make_folder(settings.folder); !made) {
        return made.error();
    }
    auto mark = Mark::open(settings.mark);
    if (!mark) {
        return mark.error();
    }
    Trail out(std::move(settings), std::move(key), std::move(*mark));
    if (auto found = out.find_end(); !found) {
        return found.error();
    }
    return out;
}

std::vector<int> Trail::descriptors() const {
    std::vector<int> out{mark_.descriptor()};
    if (file_) {
        out.push_back(file_.get());
    }
    return out;
}

Checked<Done> Trail::find_end() {
    std::optional<Position> marked;
    if (const auto mark = mark_.read()) {
        marked = *mark;
    } else {
        findings_.push_back(mark.error().text());
    }
    const auto files = trail_files(settings_.folder);
    if (!files) {
        return files.error();
    }
    Tail tail;
    for (auto path = files->rbegin(); path != files->rend() && tail.line.empty(); ++path) {
        auto end = read_tail(*path);
        if (!end) {
            return end.error();
        }
        crashed_ = crashed_ || end->half_line;
        tail = std::move(*end);
    }
    if (findings_.empty() && !marked && !tail.line.empty()) {
        findings_.push_back(settings_.mark +
                            " is new, but the audit trail is not: nobody can tell whether its end was cut off");
    }
    judge_end(tail, marked);
    synced_ = position_;
    const bool sound = findings_.empty() && !crashed_ && !files->empty() && tail.size < settings_.max_file;
    return sound ? continue_file(files->back()) : Checked<Done>(Done{});
}

// The mark is written after the lines, so a trail that ends before the mark was cut.
void Trail::judge_end(const Tail& tail, const std::optional<Position>& mark) {
    const auto link = read_link(tail.line);
    const bool genuine = link && hmac(key_, link->covered) == link->mac;
    if (genuine) {
        position_ = {.number = link->number, .hash = sha256(tail.line)};
    } else if (!tail.line.empty()) {
        findings_.emplace_back("the last line of the audit trail was changed");
    }
    if (!mark || mark->number < position_.number) {
        return;
    }
    if (mark->number > position_.number) {
        findings_.push_back("the end of the audit trail is missing: it was written up to line " +
                            std::to_string(mark->number) + " and ends with line " + std::to_string(position_.number));
    } else if (mark->hash != position_.hash) {
        findings_.push_back("line " + std::to_string(mark->number) +
                            " of the audit trail is not the one that was written");
    }
    position_ = *mark;
}

Checked<Done> Trail::continue_file(const std::string& path) {
    auto file = open_own(path, O_WRONLY | O_APPEND);
    struct stat status {};
    if (!file) {
        return file.error();
    }
    if (::fstat(file->get(), &status) != 0) {
        return system_fault(path, "reading its size", room_remedy);
    }
    file_ = std::move(*file);
    path_ = path;
    size_ = static_cast<std::uint64_t>(status.st_size);
    return Done{};
}

Checked<Done> Trail::begin_file() {
    if (auto made = make_folder(settings_.folder); !made) {
        return made;
    }
    const std::string path = settings_.folder + "/" + file_name(position_.number + 1, now());
    auto file = open_own(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
    if (!file) {
        return file.error();
    }
    file_ = std::move(*file);
    path_ = path;
    size_ = 0;
    return sync_folder_of(path);
}

Checked<Done> Trail::append(const Record& record) {
    if (file_ && size_ >= settings_.max_file) {
        if (auto synced = sync(); !synced) {
            return synced;
        }
        file_ = Descriptor();
    }
    if (file_) {
        return write_line_of(record);
    }
    if (auto begun = begin_file(); !begun) {
        return begun;
    }
    if (auto written = write_line_of(record); !written) {
        (void)::unlink(path_.c_str());  // an empty file would only be in the way
        file_ = Descriptor();
        return written;
    }
    return remove_old(record.time);
}

// Each removal has a line, written before it. A file that is missing without such a line was removed by somebody else.
Checked<Done> Trail::remove_old(std::int64_t time) {
    const auto files = trail_files(settings_.folder);
    if (!files) {
        return Done{};  // tried again with the next file
    }
    for (std::size_t i = 0; i + settings_.keep < files->size(); ++i) {
        const std::string next = (*files)[i + 1];
        Record record;
        record.event = Event::removed;
        record.time = time;
        record.through = first_number(next.substr(next.rfind('/') + 1)).value_or(1) - 1;
        if (!write_line_of(record)) {
            return Done{};
        }
        (void)::unlink((*files)[i].c_str());
        note_shortage(next);
    }
    return Done{};
}

// `first`: the path of the oldest file left. Its name tells the time of its first line, without reading the file.
void Trail::note_shortage(const std::string& first) {
    constexpr std::int64_t hour = std::int64_t{3600} * 1000;
    const auto begun = first_time(first.substr(first.rfind('/') + 1));
    const std::int64_t time = now();
    if (!begun || time - *begun >= std::int64_t{settings_.keep_days} * 24 * hour) {
        return;
    }
    const std::int64_t hours = std::max<std::int64_t>(time - *begun, 0) / hour;
    shortage_ = static_cast<std::uint32_t>(hours);
}

Checked<Done> Trail::write_line_of(const Record& record) {
    const Position next = write_line(record, position_, key_, line_);
    line_ += '\n';
    if (!write_all(file_.get(), line_)) {
        Fault fault = system_fault(path_, "writing it", room_remedy);
        if (::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) {
            file_ = Descriptor();  // half a line stays there for good: go on in a new file
        }
        return fault;
    }
    size_ += line_.size();
    position_ = next;
    return Done{};
}

Checked<Done> Trail::sync() {
    if (position_ == synced_) {
        return Done{};
    }
    if ((file_ && ::fdatasync(file_.get()) != 0) || !mark_.write(position_)) {
        return system_fault(path_, "writing it to the disk", room_remedy);
    }
    synced_ = position_;
    return Done{};
}

bool Trail::file_in_place() const {
    struct stat status {};
    return ::fstat(file_.get(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) == size_ &&
           file_id(path_) == file_id(file_.get());
}

std::optional<std::string> Trail::look() {
    if (file_ && !file_in_place()) {
        file_ = Descriptor();
        if (mark_.write(position_)) {
            synced_ = position_;
        }
        return path_ + " was removed, replaced or changed in size while the broker was running: of its lines up to " +
               std::to_string(position_.number) + " some may be missing";
    }
    if (!mark_.in_place()) {
        auto fresh = Mark::open(settings_.mark);
        if (!fresh || !fresh->write(synced_)) {
            return std::nullopt;  // a full disk, or no folder: try later
        }
        mark_ = std::move(*fresh);
        return settings_.mark + " was removed or replaced while the broker was running; it was written again";
    }
    return std::nullopt;
}

}  // namespace reseal::audit
