// SPDX-License-Identifier: Apache-2.0
#include "core/text/source.hpp"

#include "core/text/lines.hpp"
#include "core/text/printable.hpp"

namespace vifchain::inline core::inline text {

Said said_in(std::string_view file, unsigned line, std::string_view text) {
  constexpr std::size_t longest = 163;
  return {std::string(file), line, printable_line(trimmed(text), longest)};
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string place_of(const Said& said) {
  return said.line == 0 ? said.file : said.file + ":" + std::to_string(said.line);
}

}  // namespace vifchain::inline core::inline text
