// SPDX-License-Identifier: Apache-2.0
// For tests: a folder of its own for each test, removed at its end.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace reseal {

class TempFolder {
  public:
    TempFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "reseal-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            ADD_FAILURE() << "no temporary folder";
        }
        path_ = pattern;
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    [[nodiscard]] std::string path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

    // Writes a file of mode 0600.
    std::string write(const std::string& name, const std::string& contents) const {
        std::string path = *this / name;
        std::ofstream(path, std::ios::binary) << contents;
        mode(name, 0600);
        return path;
    }
    void mode(const std::string& name, unsigned bits) const {
        std::filesystem::permissions(*this / name, static_cast<std::filesystem::perms>(bits));
    }
    [[nodiscard]] unsigned mode(const std::string& name) const {
        return static_cast<unsigned>(std::filesystem::status(*this / name).permissions());
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(*this / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

  private:
    std::string path_;
};

}  // namespace reseal
