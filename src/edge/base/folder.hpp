// SPDX-License-Identifier: Apache-2.0
// A folder that is read with readdir(3), for who has no use for std::filesystem's exceptions.
#pragma once

#include <dirent.h>

#include <memory>
#include <string>

namespace vifchain::inline edge::inline base {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Null, with errno, where it cannot be opened.
inline std::unique_ptr<DIR, CloseFolder> open_folder(const std::string& path) {
  return std::unique_ptr<DIR, CloseFolder>(::opendir(path.c_str()));
}

}  // namespace vifchain::inline edge::inline base
