#include "config/document.h"

#include <gtest/gtest.h>

#include <string>

namespace reseal::config {
namespace {

using namespace std::string_literals;

constexpr std::size_t no_limit = std::size_t{64} << 20U;

std::string fault_of(const std::string& yaml) {
    const Checked<Element> root = parse_document(yaml, "x.yaml", no_limit);
    return root ? "" : root.error().text();
}

// The element in YAML's flow style, with quotes around quoted text and with the line number behind each part.
std::string in_words(const Element& element) {
    std::string out;
    switch (element.kind) {
        case Kind::null:
            out = "null";
            break;
        case Kind::scalar:
            out = element.plain ? element.text : '"' + element.text + '"';
            break;
        case Kind::list:
            for (const Element& item : element.items) {
                out += (out.empty() ? "[" : ", ") + in_words(item);
            }
            out += out.empty() ? "[]" : "]";
            break;
        case Kind::map:
            for (const Field& field : element.fields) {
                out += (out.empty() ? "{" : ", ") + field.name + ": " + in_words(field.value);
            }
            out += out.empty() ? "{}" : "}";
            break;
    }
    return out + "@" + std::to_string(element.line);
}

std::string parsed(const std::string& yaml) {
    const Checked<Element> root = parse_document(yaml, "x.yaml", no_limit);
    return root ? in_words(*root) : root.error().text();
}

TEST(Document, KeepsKindsOrderAndLines) {
    EXPECT_EQ(parsed("# first\nb: x\na:\n  - 1\n  - \"1\"\n  - {c: d}\n"),
              "{b: x@2, a: [1@4, \"1\"@5, {c: d@6}@6]@4}@2");
    EXPECT_EQ(parsed("[]"), "[]@1");
    EXPECT_EQ(parsed("{a: {}}"), "{a: {}@1}@1");
    EXPECT_EQ(parsed("a: |\n  text\nb: 'it''s'\n"), "{a: \"text\n\"@1, b: \"it's\"@3}@1");
}

TEST(Document, MayHaveMarkersCarriageReturnsAndAByteOrderMark) {
    EXPECT_EQ(parsed("---\na: b\n...\n"), "{a: b@2}@2");
    EXPECT_EQ(parsed("a: b\r\nc: d\r\n"), "{a: b@1, c: d@2}@1");
    EXPECT_EQ(parsed("\xEF\xBB\xBF"
                     "a: b\n"),
              "{a: b@1}@1");
}

TEST(Document, SaysWhereAValueIsMissing) {
    EXPECT_EQ(parsed("a:\n\n\nb: ~\n"), "{a: null@1, b: null@4}@1");
    EXPECT_EQ(parsed("a:\n  -\n  - b\n"), "{a: [null@2, b@3]@2}@1");
}

TEST(Document, IsRefusedIfEmpty) {
    for (const std::string yaml : {"", "\n\n", "# only a comment\n", "---\n", "--- ~\n"}) {
        EXPECT_EQ(fault_of(yaml), "x.yaml: the file is empty; copy the example and change it") << yaml;
    }
    EXPECT_FALSE(parse_document({}, "x.yaml", no_limit));
}

TEST(Document, IsRefusedIfMalformed) {
    const std::string remedy = "; look at the indentation, colons, brackets and quotes here and above";
    EXPECT_EQ(fault_of("a: b\n c: d\n"),
              "x.yaml:2: this is not valid YAML: mapping values are not allowed in this context" + remedy);
    EXPECT_EQ(fault_of("a:1\nb: 2\n"),
              "x.yaml:2: this is not valid YAML: mapping values are not allowed in this context" + remedy);
    EXPECT_EQ(
        fault_of("a: \"\\q\"\n"),
        "x.yaml:1: this is not valid YAML: found unknown escape character while parsing a quoted scalar" + remedy);
    EXPECT_EQ(fault_of("a: b\n]\n"),
              "x.yaml:2: this is not valid YAML: did not find expected key while parsing a block mapping that begins "
              "in line 1" +
                  remedy);
    EXPECT_EQ(fault_of("a: @b\n"),
              "x.yaml:1: this is not valid YAML: found character that cannot start any token while scanning for the "
              "next token" +
                  remedy);
    EXPECT_EQ(
        fault_of("a: \"\\ud800\"\n"),
        "x.yaml:1: this is not valid YAML: found invalid Unicode character escape code while parsing a quoted scalar" +
            remedy);
}

TEST(Document, ClosesItsQuotesAndBrackets) {
    const std::string remedy = "; look at the indentation, colons, brackets and quotes here and above";
    const std::string open_quote =
        "this is not valid YAML: found unexpected end of stream while scanning a quoted scalar";
    for (const std::string yaml : {"a: \"b", "a: \"", "a: 'b''"}) {
        EXPECT_EQ(fault_of(yaml), "x.yaml:1: " + open_quote + remedy) << yaml;
    }
    for (const std::string yaml : {"a: \"b\n", "a: 'b\n", "\"\n"}) {
        EXPECT_EQ(fault_of(yaml), "x.yaml:2: " + open_quote + " that begins in line 1" + remedy) << yaml;
    }
    EXPECT_NE(fault_of("a: \"\\"), "");
    const std::string begin = "x.yaml:2: this is not valid YAML: did not find expected ";
    EXPECT_EQ(fault_of("a: [b"), begin + "',' or ']' while parsing a flow sequence that begins in line 1" + remedy);
    EXPECT_EQ(fault_of("a: {b: c\n"), begin + "',' or '}' while parsing a flow mapping that begins in line 1" + remedy);
}

TEST(Document, IsRefusedIfItIsNotTheOnlyOne) {
    const std::string end =
        "the document ends before this line, but something follows; write one document, with all its keys in the first "
        "column";
    EXPECT_EQ(fault_of("a: b\n---\nc: d\n"), "x.yaml:2: " + end);
    EXPECT_EQ(fault_of("a: b\n...\nc: d\n"), "x.yaml:3: " + end);
    EXPECT_EQ(fault_of("  a: b\nc: d\n"), "x.yaml:2: " + end);
}

TEST(Document, HasNoAnchorsAliasesTagsOrDirectives) {
    EXPECT_EQ(fault_of("a: &x b\nc: *x\n"),
              "x.yaml:1: a: anchors ('&name') are not allowed; write each value where it belongs");
    EXPECT_EQ(fault_of("a: *x\n"), "x.yaml:1: a: aliases ('*name') are not allowed; write the value out");
    EXPECT_EQ(fault_of("a: [!!int 5]\n"), "x.yaml:1: a[0]: tags ('!name') are not allowed; leave the tag out");
    EXPECT_EQ(fault_of("a: !x {}\n"), "x.yaml:1: a: tags ('!name') are not allowed; leave the tag out");
    EXPECT_EQ(fault_of("a: !x []\n"), "x.yaml:1: a: tags ('!name') are not allowed; leave the tag out");
    EXPECT_EQ(fault_of("# x\n%YAML 1.2\n---\na: b\n"),
              "x.yaml:2: a YAML directive (a line that begins with '%') stands here; take it out");
}

TEST(Document, HasUniqueTextKeys) {
    EXPECT_EQ(fault_of("a:\n  b: 1\n  c: 2\n  b: 3\n"),
              "x.yaml:4: a.b: the key was written before, in line 2; write each key once");
    EXPECT_EQ(fault_of("[a]: b\n"), "x.yaml:1: a list or map stands where a key belongs; write the key as text");
    EXPECT_EQ(fault_of("? {a: b}\n: c\n"), "x.yaml:1: a list or map stands where a key belongs; write the key as text");
    EXPECT_EQ(fault_of("a: b\n? \n: c\n"),
              "x.yaml:2: the key is missing; write a key before the ':', or quote the text");
    EXPECT_EQ(fault_of("~: c\n"), "x.yaml:1: the key is missing; write a key before the ':', or quote the text");
}

TEST(Document, IsNestedNoDeeperThanItsLimit) {
    const std::string open(max_depth, '[');
    const std::string close(max_depth, ']');
    EXPECT_EQ(fault_of(open + close), "");
    EXPECT_EQ(fault_of("[" + open + close + "]"),
              "x.yaml:1: [0][0][0][0][0][0][0][0]: lists and maps are nested too deeply; nest at most 8");
}

TEST(Document, OfManyLevelsIsRefusedWithoutHarm) {
    std::string indented;
    for (std::size_t level = 0; level < 2000; ++level) {
        indented += std::string(level, ' ') + "a:\n";
    }
    EXPECT_EQ(fault_of(indented), "x.yaml:9: a.a.a.a.a.a.a.a: lists and maps are nested too deeply; nest at most 8");
    for (const std::string piece : {"[", "{", "- ", "? ", ": ", "[a, ", "{a: ", "!", "&a ", "\"", "[? "}) {
        std::string yaml;
        for (std::size_t count = 0; count < 100000; ++count) {
            yaml += piece;
        }
        EXPECT_NE(fault_of(yaml), "") << piece;
    }
}

TEST(Document, IsUtf8WithoutControlCharacters) {
    EXPECT_EQ(parsed("a: J\xC3\xB6rg\n"), "{a: J\xC3\xB6rg@1}@1");
    EXPECT_EQ(fault_of("a: b\nc: J\xF6rg\n"), "x.yaml:2: the byte '\\xf6' is not UTF-8; save the file in UTF-8");
    EXPECT_EQ(fault_of("\xFF\xFE"s + "a\0"s), "x.yaml:1: the byte '\\xff' is not UTF-8; save the file in UTF-8");
    EXPECT_EQ(fault_of("a: b\nc\0"s), "x.yaml:2: the control character '\\x00' stands here; take it out");
    EXPECT_EQ(fault_of("a: b\x04"), "x.yaml:1: the control character '\\x04' stands here; take it out");
    EXPECT_EQ(fault_of("a: b\n#\x7F"), "x.yaml:2: the control character '\\x7f' stands here; take it out");
}

TEST(Document, CountsLinesAsAReaderSeesThem) {
    EXPECT_EQ(fault_of("a: b\n# c\rd: e\n"), "x.yaml:2: the control character '\\x0d' stands here; take it out");
    const std::string remedy = " stands here; end lines with a line feed";
    EXPECT_EQ(fault_of("a: b\n# c\xC2\x85"
                       "d: e\n"),
              "x.yaml:2: the line separator '\\xc2\\x85'" + remedy);
    EXPECT_EQ(fault_of("# \xE2\x80\xA8"), "x.yaml:1: the line separator '\\xe2\\x80\\xa8'" + remedy);
    EXPECT_EQ(fault_of("# \xE2\x80\xA9"), "x.yaml:1: the line separator '\\xe2\\x80\\xa9'" + remedy);
}

TEST(Document, NamesTheLineOfACharacterThatIsNotAllowed) {
    EXPECT_EQ(fault_of("a: b\nc: \xC2\x80\n"),
              "x.yaml:2: this is not valid YAML: control characters are not allowed; look at the indentation, colons, "
              "brackets "
              "and quotes here and above");
}

TEST(Document, IsNoLongerThanItsLimit) {
    EXPECT_TRUE(parse_document("a: b", "x.yaml", 4));
    const Checked<Element> root = parse_document("a: bc", "x.yaml", 4);
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().text(), "x.yaml: the file has 5 bytes; write at most 4");
}

}  // namespace
}  // namespace reseal::config
