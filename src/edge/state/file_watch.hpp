// SPDX-License-Identifier: Apache-2.0
// Hearing that a file is another.
#pragma once

#include <string>

#include "edge/base/descriptor.hpp"

namespace vifchain::inline edge::inline state {

// Of the name, not of what it stands for: it may come, go, be written to or be replaced
// (inotify(7) on its folder).
class FileWatch {
 public:
  // Throws Error when the folder is not there or cannot be watched.
  explicit FileWatch(const std::string& path);

  // Readable when there may be something to take.
  [[nodiscard]] int descriptor() const { return inotify_.number(); }

  // Whether it may have become another since the last call. Never waits.
  bool take();

 private:
  std::string name_;
  Descriptor inotify_;
};

}  // namespace vifchain::inline edge::inline state
