// SPDX-License-Identifier: Apache-2.0
#include "setup/http.h"

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace {

using reseal::test::view;

constexpr std::size_t kBodyMax = 4144;

// The answer to a head of these lines.
reseal_http parse(const std::string& lines, reseal_http_request *out = nullptr) {
    std::string head;
    for (const char c : lines) {
        head += c == '\n' ? "\r\n" : std::string(1, c);
    }
    head += "\r\n";
    EXPECT_EQ(reseal_http_head_size(view(head)), head.size()) << lines;
    reseal_http_request ignored{};
    return reseal_http_head_parse(view(head), kBodyMax, out == nullptr ? &ignored : out);
}

reseal_http with_get(const std::string& fields) {
    return parse("GET / HTTP/1.1\nHost: a\n" + fields);
}

reseal_http with_post(const std::string& fields) {
    return parse("POST /settings HTTP/1.1\nHost: a\nContent-Type: application/octet-stream\n" + fields);
}

TEST(Http, ThePageIsRequestedWithGet) {
    reseal_http_request request{true, 1};
    EXPECT_EQ(parse("GET / HTTP/1.1\nHost: 192.168.4.1\n", &request), RESEAL_HTTP_OK);
    EXPECT_FALSE(request.is_post);
    EXPECT_EQ(request.body_size, 0U);
    EXPECT_EQ(with_get("User-Agent: Mozilla/5.0 (X11; Linux; \"a\")\naccept:\t*/* \nX-Empty:\n"), RESEAL_HTTP_OK);
    EXPECT_EQ(with_get("Content-Length: 0\n"), RESEAL_HTTP_OK);
}

TEST(Http, SettingsAreSentWithPostAndALength) {
    reseal_http_request request{};
    EXPECT_EQ(parse("POST /settings HTTP/1.1\nhOST: a\nCONTENT-TYPE: Application/Octet-Stream\ncontent-length:560\n",
                    &request),
              RESEAL_HTTP_OK);
    EXPECT_TRUE(request.is_post);
    EXPECT_EQ(request.body_size, 560U);
    EXPECT_EQ(with_post("Content-Length: 4144\n"), RESEAL_HTTP_OK);
    EXPECT_EQ(with_post("Content-Length: 4145\n"), RESEAL_HTTP_TOO_LARGE);
    EXPECT_EQ(with_post("Content-Length: 999999\n"), RESEAL_HTTP_TOO_LARGE);
    EXPECT_EQ(with_post(""), RESEAL_HTTP_LENGTH_REQUIRED);
}

TEST(Http, AHeadEndsWithItsEmptyLine) {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t size = 0; size < head.size(); size++) {
        EXPECT_EQ(reseal_http_head_size(view(head.substr(0, size))), 0U);
        EXPECT_TRUE(reseal_http_may_be_head(view(head.substr(0, size))));
    }
    EXPECT_EQ(reseal_http_head_size(view(head + "body")), head.size());
}

TEST(Http, AHeadConsistsOfLinesOfText) {
    using namespace std::string_view_literals;
    for (const auto text : {"\n"sv, "GET / HTTP/1.1\n"sv, "GET\rX"sv, "GET /\r\r\n"sv, "GET \0"sv, "GET \x7F"sv,
                            "GET /\xC3\xA4"sv, "\x16\x03\x01"sv, "\x1B[A"sv}) {
        EXPECT_FALSE(reseal_http_may_be_head(view(text))) << text;
    }
}

TEST(Http, OtherRequestLinesAreRefused) {
    const auto line = [](const std::string& text) { return parse(text + "\nHost: a\n"); };
    for (const std::string text :
         {"", " GET / HTTP/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "GET / ", "GET /", "GET",
          "GET\t/ HTTP/1.1", "G(T / HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/11"}) {
        EXPECT_EQ(line(text), RESEAL_HTTP_BAD_REQUEST) << text;
    }
    for (const std::string text : {"GET / HTTP/1.0", "GET / HTTP/2.0", "PRI * HTTP/2.0"}) {
        EXPECT_EQ(line(text), RESEAL_HTTP_VERSION) << text;
    }
    for (const std::string text : {"GET /x HTTP/1.1", "GET /? HTTP/1.1", "GET // HTTP/1.1", "OPTIONS * HTTP/1.1",
                                   "GET http://a/ HTTP/1.1", "POST /Settings HTTP/1.1", "GET /favicon.ico HTTP/1.1"}) {
        EXPECT_EQ(line(text), RESEAL_HTTP_NOT_FOUND) << text;
    }
    for (const std::string text : {"POST / HTTP/1.1", "HEAD / HTTP/1.1", "get / HTTP/1.1"}) {
        EXPECT_EQ(line(text), RESEAL_HTTP_GET_ONLY) << text;
    }
    for (const std::string text : {"GET /settings HTTP/1.1", "OPTIONS /settings HTTP/1.1"}) {
        EXPECT_EQ(line(text), RESEAL_HTTP_POST_ONLY) << text;
    }
}

TEST(Http, ExactlyOneHostIsRequired) {
    EXPECT_EQ(parse("GET / HTTP/1.1\n"), RESEAL_HTTP_BAD_REQUEST);
    EXPECT_EQ(parse("GET / HTTP/1.1\nHost:\n"), RESEAL_HTTP_BAD_REQUEST);
    EXPECT_EQ(with_get("Host: a\n"), RESEAL_HTTP_BAD_REQUEST);
}

TEST(Http, AmbiguousFieldsAreRefused) {
    for (const std::string fields : {" folded: line\n", "X: a\n b\n", "X : a\n", ": a\n", "no colon\n", "X\t: a\n",
                                     "Ä: a\n", "a b: c\n", "\"X\": a\n"}) {
        EXPECT_EQ(with_get(fields), RESEAL_HTTP_BAD_REQUEST) << fields;
    }
}

TEST(Http, ALengthIsGivenOnceAndInDigits) {
    for (const std::string value : {"", "+560", "-1", "560,560", "560 560", "0x230", "5e2", "560;", "0000560",
                                    "1000000", "99999999999999999999"}) {
        EXPECT_EQ(with_post("Content-Length: " + value + "\n"), RESEAL_HTTP_BAD_REQUEST) << value;
    }
    EXPECT_EQ(with_post("Content-Length: 560\nContent-Length: 560\n"), RESEAL_HTTP_BAD_REQUEST);
    EXPECT_EQ(with_get("Content-Length: 1\n"), RESEAL_HTTP_BAD_REQUEST);
}

TEST(Http, TransferEncodingIsRefused) {
    EXPECT_EQ(with_post("Transfer-Encoding: chunked\n"), RESEAL_HTTP_LENGTH_REQUIRED);
    EXPECT_EQ(with_get("Transfer-Encoding: identity\n"), RESEAL_HTTP_LENGTH_REQUIRED);
    EXPECT_EQ(with_post("Content-Length: 560\ntransfer-encoding: chunked\n"), RESEAL_HTTP_BAD_REQUEST);
}

TEST(Http, OtherTypesAndExpectationsAreRefused) {
    EXPECT_EQ(parse("POST /settings HTTP/1.1\nHost: a\nContent-Length: 560\n"), RESEAL_HTTP_WRONG_TYPE);
    EXPECT_EQ(parse("POST /settings HTTP/1.1\nHost: a\nContent-Type: text/plain\n"), RESEAL_HTTP_WRONG_TYPE);
    EXPECT_EQ(with_post("Content-Length: 560\nExpect: 100-continue\n"), RESEAL_HTTP_EXPECTATION);
}

TEST(Http, EveryRefusalStatesItsReasonAndCloses) {
    for (int status = RESEAL_HTTP_BAD_REQUEST; status <= RESEAL_HTTP_VERSION; status++) {
        reseal_bytes parts[3];
        reseal_http_refusal(static_cast<reseal_http>(status), parts);
        std::string text;
        for (const reseal_bytes& part : parts) {
            EXPECT_GT(part.size, 0U);
            text.append(reinterpret_cast<const char *>(part.data), part.size);
        }
        EXPECT_TRUE(text.rfind("HTTP/1.1 4", 0) == 0 || text.rfind("HTTP/1.1 5", 0) == 0) << text;
        EXPECT_NE(text.find("\r\nConnection: close\r\n"), std::string::npos) << text;
    }
}

}  // namespace
