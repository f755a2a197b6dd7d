// SPDX-License-Identifier: Apache-2.0
#include "tools/flat_json.h"

namespace reseal::tools {
namespace {

class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    Result<std::vector<JsonMember>, JsonError> read_object() {
        if (!take('{')) {
            return error("a JSON object must begin with '{'");
        }
        std::vector<JsonMember> members;
        while (true) {
            const auto member = read_member();
            if (!member) {
                return member.error();
            }
            members.push_back(*member);
            if (take('}')) {
                break;
            }
            if (!take(',')) {
                return error("',' or '}' must follow a value");
            }
        }
        if (!at_end()) {
            return error("nothing may follow the closing '}'");
        }
        return members;
    }

  private:
    Result<JsonMember, JsonError> read_member() {
        JsonMember member;
        if (!read_string(member.key)) {
            return error(R"(expected a key in double quotes, without '\')");
        }
        if (!take(':')) {
            return error("':' must follow a key");
        }
        member.is_string = read_string(member.value);
        member.line = line_;
        if (!member.is_string && !read_number(member.value)) {
            return error(R"(a value must be a string in double quotes, without '\', or a whole number)");
        }
        return member;
    }

    [[nodiscard]] JsonError error(const char* problem) const { return {line_, problem}; }

    void skip_space() {
        while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
            line_ += text_[at_] == '\n' ? 1 : 0;
            ++at_;
        }
    }

    bool at_end() {
        skip_space();
        return at_ == text_.size();
    }

    bool take(char wanted) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != wanted) {
            return false;
        }
        ++at_;
        return true;
    }

    bool read_string(std::string_view& out) {
        if (!take('"')) {
            return false;
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20) {
            ++at_;
        }
        if (at_ == text_.size() || text_[at_] != '"') {
            return false;
        }
        out = text_.substr(begin, at_ - begin);
        ++at_;
        return true;
    }

    bool read_number(std::string_view& out) {
        skip_space();
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
            ++at_;
        }
        out = text_.substr(begin, at_ - begin);
        return !out.empty() && (out.size() == 1 || out[0] != '0');
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
};

}  // namespace

Result<std::vector<JsonMember>, JsonError> read_flat_json(std::string_view text) {
    return Reader(text).read_object();
}

}  // namespace reseal::tools
