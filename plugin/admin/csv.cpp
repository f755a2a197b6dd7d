// SPDX-License-Identifier: Apache-2.0
#include "admin/csv.h"

namespace reseal::admin {
namespace {

// Reads records one by one.
class Reader {
  public:
    Reader(std::string_view text, const std::string& path) : text_(text), path_(path) {}

    [[nodiscard]] bool more() {
        while (!text_.empty() && (text_.front() == '\n' || text_.starts_with("\r\n"))) {
            end_line();
        }
        return !text_.empty();
    }

    Checked<CsvRecord> record() {
        CsvRecord out{line_, {}};
        while (true) {
            auto field = !text_.empty() && text_.front() == '"' ? quoted() : Checked<std::string>(plain());
            if (!field) {
                return field.error();
            }
            out.fields.push_back(std::move(*field));
            if (text_.empty() || text_.front() != ',') {
                break;
            }
            text_.remove_prefix(1);
        }
        if (!text_.empty()) {
            if (text_.front() != '\n' && !text_.starts_with("\r\n")) {
                return fault("there is a quote inside a field",
                             "put the whole field in quotes and double those inside");
            }
            end_line();
        }
        return out;
    }

    [[nodiscard]] Fault fault(const std::string& problem, const std::string& remedy) const {
        return {path_, line_, {}, problem, remedy};
    }

  private:
    void end_line() {
        text_.remove_prefix(text_.front() == '\r' ? 2 : 1);
        ++line_;
    }

    std::string plain() {
        std::size_t size = 0;
        while (size < text_.size() && text_[size] != ',' && text_[size] != '\n' && text_[size] != '"' &&
               !text_.substr(size).starts_with("\r\n")) {
            ++size;
        }
        std::string out(text_.substr(0, size));
        text_.remove_prefix(size);
        return out;
    }

    Checked<std::string> quoted() {
        const Fault open = fault("a quote is not closed", "end the field with a quote");
        text_.remove_prefix(1);
        std::string out;
        while (!text_.empty()) {
            const char c = text_.front();
            text_.remove_prefix(1);
            if (c == '"') {
                if (text_.empty() || text_.front() != '"') {
                    return out;
                }
                text_.remove_prefix(1);
            }
            line_ += c == '\n' ? 1 : 0;
            out += c;
        }
        return open;
    }

    std::string_view text_;
    const std::string& path_;
    int line_ = 1;
};

}  // namespace

Checked<std::vector<CsvRecord>> parse_csv(std::string_view text, const std::string& path) {
    std::vector<CsvRecord> out;
    Reader reader(text, path);
    while (reader.more()) {
        auto record = reader.record();
        if (!record) {
            return record.error();
        }
        if (!out.empty() && record->fields.size() != out.front().fields.size()) {
            return Fault{path,
                         record->line,
                         {},
                         "it has " + std::to_string(record->fields.size()) + " fields",
                         "write as many as the first line has: " + std::to_string(out.front().fields.size())};
        }
        out.push_back(std::move(*record));
    }
    return out;
}

}  // namespace reseal::admin
