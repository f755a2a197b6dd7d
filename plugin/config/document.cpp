// SPDX-License-Identifier: Apache-2.0
#include "config/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "base/quote.h"
#include "base/utf8.h"

namespace reseal::config {
namespace {

// Thrown to end the parse, with the Fault of the document.
struct Refused {
    Fault fault;
};

int line_of(const YAML::Mark& mark) {
    return mark.line + 1;
}

Element make_element(Kind kind, int line) {
    Element element;
    element.kind = kind;
    element.line = line;
    return element;
}

// Makes a tree from the parser's events. The first thing that a configuration must not have ends the parse by Refused.
// So nothing deeper, no second document and no alias is processed.
class Builder : public YAML::EventHandler {
  public:
    // Borrows `yaml`: what the parser reads before it comes to the end marker.
    Builder(std::string_view yaml, std::string_view file) : yaml_(yaml), file_(file) {}

    Element take_root() { return std::move(root_); }

    // The parser met something that it does not understand.
    [[noreturn]] void fail(const YAML::Exception& error) const;

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (ended_ && !is_behind(mark)) {
            refuse_what_follows(mark);
        }
    }
    void OnDocumentEnd() override { ended_ = true; }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        add(mark, make_element(Kind::null, place(mark)));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { refuse_alias(mark); }

    void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override {
        refuse(mark, "anchors ('&name') are not allowed", "write each value where it belongs");
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  const std::string& value) override {
        check_tag(mark);
        check_text(mark, value);
        Element element = make_element(Kind::scalar, line_of(mark));
        element.plain = tag == "?";  // the parser's word for it
        element.text = value;
        add(mark, std::move(element));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override {
        open(mark, Kind::list);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override {
        open(mark, Kind::map);
    }
    void OnMapEnd() override { close(); }

  private:
    // A list or map whose end was not read yet. A map's field whose value is still due is already in `fields`.
    struct Open {
        Element element;
        bool value_due = false;
        std::map<std::string, int, std::less<>> lines;  // of the map's keys
    };

    [[noreturn]] void refuse(const YAML::Mark& mark, std::string problem, std::string remedy) const {
        throw Refused{{file_, line_of(mark), key(), std::move(problem), std::move(remedy)}};
    }

    [[noreturn]] void refuse_alias(const YAML::Mark& mark) const {
        refuse(mark, "aliases ('*name') are not allowed", "write the value out");
    }

    [[noreturn]] void refuse_what_follows(const YAML::Mark& mark) const {
        refuse(mark, "the document ends before this line, but something follows",
               "write one document, with all its keys in the first column");
    }

    [[noreturn]] void refuse_syntax(int line, const std::string& reason) const {
        throw Refused{{file_, line, "", "this is not valid YAML: " + reason,
                       "look at the indentation, colons, brackets and quotes here and above"}};
    }

    [[nodiscard]] bool is_behind(const YAML::Mark& mark) const {
        return static_cast<std::size_t>(mark.pos) >= yaml_.size();
    }

    // The dotted key of the value that comes next.
    [[nodiscard]] std::string key() const {
        std::string key;
        for (const Open& each : open_) {
            if (each.element.kind == Kind::list) {
                key = item_key(key, each.element.items.size());
            } else if (each.value_due) {
                key = field_key(key, each.element.fields.back().name);
            }
        }
        return key;
    }

    [[nodiscard]] bool key_due() const {
        return !open_.empty() && open_.back().element.kind == Kind::map && !open_.back().value_due;
    }

    // The line where a missing value should be. The parser's mark is that of whatever comes after it.
    [[nodiscard]] int place(const YAML::Mark& mark) const {
        if (open_.empty()) {
            return line_of(mark);
        }
        const Open& parent = open_.back();
        return parent.value_due ? parent.element.fields.back().line : parent.element.line;
    }

    // The parser does not report the tag '!' as such.
    void check_tag(const YAML::Mark& mark) const {
        if (!is_behind(mark) && yaml_[static_cast<std::size_t>(mark.pos)] == '!') {
            refuse(mark, "tags ('!name') are not allowed", "leave the tag out");
        }
    }

    // yaml-cpp 0.7 to 0.9 take two escapes for Latin-1.
    void check_text(const YAML::Mark& mark, const std::string& text) const {
        if (!valid_utf8(text)) {
            refuse(mark, "the text is not UTF-8", R"(write \x85 for \N, and \xA0 for \_)");
        }
    }

    void open(const YAML::Mark& mark, Kind kind) {
        check_tag(mark);
        if (key_due()) {
            refuse(mark, "a list or map stands where a key belongs", "write the key as text");
        }
        if (open_.size() == max_depth) {
            refuse(mark, "lists and maps are nested too deeply", "nest at most " + std::to_string(max_depth));
        }
        open_.emplace_back().element = make_element(kind, line_of(mark));
    }

    void close() {
        Element element = std::move(open_.back().element);
        open_.pop_back();
        put(std::move(element));
    }

    void add(const YAML::Mark& mark, Element element) {
        if (!key_due()) {
            put(std::move(element));
        } else if (element.kind == Kind::null) {
            refuse(mark, "the key is missing", "write a key before the ':', or quote the text");
        } else {
            add_key(mark, std::move(element.text));
        }
    }

    void add_key(const YAML::Mark& mark, std::string name) {
        Open& map = open_.back();
        const int line = line_of(mark);
        const auto [first, added] = map.lines.try_emplace(name, line);
        map.element.fields.push_back({std::move(name), line, make_element(Kind::null, line)});
        map.value_due = true;
        if (!added) {
            refuse(mark, "the key was written before, in line " + std::to_string(first->second), "write each key once");
        }
    }

    void put(Element element) {
        if (open_.empty()) {
            root_ = std::move(element);
        } else if (Open& parent = open_.back(); parent.element.kind == Kind::list) {
            parent.element.items.push_back(std::move(element));
        } else {
            parent.element.fields.back().value = std::move(element);
            parent.value_due = false;
        }
    }

    std::string_view yaml_;
    std::string file_;
    std::vector<Open> open_;
    Element root_;
    bool ended_ = false;
};

void Builder::fail(const YAML::Exception& error) const {
    if (error.msg.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {  // anchors are refused, so no alias has one
        refuse_alias(error.mark);
    }
    if (ended_) {
        refuse_what_follows(error.mark);
    }
    if (is_behind(error.mark)) {
        const auto last = static_cast<int>(std::count(yaml_.begin(), yaml_.end(), '\n'));
        const int first = open_.empty() ? 1 : place(error.mark);
        refuse_syntax(last,
                      "a quote or bracket that opens in line " + std::to_string(first) + " or below is not closed");
    }
    refuse_syntax(line_of(error.mark), printable(error.msg));
}

// What follows the text: two documents. yaml-cpp takes the end of its input for the end of a quote, too, but not the
// beginning of a document. It makes a key of a bracket that is not closed, but does not expect a "-" inside.
constexpr std::string_view end_marker = "---\n---\n-";

// The document's root, by the parser's events.
Element parse(std::string yaml, std::string_view file) {
    if (!yaml.ends_with('\n')) {
        yaml += '\n';
    }
    Builder builder(yaml, file);
    std::istringstream stream(yaml + std::string(end_marker));
    YAML::Parser parser(stream);
    try {
        parser.HandleNextDocument(builder);
        Element root = builder.take_root();
        parser.HandleNextDocument(builder);
        return root;
    } catch (const YAML::Exception& error) {
        builder.fail(error);
    }
}

// What `c` is if a reader of the file would not see it, or would not see that a line ends. Otherwise empty.
std::string_view unseen(char32_t c) {
    if (c == 0x85 || c == 0x2028 || c == 0x2029) {
        return "line separator";
    }
    if ((c < 0x20 && c != '\t') || (0x7F <= c && c <= 0x9F)) {
        return "control character";
    }
    return c == 0xFEFF || c == 0xFFFE || c == 0xFFFF ? "invisible character" : "";
}

// A line ends with a line feed, or a carriage return and a line feed.
std::string_view without_end(std::string_view line) {
    if (line.ends_with('\n')) {
        line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    }
    return line;
}

// The Fault of a line as such, if there is one.
std::optional<Fault> line_fault(std::string_view line) {
    if (line.starts_with('%')) {
        return Fault{"", 0, "", "a YAML directive (a line that begins with '%') stands here", "take it out"};
    }
    while (!line.empty()) {
        const std::size_t length = utf8_sequence(line);
        if (length == 0) {
            return Fault{"", 0, "", "the byte " + quote(line.substr(0, 1)) + " is not UTF-8", "save the file in UTF-8"};
        }
        const std::string_view character = line.substr(0, length);
        if (const std::string_view name = unseen(utf8_character(character)); !name.empty()) {
            return Fault{"", 0, "", "the " + std::string(name) + " " + quote(character) + " stands here",
                         name == "line separator" ? "end lines with a line feed" : "take it out"};
        }
        line.remove_prefix(length);
    }
    return std::nullopt;
}

// Finds what the parser must not see: it guesses other encodings, and takes what nobody sees for text.
std::optional<Fault> bytes_fault(std::string_view yaml, std::string_view file) {
    int number = 1;
    while (!yaml.empty()) {
        const std::size_t end = std::min(yaml.find('\n'), yaml.size() - 1);
        if (std::optional<Fault> fault = line_fault(without_end(yaml.substr(0, end + 1)))) {
            fault->file = file;
            fault->line = number;
            return fault;
        }
        yaml.remove_prefix(end + 1);
        ++number;
    }
    return std::nullopt;
}

std::string_view without_byte_order_mark(std::string_view yaml) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return yaml.starts_with(mark) ? yaml.substr(mark.size()) : yaml;
}

}  // namespace

std::string field_key(std::string_view parent, std::string_view name) {
    return parent.empty() ? printable(name) : std::string(parent) + "." + printable(name);
}

std::string item_key(std::string_view parent, std::size_t index) {
    return std::string(parent) + "[" + std::to_string(index) + "]";
}

Checked<Element> parse_document(std::string_view yaml, std::string_view file, std::size_t max_size) {
    if (yaml.size() > max_size) {
        return Fault{std::string(file), 0, "", "the file has " + std::to_string(yaml.size()) + " bytes",
                     "write at most " + std::to_string(max_size)};
    }
    yaml = without_byte_order_mark(yaml);
    if (std::optional<Fault> fault = bytes_fault(yaml, file)) {
        return *std::move(fault);
    }
    try {
        Element root = parse(std::string(yaml), file);
        if (root.kind == Kind::null) {
            return Fault{std::string(file), 0, "", "the file is empty", "copy the example and change it"};
        }
        return root;
    } catch (Refused& refused) {
        return std::move(refused.fault);
    }
}

}  // namespace reseal::config
