// SPDX-License-Identifier: Apache-2.0
// A configuration file as a tree of values that know where they were written.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace vifchain::inline core::inline text {

struct Place {
  unsigned line = 0, column = 0;  // 1-based; column counts bytes
  auto operator<=>(const Place&) const = default;
};

struct Node;
using Array = std::vector<Node>;

struct Entry;                      // one `key = value`, with the place of its key
using Table = std::vector<Entry>;  // in the order of the file

struct Node {
  std::variant<std::string, std::int64_t, double, bool, Array, Table> value;
  Place place;
  std::string text;  // as written, for messages: `"bond1.3"`, `4095`; a table or array shortened
};

struct Entry {
  std::string key;
  Place place;
  Node node;
};

// What is wrong in what was written: `text` is the offending piece, or empty where the sentence
// `message` has it, `nearest` the closest known name for a misspelt one, or empty.
struct Diagnostic {
  Place place;
  std::string text;
  std::string message;
  std::string nearest;
  bool operator==(const Diagnostic&) const = default;
};
using Diagnostics = std::vector<Diagnostic>;

// "vifchain.toml:3:11: mode: expected …, found "802.3add"; did you mean "802.3ad"?"
std::string show(const Diagnostic& diagnostic, const std::string& file);

}  // namespace vifchain::inline core::inline text
