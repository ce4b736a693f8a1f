// SPDX-License-Identifier: Apache-2.0
// One text as several files of a host.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/text/source.hpp"

namespace vifchain {

// The text cut at lines of "=", one piece for each name; what is left over belongs to the last.
inline std::vector<SourceFile> files_in(std::string_view text, std::span<const char* const> names) {
  std::vector<SourceFile> files;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto end = i + 1 == names.size() ? text.npos : text.find("\n=\n");
    files.push_back({names[i], std::string(text.substr(0, end))});
    if (end == text.npos) break;
    text.remove_prefix(end + 3);
  }
  return files;
}

}  // namespace vifchain
