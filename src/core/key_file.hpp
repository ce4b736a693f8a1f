// Files of sections and keys, as systemd and NetworkManager write them (systemd.syntax(7)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vifchain {

struct KeyValue {
  std::string section;  // empty before the first [SECTION]
  std::string key;
  std::string value;  // without white space around it
};

// Every KEY=VALUE, in order; comments and lines that are none are passed over. A backslash at the
// end of a line continues it with the next.
std::vector<KeyValue> read_keys(std::string_view text);

// The last value of the key in the section; empty when there is none.
std::string value_of(const std::vector<KeyValue>& keys, std::string_view section,
                     std::string_view key);

}  // namespace vifchain
