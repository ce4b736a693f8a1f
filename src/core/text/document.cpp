// SPDX-License-Identifier: Apache-2.0
#include "core/text/document.hpp"

#include "core/text/printable.hpp"

namespace vifchain::inline core::inline text {
std::string show(const Diagnostic& diagnostic, const std::string& file) {
  const auto& [place, text, message, nearest] = diagnostic;
  return printable(file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) +
                   ": " + (text.empty() ? "" : text + ": ") + message +
                   (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

}  // namespace vifchain::inline core::inline text
