// SPDX-License-Identifier: Apache-2.0
#include "core/text/key_file.hpp"

namespace vifchain::inline core::inline text {

KeyFile read_key_file(std::string_view text) {
  KeyFile file;
  std::string section;
  unsigned heading = 0;
  for (const auto& [number, line] : logical_lines(text)) {
    if (line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      ++heading;
      continue;
    }
    const auto sign = line.find('=');
    if (sign == line.npos) {
      file.others.push_back({number, line});
      continue;
    }
    file.keys.push_back({section, std::string(trimmed(std::string_view(line).substr(0, sign))),
                         std::string(trimmed(std::string_view(line).substr(sign + 1))), number,
                         heading});
  }
  return file;
}

std::vector<KeyValue> read_keys(std::string_view text) {
  return read_key_file(text).keys;
}

std::string value_of(const std::vector<KeyValue>& keys, std::string_view section,
                     std::string_view key) {
  std::string value;
  for (const auto& entry : keys)
    if (entry.section == section && entry.key == key) value = entry.value;
  return value;
}

}  // namespace vifchain::inline core::inline text
