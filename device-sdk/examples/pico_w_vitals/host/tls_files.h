// SPDX-License-Identifier: Apache-2.0
// Certificates and key of the settings as PEM files that exist in memory only, for a library that takes paths.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <reseal/settings.h>

#include "tools/fault.h"
#include "tools/file.h"

namespace reseal::vitals {

class MemoryFile {
  public:
    // `text` empty: no file, and no path.
    static tools::Checked<MemoryFile> make(const char* name, std::string_view text);

    // Valid in this process only. Empty if there is none.
    [[nodiscard]] std::string path() const;

  private:
    explicit MemoryFile(tools::Descriptor file) : file_(std::move(file)) {}

    tools::Descriptor file_;
};

class TlsFiles {
  public:
    // The fault names the field if `settings` do not hold a valid certificate or key. Without TLS there are no files.
    static tools::Checked<TlsFiles> make(const reseal_settings& settings);

    [[nodiscard]] std::string ca() const { return ca_.path(); }
    [[nodiscard]] std::string certificate() const { return certificate_.path(); }
    [[nodiscard]] std::string key() const { return key_.path(); }

  private:
    TlsFiles(MemoryFile ca, MemoryFile certificate, MemoryFile key)
        : ca_(std::move(ca)), certificate_(std::move(certificate)), key_(std::move(key)) {}

    MemoryFile ca_;
    MemoryFile certificate_;
    MemoryFile key_;
};

}  // namespace reseal::vitals
