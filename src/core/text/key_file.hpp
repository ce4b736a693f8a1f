// SPDX-License-Identifier: Apache-2.0
// Files of sections and keys, as systemd and NetworkManager write them (systemd.syntax(7)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/text/lines.hpp"

namespace vifchain::inline core::inline text {

struct KeyValue {
  std::string section;  // empty before the first [SECTION]
  std::string key;
  std::string value;     // without white space around it
  unsigned line = 0;     // counted from 1
  unsigned heading = 0;  // which [SECTION] of the file, counted from 1; 0 before the first
};

struct KeyFile {
  std::vector<KeyValue> keys;
  std::vector<TextLine> others;  // lines that are neither heading nor KEY=VALUE
};

// Every KEY=VALUE, in order, and what is none; comments are passed over. A backslash at the end of
// a line continues it with the next.
KeyFile read_key_file(std::string_view text);

// Every KEY=VALUE of it.
std::vector<KeyValue> read_keys(std::string_view text);

// The last value of the key in the section; empty when there is none.
std::string value_of(const std::vector<KeyValue>& keys, std::string_view section,
                     std::string_view key);

}  // namespace vifchain::inline core::inline text
