// SPDX-License-Identifier: Apache-2.0
#include "core/text/document.hpp"

#include "core/text/printable.hpp"

namespace vifchain::inline core::inline text {
namespace {

std::string show(const Place& place) {
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace

std::string show(const Diagnostic& diagnostic, const std::string& file) {
  std::string sentence = file + ":" + show(diagnostic.place) + ": ";
  if (!diagnostic.text.empty()) sentence += diagnostic.text + ": ";
  sentence += diagnostic.message + ".";
  if (!diagnostic.nearest.empty()) sentence += " Did you mean \"" + diagnostic.nearest + "\"?";
  return printable(sentence);
}

}  // namespace vifchain::inline core::inline text
