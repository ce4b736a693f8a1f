// SPDX-License-Identifier: Apache-2.0
#include "core/text/source.hpp"

#include "core/text/lines.hpp"

namespace vifchain::inline core::inline text {
namespace {

constexpr std::size_t longest_line = 160;  // that is shown whole

}  // namespace

std::string place_of(const Said& said) {
  return said.line == 0 ? said.file : said.file + ":" + std::to_string(said.line);
}

Said said_in(std::string_view file, unsigned line, std::string_view text) {
  std::string shown;
  for (const char c : trimmed(text)) {
    if (shown.size() >= longest_line) {
      while (!shown.empty() && (shown.back() & 0xc0) == 0x80) shown.pop_back();
      if (!shown.empty() && (shown.back() & 0x80) != 0) shown.pop_back();
      shown += "...";
      break;
    }
    const auto byte = static_cast<unsigned char>(c);
    shown += byte == '\t' ? ' ' : byte < ' ' || byte == 0x7f ? '?' : c;
  }
  return {std::string(file), line, std::move(shown)};
}

}  // namespace vifchain::inline core::inline text
