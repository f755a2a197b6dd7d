// SPDX-License-Identifier: Apache-2.0
// Any request to the metrics port gets one whole answer.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "observe/http.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const reseal::observe::Metrics metrics;
    const std::string_view request(reinterpret_cast<const char*>(data), size);
    const std::string answer = reseal::observe::http_answer(request, metrics);
    const std::size_t end = answer.find("\r\n\r\n");
    const bool shows = answer.starts_with("HTTP/1.1 200 ");
    const bool whole =
        answer.starts_with("HTTP/1.1 ") && end != std::string::npos && shows == (end + 4 < answer.size());
    if (!whole || (shows && !request.starts_with("GET /metrics HTTP/1."))) {
        std::abort();
    }
    return 0;
}
