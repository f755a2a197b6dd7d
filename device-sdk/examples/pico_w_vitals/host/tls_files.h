// Certificates and key of the settings as PEM files that exist in memory only, for a library that takes paths.
#pragma once

#include <string>
#include <string_view>

#include <reseal/settings.h>

namespace reseal::vitals {

class MemoryFile {
  public:
    // `text` empty: no file, and no path. Throws Failure.
    MemoryFile(const char* name, std::string_view text);
    ~MemoryFile();
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    // Valid in this process only. Empty if there is none.
    [[nodiscard]] std::string path() const;

  private:
    int file_ = -1;
};

class TlsFiles {
  public:
    // Throws Failure, with the field, if `settings` do not hold a valid certificate or key. Without TLS there are no
    // files.
    explicit TlsFiles(const reseal_settings& settings);

    [[nodiscard]] std::string ca() const { return ca_.path(); }
    [[nodiscard]] std::string certificate() const { return certificate_.path(); }
    [[nodiscard]] std::string key() const { return key_.path(); }

  private:
    MemoryFile ca_;
    MemoryFile certificate_;
    MemoryFile key_;
};

}  // namespace reseal::vitals
