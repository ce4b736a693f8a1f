// SPDX-License-Identifier: Apache-2.0
// Cases that are folders: adding a case is adding a folder.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace vifchain {

// The file's bytes; empty when there is none.
inline std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// The folders below tests/fixtures/NAME, in their order.
inline std::vector<std::filesystem::path> case_folders(const std::string& name) {
  namespace fs = std::filesystem;
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(fs::path(FIXTURES) / name))
    if (entry.is_directory()) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace vifchain
