#include "config/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "config/quote.h"
#include "policy/utf8.h"

namespace reseal::config {
namespace {

Element make_element(Kind kind, int line) {
    Element element;
    element.kind = kind;
    element.line = line;
    return element;
}

int line_of(const YAML::Mark& mark) {
    return mark.is_null() ? 0 : mark.line + 1;
}

// Makes the tree of the parser's events. The first thing that a configuration may not have ends the parse: before
// yaml-cpp recurses any deeper, and before a second document or an alias is looked at.
class Builder : public YAML::EventHandler {
  public:
    explicit Builder(std::string_view file) : file_(file) {}

    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }
    Element take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (started_) {
            refuse(mark, "the document ends before this line, but something follows",
                   "write one document, with all its keys in the first column");
        }
        started_ = true;
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        add(mark, make_element(Kind::null, place(mark)));
    }

    // There is no alias without an anchor.
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        refuse(mark, "aliases ('*name') are not allowed", "write the value out");
    }

    void OnAnchor(const YAML::Mark& mark, const std::string& /*name*/) override {
        refuse(mark, "anchors ('&name') are not allowed", "write each value where it belongs");
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  const std::string& value) override {
        check_tag(mark, tag);
        Element scalar = make_element(Kind::scalar, line_of(mark));
        scalar.plain = tag == "?";
        scalar.text = value;
        add(mark, std::move(scalar));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                         YAML::EmitterStyle::value /*style*/) override {
        open(mark, tag, Kind::list);
    }
    void OnSequenceEnd() override { close(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                    YAML::EmitterStyle::value /*style*/) override {
        open(mark, tag, Kind::map);
    }
    void OnMapEnd() override { close(); }

  private:
    // A list or map whose end was not read yet. A map's field whose value is still due has an entry in `fields`.
    struct Open {
        Element element;
        bool value_due = false;
        std::map<std::string, int, std::less<>> lines;  // of the map's keys
    };

    [[noreturn]] void refuse(const YAML::Mark& mark, std::string problem, std::string remedy) {
        fault_ = Fault{file_, line_of(mark), key(), std::move(problem), std::move(remedy)};
        throw YAML::ParserException(mark, "");
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

    // Where a value that was left out should stand: yaml-cpp's mark is that of the token behind it.
    [[nodiscard]] int place(const YAML::Mark& mark) const {
        if (open_.empty()) {
            return line_of(mark);
        }
        const Open& parent = open_.back();
        return parent.value_due ? parent.element.fields.back().line : parent.element.line;
    }

    void check_tag(const YAML::Mark& mark, const std::string& tag) {
        if (tag != "?" && tag != "!") {
            refuse(mark, "tags ('!name') are not allowed", "leave the tag out");
        }
    }

    void open(const YAML::Mark& mark, const std::string& tag, Kind kind) {
        check_tag(mark, tag);
        if (key_due()) {
            refuse(mark, "a list or map stands where a key is due", "write the key as text");
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
        const auto [first, added] = map.lines.try_emplace(name, line_of(mark));
        map.element.fields.push_back({std::move(name), line_of(mark), make_element(Kind::null, line_of(mark))});
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

    std::string file_;
    std::vector<Open> open_;
    Element root_;
    bool started_ = false;
    std::optional<Fault> fault_;
};

bool is_forbidden(char c) {
    return (0 <= c && c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

// What is left of `text` behind its well-formed beginning.
std::string_view without_utf8(std::string_view text) {
    while (const std::size_t length = policy::utf8_sequence(text)) {
        text.remove_prefix(length);
    }
    return text;
}

// What is wrong with one line as a line, if anything.
std::optional<Fault> line_fault(std::string_view line) {
    if (const std::string_view rest = without_utf8(line); !rest.empty()) {
        return Fault{"", 0, "", "the byte " + quote(rest.substr(0, 1)) + " is no UTF-8", "save the file in UTF-8"};
    }
    if (const auto* const found = std::find_if(line.begin(), line.end(), is_forbidden); found != line.end()) {
        return Fault{"", 0, "", "the control character " + quote({found, 1}) + " stands here", "take it out"};
    }
    if (line.starts_with('%')) {
        return Fault{"", 0, "", "a YAML directive (a line that begins with '%') stands here", "take it out"};
    }
    return std::nullopt;
}

// What yaml-cpp shall not see: it guesses other encodings, takes an EOT for the end, and skips directives.
std::optional<Fault> bytes_fault(std::string_view yaml, std::string_view file) {
    int number = 1;
    while (!yaml.empty()) {
        const std::size_t end = std::min(yaml.find('\n'), yaml.size() - 1);
        if (std::optional<Fault> fault = line_fault(yaml.substr(0, end + 1))) {
            fault->file = file;
            fault->line = number;
            return fault;
        }
        yaml.remove_prefix(end + 1);
        ++number;
    }
    return std::nullopt;
}

Fault syntax_fault(std::string_view file, int line, std::string_view reason) {
    return {std::string(file), line, "", "this is no YAML: " + printable(reason),
            "look at the indentation, colons, brackets and quotes here and above"};
}

void run(std::string_view yaml, Builder& builder) {
    // At the end of its input yaml-cpp forgives a quote that is not closed; at the end of a document it does not.
    const std::size_t size = yaml.find_last_not_of(" \t\r\n") + 1;
    std::istringstream stream(std::string(yaml.substr(0, size)) + "\n...\n");
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
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
        run(yaml, builder);
    } catch (const YAML::Exception& error) {
        return builder.fault() ? *builder.fault() : syntax_fault(file, line_of(error.mark), error.msg);
    } catch (const std::exception& error) {
        return syntax_fault(file, 0, error.what());
    }
    Element root = builder.take_root();
    if (root.kind == Kind::null) {
        return Fault{std::string(file), 0, "", "the file is empty", "copy the example and change it"};
    }
    return root;
}

}  // namespace reseal::config
