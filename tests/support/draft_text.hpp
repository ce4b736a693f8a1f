// SPDX-License-Identifier: Apache-2.0
// A draft as a file and remarks, for tests of what readers make of a text.
#pragma once

#include <string>

#include "convert/import/compose.hpp"
#include "convert/import/draft_config.hpp"

namespace vifchain {

// Each remark as "LINE: [careful: ]WHY", one below the other.
inline std::string remarks_of(const DraftConfig& draft) {
  std::string all;
  for (const auto& remark : draft.remarks())
    all += (all.empty() ? "" : "\n") + std::to_string(remark.at.line) + ": " +
           (remark.kind == Remark::Kind::trap ? "careful: " : "") + remark.why;
  return all;
}

// The file without comments and empty lines.
inline std::string file_of(DraftConfig draft) {
  const auto toml = compose(std::move(draft)).toml;
  std::string all;
  for (std::size_t begin = 0; begin < toml.size();) {
    const auto end = std::min(toml.find('\n', begin), toml.size());
    const auto line = toml.substr(begin, end - begin);
    if (!line.empty() && !line.starts_with('#')) all += line + "\n";
    begin = end + 1;
  }
  return all;
}

}  // namespace vifchain
