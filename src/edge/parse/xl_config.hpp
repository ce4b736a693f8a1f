// SPDX-License-Identifier: Apache-2.0
// Configurations of xl, read by Xen's own libxlutil.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/guests/xen_release.hpp"
#include "core/guests/xl_settings.hpp"

namespace vifchain::inline edge::inline parse {

class XlReader {
 public:
  virtual ~XlReader() = default;

  // The settings of these keys in `text`, or what is wrong with it; nothing of it is ever printed.
  // A text on which the library aborts is wrong, too.
  // Of two settings of a key the last counts. Throws Error where there is no memory.
  [[nodiscard]] virtual std::variant<XlSettings, std::vector<XlMistake>> read(
      const std::string& text, std::span<const char* const> keys) = 0;
};

// Loads libxlutil. Throws Error when it is not there.
std::unique_ptr<XlReader> open_xl_reader();

// The release whose libxlutil and libxenlight this was made for.
XenRelease release_of_libraries();

}  // namespace vifchain::inline edge::inline parse
