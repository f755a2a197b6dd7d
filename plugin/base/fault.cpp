#include "base/fault.h"

namespace reseal {

std::string Fault::text() const {
    std::string out;
    if (!file.empty()) {
        out += file;
        if (line > 0) {
            out += ':' + std::to_string(line);
        }
        out += ": ";
    }
    if (!key.empty()) {
        out += key + ": ";
    }
    out += problem;
    if (!remedy.empty()) {
        out += "; " + remedy;
    }
    return out;
}

}  // namespace reseal
