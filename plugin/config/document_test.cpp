// SPDX-License-Identifier: Apache-2.0
#include "config/document.h"

#include <gtest/gtest.h>

#include <string>

namespace reseal::config {
namespace {

using namespace std::string_literals;

constexpr std::size_t no_limit = std::size_t{64} << 20U;

std::string document_fault(const std::string& yaml) {
    const Checked<Element> root = parse_document(yaml, "x.yaml", no_limit);
    return root ? "" : root.error().text();
}

const std::string syntax_remedy = "; look at the indentation, colons, brackets and quotes here and above";

// "FILE:LINE" of a syntax error. What is between is in the words of the parser.
std::string place_of_syntax_error(const std::string& yaml) {
    const std::string fault = document_fault(yaml);
    const std::size_t reason = fault.find(": this is not valid YAML: ");
    return reason != std::string::npos && fault.ends_with(syntax_remedy) ? fault.substr(0, reason) : fault;
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

std::string document_of(const std::string& yaml) {
    const Checked<Element> root = parse_document(yaml, "x.yaml", no_limit);
    return root ? in_words(*root) : root.error().text();
}

TEST(Document, KeepsKindsOrderAndLines) {
    EXPECT_EQ(document_of("# first\nb: x\na:\n  - 1\n  - \"1\"\n  - {c: d}\n"),
              "{b: x@2, a: [1@4, \"1\"@5, {c: d@6}@6]@4}@2");
    EXPECT_EQ(document_of("[]"), "[]@1");
    EXPECT_EQ(document_of("{a: {}}"), "{a: {}@1}@1");
    EXPECT_EQ(document_of("a: |\n  text\nb: 'it''s'\n"), "{a: \"text\n\"@1, b: \"it's\"@3}@1");
}

TEST(Document, MayHaveMarkersCarriageReturnsAndAByteOrderMark) {
    EXPECT_EQ(document_of("---\na: b\n...\n"), "{a: b@2}@2");
    EXPECT_EQ(document_of("a: b\r\nc: d\r\n"), "{a: b@1, c: d@2}@1");
    EXPECT_EQ(document_of("\xEF\xBB\xBF"
                          "a: b\n"),
              "{a: b@1}@1");
}

TEST(Document, SaysWhereAValueIsMissing) {
    EXPECT_EQ(document_of("a:\n\n\nb: ~\n"), "{a: null@1, b: null@4}@1");
    EXPECT_EQ(document_of("a:\n  -\n  - b\n"), "{a: [null@2, b@3]@2}@1");
}

TEST(Document, IsRefusedIfEmpty) {
    for (const std::string yaml : {"", "\n\n", "# only a comment\n", "---\n", "--- ~\n"}) {
        EXPECT_EQ(document_fault(yaml), "x.yaml: the file is empty; copy the example and change it") << yaml;
    }
    EXPECT_FALSE(parse_document({}, "x.yaml", no_limit));
}

TEST(Document, IsRefusedIfMalformed) {
    EXPECT_EQ(place_of_syntax_error("a: b\n c: d\n"), "x.yaml:2");
    EXPECT_EQ(place_of_syntax_error("a:1\nb: 2\n"), "x.yaml:2");
    EXPECT_EQ(place_of_syntax_error("a: \"\\q\"\n"), "x.yaml:1");
    EXPECT_EQ(place_of_syntax_error("a: b\n]\n"), "x.yaml:2");
    EXPECT_EQ(place_of_syntax_error("a: [b\nc: d\n"), "x.yaml:2");
    EXPECT_EQ(place_of_syntax_error("a: @b\n"), "x.yaml:1");
    EXPECT_EQ(place_of_syntax_error("a: \"\\ud800\"\n"), "x.yaml:1");
}

TEST(Document, IsNotIndentedByTabs) {
    EXPECT_EQ(place_of_syntax_error("a:\n\tb: c\n"), "x.yaml:2");
    EXPECT_EQ(place_of_syntax_error("a:\n\t- b\n"), "x.yaml:2");
    EXPECT_EQ(place_of_syntax_error("a:\n  b: \"c\"\n\td: e\n"), "x.yaml:3");
}

TEST(Document, ClosesItsQuotesAndBrackets) {
    const auto fault = [](int last, int first) {
        return "x.yaml:" + std::to_string(last) + ": this is not valid YAML: a quote or bracket that opens in line " +
               std::to_string(first) + " or below is not closed" + syntax_remedy;
    };
    for (const std::string yaml : {"a: \"b", "a: \"", "a: 'b''", "a: \"b\n", "a: 'b\n", "\"\n", "a: \"\\", "a: \"\\x4",
                                   "a: [b", "a: {b: c\n", "[", "{"}) {
        EXPECT_EQ(document_fault(yaml), fault(1, 1)) << yaml;
    }
    EXPECT_EQ(document_fault("# x\na: b\nc: \"d\n\n"), fault(4, 3));
    EXPECT_EQ(document_fault("a:\n  - b\n  - [c,\n     d,\n"), fault(4, 2));
    EXPECT_EQ(place_of_syntax_error("a: \"b\n---\nc\"\n"), "x.yaml:2");
}

TEST(Document, IsRefusedIfItIsNotTheOnlyOne) {
    const std::string end =
        "the document ends before this line, but something follows; write one document, with all its keys in the first "
        "column";
    EXPECT_EQ(document_fault("a: b\n---\nc: d\n"), "x.yaml:2: " + end);
    EXPECT_EQ(document_fault("a: b\n...\nc: d\n"), "x.yaml:3: " + end);
    EXPECT_EQ(document_fault("  a: b\nc: d\n"), "x.yaml:2: " + end);
}

TEST(Document, HasNoAnchorsAliasesTagsOrDirectives) {
    EXPECT_EQ(document_fault("a: &x b\nc: *x\n"),
              "x.yaml:1: a: anchors ('&name') are not allowed; write each value where it belongs");
    EXPECT_EQ(document_fault("a: *x\n"), "x.yaml:1: a: aliases ('*name') are not allowed; write the value out");
    EXPECT_EQ(document_fault("a: [!!int 5]\n"), "x.yaml:1: a[0]: tags ('!name') are not allowed; leave the tag out");
    EXPECT_EQ(document_fault("a: !x {}\n"), "x.yaml:1: a: tags ('!name') are not allowed; leave the tag out");
    EXPECT_EQ(document_fault("a: !x []\n"), "x.yaml:1: a: tags ('!name') are not allowed; leave the tag out");
    EXPECT_EQ(document_fault("a: ! b\n"), "x.yaml:1: a: tags ('!name') are not allowed; leave the tag out");
    EXPECT_EQ(document_fault("# x\n%YAML 1.2\n---\na: b\n"),
              "x.yaml:2: a YAML directive (a line that begins with '%') stands here; take it out");
}

TEST(Document, HasUniqueTextKeys) {
    EXPECT_EQ(document_fault("a:\n  b: 1\n  c: 2\n  b: 3\n"),
              "x.yaml:4: a.b: the key was written before, in line 2; write each key once");
    EXPECT_EQ(document_fault("[a]: b\n"), "x.yaml:1: a list or map stands where a key belongs; write the key as text");
    EXPECT_EQ(document_fault("? {a: b}\n: c\n"),
              "x.yaml:1: a list or map stands where a key belongs; write the key as text");
    EXPECT_EQ(document_fault("a: b\n: c\n"),
              "x.yaml:2: the key is missing; write a key before the ':', or quote the text");
    EXPECT_EQ(document_fault("~: c\n"), "x.yaml:1: the key is missing; write a key before the ':', or quote the text");
}

TEST(Document, IsNestedNoDeeperThanItsLimit) {
    const std::string open(max_depth, '[');
    const std::string close(max_depth, ']');
    EXPECT_EQ(document_fault(open + close), "");
    EXPECT_EQ(document_fault("[" + open + close + "]"),
              "x.yaml:1: [0][0][0][0][0][0][0][0]: lists and maps are nested too deeply; nest at most 8");
}

TEST(Document, OfManyLevelsIsRefusedWithoutHarm) {
    std::string indented;
    for (std::size_t level = 0; level < 2000; ++level) {
        indented += std::string(level, ' ') + "a:\n";
    }
    EXPECT_EQ(document_fault(indented),
              "x.yaml:9: a.a.a.a.a.a.a.a: lists and maps are nested too deeply; nest at most 8");
    for (const std::string piece : {"[", "{", "- ", "? ", ": ", "[a, ", "{a: ", "!", "&a ", "\"", "[? "}) {
        std::string yaml;
        for (std::size_t count = 0; count < 100000; ++count) {
            yaml += piece;
        }
        EXPECT_NE(document_fault(yaml), "") << piece;
    }
}

TEST(Document, IsUtf8WithoutControlCharacters) {
    EXPECT_EQ(document_of("a: J\xC3\xB6rg\n"), "{a: J\xC3\xB6rg@1}@1");
    EXPECT_EQ(document_fault("a: b\nc: J\xF6rg\n"), "x.yaml:2: the byte '\\xf6' is not UTF-8; save the file in UTF-8");
    EXPECT_EQ(document_fault("\xFF\xFE"s + "a\0"s), "x.yaml:1: the byte '\\xff' is not UTF-8; save the file in UTF-8");
    EXPECT_EQ(document_fault("a: b\nc\0"s), "x.yaml:2: the control character '\\x00' stands here; take it out");
    EXPECT_EQ(document_fault("a: b\x04"), "x.yaml:1: the control character '\\x04' stands here; take it out");
    EXPECT_EQ(document_fault("a: b\n#\x7F"), "x.yaml:2: the control character '\\x7f' stands here; take it out");
}

TEST(Document, CountsLinesAsAReaderSeesThem) {
    EXPECT_EQ(document_fault("a: b\n# c\rd: e\n"), "x.yaml:2: the control character '\\x0d' stands here; take it out");
    const std::string remedy = " stands here; end lines with a line feed";
    EXPECT_EQ(document_fault("a: b\n# c\xC2\x85"
                             "d: e\n"),
              "x.yaml:2: the line separator '\\xc2\\x85'" + remedy);
    EXPECT_EQ(document_fault("# \xE2\x80\xA8"), "x.yaml:1: the line separator '\\xe2\\x80\\xa8'" + remedy);
    EXPECT_EQ(document_fault("# \xE2\x80\xA9"), "x.yaml:1: the line separator '\\xe2\\x80\\xa9'" + remedy);
}

TEST(Document, HasNoInvisibleCharacters) {
    EXPECT_EQ(document_fault("a: b\nc: \xC2\x80\n"),
              "x.yaml:2: the control character '\\xc2\\x80' stands here; take it out");
    EXPECT_EQ(document_fault("a: b\n\xEF\xBB\xBF"
                             "c: d\n"),
              "x.yaml:2: the invisible character '\\xef\\xbb\\xbf' stands here; take it out");
    EXPECT_FALSE(parse_document("a: \xEF\xBF\xBF\n", "x.yaml", no_limit));
}

// yaml-cpp 0.7 to 0.9 take these two escapes for single bytes.
TEST(Document, HasTextInUtf8WhateverItsEscapes) {
    const std::string taken = document_of("a: b\nc: \"\\N\\_\"\n");
    if (taken.find("\xC2\x85\xC2\xA0") == std::string::npos) {
        EXPECT_EQ(taken, "x.yaml:2: c: the text is not UTF-8; write \\x85 for \\N, and \\xA0 for \\_");
    }
    EXPECT_EQ(document_of(R"(a: "\x85\xA0")"), "{a: \"\xC2\x85\xC2\xA0\"@1}@1");
}

TEST(Document, IsNoLongerThanItsLimit) {
    EXPECT_TRUE(parse_document("a: b", "x.yaml", 4));
    const Checked<Element> root = parse_document("a: bc", "x.yaml", 4);
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().text(), "x.yaml: the file has 5 bytes; write at most 4");
}

}  // namespace
}  // namespace reseal::config
