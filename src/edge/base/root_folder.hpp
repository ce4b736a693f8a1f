// SPDX-License-Identifier: Apache-2.0
// The files of a host whose root is some folder: of this one, or of one whose disk is mounted.
#pragma once

#include <string>
#include <vector>

#include "edge/base/descriptor.hpp"

namespace vifchain::inline edge::inline base {

// Names are absolute, as that host has them. No symbolic link leads out: what it has in it is
// looked for below the root as well, as that host itself would.
class RootFolder {
 public:
  // Throws Error where there is no such folder.
  explicit RootFolder(const std::string& path);

  // What a shell's pattern finds, by name.
  [[nodiscard]] std::vector<std::string> like(const std::string& pattern) const;

  // The content of a regular file of at most that many bytes. Throws Error for everything else.
  [[nodiscard]] std::string read(const std::string& name, std::size_t most_bytes) const;

  // What is in the folder, by name; nothing where it is none, or cannot be read.
  [[nodiscard]] std::vector<std::string> in_folder(const std::string& name) const;
  [[nodiscard]] bool is_folder(const std::string& name) const;

 private:
  std::string path_;
  Descriptor root_;
};

}  // namespace vifchain::inline edge::inline base
