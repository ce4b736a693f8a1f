// SPDX-License-Identifier: Apache-2.0
// Folders in which something is kept of links, a file each.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline state {

// None where there is no folder, or it cannot be read.
inline std::set<LinkName> names_in_folder(const std::string& folder) {
  std::set<LinkName> names;
  std::error_code none;
  for (std::filesystem::directory_iterator entry(folder, none), end; !none && entry != end;
       entry.increment(none))
    if (const auto name = LinkName::parse(entry->path().filename().string())) names.insert(*name);
  return names;
}

}  // namespace vifchain::inline edge::inline state
