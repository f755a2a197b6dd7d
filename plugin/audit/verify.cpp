// SPDX-License-Identifier: Apache-2.0
#include "audit/verify.h"

#include <charconv>

#include "audit/lines.h"

namespace reseal::audit {
namespace {

std::string range(std::uint64_t first, std::uint64_t last) {
    return first == last ? "line " + std::to_string(first) + " is missing"
                         : "lines " + std::to_string(first) + " to " + std::to_string(last) + " are missing";
}

// Quotation marks within a line's texts are escaped, so these cannot occur in a text.
constexpr std::string_view removed_field = R"(,"event":"removed")";
constexpr std::string_view stopped_field = R"(,"event":"stopped")";
constexpr std::string_view through_field = R"(,"through":)";

class Verification {
  public:
    explicit Verification(const Question& question) : question_(question) {}

    Checked<Answer> run() {
        for (const std::string& file : question_.files) {
            if (const auto read = read_file(file); !read) {
                return read.error();
            }
        }
        judge_front();
        judge_length();
        judge_end();
        return std::move(answer_);
    }

  private:
    void problem(const std::string& text) {
        const std::string where = line_ > 0 ? file_ + ":" + std::to_string(line_) : file_;
        answer_.problems.push_back(where + ": " + text);
    }

    Checked<Done> read_file(const std::string& file) {
        file_ = file;
        line_ = 0;
        auto lines = Lines::open(file);
        if (!lines) {
            return lines.error();
        }
        std::string text;
        Checked<bool> more = lines->next(text);
        for (; more && *more; more = lines->next(text)) {
            ++line_;
            if (lines->half()) {
                answer_.notes.push_back(file + ":" + std::to_string(line_) +
                                        ": half a line, as a crash leaves it; it does not count");
            } else {
                judge(text);
            }
        }
        return more ? Checked<Done>(Done{}) : more.error();
    }

    void judge(const std::string& text) {
        const auto link = read_link(text);
        if (!link) {
            problem("this is not a line of an audit trail: it was changed or inserted");
            return;
        }
        const bool genuine = question_.key == nullptr || hmac(*question_.key, link->covered) == link->mac;
        if (!genuine) {
            problem("line " + std::to_string(link->number) +
                    " was changed, or not written by a broker with this site's master key");
        }
        if (!fits(*link, genuine)) {
            return;
        }
        ++answer_.lines;
        if (answer_.first == 0) {
            answer_.first = link->number;
            first_time_ = parse_timestamp(link->time);
        }
        answer_.last = {.number = link->number, .hash = sha256(text)};
        last_genuine_ = genuine;
        stopped_ = text.find(stopped_field) != std::string::npos;
        note_removal(text);
        compare_with_mark();
    }

    // Is it the next line? Reports lines missing before it. A line out of place does not count.
    bool fits(const Link& link, bool genuine) {
        const std::uint64_t last = answer_.last.number;
        if (link.number <= last) {
            problem("line " + std::to_string(link.number) + " stands after line " + std::to_string(last) +
                    ": it was inserted, repeated or moved");
            return false;
        }
        if (last != 0 && link.number > last + 1) {
            problem(range(last + 1, link.number - 1) + " before this one");
        } else if ((last != 0 || link.number == 1) && link.before != answer_.last.hash && genuine && last_genuine_) {
            problem("line " + std::to_string(link.number) +
                    " does not continue the one before it: one of the two was changed");
        }
        return true;
    }

    void note_removal(const std::string& text) {
        const std::size_t at = text.find(through_field);
        if (text.find(removed_field) != std::string::npos && at != std::string::npos) {
            (void)std::from_chars(text.data() + at + through_field.size(), text.data() + text.size(), removed_through_);
        }
    }

    void compare_with_mark() {
        if (question_.mark && question_.mark->number == answer_.last.number &&
            question_.mark->hash != answer_.last.hash) {
            problem("line " + std::to_string(answer_.last.number) + " is not the one that the broker wrote");
        }
    }

    void judge_front() {
        if (!question_.from_beginning || answer_.first <= removed_through_ + 1) {
            return;
        }
        file_ = question_.files.front();
        line_ = 1;
        problem(range(removed_through_ + 1, answer_.first - 1) +
                " before this one, and the trail does not say that `keep` removed them");
    }

    // An intact trail may still not reach back as far as it should.
    void judge_length() {
        const bool removed = answer_.first > 1 && answer_.first <= removed_through_ + 1;
        if (!question_.keep_from || !removed || !first_time_ || *first_time_ <= *question_.keep_from) {
            return;
        }
        file_ = question_.files.front();
        line_ = 1;
        problem("the trail reaches back only to " + timestamp(*first_time_) +
                ", less than audit.keep_days: `keep` has removed what came before");
    }

    void judge_end() {
        line_ = 0;
        if (question_.mark && question_.mark->number > answer_.last.number) {
            problem(range(answer_.last.number + 1, question_.mark->number) + " at the end");
        }
        if (!stopped_ && answer_.lines > 0) {
            answer_.notes.emplace_back(
                "the last line is not an orderly stop: the broker is running, or it crashed, or the end was cut off");
        }
    }

    const Question& question_;
    Answer answer_;
    std::string file_;
    std::uint64_t line_ = 0;
    std::uint64_t removed_through_ = 0;
    std::optional<std::int64_t> first_time_;
    bool last_genuine_ = true;
    bool stopped_ = false;
};

}  // namespace

Checked<Answer> verify(const Question& question) {
    return Verification(question).run();
}

}  // namespace reseal::audit
