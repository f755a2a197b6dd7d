#include "config/document.h"

#include <yaml.h>

#include <algorithm>
#include <array>
#include <map>
#include <new>
#include <optional>
#include <utility>

#include "base/quote.h"
#include "base/utf8.h"

namespace reseal::config {
namespace {

// Thrown to end the parse, with the Fault of the document.
struct Refused {
    Fault fault;
};

int line_of(const yaml_mark_t& mark) {
    return static_cast<int>(mark.line) + 1;
}

std::string text_of(const yaml_char_t* text, std::size_t length) {
    return {reinterpret_cast<const char*>(text), length};
}

Element make_element(Kind kind, int line) {
    Element element;
    element.kind = kind;
    element.line = line;
    return element;
}

// The words that YAML takes for null when they are not quoted.
bool means_null(std::string_view text) {
    constexpr std::array<std::string_view, 5> words{"", "~", "null", "Null", "NULL"};
    return std::find(words.begin(), words.end(), text) != words.end();
}

// Makes a tree from the parser's events. The first thing that a configuration must not have ends the parse by Refused.
// So nothing deeper, no second document and no alias is processed.
class Builder {
  public:
    explicit Builder(std::string_view file) : file_(file) {}

    void take(const yaml_event_t& event);
    Element take_root() { return std::move(root_); }

    // The parser met something that it does not understand.
    [[noreturn]] void fail(const yaml_parser_t& parser, std::string_view yaml) const;

  private:
    // A list or map whose end was not read yet. A map's field whose value is still due is already in `fields`.
    struct Open {
        Element element;
        bool value_due = false;
        std::map<std::string, int, std::less<>> lines;  // of the map's keys
    };

    [[noreturn]] void refuse(int line, std::string problem, std::string remedy) const {
        throw Refused{{file_, line, key(), std::move(problem), std::move(remedy)}};
    }

    [[noreturn]] void refuse_what_follows(int line) const {
        refuse(line, "the document ends before this line, but something follows",
               "write one document, with all its keys in the first column");
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

    // The line where a missing value should be. libyaml's mark may be that of whatever comes after it.
    [[nodiscard]] int place(int line) const {
        if (open_.empty()) {
            return line;
        }
        const Open& parent = open_.back();
        return parent.value_due ? parent.element.fields.back().line : parent.element.line;
    }

    void check_plain(int line, const yaml_char_t* anchor, const yaml_char_t* tag) const {
        if (anchor != nullptr) {
            refuse(line, "anchors ('&name') are not allowed", "write each value where it belongs");
        }
        if (tag != nullptr) {
            refuse(line, "tags ('!name') are not allowed", "leave the tag out");
        }
    }

    void start_document(int line) const {
        if (ended_) {
            refuse_what_follows(line);
        }
    }

    void open(int line, Kind kind) {
        if (key_due()) {
            refuse(line, "a list or map stands where a key belongs", "write the key as text");
        }
        if (open_.size() == max_depth) {
            refuse(line, "lists and maps are nested too deeply", "nest at most " + std::to_string(max_depth));
        }
        open_.emplace_back().element = make_element(kind, line);
    }

    void close() {
        Element element = std::move(open_.back().element);
        open_.pop_back();
        put(std::move(element));
    }

    void add_scalar(const yaml_event_t& event) {
        const auto& scalar = event.data.scalar;
        const int line = line_of(event.start_mark);
        check_plain(line, scalar.anchor, scalar.tag);
        Element element = make_element(Kind::scalar, line);
        element.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE;
        element.text = text_of(scalar.value, scalar.length);
        if (element.plain && means_null(element.text)) {
            element = make_element(Kind::null, element.text.empty() ? place(line) : line);
        }
        add(line, std::move(element));
    }

    void add(int line, Element element) {
        if (!key_due()) {
            put(std::move(element));
        } else if (element.kind == Kind::null) {
            refuse(line, "the key is missing", "write a key before the ':', or quote the text");
        } else {
            add_key(line, std::move(element.text));
        }
    }

    void add_key(int line, std::string name) {
        Open& map = open_.back();
        const auto [first, added] = map.lines.try_emplace(name, line);
        map.element.fields.push_back({std::move(name), line, make_element(Kind::null, line)});
        map.value_due = true;
        if (!added) {
            refuse(line, "the key was written before, in line " + std::to_string(first->second), "write each key once");
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

    std::string file_;
    std::vector<Open> open_;
    Element root_;
    bool ended_ = false;
};

void Builder::take(const yaml_event_t& event) {
    const int line = line_of(event.start_mark);
    switch (event.type) {
        case YAML_DOCUMENT_START_EVENT:
            return start_document(line);
        case YAML_DOCUMENT_END_EVENT:
            ended_ = true;
            return;
        case YAML_ALIAS_EVENT:
            refuse(line, "aliases ('*name') are not allowed", "write the value out");
        case YAML_SCALAR_EVENT:
            return add_scalar(event);
        case YAML_SEQUENCE_START_EVENT:
            check_plain(line, event.data.sequence_start.anchor, event.data.sequence_start.tag);
            return open(line, Kind::list);
        case YAML_MAPPING_START_EVENT:
            check_plain(line, event.data.mapping_start.anchor, event.data.mapping_start.tag);
            return open(line, Kind::map);
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            return close();
        case YAML_NO_EVENT:
        case YAML_STREAM_START_EVENT:
        case YAML_STREAM_END_EVENT:
            return;
    }
}

// A character that libyaml does not read has no mark, but a byte offset.
int problem_line(const yaml_parser_t& parser, std::string_view yaml) {
    if (parser.error != YAML_READER_ERROR) {
        return line_of(parser.problem_mark);
    }
    const std::string_view before = yaml.substr(0, parser.problem_offset);
    return static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
}

// All of the text is libyaml's own: nothing of the file is in it.
std::string reason(const yaml_parser_t& parser, int line) {
    std::string out = parser.problem;
    if (parser.context == nullptr) {
        return out;
    }
    out += std::string(" ") + parser.context;
    const int begin = line_of(parser.context_mark);
    return begin == line ? out : out + " that begins in line " + std::to_string(begin);
}

void Builder::fail(const yaml_parser_t& parser, std::string_view yaml) const {
    if (parser.error == YAML_MEMORY_ERROR) {
        throw std::bad_alloc();
    }
    const int line = problem_line(parser, yaml);
    if (ended_) {
        refuse_what_follows(line);
    }
    throw Refused{{file_, line, "", "this is not valid YAML: " + reason(parser, line),
                   "look at the indentation, colons, brackets and quotes here and above"}};
}

// libyaml's parser and the memory of its last event.
class Parser {
  public:
    explicit Parser(std::string_view yaml) : yaml_(yaml) {
        if (yaml_parser_initialize(&parser_) == 0) {
            throw std::bad_alloc();
        }
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const yaml_char_t*>(yaml_.data()), yaml_.size());
    }
    ~Parser() {
        yaml_event_delete(&event_);
        yaml_parser_delete(&parser_);
    }
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    void run(Builder& builder) {
        while (event_.type != YAML_STREAM_END_EVENT) {
            yaml_event_delete(&event_);
            if (yaml_parser_parse(&parser_, &event_) == 0) {
                builder.fail(parser_, yaml_);
            }
            builder.take(event_);
        }
    }

  private:
    std::string yaml_;  // a copy, because libyaml takes no null pointer for an empty text
    yaml_parser_t parser_{};
    yaml_event_t event_{};
};

bool is_forbidden(char c) {
    return (0 <= c && c < ' ' && c != '\t') || c == 0x7F;
}

// A line ends with a line feed, or a carriage return and a line feed.
std::string_view without_end(std::string_view line) {
    if (line.ends_with('\n')) {
        line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    }
    return line;
}

// A line end of YAML 1.1 that editors hardly show.
std::string_view hidden_end(std::string_view line) {
    constexpr std::array<std::string_view, 3> ends{"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    const auto* const found =
        std::find_if(ends.begin(), ends.end(), [line](auto end) { return line.find(end) != std::string_view::npos; });
    return found == ends.end() ? std::string_view() : *found;
}

// The rest of `text` after its well-formed beginning.
std::string_view without_utf8(std::string_view text) {
    while (const std::size_t length = utf8_sequence(text)) {
        text.remove_prefix(length);
    }
    return text;
}

// The Fault of a line as such, if there is one.
std::optional<Fault> line_fault(std::string_view line) {
    if (const std::string_view rest = without_utf8(line); !rest.empty()) {
        return Fault{"", 0, "", "the byte " + quote(rest.substr(0, 1)) + " is not UTF-8", "save the file in UTF-8"};
    }
    if (const auto* const found = std::find_if(line.begin(), line.end(), is_forbidden); found != line.end()) {
        return Fault{"", 0, "", "the control character " + quote({found, 1}) + " stands here", "take it out"};
    }
    if (const std::string_view end = hidden_end(line); !end.empty()) {
        return Fault{"", 0, "", "the line separator " + quote(end) + " stands here", "end lines with a line feed"};
    }
    if (line.starts_with('%')) {
        return Fault{"", 0, "", "a YAML directive (a line that begins with '%') stands here", "take it out"};
    }
    return std::nullopt;
}

// Finds what libyaml must not see: it guesses other encodings, and ends lines where a reader of the file sees no end.
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
    if (std::optional<Fault> fault = bytes_fault(yaml, file)) {
        return *std::move(fault);
    }
    Builder builder(file);
    try {
        Parser(yaml).run(builder);
    } catch (Refused& refused) {
        return std::move(refused.fault);
    }
    Element root = builder.take_root();
    if (root.kind == Kind::null) {
        return Fault{std::string(file), 0, "", "the file is empty", "copy the example and change it"};
    }
    return root;
}

}  // namespace reseal::config
